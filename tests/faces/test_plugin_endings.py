"""A world outlives its fixture until the report is made: whatever goes wrong around a test, its timeline is told."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.faces.inner import outcome, project
from tests.faces.test_plugin_reports import section
from tests.world import NO_TLS

TEARDOWN = """
    import pytest

    @pytest.fixture
    def before():
        yield
        assert 0, "before"

    @pytest.fixture
    def after(localsign):
        yield
        localsign.http.mint.get("/workflows")
        assert 0, "after"

    def test_first(localsign):
        localsign.http.sign.get("/signing-sessions")

    {tests}

    def test_last(localsign): pass
"""
CALLED = "GET /mint/workflows → 200"


@pytest.fixture
def at(server: Any) -> str:
    return f"--localsign-url={server.url}"


def names(server: Any) -> set[str]:
    found = httpx.get(f"{server.url}/_sandbox/v1/workspaces", verify=NO_TLS).json()
    return {one["name"] for one in found if one["name"].startswith("test-")}


ways = pytest.mark.parametrize("mode", ["url", "thread", "asgi"])


def run(pytester: pytest.Pytester, server: Any, mode: str, *options: str) -> pytest.RunResult:
    where = f"--localsign-url={server.url}" if mode == "url" else f"--localsign-mode={mode}"
    return pytester.runpytest(where, *options)


@ways
@pytest.mark.parametrize("is_last", [False, True])
def test_a_teardown_that_fails_tells_the_timeline(
    pytester: pytest.Pytester, server: Any, mode: str, is_last: bool
) -> None:
    tests = "def test_fails(after): pass"
    source = TEARDOWN.format(tests=tests).replace("def test_last(localsign): pass" if is_last else "absent", "")
    project(pytester, source)
    before = names(server)
    text = outcome(run(pytester, server, mode), passed=2 if is_last else 3, errors=1)
    assert CALLED in section(text, "localsign timeline")
    assert names(server) <= before


def test_a_fixture_that_ends_after_the_world_tells_it_as_well(pytester: pytest.Pytester, at: str) -> None:
    tests = """def test_fails(before, localsign):
        localsign.http.mint.get("/workflows")
    """
    project(pytester, TEARDOWN.format(tests=tests))
    assert CALLED in section(outcome(pytester.runpytest(at), passed=3, errors=1), "localsign timeline")


def test_a_test_and_its_teardown_that_fail_tell_it_both(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, TEARDOWN.format(tests="def test_fails(after): assert 0"))
    text = outcome(pytester.runpytest(at), passed=2, failed=1, errors=1)
    assert text.count(" localsign timeline ") == 2


@ways
def test_the_world_of_a_module_that_fails_to_end_is_told(pytester: pytest.Pytester, server: Any, mode: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.fixture(scope="module")
        def opened(localsign_module_world):
            yield
            localsign_module_world.http.mint.get("/workflows")
            assert 0

        def test_one(opened): pass

        def test_two(opened): pass
        """,
    )
    before = names(server)
    assert CALLED in section(outcome(run(pytester, server, mode), passed=2, errors=1), "localsign timeline")
    assert names(server) <= before


def test_a_world_that_cannot_be_seeded_is_told(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.mark.localsign(sign={"sessions": [{"collection": "nowhere"}]})
        def test_copy(localsign_module): pass
        """,
    )
    timeline = section(outcome(pytester.runpytest(at), errors=1), "localsign timeline")
    assert timeline.startswith("workspace test-copy-")


def test_a_server_of_a_single_test_is_asked_in_time(pytester: pytest.Pytester) -> None:
    source = """
        import pytest
        from localsign import Sandbox

        @pytest.fixture
        def localsign_server():
            with Sandbox(mode="asgi") as sandbox:
                yield sandbox
    """
    project(pytester, TEARDOWN.format(tests="def test_fails(after): pass"), conftest=source)
    text = outcome(pytester.runpytest(), passed=3, errors=1)
    assert CALLED in section(text, "localsign timeline")


@pytest.mark.parametrize("mode", ["url", "asgi"])
def test_a_world_whose_teardown_failed_is_kept(pytester: pytest.Pytester, server: Any, mode: str) -> None:
    source = TEARDOWN.format(tests="def test_fails(after): pass").replace("def test_last(localsign): pass", "")
    project(pytester, source, ini="localsign_keep_dir = kept\n")
    before = names(server)
    text = outcome(run(pytester, server, mode, "--localsign-keep-failed"), passed=2, errors=1)
    kept = section(text, "localsign kept")
    if mode == "url":
        [name] = names(server) - before
        assert name in kept
        httpx.delete(f"{server.url}/_sandbox/v1/workspaces/{name}", verify=NO_TLS)
    else:
        [file] = Path("kept").glob("*.zip")
        assert str(file) in kept


def test_a_run_that_is_interrupted_while_a_test_ends_leaves_no_world(
    pytester: pytest.Pytester, server: Any, at: str
) -> None:
    source = TEARDOWN.replace('assert 0, "before"', 'raise KeyboardInterrupt("enough")')
    project(pytester, source.format(tests="def test_fails(before, localsign): pass"))
    before = names(server)
    assert pytester.runpytest(at, no_reraise_ctrlc=True).ret == pytest.ExitCode.INTERRUPTED
    assert names(server) <= before


def test_a_run_that_stops_early_leaves_no_world(pytester: pytest.Pytester, server: Any, at: str) -> None:
    project(pytester, TEARDOWN.format(tests="def test_fails(localsign, localsign_module): assert 0"))
    before = names(server)
    outcome(pytester.runpytest(at, "-x"), passed=1, failed=1)
    assert names(server) <= before
