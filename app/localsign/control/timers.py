"""`/_sandbox/v1/timers`: what is going to happen in this world, and what could not."""

from enum import StrEnum
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from localsign.apis import links
from localsign.control.schemas import Instant
from localsign.core import timers
from localsign.core.http import InWork
from localsign.core.secrecy import scrubbed_line
from localsign.core.tables import Timer

router = APIRouter(prefix="/v1", tags=["clock"])


class TimerState(StrEnum):
    """How far a timer is."""

    WAITING = "waiting"  # for its moment, for reads, or for a command
    FAILED = "failed"  # its work could not be done; it is not tried again


class TimerResponse(BaseModel):
    """Something that is going to happen: at a moment, after reads, or, with neither, by command."""

    kind: str
    subject: str = Field(description="The id of the thing it is about.")
    state: TimerState
    due: Instant | None
    lag: str | None = Field(description="The lag that it stands for.")
    reads_left: int | None
    failure: str | None

    @classmethod
    def of(cls, timer: Timer) -> Self:
        return cls(
            kind=timer.kind,
            subject=timer.subject,
            state=TimerState.FAILED if timer.failure else TimerState.WAITING,
            due=timer.due,
            lag=timer.lag,
            reads_left=timer.reads_left,
            failure=timer.failure and scrubbed_line(timer.failure, links()),
        )


class TimersResponse(BaseModel):
    total: int
    timers: list[TimerResponse]


@router.get("/timers", operation_id="list_timers")
async def list_timers(
    work: InWork,
    state: Annotated[TimerState | None, Query(description="Only those that are waiting, or have failed.")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TimersResponse:
    """What is going to happen, in the order in which it is due; what failed comes first."""
    has_failed = None if state is None else state is TimerState.FAILED
    found, total = timers.listed(work.db, has_failed, offset, limit)
    return TimersResponse(total=total, timers=[TimerResponse.of(one) for one in found])
