"""The worlds that a reset or a restore leads to, made aside."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from localsign.core import glancing
from localsign.core.blobs import Blobs
from localsign.core.clock import Clock
from localsign.core.database import adopt
from localsign.core.house import House
from localsign.core.ids import Ids
from localsign.core.tables import World
from localsign.core.totals import Totals
from localsign.core.work import Work


@contextmanager
def beginning(
    house: House, clock: Clock, epoch: int, ids: Ids, blobs: Blobs, kept: list[Any], found: Callable[[Work], None]
) -> Iterator[sqlite3.Connection]:
    """A database with the rows that are `kept` and what `found` lays."""
    connection = adopt(house.blank.in_memory())
    try:
        with connection.begin():
            glancing.add(connection, World, [World.values(ids.seed, clock, epoch)])
        work = Work(connection, clock, ids, blobs, Totals(), house)
        for row in kept:
            work.db.add(_copy(row))
        work.flush()
        found(work)
        work.db.get_one(World, 1).drawn = work.ids.drawn
        work.flush()
        work.commit()
        raw: Any = connection.connection.dbapi_connection
        yield raw
    finally:
        connection.close()


def _copy(row: Any) -> Any:
    return type(row)(**{name: value for name, value in row.__dict__.items() if not name.startswith("_sa_")})


@contextmanager
def moved_on(other: sqlite3.Connection, epoch: int) -> Iterator[sqlite3.Connection]:
    """A copy of a world, in memory, that is in another epoch."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        other.backup(copy)
        copy.execute("UPDATE world SET epoch = ?", (epoch,))
        yield copy
    finally:
        copy.close()
