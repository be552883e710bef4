"""One world as a database that is opened when it is needed, and its transactions, one at a time."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from localsign.core import deliveries, glancing, timers
from localsign.core.announcements import forget_old
from localsign.core.blobs import Blobs
from localsign.core.causes import CAUSED, note_switch
from localsign.core.changes import Changes
from localsign.core.clock import Clock
from localsign.core.database import adopt
from localsign.core.errors import StorageError, WorldChangedError
from localsign.core.failures import failure_of
from localsign.core.house import House
from localsign.core.ids import Ids, tag_of
from localsign.core.journal import Journal
from localsign.core.locks import FOLDER as LOCKS
from localsign.core.locks import Held, Lock, take
from localsign.core.metrics import Meter
from localsign.core.switches import Switch
from localsign.core.tables import Choice, World
from localsign.core.totals import Totals
from localsign.core.work import Followed, Slow, Work, digests_of
from localsign.folders import LEFT
from localsign.storage import Storage

P = ParamSpec("P")
Result = TypeVar("Result")
Settle = Callable[[Work], None] | None  # changes a world that became another one, before anything of it goes out


class Transactions:
    """The database of one world, its clock, and what is remembered of it between transactions.

    `folder` holds `world.db` and `blobs/`; with `in_memory` only the blobs, made when the first one comes.
    `memo` is for whatever may be forgotten at any time; it is emptied when the world changes from outside.
    `changed` tells, on any loop and from any thread, that something was committed.
    """

    def __init__(
        self,
        name: str,
        house: House,
        folder: Path,
        *,
        in_memory: bool,
        is_new: bool = True,
        seed: str | None = None,
    ) -> None:
        self.name = name
        self.folder = folder
        self.blobs = Blobs(folder / "blobs", name, makes_parents=in_memory, is_shared=house.is_shared)
        self.memo: dict[str, Any] = {}
        # In this process only: nobody reads it where several serve one world.
        self.journal = Journal(0 if house.is_shared else house.settings.journal_entries, house.settings.journal_bytes)
        self.meter = Meter()
        self.epoch = 0
        self.changed = Changes(poll=0.25 if house.is_shared else None)
        self._has_others = house.is_shared and not in_memory
        self.travelling = Lock(lambda: self.folder / LOCKS / "travelling" if self._has_others else None)
        self.next_due: datetime | None = None
        self._waits_for_reads = False
        self.is_listened_to = False  # somebody waits for webhooks
        self._sends = False
        self.clock = Clock()
        self.house = house
        self.tag = tag_of(name)
        self._storage = Storage(None if in_memory else folder, is_new=is_new)
        self._is_in_order = in_memory or is_new
        self._seed = seed
        self._drawn = 0
        self._became = 0
        self._choices: dict[str, str] = {}
        self._turn = threading.Lock()
        self._totals = Totals()
        self._connection: Connection | None = None
        self._version = 0
        self._is_deleted = False

    # ---- transactions

    @contextmanager
    def work(self, at: datetime | None = None) -> Iterator[Work]:
        """A transaction, for callers that may block. Committed at the end; on any error nothing is kept.

        `at` is the moment at which it happens; by default, what the clock shows.
        """
        self._turn.acquire()
        with self.held(at) as work:
            yield work

    async def turn(self) -> None:
        """Take the turn without blocking the event loop; `held` gives it back.

        A transaction never awaits, so on one loop the turn is always free. Another thread, or another loop,
        may have it for some milliseconds; asking again costs less than any way of being woken across loops.
        Who waits long asks less often: hundreds who ask all the time would leave the one in its turn no time.
        """
        pause = 0.0005
        while not self._turn.acquire(blocking=False):
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.016)

    @contextmanager
    def held(self, at: datetime | None = None, *, releases: bool = True) -> Iterator[Work]:
        """The transaction of a caller that has the turn, and gives it back at the end unless told otherwise."""
        try:
            connection = self._open()  # first: it may have to read what the next lines use
            transaction = self._begin_shared(connection) if self.house.is_shared else None
            ids = Ids(self._seed, self._drawn)
            work = Work(connection, self.clock, ids, self.blobs, self._totals, self.house, at, self._choices)
            work.waits_for_reads = self._waits_for_reads
            work.tag, work.epoch = self.tag, self.epoch
            work.transaction = transaction
            try:
                yield work
                self._commit(work)
                if work.touched and (caused := CAUSED.get()) is not None:
                    caused.take(self, work.followed.entries)
            except BaseException:
                work.roll_back()
                self._totals.forget(work.touched)
                raise
        except (DBAPIError, sqlite3.Error, OSError) as error:
            failure = self._failure(error)
            if failure is None:
                raise
            raise failure from error
        finally:
            if releases:
                self._turn.release()

    def _begin_shared(self, connection: Connection) -> RootTransaction:
        """Begin, which waits for other processes, and only then look at what they have left."""
        transaction = connection.begin()
        if self._data_version() != self._version:
            self._read_world(connection)
        return transaction

    def _commit(self, work: Work) -> None:
        work.flush()
        self._publish(work)
        if work.ids.drawn != self._drawn or work.clock != self.clock:
            world = work.db.get_one(World, 1)
            world.drawn, world.clock = work.ids.drawn, work.clock
            work.flush()
        waiting = self.next_due, self._waits_for_reads
        if work.first_new_timer is not None:
            waiting = min(waiting[0] or work.first_new_timer, work.first_new_timer), waiting[1]
        if "timer" in work.touched:
            waiting = timers.waiting(work.connection)
        work.commit()
        is_moved = work.clock != self.clock or waiting[0] != self.next_due
        self._drawn, self.clock = work.ids.drawn, work.clock
        if "choice" in work.touched and self._connection is not None:
            self._choices = _choices(self._connection)
            self.memo.clear()
        self.next_due, self._waits_for_reads = waiting
        if work.touched:
            self._totals.forget(work.touched)
            self.changed.tell()
        if "message" in work.touched and self.house.relay is not None:
            self.house.relay(self)
        self._wake(work.touched, is_moved=is_moved)

    def _wake(self, touched: set[str], *, is_moved: bool) -> None:
        """Tell whoever sends webhooks, if there may be something for it to do."""
        is_touched = not touched.isdisjoint(("delivery", "listener"))
        if is_touched and self._connection is not None:
            self._sends, self.is_listened_to = deliveries.waiting(self._connection)
        if (is_touched or is_moved) and (self._sends or self.is_listened_to) and self.house.wake is not None:
            self.house.wake(self)

    def _publish(self, work: Work) -> None:
        """Let those who listen queue what is to be sent, in the same transaction."""
        while self.house.publish is not None and work.unpublished:
            announcement = work.unpublished.pop(0)
            forget_old(work, announcement)
            self.house.publish(work, announcement)
            work.flush()

    def perform(
        self,
        verb: "Callable[Concatenate[Work, P], Result | Slow[Any, Result]]",
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[Result, Followed]:
        """Run a verb to its end, also one that is slow; returns its result and what followed.

        Blocks: on an event loop, call it in a thread. WorldChangedError if the world was reset meanwhile.
        """
        return self.perform_at(None, lambda work: verb(work, *args, **kwargs))

    def perform_at(
        self, at: datetime | None, verb: "Callable[[Work], Result | Slow[Any, Result]]"
    ) -> tuple[Result, Followed]:
        """`perform` for a verb that happens at a given moment."""
        followed = Followed()
        with self.work(at) as work:
            epoch = self.epoch
            outcome = verb(work)
        followed.entries += work.followed.entries
        while isinstance(outcome, Slow):
            made, discard = outcome.make(), outcome.discard
            try:
                with self.work(at) as work:
                    if self.epoch != epoch:
                        raise WorldChangedError
                    outcome = outcome.settle(work, made)
            except BaseException:
                if discard is not None:
                    discard(made)
                raise
            followed.entries += work.followed.entries
        return outcome, followed

    def switched(self, switch: Switch) -> str:
        """`Work.switched` for who needs no transaction."""
        note_switch(switch.name)
        return switch.chosen(self._choices, self.house.settings.switches)

    def relaying(self) -> Held | None:
        """The right to relay e-mails of this world; None while another process has it."""
        return take(self.folder / LOCKS / "relaying", waits=False) if self._has_others else Held(None)

    def is_due(self) -> bool:
        """Whether a timer has run out and its work has not been done."""
        return self.next_due is not None and self.next_due <= self.clock.now()

    def due_in(self) -> float | None:
        """Seconds until the next timer is due, 0 where one is; None where none is, or while the clock stands."""
        if self.next_due is None or (self.clock.frozen_at is not None and not self.is_due()):
            return None
        return max(0.0, (self.next_due - self.clock.now()).total_seconds())

    # ---- the database

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def is_current(self) -> bool:
        """Whether the folder is still the one that this world was opened in; another process may have ended it."""
        return self._storage.is_current()

    def refresh(self) -> None:
        """Learn what other processes changed: the clock, what is due, whom not to remember."""
        with self._turn, self._telling():
            self._open()

    def _open(self) -> Connection:
        if self._is_deleted:
            raise WorldChangedError
        if self._connection is None:
            if self._storage.is_file and self.house.make_room is not None:
                self.house.make_room()
            raw = self._storage.open(self.house.blank)
            self._connection = adopt(raw, shared=self.house.is_shared)
            self._became += 1  # what the connection counts begins anew
            self._read_world(self._connection, None if self._is_in_order else self._take_up)
        elif self.house.is_shared and self._data_version() != self._version:
            self._read_world(self._connection)
        return self._connection

    def _read_world(self, connection: Connection, settle: Settle = None) -> None:
        known = glancing.rows(connection, World, "id", [1])
        if known:
            self._seed, self._drawn, self.clock = known[0].seed, known[0].drawn, known[0].clock
            self.epoch = known[0].epoch
        else:
            with connection.begin():
                glancing.add(connection, World, [World.values(self._seed, self.clock)])
        self.next_due, self._waits_for_reads = timers.waiting(connection)
        self._choices = _choices(connection)
        self.memo.clear()
        self._totals.forget()
        self._version = self._data_version() if self.house.is_shared else 0
        if settle is not None:
            with self.held(releases=False) as work:
                settle(work)
        self._wake({"delivery"}, is_moved=True)

    def _take_up(self, work: Work) -> None:
        """Go on with what a process had under way that was killed."""
        # Others may be killed at any time: where there are some, whoever opens the world looks again.
        self._is_in_order = not self.house.is_shared
        left_mark = self.folder / LEFT
        if self._is_in_order or left_mark.exists():
            self._tidy(work)
        if self.house.resume is not None:
            self.house.resume(work, None)
        left_mark.unlink(missing_ok=True)  # last: who does not find it begins at once

    def _tidy(self, work: Work) -> None:
        """Remove what a server left that was killed; of several processes, the first that opens the world."""
        self.blobs.sweep(digests_of(work))
        for pattern in ("snapshots/.*", "snapshots/upgrading-*", "upgrading-*", LOCKS):
            for left in self.folder.glob(pattern):
                shutil.rmtree(left, ignore_errors=True)
        deliveries.let_go(work)

    def _failure(self, error: BaseException) -> StorageError | None:
        """What to say of an error, if the files are to blame; they are then opened anew, as soon as they are needed."""
        failure = failure_of(error, self.folder, self.name)
        if failure is not None and self._storage.is_file:
            with suppress(SQLAlchemyError, sqlite3.Error):
                self._close()
            self._connection = None
        return failure

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """For who has the turn: what goes wrong with the files is told as StorageError."""
        try:
            yield
        except (DBAPIError, sqlite3.Error, OSError) as error:
            failure = self._failure(error)
            if failure is None:
                raise
            raise failure from error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.memo.clear()

    def _data_version(self) -> int:
        if self._connection is None:
            return 0
        raw: Any = self._connection.connection.dbapi_connection
        return int(raw.execute("PRAGMA data_version").fetchone()[0])


def _choices(connection: Connection) -> dict[str, str]:
    return {one.name: one.value for one in glancing.everything(connection, Choice)}
