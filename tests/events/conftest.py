"""Fixtures of the tests of webhooks."""

from collections.abc import Iterator

import pytest
from tests.events.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as receiver:
        yield receiver
