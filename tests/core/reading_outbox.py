"""Waiting for what other threads do."""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], seconds: float = 20) -> Found:
    """What `look` finds, once it does."""
    latest = monotonic() + seconds
    while (found := look()) is None:
        assert monotonic() < latest, "it did not come"
        Event().wait(0.005)
    return found
