"""`localsign_async` as anyio runs it, on a server in this process and elsewhere; `test_example` has pytest-asyncio."""

from typing import Any

import pytest
from tests.faces.inner import outcome, project

STORY = """
    import asyncio

    import httpx
    import pytest

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.mark.anyio
    async def test_story(localsign_async):
        made = await localsign_async.http.sign.post(
            "/documents", content=b"I agree.", headers={"Content-Type": "text/plain"}
        )
        assert made.status_code == 200
        await localsign_async.faults.add("sign.list_signing_sessions", "truncate", times=1)
        with pytest.raises(httpx.TransportError):
            await localsign_async.http.sign.get("/signing-sessions")
        assert (await localsign_async.clock.advance(days=1))["now"]
        async with localsign_async.fork() as copy:
            assert copy.name != localsign_async.name
        async with localsign_async.sandbox.workspace() as another:
            assert another.name in [one["name"] for one in await localsign_async.sandbox.workspaces()]
        assert localsign_async.sandbox.default.name == "default"
        both = await asyncio.gather(*(localsign_async.http.sign.get("/signing-sessions") for _ in range(5)))
        assert {one.status_code for one in both} == {200}

    @pytest.mark.anyio
    async def test_fails(localsign_async):
        await localsign_async.http.mint.get("/workflows")
        assert 0
"""


def told(pytester: pytest.Pytester, *options: str) -> None:
    """Tell the story; it works, and what fails is told."""
    project(pytester, STORY)
    assert "GET /mint/workflows → 200" in outcome(pytester.runpytest(*options), passed=1, failed=1)


@pytest.mark.parametrize("mode", ["thread", "asgi", "subprocess"])
def test_anyio_runs_it_in_every_mode(pytester: pytest.Pytester, mode: str) -> None:
    told(pytester, f"--localsign-mode={mode}")


def test_anyio_runs_it_at_a_url(pytester: pytest.Pytester, server: Any) -> None:
    told(pytester, f"--localsign-url={server.url}")


def test_by_default_it_is_in_this_process_beside_the_threaded_server(pytester: pytest.Pytester) -> None:
    project(
        pytester,
        """
        def test_two(localsign, localsign_async):
            assert localsign_async.url.startswith("http://localhost/")
            assert localsign.url.startswith("http://127.0.0.1:")
        """,
    )
    outcome(pytester.runpytest(), passed=1)
