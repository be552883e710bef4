"""Due work as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func
from sqlmodel import Session, col, select

from localsign.core.database import Moment
from localsign.core.tables import Timer


@dataclass(frozen=True)
class Fired:
    """A timer that ran: what it was for, when it was due, and what followed from it, in order."""

    kind: str
    subject: str
    due: datetime
    followed: list[dict[str, Any]]


def scheduled(db: Session, kind: str, subject: str) -> Timer | None:
    """The timer of `kind` for `subject`, if there is one."""
    return db.exec(select(Timer).where(Timer.kind == kind, Timer.subject == subject)).first()


def cancel(db: Session, subject: str) -> None:
    """Remove every timer of `subject`."""
    for timer in db.exec(select(Timer).where(Timer.subject == subject)):
        db.delete(timer)


def next_due(db: Session, until: datetime | None = None) -> Timer | None:
    """The timer that is due first, `until` included; equal moments in the order they were set."""
    query = select(Timer).where(col(Timer.due).is_not(None)).order_by(col(Timer.due), col(Timer.id)).limit(1)
    if until is not None:
        query = query.where(col(Timer.due) <= until)
    return db.exec(query).first()


def waiting(connection: Connection) -> tuple[datetime | None, bool]:
    """When the first timer is due, and whether any lag waits for reads."""
    cursor = connection.connection.cursor()
    cursor.execute("SELECT (SELECT min(due) FROM timer), EXISTS (SELECT 1 FROM timer WHERE reads_left IS NOT NULL)")
    first, reads = cursor.fetchone() or (None, False)
    return Moment().process_result_value(first, connection.dialect), bool(reads)


@dataclass(frozen=True)
class Counts:
    """How many timers there are: with work still to come, with work to be done now, with work that failed."""

    waiting: int = 0
    due: int = 0
    failed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.waiting + other.waiting, self.due + other.due, self.failed + other.failed)


def counts(connection: Connection, now: datetime) -> Counts:
    """The timers of a world at the moment `now`."""
    cursor = connection.connection.cursor()
    cursor.execute(
        "SELECT count(*), count(failure), coalesce(sum(due <= ?), 0) FROM timer",
        (Moment().process_bind_param(now, connection.dialect),),
    )
    every, failed, due = cursor.fetchone() or (0, 0, 0)
    return Counts(every - failed - due, due, failed)


def listed(db: Session, has_failed: bool | None, offset: int, limit: int) -> tuple[list[Timer], int]:
    """The timers in the order in which they are due, failed ones first, and how many there are."""
    query, counting = select(Timer), select(func.count()).select_from(Timer)
    if has_failed is not None:
        which = col(Timer.failure).is_not(None) if has_failed else col(Timer.failure).is_(None)
        query, counting = query.where(which), counting.where(which)
    order = col(Timer.failure).is_(None), col(Timer.due).is_(None), col(Timer.due), col(Timer.id)
    return list(db.exec(query.order_by(*order).offset(offset).limit(limit))), db.exec(counting).one()


def read(db: Session, subject: str, now: datetime) -> None:
    """Count a read of `subject` against the lags that wait for reads.

    The read after which nothing is left makes the lag due, so that the next one, the n-th, sees its end.
    """
    waiting = select(Timer).where(Timer.subject == subject, col(Timer.reads_left).is_not(None))
    for timer in db.exec(waiting).all():
        timer.reads_left = (timer.reads_left or 0) - 1
        if timer.reads_left <= 0:
            timer.reads_left, timer.due = None, now
