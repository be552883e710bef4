"""A workspace is a whole world: a database, blobs, a clock, ids. One transaction at a time."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection

from localsign.beginning import beginning, moved_on
from localsign.core.blobs import Blobs
from localsign.core.clock import Clock
from localsign.core.errors import StorageError, WorldChangedError
from localsign.core.ids import Ids, tag_of
from localsign.core.work import Work, digests_of
from localsign.transactions import Settle, Transactions

_ATTEMPTS = 20


class Workspace(Transactions):
    """One world, and what is done with it as a whole."""

    def called(self, name: str) -> "Workspace":
        """Give this world, which nobody knows yet, its name."""
        self.name = self.blobs.name = name
        self.tag = tag_of(name)
        return self

    def exclusively(self) -> threading.Lock:
        """The turn, to be held around `mark` and `become`."""
        return self._turn

    def reset(
        self,
        found: Callable[[Work], None],
        keep: Callable[[Work], list[Any]],
        *,
        also: Callable[[Work], list[Any]] | None = None,
        keeps_clock: bool = False,
    ) -> None:
        """Back to the beginning: a blank database, the clock running as the wall's, the same seed.

        The rows that `keep` and `also` return are carried over; `found` then lays what every new world has. The new
        beginning is made aside and copied in as a whole, so that whatever fails, or kills the process, leaves the old
        world. Rows of `also` may have ids that were drawn, which are then not drawn again.
        """
        with self._turn, self._telling():
            for attempt in range(_ATTEMPTS):
                try:
                    self._begin_anew(found, keep, also, keeps_clock=keeps_clock)
                    break
                except WorldChangedError:  # another process wrote something that has to be kept
                    if attempt == _ATTEMPTS - 1:
                        raise
        self._became_another()

    def _begin_anew(
        self,
        found: Callable[[Work], None],
        keep: Callable[[Work], list[Any]],
        also: Callable[[Work], list[Any]] | None,
        *,
        keeps_clock: bool,
    ) -> None:
        with self.held(releases=False) as work:
            drawn = also(work) if also is not None else []
            kept = [*keep(work), *drawn]
            for row in kept:
                work.db.expunge(row)
        connection, version = self._open(), self._version
        clock = self.clock if keeps_clock else Clock()
        ids = Ids(self._seed, self._drawn if drawn else 0)
        with ExitStack() as stack:
            with self._still():  # making it takes a while, in which others would nearly always write
                if self.house.is_shared and self._data_version() != version:
                    raise WorldChangedError
                making = beginning(self.house, clock, self.epoch + 1, ids, self.blobs, kept, found)
                raw = stack.enter_context(making)
            self._storage.replace(_raw(connection), raw, version)
        if not self.house.is_shared:
            self.blobs.clear()
        self._read_world(connection)
        if self.house.is_shared:
            self._sweep()

    def _sweep(self, source: Blobs | None = None) -> None:
        """Remove the bytes of the world before this one; `source` has those of this one, should some be missing.

        This world is there, so nothing that goes wrong here is told: what is too much goes when it is put in order.
        """
        with suppress(StorageError, WorldChangedError), self.held(releases=False) as work:
            if source is not None and self.house.is_shared:  # others may have dropped some until it was there
                source.copy_to(self.blobs)
            self.blobs.keep_only(digests_of(work))

    def mark(self) -> tuple[int, ...]:
        """A value that changes with every row written, and with every reset."""
        raw = _raw(self._open())
        return self.epoch, self._became, raw.total_changes, self._version

    def become(self, other: sqlite3.Connection, source: Blobs | None, settle: Settle = None) -> None:
        """Turn into the world that `other` holds, whose bytes are here already: whole or not at all.

        `source`: where its bytes are from; all others are removed, and work under way is refused. None: the other one
        is continued from this, and has all that this has. WorldChangedError if another process writes to this one
        meanwhile.
        """
        with self._telling():
            version = self._version  # that `mark` has seen
            connection = self._open()
            if source is None:
                self._storage.replace(_raw(connection), other, version)
            else:
                with moved_on(other, self.epoch + 1) as aside:
                    self._storage.replace(_raw(connection), aside, None)
            self._became += 1
            self._read_world(connection, settle)
            if source is not None:
                self._sweep(source)
        self._became_another()

    def _still(self) -> AbstractContextManager[None]:
        """Within, no other process writes to this world."""
        return self._storage.still() if self.house.is_shared else nullcontext()

    def _became_another(self) -> None:
        self.changed.tell()
        if self.house.relay is not None:  # there may be e-mails in it that nobody has sent
            self.house.relay(self)

    def copy_to(self, target: sqlite3.Connection, blobs: Blobs | None = None) -> tuple[int, ...]:
        """Give all of this world, as it is at this moment, to another database and folder; the `mark` of the moment."""
        with self._turn, self._telling():
            self._open()
            with self._still():
                self.raw.backup(target)
                if blobs is not None:
                    self.blobs.copy_to(blobs)
                return self.mark()

    def copy_from(self, source: "Workspace", settle: Settle = None) -> tuple[int, ...]:
        """Become what `source` is: data, clock, seed, keys and bytes. For a world nobody knows yet."""
        with self._turn, self._telling():
            connection = self._open()
            mark = source.copy_to(self.raw, self.blobs)
            self._read_world(connection, settle)
            return mark

    @property
    def raw(self) -> sqlite3.Connection:
        """The database itself, for `become` of another world."""
        return _raw(self._open())

    def settle_in(self, folder: Path) -> None:
        """Move this world, which nobody knows yet, to the folder where it stays: whole, by one move.

        OSError where there is something in that folder.
        """
        with self._turn, self._telling():
            self.raw.execute("PRAGMA journal_mode = WAL")
            self._close()
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder = self.folder.rename(folder)
            self.blobs.folder = folder / "blobs"
            self._storage.settle(folder)
            self._open()
            self._is_in_order = not self.house.is_shared

    def close(self) -> None:
        """Give the database connection back; the next transaction opens it again. A world in memory ends."""
        with self._turn:
            self._close()

    def close_if_idle(self) -> None:
        """`close`, unless somebody has the turn."""
        if self._turn.acquire(blocking=False):
            try:
                self._close()
            finally:
                self._turn.release()

    def delete(self, remove: Callable[[Path], None] | None = None) -> None:
        """End this world and remove its files; transactions after it are refused."""
        with self._turn:
            self._end()
            if remove is not None:
                remove(self.folder)
            else:
                shutil.rmtree(self.folder, ignore_errors=True)
        self.changed.tell()

    def leave(self) -> None:
        """Another process has ended this world, and its folder may be that of another one."""
        with self._turn:
            self._end()
        self.changed.tell()

    def _end(self) -> None:
        self._is_deleted = self.blobs.is_closed = True
        self.epoch += 1
        self._close()


def _raw(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)
