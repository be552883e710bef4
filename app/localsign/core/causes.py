"""What is done in the name of a request: the changes of its world that it causes, on whatever thread."""

from contextvars import ContextVar
from typing import Any


class Caused:
    """The changes of one world that one request caused, in order.

    `world` is set when the request's world has been found; what is committed to another one does not count.
    `rests_on` has the switches that were asked meanwhile, and `timers` the kinds of those that ran.
    """

    __slots__ = ("entries", "rests_on", "timers", "world", "wrote")

    def __init__(self) -> None:
        self.world: object = None
        self.entries: list[dict[str, Any]] = []
        self.rests_on: set[str] = set()
        self.timers: set[str] = set()
        self.wrote = False

    def take(self, world: object, entries: list[dict[str, Any]]) -> None:
        """A transaction on `world` was committed that wrote, and this followed."""
        if world is self.world:
            self.wrote = True
            self.entries += entries


# Copied into tasks and worker threads, as far as those copy the context; None where no request is the cause.
CAUSED: ContextVar[Caused | None] = ContextVar("localsign_caused", default=None)


def note_act(world: object) -> None:
    """Something was done to `world` as a whole, which no transaction on it tells of."""
    if (caused := CAUSED.get()) is not None:
        caused.take(world, [])


def note_switch(name: str) -> None:
    """The choice called `name` was asked for."""
    if (caused := CAUSED.get()) is not None:
        caused.rests_on.add(name)
