"""Due work as rows, and lags: how long something asynchronous takes, as the tester chose it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from localsign.core.clock import parse_duration
from localsign.core.tables import Timer


@dataclass(frozen=True)
class Progression:
    """When a lag ends: at once, `after` a time, when read for the `reads`-th time, or only by command."""

    after: timedelta | None = timedelta(0)
    reads: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Progression":
        """`immediate`, `after:PT5S`, `reads:3` or `manual`; ValueError for anything else."""
        kind, _, amount = text.partition(":")
        match kind, amount:
            case "immediate", "":
                return cls()
            case "manual", "":
                return cls(after=None)
            case "after", _:
                return cls(after=parse_duration(amount))
            case "reads", _ if amount.isdecimal() and int(amount) > 0:
                return cls(after=None, reads=int(amount))
        raise ValueError("must be immediate, manual, after:<ISO 8601 duration> or reads:<number from 1>")


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


def anything_waits_for_reads(db: Session) -> bool:
    return db.exec(select(Timer.id).where(col(Timer.reads_left).is_not(None)).limit(1)).first() is not None


def read(db: Session, subject: str, now: datetime) -> None:
    """Count a read of `subject` against the lags that wait for reads.

    The read after which nothing is left makes the lag due, so that the next one, the n-th, sees its end.
    """
    waiting = select(Timer).where(Timer.subject == subject, col(Timer.reads_left).is_not(None))
    for timer in db.exec(waiting).all():
        timer.reads_left = (timer.reads_left or 0) - 1
        if timer.reads_left <= 0:
            timer.reads_left, timer.due = None, now
