"""What an execution log says of each step: when it began and ended, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from localsign.mint.models import JourneyWait, LogRecord

StepStatus = Literal["running", "finished", "active", "faulted"]


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
    endings = [one for one in records if one.outcomes or one.event == "Faulted"]
    begun = [one.event for one in records if one.event in ("Executing", "Resuming", "Executed", "Resumed", "Faulted")]
    status: StepStatus
    if any(one.event == "Faulted" for one in records):
        status = "faulted"
    elif is_waiting:
        status = "active"
    elif begun and begun[-1] in ("Executing", "Resuming"):
        status = "running"
    else:
        status = "finished" if endings else "active"
    has_ended = status in ("faulted", "finished")
    ended_at = endings[-1].at if has_ended and endings else None
    return StepRun(step_id, records[0].type, status, records[0].at, ended_at, records)
