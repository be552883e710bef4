"""`/_sandbox/v1/clock`: what time it is in a workspace, and letting it pass."""

from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request

from localsign import travel
from localsign.control.context import sandbox_of, workspace_of
from localsign.control.schemas import Advanced, AdvanceRequest, ClockResponse, FiredTimer, FreezeRequest
from localsign.sandbox import Sandbox
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1")


@router.get("/clock", operation_id="get_clock", tags=["clock"])
async def get_clock(request: Request) -> ClockResponse:
    """What time it is in this workspace, and when something is due next."""
    workspace = workspace_of(request)
    clock = workspace.clock
    return ClockResponse(now=clock.now(), is_frozen=clock.frozen_at is not None, next_due=workspace.next_due)


@router.post("/clock/advance", operation_id="advance_clock", tags=["clock"])
async def advance_clock(request: Request, wanted: AdvanceRequest) -> Advanced:
    """Move time forward; what becomes due happens in order, each at its own moment, before this answers.

    With `dry_run` the answer is the same and nothing changes: it happens in a copy that is thrown away, which calls
    nobody outside.
    """
    go = partial(_advance, by=wanted.by, to=wanted.to, to_next=bool(wanted.next))
    workspace = workspace_of(request)
    if wanted.dry_run:
        return await anyio.to_thread.run_sync(_dry, sandbox_of(request), workspace, go)
    return await anyio.to_thread.run_sync(go, workspace)


def _advance(workspace: Workspace, **how: Any) -> Advanced:
    fired = travel.advance(workspace, **how)
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])


def _dry(sandbox: Sandbox, workspace: Workspace, go: Callable[[Workspace], Advanced]) -> Advanced:
    with sandbox.dry(workspace) as copy:
        return go(copy)


@router.post("/clock/freeze", operation_id="freeze_clock", tags=["clock"])
async def freeze_clock(request: Request, wanted: FreezeRequest | None = None) -> Advanced:
    """Let time stand still, now or at a later moment; `advance` still moves it."""
    workspace = workspace_of(request)
    fired = await anyio.to_thread.run_sync(partial(travel.freeze, workspace, wanted.at if wanted else None))
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])


@router.post("/clock/run", operation_id="run_clock", tags=["clock"])
async def run_clock(request: Request) -> Advanced:
    """Let time run on from where it stands, which may be ahead of the machine's."""
    workspace = workspace_of(request)
    await anyio.to_thread.run_sync(travel.run, workspace)
    return Advanced(now=workspace.clock.now(), fired=[])


@router.post("/clock/real", operation_id="set_clock_real", tags=["clock"])
async def set_clock_real(request: Request) -> Advanced:
    """Show the time of the machine again; refused where the workspace's time is ahead of it."""
    workspace = workspace_of(request)
    fired = await anyio.to_thread.run_sync(travel.real, workspace)
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])
