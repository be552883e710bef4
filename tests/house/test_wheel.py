"""The wheel works by itself: installed in an empty environment outside the checkout, and asked over HTTP."""

import json
import os
import re
import select
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]

pytestmark = [pytest.mark.wheel, pytest.mark.xdist_group("wheel")]


@dataclass(frozen=True)
class Installed:
    wheel: Path
    bin: Path
    outside: Path  # a folder that is no checkout

    def run(self, *command: str) -> str:
        """What the command prints; a failure shows all it said."""
        done = run([str(self.bin / command[0]), *command[1:]], self.outside, limit=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def clean_environment() -> dict[str, str]:
    """Nothing that could lead back to the checkout or change the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LOCALSIGN_", "PYTHON"))}


def run(command: list[str], cwd: Path, limit: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=clean_environment(), capture_output=True, text=True, timeout=limit, check=False
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    outside = tmp_path_factory.mktemp("outside")
    probe = [*PIP, "download", "--quiet", "--no-deps", "--retries", "0", "--dest", "probe", "hatchling"]
    if run(probe, outside, limit=120).returncode != 0 and not os.environ.get("CI_REQUIRE_ALL"):
        pytest.skip("no package index can be reached")
    wheel = outside / f"localsign-{version('localsign')}-py3-none-any.whl"
    bin_of_venv = outside / "venv" / "bin"
    for command in (
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(outside), str(ROOT)],
        [sys.executable, "-m", "venv", "--without-pip", str(outside / "venv")],
        [*PIP, "--python", str(bin_of_venv / "python"), "install", "--quiet", str(wheel)],
    ):
        done = run(command, outside, limit=300)
        assert done.returncode == 0, done.stdout + done.stderr
    return Installed(wheel, bin_of_venv, outside)


@pytest.fixture(scope="module")
def url(installed: Installed) -> Iterator[str]:
    """Where the installed server listens; it is ended with the module."""
    log = installed.outside / "serve.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [installed.bin / "localsign", "serve", "--port", "0", "--json"],
            cwd=installed.outside,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as server,
    ):
        assert server.stdout is not None
        try:
            readable, _, _ = select.select([server.stdout], [], [], 60)
            line = server.stdout.readline() if readable else b""
            assert line, f"serve --json printed no line in 60 s:\n{log.read_text()}"
            yield address_in(line)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def address_in(line: bytes) -> str:
    """Scheme, host and port of the first URL in the JSON line that `serve --json` prints."""
    found = re.search(r"https?://[^/\"]+", json.dumps(json.loads(line)))
    assert found, line
    return found[0]


def test_the_wheel_holds_everything_the_checkout_has(installed: Installed) -> None:
    packed = set(zipfile.ZipFile(installed.wheel).namelist())
    wanted = {
        (prefix / path.relative_to(ROOT / folder)).as_posix()
        for folder, prefix in {
            "app/localsign": Path("localsign"),
            "fixtures": Path("localsign/_data/fixtures"),
            "openapi": Path("localsign/_data/openapi"),
        }.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sorted(wanted - packed) == []


def test_the_command_says_its_version(installed: Installed) -> None:
    assert version("localsign") in installed.run("localsign", "version")


def test_fixtures_are_found_inside_the_environment(installed: Installed) -> None:
    code = "from localsign.resources import *; print(fixtures_folder()); print(openapi_folder())"
    fixtures, openapi = map(Path, installed.run("python", "-c", code).splitlines())
    assert fixtures.is_relative_to(installed.outside)
    assert openapi.is_relative_to(installed.outside)
    assert sorted(path.name for path in fixtures.iterdir()) == sorted(
        path.name for path in (ROOT / "fixtures").iterdir()
    )


@pytest.mark.parametrize("mode", ["thread", "asgi", "subprocess"])
def test_a_sandbox_works_outside_the_checkout(installed: Installed, mode: str) -> None:
    program = (
        "from localsign import Sandbox\n"
        f"with Sandbox(mode={mode!r}) as sandbox, sandbox.workspace(fixture='payroll') as workspace:\n"
        "    print(workspace.http.sign.get('/signing-sessions').status_code)"
    )
    assert installed.run("python", "-W", "error", "-c", program).strip() == "200"


def test_the_server_gets_ready_and_serves_its_openapi_document(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        limit = time.monotonic() + 30
        while (ready := client.get("/_sandbox/health/ready")).status_code != 200:
            assert time.monotonic() < limit, ready.text
            time.sleep(0.05)
        document = client.get("/_sandbox/openapi/sign.json")
    assert document.status_code == 200
    assert document.json()["paths"]
