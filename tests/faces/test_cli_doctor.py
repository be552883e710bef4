"""`localsign doctor`: each finding, with what to do."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Server
from tests.faces.commanding import NOWHERE, Commands
from tests.world import World

from localsign.cli import doctor
from localsign.cli.exits import Exit


@pytest.fixture
def commands(server: Server, world: World, tmp_path: Path) -> Commands:
    return Commands(server, world, tmp_path)


Findings = dict[str, tuple[str, str, str]]


def findings(commands: Commands, *words: str, code: int = 0, **environment: str) -> Findings:
    """Level, sentence and remedy of each check."""
    import json

    done = commands.run("doctor", "--json", *words, **environment)
    assert done.exit_code == code, done.stdout
    return {one["check"]: (one["level"], one["sentence"], one["remedy"]) for one in json.loads(done.stdout)}


@pytest.fixture(autouse=True)
def without_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking its engine takes seconds where it does not answer."""
    monkeypatch.setattr("shutil.which", lambda _: None)


def test_all_is_well(commands: Commands, server: Server, tmp_path: Path) -> None:
    found = findings(commands, "--data-dir", str(tmp_path / "new"))
    assert {level for level, _, _ in found.values()} == {"ok"}
    of_machine = {"python", "clock", "disk", "data folder", "docker"}
    assert found.keys() == of_machine | {"samples", "documents", "fonts", "server", "version", "control"}
    assert server.url in found["server"][1]
    rows = commands.rows("doctor")
    assert rows[0][0] == "python"


def test_nobody_answers(commands: Commands) -> None:
    level, sentence, remedy = findings(commands, LOCALSIGN_URL=NOWHERE)["server"]
    assert (level, remedy) == ("warning", "Start a server: localsign start")
    assert sentence == f"Nobody answers at {NOWHERE}; port 9 is free."


class Other(BaseHTTPRequestHandler):
    """A server of something else, or of another version."""

    version = ""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.version:
            self.send_header("X-Sandbox", f"localsign/{self.version}")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def other() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_something_else_answers(commands: Commands, other: str) -> None:
    level, sentence, remedy = findings(commands, "--url", other, code=Exit.ERROR)["server"]
    assert (level, sentence) == ("bad", f"Something else than localsign answers at {other}.")
    assert remedy == "Take another port: localsign start --port 0"


def test_another_version_answers(commands: Commands, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Other, "version", "0.0.1")
    monkeypatch.setattr(doctor, "_control", lambda _: iter(()))
    level, sentence, remedy = findings(commands, "--url", other)["version"]
    assert level == "warning"
    assert sentence.startswith("It is localsign 0.0.1, this command ")
    assert "same version on both sides" in remedy


def test_something_that_is_no_http_listens(commands: Commands) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        thread = threading.Thread(target=_hang_up, args=(deaf,))
        thread.start()
        found = findings(commands, "--url", f"http://127.0.0.1:{deaf.getsockname()[1]}", code=Exit.ERROR)
        thread.join()
    assert "does not speak HTTP" in found["server"][1]


def _hang_up(deaf: socket.socket) -> None:
    for _ in range(2):
        deaf.accept()[0].close()


def test_a_data_folder_that_is_a_file(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    found = findings(commands, "--data-dir", str(file), code=Exit.ERROR)
    assert found["data folder"] == ("bad", f"{file} is no folder.", "Choose another --data-dir.")


def test_a_disk_that_is_full_and_a_clock_that_is_wrong(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LITTLE", 1 << 60)
    monkeypatch.setattr(doctor, "BUILT", doctor.BUILT.replace(year=9000))
    monkeypatch.setattr(doctor, "OLDEST", (4, 0))
    found = findings(commands, code=Exit.ERROR)
    assert {name for name, (level, _, _) in found.items() if level == "bad"} == {"disk", "clock", "python"}
    assert all(remedy for level, _, remedy in found.values() if level == "bad")
