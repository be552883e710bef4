"""Starting and ending: what each mode needs, and what it says when that is missing."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.client.docker_command import with_docker

import localsign
from localsign import AsyncSandbox, CannotStartError, Sandbox, SandboxError
from localsign.client.servers.choosing import Mode


def test_without_anything_a_server_is_started_in_a_thread() -> None:
    with Sandbox() as sandbox:
        assert httpx.get(f"{sandbox.url}/_sandbox/health/live").status_code == 200
        url = sandbox.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_sandbox/health/live")


def test_the_environment_names_a_server(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALSIGN_URL", server.url)
    with Sandbox() as sandbox, sandbox.workspace() as workspace:
        assert workspace.url.startswith(server.url)
    with Sandbox(mode="asgi") as sandbox:
        assert sandbox.url == "http://localhost"


def test_a_token_is_asked_for_and_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(control_token="a-long-secret") as sandbox:
        assert sandbox.control_token == "a-long-secret"
        with pytest.raises(SandboxError) as refused:
            Sandbox(sandbox.url).start()
        assert refused.value.code == "control_token_required"
        monkeypatch.setenv("LOCALSIGN_CONTROL_TOKEN", "a-long-secret")
        with Sandbox(sandbox.url) as other, other.workspace() as workspace:
            assert workspace.http.control.get("/clock").status_code == 200


def test_a_server_that_others_can_reach_has_a_token() -> None:
    with Sandbox(host="0.0.0.0") as sandbox, sandbox.workspace() as workspace:
        assert sandbox.control_token
        assert workspace.url.startswith("http://127.0.0.1:")


def test_settings_and_the_environment_reach_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALSIGN_PACKAGING_LAG", "manual")
    modes: tuple[Mode, ...] = ("asgi", "subprocess")
    for mode in modes:
        with Sandbox(mode=mode, client_id="mine", switches={"sign.unknown-members": "ignore"}) as sandbox:
            assert sandbox.default.credentials.client_id == "mine"
            assert sandbox.default.switches.get("sign.unknown-members")["chosen_by"] == "installation"
            assert sandbox.default.lags.get("packaging")["progression"] == "manual"


def test_worlds_outlive_a_server_in_a_data_folder(tmp_path: Path) -> None:
    with Sandbox(mode="subprocess", data_dir=tmp_path, workers=2) as sandbox:
        sandbox.workspace("kept", keep=True).close()
    with Sandbox(mode="asgi", data_dir=str(tmp_path)) as sandbox:
        assert sandbox.attach("kept").name == "kept"


def test_a_sandbox_can_be_started_again() -> None:
    modes: tuple[Mode, ...] = ("thread", "asgi", "subprocess")
    for mode in modes:
        sandbox = Sandbox(mode=mode)
        for _ in range(2):
            with sandbox:
                assert sandbox.start() is sandbox
                assert sandbox.default.http.sign.get("/signing-sessions").status_code == 200


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"mode": "cloud"}, "there is no mode 'cloud'"),
        ({"url": "http://127.0.0.1:1", "mode": "thread"}, "does not go with the mode 'thread'"),
        ({"url": "http://127.0.0.1:1", "client_id": "mine"}, "client_id: the settings of a server that runs"),
        ({"packaging_lag": "never"}, "LOCALSIGN_PACKAGING_LAG"),
        ({"workers": 2, "data_dir": "x"}, "several workers"),
    ],
)
def test_what_does_not_go_together_is_said(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SandboxError, match=sentence):
        Sandbox(**given)


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(SandboxError, match="localsign serve"):
        Sandbox("http://127.0.0.1:1").start()
    with pytest.raises(SandboxError, match="not started"):
        _ = Sandbox().url
    with pytest.raises(SandboxError, match="not started"):
        _ = Sandbox().pool


def test_a_server_that_went_away_is_said() -> None:
    with Sandbox() as sandbox, Sandbox(sandbox.url) as other:
        sandbox.close()
        with pytest.raises(SandboxError, match="cannot be reached"):
            other.workspaces()


@pytest.mark.parametrize("mode", ["thread", "asgi", "subprocess"])
def test_a_server_that_does_not_start_says_why(mode: Mode, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("sign: {documents: [{nam: x}]}")
    with pytest.raises(CannotStartError, match="nam"):
        Sandbox(mode=mode, init_dir=tmp_path).start()


@pytest.mark.parametrize("mode", ["thread", "subprocess"])
def test_a_port_that_is_taken_is_said(mode: Mode, server: Any) -> None:
    port = httpx.URL(server.url).port
    assert port is not None
    with pytest.raises(CannotStartError, match=f"port {port} of 127.0.0.1 is in use"):
        Sandbox(mode=mode, port=port).start()


def test_a_container_is_run_and_removed(tmp_path: Path) -> None:
    with with_docker(tmp_path), Sandbox(mode="docker", image="mine:1", docker_options=["--memory", "1g"]) as sandbox:
        command = json.loads((tmp_path / "command.json").read_text())
        assert command[-3:] == ["--memory", "1g", "mine:1"]
        assert sandbox.control_token not in command
        assert sandbox.default.name == "default"
        assert not {"--rm", "--user"} & set(command)
        url = sandbox.url
    with pytest.raises(httpx.TransportError):
        httpx.get(url)
    assert json.loads((tmp_path / "removed.json").read_text())[:2] == ["--force", "--volumes"]


def test_a_container_that_ends_is_noticed_and_its_words_are_told(tmp_path: Path) -> None:
    began = time.monotonic()
    with with_docker(tmp_path), pytest.raises(CannotStartError, match="/kept cannot be written"):
        Sandbox(mode="docker", image="ending", data_dir=tmp_path).start()
    assert time.monotonic() - began < 30
    command = json.loads((tmp_path / "command.json").read_text())
    assert command[command.index("--user") + 1] == f"{os.getuid()}:0"
    assert json.loads((tmp_path / "removed.json").read_text())[-1] == "0"


def test_a_container_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with with_docker(tmp_path), pytest.raises(CannotStartError, match="Unable to find image"):
        Sandbox(mode="docker", image="missing", init_dir=tmp_path).start()
    assert f"{tmp_path}:/init:ro" in json.loads((tmp_path / "command.json").read_text())
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(CannotStartError, match="no docker command"):
        Sandbox(mode="docker").start()


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from localsign import Sandbox
        sandbox = Sandbox(mode="subprocess").start()
        print(sandbox.url, flush=True)
        sys.stdin.readline()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert httpx.get(f"{url}/_sandbox/health/live").status_code == 200
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
    for _ in range(200):
        try:
            httpx.get(f"{url}/_sandbox/health/live")
        except httpx.TransportError:
            return
        asyncio.run(asyncio.sleep(0.05))
    raise AssertionError("it goes on")


def test_an_application_in_the_same_process_reaches_it_without_a_port() -> None:
    with Sandbox(mode="asgi") as sandbox, sandbox.workspace() as workspace:
        with httpx.Client(transport=sandbox.pool) as client:
            form = {"grant_type": "client_credentials"}
            client_of = (workspace.credentials.client_id, workspace.credentials.client_secret)
            answer = client.post(workspace.credentials.token_url, data=form, auth=client_of)
            assert answer.status_code == 200
            assert client.head(f"{workspace.url}/_sandbox/health/live").content == b""
        assert workspace.http.anonymous.get("/_sandbox/health/live").status_code == 200


def test_one_sandbox_without_a_port_serves_several_event_loops() -> None:
    async def ask(sandbox: AsyncSandbox) -> int:
        async with sandbox.workspace() as workspace:
            return (await workspace.http.sign.get("/signing-sessions")).status_code

    sandbox = AsyncSandbox(mode="asgi")
    asyncio.run(sandbox.start())
    assert [asyncio.run(ask(sandbox)) for _ in range(2)] == [200, 200]
    asyncio.run(sandbox.close())


def test_who_gives_up_waiting_does_not_hang() -> None:
    async def give_up() -> None:
        async with AsyncSandbox(mode="asgi") as sandbox, sandbox.workspace() as workspace:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(workspace.outbox.wait(timeout=30), 0.1)
            async with workspace.webhooks.receiver() as receiver:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(receiver.wait(timeout=1), 0.05)

    asyncio.run(give_up())


def test_a_workspace_that_cannot_be_made_leaves_nothing() -> None:
    with Sandbox(mode="asgi") as sandbox:
        before = sandbox.workspaces()
        with pytest.raises(SandboxError):
            sandbox.workspace("w", clock="2031-05-01T12:00:00Z", document={"sign": {"documents": [{"nam": "x"}]}})
        with pytest.raises(SandboxError):
            sandbox.workspace("w", document={"sign": 7})
        assert sandbox.workspaces() == before


def test_public_names_are_found_at_their_first_use() -> None:
    program = "import sys; before = set(sys.modules); import localsign; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["localsign"]
    assert all(hasattr(localsign, name) for name in localsign.__all__)
    with pytest.raises(AttributeError, match="sandbx"):
        _ = localsign.sandbx
