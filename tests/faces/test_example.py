"""The example of docs/examples, tested from the installed wheel: the same results in every mode, with any workers."""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.installed import ROOT, Installed, clean_environment, installing, run

pytestmark = pytest.mark.wheel

EXAMPLE = ROOT / "docs" / "examples" / "integrator"
TOOLS = ["pytest>=8.4", "pytest-xdist>=3.6", "pytest-random-order>=1.1", "pytest-asyncio>=1"]
FEWEST = 50

# A container calls the machine it runs on by a name; the container that is none has to learn it.
NAMES_OF_A_CONTAINER = """
import socket

resolve = socket.getaddrinfo


def resolve_as_docker(host, *more, **named):
    return resolve("127.0.0.1" if host == "host.docker.internal" else host, *more, **named)


socket.getaddrinfo = resolve_as_docker
"""


@dataclass(frozen=True)
class Project:
    """The example in a folder of its own, and a Python that has the wheel and pytest."""

    folder: Path
    python: Path
    tools: Path  # a folder with a `docker`, and what Python has to know for it

    def results(self, *options: str, **environment: str) -> dict[str, str]:
        """How each test ended."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        done = subprocess.run(
            [self.python, "-m", "pytest", "-q", f"--junitxml={report}", *options],
            cwd=self.folder,
            env={**clean_environment(), **environment},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"
        cases = ET.parse(report).getroot().iter("testcase")
        return {
            f"{one.get('classname')}.{one.get('name')}": ",".join(sorted(part.tag for part in one)) for one in cases
        }


@pytest.fixture(scope="module")
def example(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Project:
    outside = tmp_path_factory.mktemp("integrator")
    folder = outside / "integrator"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    python = outside / "venv" / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", str(outside / "venv")],
        installing(python, *TOOLS),
    ):
        done = run(command, outside, limit=300)
        assert done.returncode == 0, done.stdout + done.stderr
    [packages] = (outside / "venv").glob("lib/python*/site-packages")
    [theirs] = (installed.outside / "venv").glob("lib/python*/site-packages")
    (packages / "localsign-wheel.pth").write_text(f"{theirs}\n")
    return Project(folder, python, a_docker(outside, python))


def a_docker(outside: Path, python: Path) -> Path:
    tools = outside / "tools"
    tools.mkdir()
    fake = (ROOT / "tests" / "client" / "fake_docker.py").read_text()
    (tools / "docker").write_text(f"#!{python}\n{fake}")
    (tools / "docker").chmod(0o755)
    (tools / "sitecustomize.py").write_text(NAMES_OF_A_CONTAINER)
    return tools


FEW = [("thread", 2), ("asgi", 0), ("subprocess", 0), ("docker", 0), ("url", 8)]
ALL = [(mode, workers) for mode in ("thread", "asgi", "subprocess", "docker", "url") for workers in (0, 1, 8)]
RUNS = ALL if os.environ.get("EXAMPLE_IN_ALL_WAYS") else FEW
SEEN: dict[str, list[str]] = {}  # what ran, by run


@pytest.mark.parametrize(("mode", "workers"), RUNS)
def test_the_example_passes_everywhere(example: Project, installed_url: str, mode: str, workers: int) -> None:
    """All of its tests, in another order each time."""
    more = {"LOCALSIGN_URL": installed_url} if mode == "url" else {}
    if mode == "docker":
        path = f"{example.tools}{os.pathsep}{os.environ['PATH']}"
        more = {"PATH": path, "PYTHONPATH": str(example.tools)}
    shared = ["--localsign-shared"] if mode in ("subprocess", "docker") and workers else []
    order = ["--random-order", "--random-order-bucket=global", f"--random-order-seed={RUNS.index((mode, workers))}"]
    options = ["-p", "no:asyncio", f"--localsign-mode={mode}", "-n", str(workers), *shared, *order]
    found = example.results(*options, **more)
    assert len(found) >= FEWEST
    assert set(found.values()) == {""}, "something was skipped"
    SEEN[f"{mode} with {workers} workers"] = sorted(found)
    assert len(set(map(tuple, SEEN.values()))) == 1


def test_the_example_tells_on_which_guesses_it_rests(example: Project) -> None:
    report = example.folder / "learnt.json"
    told = ("--localsign-variants", "--localsign-lint", f"--localsign-report={report}")
    example.results("-p", "no:asyncio", "--localsign-mode=asgi", *told, "-k", "payslips or hooks")
    learnt = json.loads(report.read_text())
    assert learnt["lint"] == learnt["unseen"] == []
    rests = {one["switch"] for one in learnt["variants"]["rests_on"]}
    assert rests == {"events.signature-header", "secure-share.recipient-url", "sign.signed-after-due"}


def test_pytest_asyncio_runs_coroutines_in_a_world(example: Project, installed_url: str) -> None:
    (example.folder / "test_asyncio.py").write_text(
        "import pytest\n\n\n"
        "@pytest.mark.asyncio\n"
        "@pytest.mark.parametrize('turn', [1, 2])\n"
        "async def test_coroutine(localsign_async, turn):\n"
        "    assert (await localsign_async.http.sign.get('/signing-sessions')).status_code == 200\n"
        "    assert (await localsign_async.journal.count(api='sign'))['count'] == 1\n"
    )
    option = "asyncio_default_fixture_loop_scope=function"
    found = example.results("-o", option, f"--localsign-url={installed_url}", "test_asyncio.py")
    assert list(found.values()) == ["", ""]
