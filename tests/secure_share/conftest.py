"""A sender in a new workspace, for every test of Secure Share."""

import pytest
from tests.conftest import Server
from tests.secure_share.sharing import Sender
from tests.world import World


@pytest.fixture
def sender(server: Server, world: World) -> Sender:
    return Sender(server, world)
