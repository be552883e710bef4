"""`/_sandbox/v1/clock`: what time it is in a workspace, and letting it pass."""

from functools import partial

import anyio.to_thread
from fastapi import APIRouter, Request

from localsign import travel
from localsign.control.context import workspace_of
from localsign.control.schemas import Advanced, AdvanceRequest, ClockResponse, FiredTimer, FreezeRequest

router = APIRouter(prefix="/v1")


@router.get("/clock", operation_id="get_clock", tags=["clock"])
async def get_clock(request: Request) -> ClockResponse:
    """What time it is in this workspace, and when something is due next."""
    workspace = workspace_of(request)
    clock = workspace.clock
    return ClockResponse(now=clock.now(), is_frozen=clock.frozen_at is not None, next_due=workspace.next_due)


@router.post("/clock/advance", operation_id="advance_clock", tags=["clock"])
async def advance_clock(request: Request, wanted: AdvanceRequest) -> Advanced:
    """Move time forward; what becomes due happens in order, each at its own moment, before this answers."""
    workspace = workspace_of(request)
    go = partial(travel.advance, workspace, by=wanted.by, to=wanted.to, to_next=bool(wanted.next))
    fired = await anyio.to_thread.run_sync(go)
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])


@router.post("/clock/freeze", operation_id="freeze_clock", tags=["clock"])
async def freeze_clock(request: Request, wanted: FreezeRequest | None = None) -> Advanced:
    """Let time stand still, now or at a later moment; `advance` still moves it."""
    workspace = workspace_of(request)
    fired = await anyio.to_thread.run_sync(partial(travel.freeze, workspace, wanted.at if wanted else None))
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])


@router.post("/clock/run", operation_id="run_clock", tags=["clock"])
async def run_clock(request: Request) -> Advanced:
    """Let time run on from where it stands."""
    workspace = workspace_of(request)
    await anyio.to_thread.run_sync(travel.run, workspace)
    return Advanced(now=workspace.clock.now(), fired=[])
