"""Which journeys are being run at this moment, so that nobody runs one a second time beside that.

A burst that ends before its journey does leaves a marker here, which lives as long as what goes on with it: whether
that ends well, fails, or is thrown away, the marker goes with it. Where several processes have the world, it holds a
file that all of them see, and that the system lets go of when the process dies.
"""

from pathlib import Path
from uuid import UUID
from weakref import WeakValueDictionary

from localsign.core import locks
from localsign.core.blobs import Blobs
from localsign.core.locks import Held
from localsign.core.work import Work


class Marker:
    """Somebody goes on with a journey."""

    __slots__ = ("__weakref__", "held")

    def __init__(self, held: Held | None) -> None:
        self.held = held


_markers: "WeakValueDictionary[tuple[Blobs, int, UUID, int], Marker]" = WeakValueDictionary()


def mark(work: Work, journey_id: UUID, turn: int) -> Marker:
    """Whoever holds what this returns goes on with the journey after `turn`. Its bytes tell one world from another."""
    held = locks.take_new(_folder(work), _name(work, journey_id, turn)) if work.house.is_shared else None
    marker = _markers[work.blobs, work.epoch, journey_id, turn] = Marker(held)
    return marker


def is_marked(work: Work, journey_id: UUID, turn: int) -> bool:
    """Whether somebody will go on with the journey after `turn`."""
    if (work.blobs, work.epoch, journey_id, turn) in _markers:
        return True
    return work.house.is_shared and locks.is_taken(_folder(work), _name(work, journey_id, turn))


def _folder(work: Work) -> Path:
    return work.blobs.folder.parent / locks.FOLDER


def _name(work: Work, journey_id: UUID, turn: int) -> str:
    # What was under way before a restore is refused after it: it goes on with nothing.
    return f"journey-{work.epoch}-{journey_id}-{turn}"
