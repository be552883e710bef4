"""What tests of Mint start from."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from tests.conftest import Server
from tests.mint.bench import Bench
from tests.mint.flows import Mint
from tests.mint.v1_flows import V1
from tests.world import World

from localsign.core.work import Work

Inside = Callable[[], AbstractContextManager[Work]]


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.sandbox.close()


@pytest.fixture
def mint(world: World) -> Mint:
    return Mint(world)


@pytest.fixture
def v1(world: World) -> V1:
    return V1(world)


@pytest.fixture
def inside(server: Server, world: World) -> Inside:
    """A transaction on the workspace, for what no API shows yet."""
    return lambda: server.sandbox.find(world.name).work()
