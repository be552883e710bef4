"""What the report of a failed test tells, and what is kept of its workspace."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.faces.inner import outcome, project
from tests.world import NO_TLS

from localsign import Workspace

FAILS = """
    import pytest

    def test_fails(localsign):
        localsign.webhooks.subscribe("http://127.0.0.1:9/hidden-path?key=hidden-key", secret="hidden-secret")
        assert localsign.http.secure_share.post("/shares", json={}).status_code == 400
        made = localsign.http.secure_share.post("/shares", json={"contactDetails": {"name": "x"}})
        localsign.webhooks.deliver()
        print("secret:", localsign.credentials.client_secret)
        assert made.status_code == 418

    def test_passes(localsign):
        localsign.http.sign.get("/signing-sessions")
"""


@pytest.fixture
def at(server: Any) -> str:
    return f"--localsign-url={server.url}"


def section(text: str, title: str) -> str:
    """What stands below `title` in a report."""
    assert text.count(f" {title} ") == 1, text
    return text.partition(f" {title} ")[2].partition("\n")[2].partition("\n---")[0].partition("\n===")[0]


def test_a_failure_tells_the_timeline_of_its_workspace_without_secrets(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, FAILS)
    text = outcome(pytester.runpytest(at), passed=1, failed=1)
    timeline = section(text, "localsign timeline")
    for words in (
        "workspace test-fails-",
        "POST /secure-share/shares → 400  secure-share.create_share",
        "why: What was sent is wrong: contactDetails is required.",
        "event share.created of ",
        "webhook share.created: QUEUED to http://127.0.0.1:9, no answer",
    ):
        assert words in timeline
    [secret] = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("secret: ")]
    assert not [word for word in ("hidden", "Bearer", "eyJ", secret) if word in timeline]


def test_a_test_that_passes_or_uses_no_world_tells_nothing(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        def test_passes(localsign):
            pass

        @pytest.mark.xfail
        def test_expected(localsign):
            assert 0

        def test_without_a_world():
            assert 0
        """,
    )
    text = outcome(pytester.runpytest(at, "--localsign-keep-failed"), passed=1, failed=1, xfailed=1)
    assert "localsign" not in text.partition("FAILURES")[2]


def test_all_worlds_of_a_test_are_told(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.fixture
        def arranged(localsign):
            localsign.http.mint.get("/workflows")
            raise RuntimeError("arranging failed")

        def test_arranged(arranged):
            pass

        def test_two(localsign, localsign_module):
            assert 0
        """,
    )
    text = outcome(pytester.runpytest(at), failed=1, errors=1)
    assert text.count(" localsign timeline ") == 3
    assert "GET /mint/workflows → 200" in text


def test_a_module_that_cannot_be_arranged_is_told(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.fixture(scope="module")
        def localsign_module_world(localsign_module_world):
            localsign_module_world.http.mint.get("/workflows")
            raise RuntimeError("arranging failed")

        def test_arranged(localsign_module):
            pass
        """,
    )
    assert "GET /mint/workflows → 200" in section(outcome(pytester.runpytest(at), errors=1), "localsign timeline")


def test_a_server_that_has_died_hides_nothing_of_the_failure(pytester: pytest.Pytester) -> None:
    project(
        pytester,
        """
        def test_fails(localsign, localsign_server):
            localsign_server.server.stop()
            assert "this" == "that"
        """,
    )
    result = pytester.runpytest("--localsign-mode=subprocess")
    text = result.stdout.str()
    assert "AssertionError" in text
    assert "It cannot be told: " in section(text, "localsign timeline")


def test_a_world_on_a_server_that_stays_is_kept_there(pytester: pytest.Pytester, server: Any, at: str) -> None:
    project(pytester, FAILS)
    text = outcome(pytester.runpytest(at, "--localsign-keep-failed"), passed=1, failed=1)
    kept = section(text, "localsign kept")
    [url] = [word for word in kept.split() if word.startswith(f"{server.url}/w/test-fails-")]
    entries = httpx.get(f"{url}/_sandbox/v1/journal", verify=NO_TLS).json()["entries"]
    assert "secure-share.create_share" in [one["operation"] for one in entries]
    command = kept.splitlines()[-1].strip()
    assert subprocess.run([*command.split(), "-sf"], check=False, timeout=30).returncode == 0
    assert httpx.get(f"{url}/_sandbox/v1/journal", verify=NO_TLS).status_code == 404


def test_a_world_whose_server_ends_is_kept_as_a_file_that_another_server_takes(
    pytester: pytest.Pytester, localsign: Workspace
) -> None:
    project(pytester, FAILS, ini="localsign_keep_dir = kept\n")
    text = outcome(pytester.runpytest("--localsign-mode=asgi", "--localsign-keep-failed"), passed=1, failed=1)
    kept = section(text, "localsign kept")
    [file] = Path("kept").glob("*.zip")
    assert str(file) in kept
    assert file.stat().st_mode & 0o077 == 0
    assert Path("kept", ".gitignore").read_text() == "*\n"

    _, _, commands = kept.replace("\\\n", " ").partition("localsign serve):\n")
    base = f"{localsign.url}/_sandbox/v1"
    for command in commands.strip().splitlines():
        script = command.replace("http://127.0.0.1:8480/_sandbox/v1", base)
        done = subprocess.run(["bash", "-c", f"{script.strip()} -sf"], capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
    restored = localsign.sandbox.attach(localsign.name)  # with the clients of the world that was kept
    assert len(restored.http.secure_share.get("/shares").json()["data"]) == 1
