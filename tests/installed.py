"""localsign as users have it: a wheel, installed in an empty environment outside the checkout."""

import json
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
UV = os.environ.get("UV") or shutil.which("uv")


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


def installing(python: Path, *wanted: str) -> list[str]:
    """What installs `wanted`, and all that these need, beside `python`: uv, which takes a tenth of the time, or pip."""
    if UV:
        return [UV, "pip", "install", "--quiet", "--python", str(python), *wanted]
    return [*PIP, "--python", str(python), "install", "--quiet", "--no-compile", *wanted]


def install(outside: Path) -> Installed:
    """Build the wheel and install it, in the empty folder `outside`; a test without a package index is skipped."""
    probe = [*PIP, "download", "--quiet", "--no-deps", "--retries", "0", "--dest", "probe", "hatchling"]
    if run(probe, outside, limit=120).returncode != 0 and not os.environ.get("CI_REQUIRE_ALL"):
        pytest.skip("no package index can be reached")
    wheel = outside / f"localsign-{version('localsign')}-py3-none-any.whl"
    bin_of_venv = outside / "venv" / "bin"
    python = bin_of_venv / "python"
    for command in (
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(outside), str(ROOT)],
        [sys.executable, "-m", "venv", "--without-pip", str(outside / "venv")],
        installing(python, str(wheel)),
        [*PIP, "--python", str(python), "install", "--quiet", "--no-deps", "--force-reinstall", str(wheel)],
    ):
        done = run(command, outside, limit=300)
        assert done.returncode == 0, done.stdout + done.stderr
    return Installed(wheel, bin_of_venv, outside)


def serve(installed: Installed) -> Iterator[str]:
    """The address of an installed server; it is ended afterwards."""
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
