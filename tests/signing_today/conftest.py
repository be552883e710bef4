"""The people of a new workspace."""

from collections.abc import Iterator

import pytest
from tests.signing_today.people import People, people_of
from tests.world import World


@pytest.fixture
def people(world: World) -> Iterator[People]:
    with people_of(world) as people:
        yield people
