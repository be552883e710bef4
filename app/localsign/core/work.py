"""One transaction on one world, and everything a verb may ask of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, RootTransaction, Table, bindparam, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from localsign.core import glancing, timers
from localsign.core.blobs import Arrived, Blob, Blobs
from localsign.core.causes import note_switch
from localsign.core.clock import Clock, wall
from localsign.core.database import Stored
from localsign.core.errors import NotFoundError
from localsign.core.house import House
from localsign.core.ids import Ids
from localsign.core.machine import Machine
from localsign.core.switches import TOKEN_CLOCK, Switch
from localsign.core.tables import Announcement, Choice, Timer
from localsign.core.totals import Totals
from localsign.lags import Progression

Made = TypeVar("Made")
Result = TypeVar("Result")


class Findable(Protocol):
    """A row with an id of the vendor's kind. `called` is what an error calls it."""

    called: ClassVar[str]
    id: UUID

    @property
    def is_gone(self) -> bool:
        """Whether the API must answer as if the row did not exist."""


class Living(Protocol):
    """A thing that a machine moves and the outside hears of."""

    api: ClassVar[str]
    id: UUID
    state: Any

    def event_data(self) -> dict[str, Any]:
        """What an announcement about it carries: ids, no personal data."""


Row = TypeVar("Row", bound=Findable)
AnyRow = TypeVar("AnyRow", bound=Stored)


@dataclass(frozen=True)
class Slow(Generic[Made, Result]):
    """What a verb returns when it has to do something too slow for a transaction.

    `make` runs outside of any; `settle` gets what it made, in a new transaction, and must look again
    whether it may still go on, as the world has moved meanwhile. It may itself return a Slow.
    `discard` removes what was made and is not wanted, because `settle` failed or the world is another one.
    """

    make: Callable[[], Made]
    settle: "Callable[[Work, Made], Result | Slow[Any, Result]]"
    discard: Callable[[Made], None] | None = None


@dataclass
class Followed:
    """What happened in a transaction, in order: moves of machines and announcements."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def moved(self, machine: Machine, thing: Living, happened: StrEnum, source: StrEnum) -> None:
        self.entries.append(
            {
                "machine": machine.name,
                "id": str(thing.id),
                "event": happened.value,
                "from": source.value,
                "to": thing.state.value,
            }
        )

    def began(self, machine: Machine, thing: Living) -> None:
        """A thing was made that a command may be needed for."""
        self.entries.append({"machine": machine.name, "id": str(thing.id), "event": "begin", "to": thing.state.value})

    def sent(self, channel: str, kind: str, message_id: UUID) -> None:
        """A message to a person is in the outbox."""
        self.entries.append({"sent": channel, "kind": kind, "id": str(message_id)})

    def queued(self, event: str, delivery_id: UUID) -> None:
        """A webhook is to be sent."""
        self.entries.append({"queued": event, "id": str(delivery_id)})

    def decided(self, kind: str, subject: UUID, action: str, refused: str | None) -> None:
        """What a person was made to do was done, or `refused` says why not."""
        entry = {"decided": action, "kind": kind, "id": str(subject)}
        self.entries.append(entry if refused is None else {**entry, "refused": refused})

    def announced(self, announcement: Announcement) -> None:
        self.entries.append({"announced": announcement.name, "id": announcement.subject})


class RowSession(Session):
    """A session that remembers which tables it wrote to."""


@event.listens_for(RowSession, "after_flush")
def _remember(session: RowSession, _: UOWTransaction) -> None:
    session.info.setdefault("touched", set()).update(
        str(row.__tablename__) for row in (*session.new, *session.dirty, *session.deleted)
    )


class Work:
    """A transaction. It never awaits, and nothing slow happens in it; see Slow.

    `db` is its session, for everything that changes rows. `glance`, `look_up` and `insert` go around the session
    and cost a fraction of it, for what every request does.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        ids: Ids,
        blobs: Blobs,
        totals: Totals,
        house: House,
        at: datetime | None = None,
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self.transaction: RootTransaction | None = None
        self.clock = clock
        self.ids = ids
        self.blobs = blobs
        self.totals = totals
        self.now = at or clock.now()
        self.followed = Followed()
        self.house = house
        self.touched: set[str] = set()  # the tables written to
        self.first_new_timer: datetime | None = None
        self.waits_for_reads = False
        self.epoch = 0  # of the world, as that is reset and restored
        self.choices = choices or {}  # what this world has set, by name
        self.unpublished: list[Announcement] = []
        self.acting_for: UUID | None = None  # whose decision this transaction carries out
        self.tag = ""  # stands for the world in its account id
        self._db: RowSession | None = None
        self._idle = connection
        self._dropped: set[str] = set()

    @property
    def connection(self) -> Connection:
        """The connection in its transaction, which begins when it is first asked for.

        Who only glances needs none in a world of one process: whoever has the turn sees one state of it anyway.
        """
        if self.transaction is None:
            self.transaction = self._idle.begin()
        return self._idle

    @property
    def db(self) -> RowSession:
        if self._db is None:
            self._db = RowSession(bind=self.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
            self._db.info["touched"] = self.touched
        return self._db

    def flush(self) -> None:
        """Write what the session has collected."""
        if self._db is not None:
            self._db.flush()

    def commit(self) -> None:
        """Make it last. The workspace does this, nobody else."""
        if self.transaction is not None:
            self.transaction.commit()
        self._close()
        if self._dropped:
            self._drop_bytes()

    def _drop_bytes(self) -> None:
        if not self.house.is_shared:
            for digest in self._dropped:
                self.blobs.drop(digest)
            return
        # Since the commit another process may have kept equal ones. If it cannot be told, they go when their world
        # is next put in order.
        with suppress(DBAPIError), self._idle.begin():
            for digest in self._dropped:
                if not _is_held(self._idle, digest):
                    self.blobs.drop(digest)

    def roll_back(self) -> None:
        """As if nothing had been."""
        self._close()
        if self.transaction is not None and self._idle.get_transaction() is self.transaction:
            self.transaction.rollback()
            raw: Any = self._idle.connection.dbapi_connection
            if raw.in_transaction:  # a commit that failed leaves it so
                raw.rollback()

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What is done within is taken back if it raises; what was done before stays. The error is raised on."""
        self.flush()
        entries, unpublished, dropped = len(self.followed.entries), len(self.unpublished), set(self._dropped)
        choices, first_new_timer = self.choices, self.first_new_timer
        try:
            with self.db.begin_nested():
                yield
        except BaseException:
            del self.followed.entries[entries:], self.unpublished[unpublished:]
            self._dropped, self.choices, self.first_new_timer = dropped, choices, first_new_timer
            raise

    def keep(self, arrived: Arrived) -> Blob:
        """Store bytes that arrived; another process that drops equal ones has to wait until this has ended."""
        if self.transaction is None:
            self.transaction = self._idle.begin()
        self._dropped.discard(arrived.blob.digest)
        return self.blobs.keep(arrived)

    def drop(self, digest: str) -> None:
        """Remove bytes that no row refers to any more, once that is certain: after the commit."""
        self._dropped.add(digest)

    def drop_unused(self, digest: str) -> None:
        """Remove bytes unless a row of any API still refers to them: the bytes of a world are kept once for all."""
        self.flush()
        if not _is_held(self.connection, digest):
            self.drop(digest)

    def glance(self, model: type[Row], row_id: UUID) -> Row:
        """`get` for a row that is only looked at: setting anything on it fails."""
        found: list[Row] = self.look_up(cast(Any, model), "id", [row_id])
        if not found or found[0].is_gone:
            raise NotFoundError(f"There is no {model.called} with the id {row_id}.")
        return found[0]

    def look_up(self, model: type[AnyRow], column: str, values: Sequence[Any]) -> list[AnyRow]:
        """The rows whose `column` is one of `values`, only to be looked at, in the order they were made."""
        if not values:
            return []
        self.flush()
        connection = self.connection if self.house.is_shared else self._idle
        return glancing.rows(connection, model, column, values)

    def everything(self, model: type[AnyRow]) -> list[AnyRow]:
        """All rows of a small table, only to be looked at, in no order."""
        self.flush()
        return glancing.everything(self.connection if self.house.is_shared else self._idle, model)

    def insert(self, model: type[Stored], *rows: dict[str, Any]) -> None:
        """Add rows that nobody in this transaction changes afterwards."""
        glancing.add(self.connection, model, rows)
        self.touched.add(str(model.__tablename__))

    def new_id(self) -> UUID:
        return self.ids.uuid()

    def get(self, model: type[Row], row_id: UUID) -> Row:
        """The row with this id; NotFoundError where there is none, or where it is gone."""
        found = self.find(model, row_id)
        if found is None or found.is_gone:
            raise NotFoundError(f"There is no {model.called} with the id {row_id}.")
        return found

    def find(self, model: type[Row], row_id: UUID) -> Row | None:
        """The row with this id, also a gone one."""
        found: Row | None = self.db.execute(_by_id(model), {"row_id": row_id}).scalar()
        return found

    def fire(self, machine: Machine, thing: Living, happened: StrEnum) -> None:
        """Move `thing` by its table, and announce what the table announces."""
        source = thing.state
        row = machine.fire(thing, happened)
        self.followed.moved(machine, thing, happened, source)
        if row.announces:
            self.announce(thing, row.announces)

    def announce(self, thing: Living, name: str) -> None:
        """Leave an event in the outbox; it is stored if, and only if, this transaction is."""
        announcement = Announcement(
            at=self.now, api=thing.api, name=name, subject=str(thing.id), data=thing.event_data()
        )
        self.db.add(announcement)
        self.unpublished.append(announcement)
        self.followed.announced(announcement)

    def schedule(self, kind: str, subject: UUID, due: datetime) -> None:
        """Set the timer of `kind` for `subject`; there is one, so an earlier moment is replaced."""
        timer = timers.scheduled(self.db, kind, str(subject)) or Timer(kind=kind, subject=str(subject))
        timer.due = due
        self.db.add(timer)

    def schedule_new(self, kind: str, subject: UUID, due: datetime) -> None:
        """`schedule` for a subject that was just made and so has no timers."""
        glancing.add(self.connection, Timer, [{"kind": kind, "subject": str(subject), "due": due}])
        self.first_new_timer = min(self.first_new_timer or due, due)

    def cancel_timers(self, subject: UUID) -> None:
        timers.cancel(self.db, str(subject))

    def lag(self, name: str, kind: str, subject: UUID) -> None:
        """Set the timer of `kind` for when the lag called `name` has passed, as this world has it."""
        progression = Progression.parse(self.lag_setting(name))
        timer = Timer(kind=kind, subject=str(subject), lag=name)
        if progression.after is not None:
            timer.due = self.now + progression.after
        elif progression.reads == 1:
            timer.due = self.now
        elif progression.reads is not None:
            timer.reads_left = progression.reads - 1
        self.db.add(timer)

    def lag_setting(self, name: str) -> str:
        """How this world has the lag called `name`, as `Progression.parse` reads it."""
        return self.choices.get(f"lag.{name}") or str(getattr(self.house.settings, f"{name}_lag"))

    def switched(self, switch: Switch) -> str:
        """How this world has a switch: its own choice, the installation's, or the default."""
        note_switch(switch.name)
        return switch.chosen(self.choices, self.house.settings.switches)

    @property
    def token_now(self) -> datetime:
        """What the clock shows that tokens and webhook timestamps follow."""
        return wall() if self.switched(TOKEN_CLOCK) == "wall" else self.now

    def choose(self, name: str, value: str | None) -> None:
        """Set a choice of this world from now on, also for the rest of this transaction; None takes it back."""
        found = self.db.get(Choice, name)
        if value is not None:
            found = found or Choice(name=name, value=value)
            found.value = value
            self.db.add(found)
        elif found is not None:
            self.db.delete(found)
        kept = {key: chosen for key, chosen in self.choices.items() if key != name}
        self.choices = kept if value is None else {**kept, name: value}

    def saw(self, subject: UUID) -> None:
        """A client has read `subject`; lags may be waiting for that. Ask `waits_for_reads` first: it costs nothing."""
        timers.read(self.db, str(subject), self.now)


@cache
def _by_id(model: type[Row]) -> SelectOfScalar[Row]:
    # One statement object per model: SQLAlchemy then finds its compiled form without building a key anew.
    return select(model).where(col(model.id) == bindparam("row_id"))


def _is_held(connection: Connection, digest: str) -> bool:
    """Whether a row of any API holds these bytes."""
    held = (select(table.c.digest).where(table.c.digest == digest).limit(1) for table in _holding())
    return any(connection.execute(query).first() for query in held)


def digests_of(work: Work) -> set[str]:
    """The digests of all bytes that rows hold."""
    queries = (select(table.c.digest).where(table.c.digest.is_not(None)) for table in _holding())
    return {str(digest) for query in queries for digest in work.connection.execute(query).scalars()}


def _holding() -> list[Table]:
    """The tables whose rows hold bytes: those with a column `digest`."""
    return [table for table in Stored.metadata.sorted_tables if "digest" in table.c]
