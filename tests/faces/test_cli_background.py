"""A server in the background: started, asked about, ended, by commands of their own."""

import json
import os
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from tests.faces.processes import environment, free_port

from localsign.cli.exits import Exit
from localsign.cli.finding import Running
from localsign.version import VERSION


def run(folder: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`localsign …` with a state file in `folder`."""
    given = environment(LOCALSIGN_STATE_FILE=str(folder / "server.json"), **settings)
    program = [sys.executable, "-m", "localsign", *words]
    return subprocess.run(program, capture_output=True, text=True, timeout=120, env=given, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the state file is; whatever still runs in the end is ended."""
    yield tmp_path
    run(tmp_path, "stop")


def told(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_server_is_started_found_and_ended(folder: Path) -> None:
    started = told(run(folder, "start", "--port", "0", "--json", LOCALSIGN_CONTROL_TOKEN="a-token-of-mine"))
    assert httpx.get(f"{started['url']}/_sandbox/health/ready").is_success
    assert stat.S_IMODE((folder / "server.json").stat().st_mode) == 0o600
    status = told(run(folder, "status", "--json"))
    assert (status["url"], status["pid"], status["version"]) == (started["url"], started["pid"], VERSION)
    assert status["workspaces"] == ["default"]
    assert told(run(folder, "clock", "show", "--json"))["is_frozen"] is False, "the address and the token are known"

    again = run(folder, "start", "--port", "0")
    assert again.returncode == Exit.ALREADY_RUNS
    assert f"one runs already at {started['url']} (process {started['pid']})" in again.stderr

    assert told(run(folder, "stop", "--json")) == {"stopped": started["pid"], "url": started["url"]}
    with pytest.raises(httpx.TransportError):
        httpx.get(started["url"])
    assert not (folder / "server.json").exists()
    stopped = run(folder, "stop")
    assert (stopped.returncode, stopped.stderr) == (
        Exit.NOT_RUNNING,
        "localsign: none runs in the background. Start one with: localsign start\n",
    )


def test_it_serves_https_with_the_flags_of_serve(folder: Path) -> None:
    flags = ("--tls", "self-signed", "--tls-name", "one.test", "--tls-name", "two.test")
    started = told(run(folder, "start", "--port", "0", "--json", *flags))
    assert started["url"].startswith("https://127.0.0.1:")
    assert told(run(folder, "status", "--json"))["workspaces"] == ["default"]
    port = int(started["url"].rpartition(":")[2])
    certificate = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", port)).encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"one.test", "two.test"} <= set(names.get_values_for_type(x509.DNSName))
    refused = run(folder, "start", "--port", "0", "--tls", "mine", "--state-file", str(folder / "other.json"))
    assert refused.returncode == Exit.BAD_CONFIGURATION
    assert "LOCALSIGN_TLS" in refused.stderr


def test_a_server_that_was_killed_does_not_run(folder: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    gone = Running(f"http://127.0.0.1:{free_port()}", int(ended.stdout), "", "2031-01-01T00:00:00Z", VERSION)
    gone.write(folder / "server.json")
    status = run(folder, "status", "--json")
    assert status.returncode == Exit.NOT_RUNNING
    assert "pid" not in json.loads(status.stdout)
    started = told(run(folder, "start", "--port", "0", "--json"))
    assert started["pid"] != gone.pid


def test_another_process_with_its_number_is_left_alone(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        Running("http://127.0.0.1:9", other.pid, "", "2031-01-01T00:00:00Z", VERSION).write(folder / "server.json")
        assert run(folder, "stop").returncode == Exit.NOT_RUNNING
        assert other.poll() is None
        other.communicate(b"")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 1}'])
def test_a_state_file_that_cannot_be_read_is_none(folder: Path, content: str) -> None:
    (folder / "server.json").write_text(content)
    assert run(folder, "stop").returncode == Exit.NOT_RUNNING


def test_why_a_server_does_not_start_is_said(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(folder, "start", "--port", str(taken.getsockname()[1]))
    assert done.returncode == Exit.PORT_IN_USE
    assert "it did not start:" in done.stderr
    assert "is in use" in done.stderr
    wrong = run(folder, "start", LOCALSIGN_PORTT="1")
    assert wrong.returncode == Exit.BAD_CONFIGURATION
    assert "LOCALSIGN_PORTT is not a setting of localsign" in wrong.stderr
    assert not (folder / "server.json").exists()


def test_what_env_writes_is_no_setting_of_a_server(folder: Path) -> None:
    started = told(run(folder, "start", "--port", "0", "--json", LOCALSIGN_LOG_LEVEL="info"))
    lines = run(folder, "env", "--shell", "dotenv").stdout.splitlines()
    written = dict(line.replace('"', "").split("=", 1) for line in lines)
    assert written["LOCALSIGN_URL"] == started["url"]
    again = run(folder / "..", "version", **written)
    assert again.returncode == 0
    other = run(folder, "start", "--port", "0", "--state-file", str(folder / "other.json"), **written)
    assert other.returncode == 0, other.stderr
    assert run(folder, "stop", "--state-file", str(folder / "other.json")).returncode == 0


def test_a_folder_that_cannot_be_written_to_is_said(folder: Path) -> None:
    (folder / "file").write_text("")
    done = run(folder, "start", "--state-file", str(folder / "file" / "server.json"))
    assert done.returncode == Exit.BAD_CONFIGURATION
    assert "Choose another --state-file." in done.stderr


def test_starting_and_telling_the_version_import_little() -> None:
    """A client of HTTP and tables are only for verbs that need them."""
    for words, unwanted in (("version", {"httpx", "rich", "uvicorn"}), ("serve --help", {"httpx", "rich"})):
        code = f"import sys; sys.argv = 'localsign {words}'.split()\nfrom localsign.cli import main\n"
        code += f"try: main()\nexcept SystemExit: print('|', *sorted({unwanted!r} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.splitlines()[-1].strip() == "|", (words, done.stdout)


def completed(*words: str, **settings: str) -> list[str]:
    """What a shell offers instead of the last word."""
    given = environment(
        _LOCALSIGN_COMPLETE="complete_bash", COMP_WORDS=" ".join(["localsign", *words]), COMP_CWORD=str(len(words))
    )
    program = Path(sys.executable).with_name("localsign")
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, env=given | settings, check=True)
    return done.stdout.split()


def test_words_are_completed(folder: Path) -> None:
    assert completed("sn") == ["snapshot"]
    assert completed("snapshot", "re") == ["restore"]
    actions = completed("act", "sign", "session", "an-id", "")
    assert actions == ["open", "sign", "reject", "cancel", "error"]
    assert completed("clock", "show", "-w", "", LOCALSIGN_URL="http://127.0.0.1:9") == [], "nobody answers"
    state = str(folder / "server.json")
    told(run(folder, "start", "--port", "0", "--json"))
    told(run(folder, "switches", "list", "--json"))  # the first answer takes longer than anybody waits for a word
    assert completed("clock", "show", "-w", "", LOCALSIGN_STATE_FILE=state) == ["default"]
    assert "sign.unknown-members" in completed("switches", "set", "sign.", LOCALSIGN_STATE_FILE=state)
    values = completed("switches", "set", "sign.unknown-members", "", LOCALSIGN_STATE_FILE=state)
    assert "ignore" in values
    assert os.environ.get("LOCALSIGN_STATE_FILE") != state
