"""One list of stories, told in every mode and both colours."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from tests.client.aio import basic_stories as aio_basic
from tests.client.aio import choice_stories as aio_choices
from tests.client.aio import people_stories as aio_people
from tests.client.aio import webhook_stories as aio_webhooks
from tests.client.docker_command import with_docker
from tests.client.sync import basic_stories as sync_basic
from tests.client.sync import choice_stories as sync_choices
from tests.client.sync import people_stories as sync_people
from tests.client.sync import webhook_stories as sync_webhooks

from localsign import AsyncSandbox, Sandbox
from localsign.client.servers.choosing import Mode

MODES: tuple[Mode, ...] = ("thread", "asgi", "subprocess", "url", "docker")
SHOWN = [*MODES[:2], *(pytest.param(mode, marks=pytest.mark.long) for mode in MODES[2:])]
AIO = (aio_basic, aio_people, aio_choices, aio_webhooks)
SYNC = (sync_basic, sync_people, sync_choices, sync_webhooks)


def stories(modules: tuple[ModuleType, ...]) -> dict[str, Callable[[Any], Any]]:
    return {
        name.removeprefix("story_of_"): story
        for module in modules
        for name, story in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("story_of_")
    }


@pytest.fixture(scope="module")
def docker_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with with_docker(tmp_path_factory.mktemp("docker")):
        yield


@pytest.fixture(scope="module")
def running(docker_command: None, server: Any) -> Iterator[Callable[[Mode], Sandbox]]:
    """A blocking sandbox for each mode, started at first use."""
    started: dict[Mode, Sandbox] = {}

    def of(mode: Mode) -> Sandbox:
        if mode not in started:
            started[mode] = (Sandbox(server.url) if mode == "url" else Sandbox(mode=mode)).start()
            started[mode].server.reached_as = "127.0.0.1"  # the container that is none knows no other name
        return started[mode]

    yield of
    for sandbox in started.values():
        sandbox.close()


@pytest.fixture(scope="module")
def running_async(
    running: Callable[[Mode], Sandbox],
) -> Iterator[tuple[asyncio.Runner, Callable[[Mode], AsyncSandbox]]]:
    """An asynchronous sandbox for each mode, and the event loop that they belong to."""
    started: dict[Mode, AsyncSandbox] = {}
    with asyncio.Runner() as runner:

        def of(mode: Mode) -> AsyncSandbox:
            if mode not in started:
                there = running("url" if mode == "asgi" else mode)
                sandbox = AsyncSandbox(mode="asgi")
                if mode != "asgi":
                    sandbox = AsyncSandbox(there.url, control_token=there.control_token)
                    sandbox.server.listen_on = there.server.listen_on
                started[mode] = runner.run(sandbox.start())
            return started[mode]

        yield runner, of
        for sandbox in started.values():
            runner.run(sandbox.close())


@pytest.mark.parametrize("mode", SHOWN)
@pytest.mark.parametrize("story", stories(SYNC).values(), ids=list(stories(SYNC)))
def test_a_story(story: Callable[[Sandbox], None], mode: Mode, running: Callable[[Mode], Sandbox]) -> None:
    story(running(mode))


@pytest.mark.parametrize("mode", SHOWN)
@pytest.mark.parametrize("story", stories(AIO).values(), ids=list(stories(AIO)))
def test_a_story_async(
    story: Callable[[AsyncSandbox], Any],
    mode: Mode,
    running_async: tuple[asyncio.Runner, Callable[[Mode], AsyncSandbox]],
) -> None:
    runner, sandbox = running_async
    runner.run(story(sandbox(mode)))
