"""One server for the whole run, on a free port; a new workspace for each test."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from tests import installed as wheel
from tests.world import NO_TLS, World

from localsign.apis import APIS
from localsign.asgi import create_app
from localsign.sandbox import Sandbox
from localsign.settings import Settings

# Imported now: at its first request an API would take in what a test has put in the place of the wall clock, for good.
MANIFESTS = [entry.api for entry in APIS]

pytest_plugins = ["tests.browsing", "tests.long", "tests.together"]

REQUIRE_ALL = os.environ.get("CI_REQUIRE_ALL") == "1"
PROGRAMS = {"poppler": ("pdfsig", "certutil"), "browser": ("chromium",)}


@dataclass(frozen=True)
class Server:
    """A running localsign and its sandbox."""

    url: str
    sandbox: Sandbox

    def world(self, name: str | None = None, seed: str | None = None) -> World:
        """A new workspace, with clients that are logged in."""
        wanted = {key: value for key, value in (("name", name), ("seed", seed)) if value is not None}
        answer = httpx.post(f"{self.url}/_sandbox/v1/workspaces", json=wanted, verify=NO_TLS, timeout=60)
        assert answer.status_code == 201, answer.text
        world = World(answer.json())
        world.server = self
        return world


def serve(settings: Settings) -> Iterator[Server]:
    """A server of its own with `settings`, ended afterwards."""
    sandbox = Sandbox(settings)
    app = create_app(sandbox)
    app.build()  # in a thread beside, warnings would be judged by the filters of whatever test runs by then
    config = uvicorn.Config(app, port=0, log_level="warning", ws="none")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    port = running.servers[0].sockets[0].getsockname()[1]
    yield Server(f"http://127.0.0.1:{port}", sandbox)
    running.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server that tests share; each test works in a workspace of its own."""
    yield from serve(Settings())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> wheel.Installed:
    """The wheel, installed; `together.py` keeps its tests in one worker, so that it is built once."""
    return wheel.install(tmp_path_factory.mktemp("outside"))


@pytest.fixture(scope="session")
def installed_url(installed: wheel.Installed) -> Iterator[str]:
    """Where the installed server listens."""
    yield from wheel.serve(installed)


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    """A new workspace."""
    world = server.world()
    yield world
    httpx.delete(f"{server.url}/_sandbox/v1/workspaces/{world.name}", verify=NO_TLS)
    world.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what a missing program keeps from running; in CI nothing may be missing."""
    for item in items:
        for marker, programs in PROGRAMS.items():
            missing = [program for program in programs if shutil.which(program) is None]
            if item.get_closest_marker(marker) and missing and not REQUIRE_ALL:
                item.add_marker(pytest.mark.skip(reason=f"{missing[0]} is not installed"))
