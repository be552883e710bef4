"""Due work as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
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


def read(db: Session, subject: str, now: datetime) -> None:
    """Count a read of `subject` against the lags that wait for reads.

    The read after which nothing is left makes the lag due, so that the next one, the n-th, sees its end.
    """
    waiting = select(Timer).where(Timer.subject == subject, col(Timer.reads_left).is_not(None))
    for timer in db.exec(waiting).all():
        timer.reads_left = (timer.reads_left or 0) - 1
        if timer.reads_left <= 0:
            timer.reads_left, timer.due = None, now
