"""What an execution log says of each step: when it began and ended, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Text, case, cast, select
from sqlmodel import col, func

from localsign.core.work import Work
from localsign.mint.models import Journey, JourneyWait, LogRecord
from localsign.mint.service import journeys

StepStatus = Literal["running", "finished", "active", "faulted"]
FAULTED = "Faulted"
_BEGINS = ("Executing", "Resuming")
_DOES = ("Executed", "Resumed", FAULTED)


@dataclass(frozen=True)
class StepRun:
    """A step as its lines of the log show it. `ended_at` is None while it has not ended."""

    step_id: str
    type: str
    status: StepStatus
    started_at: datetime
    ended_at: datetime | None
    records: Sequence[LogRecord]

    @property
    def outcomes(self) -> list[str]:
        """What it gave last."""
        return next((list(one.outcomes) for one in reversed(self.records) if one.outcomes), [])

    @property
    def message(self) -> str | None:
        """Why it faulted, if it did."""
        return next((one.message for one in reversed(self.records) if one.message), None)


def runs(records: Sequence[LogRecord], waits: Sequence[JourneyWait]) -> list[StepRun]:
    """The steps in the order in which they began."""
    by_step: dict[str, list[LogRecord]] = {}
    for one in records:
        by_step.setdefault(one.step_id, []).append(one)
    waiting = {one.step_id for one in waits}
    return [_run(step_id, held, is_waiting=step_id in waiting) for step_id, held in by_step.items()]


def _run(step_id: str, records: Sequence[LogRecord], *, is_waiting: bool) -> StepRun:
    """Inferred: a step has ended with its last event that has outcomes, or that is a fault."""
    endings = [one for one in records if one.outcomes or one.event == FAULTED]
    begun = [one.event for one in records if one.event in (*_BEGINS, *_DOES)]
    status = _status(
        is_faulted=any(one.event == FAULTED for one in records),
        is_waiting=is_waiting,
        is_under_way=bool(begun) and begun[-1] in _BEGINS,
        has_outcomes=bool(endings),
    )
    has_ended = status in ("faulted", "finished")
    ended_at = endings[-1].at if has_ended and endings else None
    return StepRun(step_id, records[0].type, status, records[0].at, ended_at, records)


def _status(*, is_faulted: bool, is_waiting: bool, is_under_way: bool, has_outcomes: bool) -> StepStatus:
    if is_faulted:
        return "faulted"
    if is_waiting:
        return "active"
    if is_under_way:
        return "running"
    return "finished" if has_outcomes else "active"


def statuses(work: Work, found: Sequence[Journey]) -> dict[UUID, list[StepStatus]]:
    """How the steps of many journeys stand, in the order in which they began; their logs stay in the database."""
    held: dict[UUID, list[StepStatus]] = {one.id: [] for one in found}
    waiting = {(one.journey_id, one.step_id) for waits in journeys.waits(work, found).values() for one in waits}
    event = col(LogRecord.event)
    query: Any = (
        select(
            col(LogRecord.journey_id),
            col(LogRecord.step_id),
            func.max(case((event == FAULTED, 1), else_=0)),
            func.max(case((event.in_(_BEGINS), col(LogRecord.seq)), else_=0)),
            func.max(case((event.in_(_DOES), col(LogRecord.seq)), else_=0)),
            func.max(func.length(cast(col(LogRecord.outcomes), Text))),
        )
        .where(col(LogRecord.journey_id).in_(list(held)))
        .group_by(col(LogRecord.journey_id), col(LogRecord.step_id))
        .order_by(func.min(LogRecord.seq))
    )
    work.flush()
    for journey_id, step_id, is_faulted, began, did, length in work.connection.execute(query):
        status = _status(
            is_faulted=bool(is_faulted),
            is_waiting=bool(waiting) and (journey_id, step_id) in waiting,
            is_under_way=began > did,
            has_outcomes=(length or 0) > len("null"),
        )
        held[journey_id].append(status)
    return held
