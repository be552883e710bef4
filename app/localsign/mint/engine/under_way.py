"""Which journeys this process is running at this moment, so that nothing runs one a second time beside it.

A burst that ends before its journey does leaves a marker here, which lives as long as what goes on with it: whether
that ends well, fails, or is thrown away, the marker goes with it.
"""

from uuid import UUID
from weakref import WeakValueDictionary

from localsign.core.blobs import Blobs
from localsign.core.work import Work


class Marker:
    """Somebody goes on with a journey."""

    __slots__ = ("__weakref__",)


_markers: "WeakValueDictionary[tuple[Blobs, UUID, int], Marker]" = WeakValueDictionary()


def mark(work: Work, journey_id: UUID, turn: int) -> Marker:
    """Whoever holds what this returns goes on with the journey after `turn`. Its bytes tell one world from another."""
    marker = _markers[work.blobs, journey_id, turn] = Marker()
    return marker


def is_marked(work: Work, journey_id: UUID, turn: int) -> bool:
    """Whether somebody in this process will go on with the journey after `turn`."""
    return (work.blobs, journey_id, turn) in _markers
