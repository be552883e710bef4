"""The wheel works by itself: installed in an empty environment outside the checkout, and asked over HTTP."""

import time
import zipfile
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from tests.installed import Installed

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.wheel


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


def test_the_server_gets_ready_and_serves_its_openapi_document(installed_url: str) -> None:
    with httpx.Client(base_url=installed_url, trust_env=False, timeout=30) as client:
        limit = time.monotonic() + 30
        while (ready := client.get("/_sandbox/health/ready")).status_code != 200:
            assert time.monotonic() < limit, ready.text
            time.sleep(0.05)
        document = client.get("/_sandbox/openapi/sign.json")
    assert document.status_code == 200
    assert document.json()["paths"]
