"""The people of a new workspace."""

from collections.abc import Iterator

import pytest
from tests.conftest import Server
from tests.signing_today.people import People, people_of
from tests.signing_today.transactions import Desk
from tests.world import World


@pytest.fixture
def people(world: World, server: Server) -> Iterator[People]:
    with people_of(world, server) as people:
        yield people


@pytest.fixture
def desk(people: People) -> Desk:
    """The instructor of the demo organisation at work."""
    return Desk(people)
