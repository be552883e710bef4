"""What tests of Mint start from."""

from collections.abc import Iterator

import pytest
from tests.mint.bench import Bench
from tests.mint.flows import Mint
from tests.world import World


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.sandbox.close()


@pytest.fixture
def mint(world: World) -> Mint:
    return Mint(world)
