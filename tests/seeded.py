"""Worlds from seed documents."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from tests.conftest import Server
from tests.world import NO_TLS, World


@contextmanager
def seeded(server: Server, fixture: str) -> Iterator[World]:
    """A world with what a fixture holds, deleted afterwards."""
    answer = httpx.post(f"{server.url}/_sandbox/v1/workspaces", json={"fixture": fixture}, verify=NO_TLS)
    assert answer.status_code == 201, answer.text
    world = World(answer.json())
    yield world
    server.sandbox.delete(world.name)
    world.close()


def apply(world: World, document: str | bytes, kind: str = "application/yaml") -> httpx.Response:
    """Ask a world to take in a document."""
    headers = {"Content-Type": kind}
    return world.anonymous.post("/_sandbox/v1/seeds", content=document, headers=headers)
