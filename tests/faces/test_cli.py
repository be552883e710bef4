"""The command line, as a shell meets it: what it prints, and with which code it ends."""

import json
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.faces.processes import announced, free_port, lines_until_ready, run, serving, start

from localsign.apis import APIS
from localsign.version import VERSION


def call(verb: Callable[..., httpx.Response], url: str, **more: Any) -> httpx.Response:
    """The first call to a server builds what answers it, which on a busy machine takes its time."""
    return verb(url, timeout=60, **more)


def test_serve_announces_where_it_is_in_one_json_line() -> None:
    with serving() as announced:
        assert call(httpx.get, f"{announced['url']}/_sandbox/health/ready").json() == {"status": "ready"}
        assert announced["version"] == VERSION
        assert announced["addresses"] == {
            **{entry.name: announced["url"] + entry.mount for entry in APIS},
            "control": f"{announced['url']}/_sandbox/v1",
        }
        assert announced["addresses"]["sign"] == f"{announced['url']}/sign"
        form = {"grant_type": "client_credentials"}
        client = (announced["client_id"], announced["client_secret"])
        answer = call(httpx.post, f"{announced['addresses']['platform']}/connect/token", data=form, auth=client)
        assert answer.status_code == 200


def test_serve_tells_a_person_what_a_first_call_needs() -> None:
    port = free_port()
    process = start("--port", str(port))
    lines = lines_until_ready(process)
    [command] = [line.strip() for line in lines if line.strip().startswith("curl")]
    answer = subprocess.run(["bash", "-c", f"{command} -s"], capture_output=True, text=True, check=True, timeout=30)
    process.terminate()
    more, _ = process.communicate(timeout=30)
    assert more == ""
    assert [line for line in lines if "Ready." in line] == ["Ready.\n"]
    assert json.loads(answer.stdout)["token_type"] == "Bearer"
    assert "localsign / localsign-secret" in "".join(lines)


def test_a_secret_of_ones_own_is_not_printed() -> None:
    with serving(LOCALSIGN_CLIENT_ID="me", LOCALSIGN_CLIENT_SECRET="hush-hush") as announced:
        assert announced["client_id"] == "me"
        assert announced["client_secret"] is None
        form = {"grant_type": "client_credentials"}
        token = f"{announced['url']}/auth/open/connect/token"
        assert call(httpx.post, token, data=form, auth=("me", "hush-hush")).status_code == 200


def test_a_port_in_use_ends_with_6_and_says_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port))
    assert ended.returncode == 6
    assert f"port {port} of 127.0.0.1 is in use" in ended.stderr
    assert "--port 0" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (("serve",), {"LOCALSIGN_PROT": "1"}, "Did you mean LOCALSIGN_PORT?"),
        (("serve",), {"LOCALSIGN_PORT": "many"}, "LOCALSIGN_PORT is 'many'"),
        (("serve",), {"LOCALSIGN_PACKAGING_LAG": "after:soon"}, "LOCALSIGN_PACKAGING_LAG"),
        (("serve", "--workers", "2"), {}, "--data-dir"),
        (("serve", "--host", "192.0.2.1", "--port", "0"), {}, "cannot listen on 192.0.2.1"),
    ],
)
def test_a_bad_configuration_ends_with_5_and_names_the_setting(
    arguments: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    ended = run(*arguments, **settings)
    assert ended.returncode == 5
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_data_folder_of_another_version_ends_with_5(tmp_path: Path) -> None:
    folder = tmp_path / "workspaces" / "default"
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / "world.db") as other:
        other.execute("PRAGMA user_version = 1")
    other.close()
    ended = run("serve", "--port", "0", "--data-dir", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (5, "")
    assert "another version of localsign" in ended.stderr


def test_a_data_folder_that_cannot_be_made_ends_with_5(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run("serve", "--port", "0", "--data-dir", str(tmp_path / "file"))
    assert ended.returncode == 5
    assert "--data-dir" in ended.stderr


def test_a_data_folder_that_is_in_use_ends_with_5(tmp_path: Path) -> None:
    with serving("--data-dir", str(tmp_path)):
        ended = run("serve", "--port", "0", "--data-dir", str(tmp_path))
    assert ended.returncode == 5
    assert "another localsign" in ended.stderr


def test_wrong_usage_ends_with_2() -> None:
    assert run("serve", "--port", "x").returncode == 2
    assert run("openapi", "nothing").returncode == 2
    assert run("no-such-command").returncode == 2


def test_wait_returns_when_the_server_is_ready(server: Server) -> None:
    ended = run("wait", "--url", server.url)
    assert (ended.returncode, ended.stdout) == (0, f"{server.url} is ready.\n")


def test_wait_ends_with_4_when_nothing_comes() -> None:
    ended = run("wait", "--url", f"http://127.0.0.1:{free_port()}", "--timeout", "0.2")
    assert ended.returncode == 4
    assert "--timeout" in ended.stderr


def test_version_as_text_and_as_json() -> None:
    assert run("version").stdout == f"localsign {VERSION}\n"
    assert json.loads(run("version", "--json").stdout) == {"version": VERSION}


def test_the_demo_signs_on_a_running_server_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    before = call(httpx.get, f"{server.url}/_sandbox/v1/workspaces").json()
    ended = run("demo", "--url", server.url, "--output", str(tmp_path / "mine.pdf"))
    assert ended.returncode == 0, ended.stderr
    assert "valid, trusted under the test CA, and covers the whole document" in ended.stdout
    assert (tmp_path / "mine.pdf").read_bytes().startswith(b"%PDF-")
    names = {one["name"] for one in call(httpx.get, f"{server.url}/_sandbox/v1/workspaces").json()}
    assert not {line.split("/w/")[1] for line in ended.stdout.splitlines() if line.startswith(" 1")} & names
    assert before is not None


def test_the_demo_starts_a_server_of_its_own(tmp_path: Path) -> None:
    ended = run("demo", "--output", str(tmp_path / "signed.pdf"), LOCALSIGN_DATA_DIR=str(tmp_path / "served"))
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 9
    assert not (tmp_path / "served").exists(), "it may be that of a server that runs"


def test_the_demo_says_when_nobody_is_there(tmp_path: Path) -> None:
    ended = run("demo", "--url", f"http://127.0.0.1:{free_port()}", "--output", str(tmp_path / "x.pdf"))
    assert ended.returncode == 1
    assert "localsign serve" in ended.stderr


def test_openapi_prints_names_and_documents() -> None:
    assert run("openapi").stdout.split() == sorted([*(entry.name for entry in APIS), "sandbox"])
    assert json.loads(run("openapi", "sign").stdout)["info"]["title"] == "Signicat Sign API v2"


def test_a_check_finds_documents_that_are_up_to_date() -> None:
    assert run("openapi", "--check").returncode == 0


def test_what_is_kept_in_a_folder_is_there_in_the_next_run(tmp_path: Path) -> None:
    with serving("--data-dir", str(tmp_path)) as announced:
        made = call(httpx.post, f"{announced['url']}/_sandbox/v1/workspaces", json={"name": "kept"}).json()
        authority = call(httpx.get, f"{announced['url']}/_sandbox/v1/ca.pem").text
    with serving("--data-dir", str(tmp_path)) as announced:
        again = call(httpx.get, f"{announced['url']}/_sandbox/v1/workspaces/kept").json()
        assert again["clients"] == made["clients"]
        assert call(httpx.get, f"{announced['url']}/_sandbox/v1/ca.pem").text == authority


def test_several_workers_serve_the_same_worlds(tmp_path: Path) -> None:
    port = free_port()
    process = start("--port", str(port), "--workers", "2", "--json", LOCALSIGN_DATA_DIR=str(tmp_path))
    try:
        url = announced(process)["url"]
        made = call(httpx.post, f"{url}/_sandbox/v1/workspaces", json={"name": "shared"}).json()
        [client] = made["clients"]
        form = {"grant_type": "client_credentials"}
        for _ in range(12):  # a new connection each time, which any worker may take
            answer = call(
                httpx.post,
                f"{url}/w/shared/auth/open/connect/token",
                data=form,
                auth=(client["client_id"], client["client_secret"]),
            )
            assert answer.status_code == 200
            bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            document = call(
                httpx.post, f"{url}/sign/documents", content=b"text", headers={**bearer, "Content-Type": "text/plain"}
            ).json()["documentId"]
            assert call(httpx.get, f"{url}/sign/documents/{document}", headers=bearer).content == b"text"
        assert httpx.delete(f"{url}/_sandbox/v1/workspaces/shared").status_code == 204
        gone = [call(httpx.get, f"{url}/_sandbox/v1/workspaces/shared").status_code for _ in range(8)]
        assert gone == [404] * 8
    finally:
        process.terminate()
        process.communicate(timeout=30)
