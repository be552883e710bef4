"""The Python face and the command line at a server that speaks TLS: on this machine, and by its authority."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from localsign import AsyncSandbox, Sandbox, SandboxError
from localsign.cli.program import cli
from localsign.serving import serving
from localsign.settings import Settings


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Settings(port=0, tls="self-signed")) as found:
        yield found


@pytest.fixture(scope="module")
def own(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority of the server."""
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    file.write_text(httpx.get(f"{url}/_sandbox/v1/tls/ca.pem", verify=False, timeout=60).text)
    return file


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority of another server."""
    file = tmp_path_factory.mktemp("tls") / "other.pem"
    with serving(Settings(port=0, tls="self-signed")) as found:
        file.write_text(httpx.get(f"{found}/_sandbox/v1/tls/ca.pem", verify=False, timeout=60).text)
    return file


def signed_in(sandbox: Sandbox) -> int:
    with sandbox.workspace() as workspace:
        assert workspace.url.startswith("https:")
        return workspace.http.sign.get("/signing-sessions").status_code


def test_a_sandbox_reaches_it(url: str, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ca in (None, own, str(own)):
        with Sandbox(url, ca=ca) as sandbox:
            assert signed_in(sandbox) == 200
    monkeypatch.setenv("LOCALSIGN_CA", str(own))
    with Sandbox(url) as sandbox:
        assert signed_in(sandbox) == 200

    async def coroutine() -> int:
        async with AsyncSandbox(url, ca=own) as sandbox, sandbox.workspace() as workspace:
            return (await workspace.http.sign.get("/signing-sessions")).status_code

    assert asyncio.run(coroutine()) == 200


@pytest.mark.parametrize("mode", ["thread", "subprocess"])
def test_one_that_is_started_here_is_trusted(mode: str) -> None:
    with Sandbox(mode=mode, tls="self-signed") as sandbox:  # type: ignore[arg-type]
        assert signed_in(sandbox) == 200


def test_what_cannot_be_trusted_is_told(url: str, other: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"is not trusted .* ca=…, --ca or LOCALSIGN_CA"):
        Sandbox(url, ca=other).start()
    with pytest.raises(SandboxError, match=r"none\.pem is no PEM file"):
        Sandbox(url, ca=tmp_path / "none.pem").start()
    with pytest.raises(SandboxError, match="a ca is for a server that runs already"):
        Sandbox(mode="thread", ca=other)


@pytest.mark.parametrize("words", [("workspaces", "list"), ("status",), ("doctor",), ("env",), ("journal", "list")])
def test_commands_reach_it(url: str, own: Path, other: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    environment = {"LOCALSIGN_URL": url, "LOCALSIGN_STATE_FILE": str(tmp_path / "none.json"), "LOCALSIGN_CA": ""}

    def run(*more: str, **variables: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, [*words, "--json", *more], env=environment | variables)
        return done.exit_code, done.stdout if done.exit_code == 0 else done.stdout + done.stderr

    for code, said in (run(), run("--ca", str(own)), run(LOCALSIGN_CA=str(own))):
        assert code == 0, said
        json.loads(said)
    for path, why in ((other, "trusted"), (tmp_path / "none.pem", "PEM")):
        code, said = run("--ca", str(path))
        assert code != 0
        assert words == ("status",) or why in said
        assert "Traceback" not in said


def test_words_are_completed(url: str, own: Path, other: Path) -> None:
    from localsign.cli.completing import ask

    assert ask("workspaces", {"url": url, "ca": str(own)})
    assert ask("workspaces", {"url": url, "ca": str(other)}) is None
