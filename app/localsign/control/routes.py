"""`/_sandbox/v1`: workspaces, time, lags, machines. Nothing here knows an API."""

from functools import partial

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from localsign import travel
from localsign.apis import machines
from localsign.control.schemas import (
    Advanced,
    AdvanceRequest,
    ClockResponse,
    FiredTimer,
    ForkRequest,
    FreezeRequest,
    LagRequest,
    LagResponse,
    MachineResponse,
    MachineRow,
    WorkspaceName,
    WorkspaceRequest,
    WorkspaceResponse,
)
from localsign.core.errors import NotFoundError
from localsign.core.http import InWork
from localsign.sandbox import DEFAULT, Sandbox
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1")


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.scope["state"]["sandbox"]
    return sandbox


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.scope["state"]["workspace"]
    return workspace


def _address(request: Request, name: str) -> str:
    origin: str = request.scope["state"]["origin"]
    return origin if name == DEFAULT else f"{origin}/w/{name}"


async def _described(request: Request, workspace: Workspace) -> WorkspaceResponse:
    describe = partial(_sandbox(request).describe, workspace, _address(request, workspace.name))
    return WorkspaceResponse(**await anyio.to_thread.run_sync(describe))


# ---- workspaces


@router.post("/workspaces", status_code=201, operation_id="create_workspace", tags=["workspaces"])
async def create_workspace(request: Request, wanted: WorkspaceRequest | None = None) -> WorkspaceResponse:
    """Make a world of one's own: nothing of another is in it. The answer has all that is needed to begin."""
    wanted = wanted or WorkspaceRequest()
    seed = None if wanted.seed is None else str(wanted.seed)
    workspace = await anyio.to_thread.run_sync(_sandbox(request).create, wanted.name, seed)
    return await _described(request, workspace)


@router.get("/workspaces", operation_id="list_workspaces", tags=["workspaces"])
async def list_workspaces(request: Request) -> list[WorkspaceName]:
    """Every workspace, by name."""
    names = await anyio.to_thread.run_sync(_sandbox(request).names)
    return [WorkspaceName(name=name, base_url=_address(request, name)) for name in names]


@router.get("/workspaces/{name}", operation_id="get_workspace", tags=["workspaces"])
async def get_workspace(request: Request, name: str) -> WorkspaceResponse:
    """Address and credentials of a workspace."""
    return await _described(request, await anyio.to_thread.run_sync(_sandbox(request).find, name))


@router.post("/workspaces/{name}/fork", status_code=201, operation_id="fork_workspace", tags=["workspaces"])
async def fork_workspace(request: Request, name: str, wanted: ForkRequest | None = None) -> WorkspaceResponse:
    """Copy a world as it is at this moment; the two then go on apart. Clients are the same, tokens are not."""
    sandbox = _sandbox(request)
    source = await anyio.to_thread.run_sync(sandbox.find, name)
    made = await anyio.to_thread.run_sync(sandbox.fork, source, wanted.name if wanted else None)
    return await _described(request, made)


@router.delete("/workspaces/{name}", status_code=204, operation_id="delete_workspace", tags=["workspaces"])
async def delete_workspace(request: Request, name: str) -> None:
    """End a workspace and remove its files; `default` begins anew at its next use."""
    await anyio.to_thread.run_sync(_sandbox(request).delete, name)


@router.post("/reset", status_code=204, operation_id="reset", tags=["workspaces"])
async def reset(request: Request) -> Response:
    """Empty this workspace and let its clock run as the wall's; credentials and lags stay as they are."""
    await anyio.to_thread.run_sync(_sandbox(request).reset, _workspace(request))
    return Response(status_code=204)


# ---- time


@router.get("/clock", operation_id="get_clock", tags=["clock"])
async def get_clock(request: Request) -> ClockResponse:
    """What time it is in this workspace, and when something is due next."""
    workspace = _workspace(request)
    clock = workspace.clock
    return ClockResponse(now=clock.now(), is_frozen=clock.frozen_at is not None, next_due=workspace.next_due)


@router.post("/clock/advance", operation_id="advance_clock", tags=["clock"])
async def advance_clock(request: Request, wanted: AdvanceRequest) -> Advanced:
    """Move time forward; what becomes due happens in order, each at its own moment, before this answers."""
    workspace = _workspace(request)
    go = partial(travel.advance, workspace, by=wanted.by, to=wanted.to, to_next=bool(wanted.next))
    fired = await anyio.to_thread.run_sync(go)
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])


@router.post("/clock/freeze", operation_id="freeze_clock", tags=["clock"])
async def freeze_clock(request: Request, wanted: FreezeRequest | None = None) -> Advanced:
    """Let time stand still, now or at a later moment; `advance` still moves it."""
    workspace = _workspace(request)
    fired = await anyio.to_thread.run_sync(partial(travel.freeze, workspace, wanted.at if wanted else None))
    return Advanced(now=workspace.clock.now(), fired=[FiredTimer.of(one) for one in fired])


@router.post("/clock/run", operation_id="run_clock", tags=["clock"])
async def run_clock(request: Request) -> Advanced:
    """Let time run on from where it stands."""
    workspace = _workspace(request)
    await anyio.to_thread.run_sync(travel.run, workspace)
    return Advanced(now=workspace.clock.now(), fired=[])


# ---- lags and machines


@router.get("/lags/{name}", operation_id="get_lag", tags=["lags"])
async def get_lag(work: InWork, name: str) -> LagResponse:
    """How long something asynchronous takes in this workspace."""
    return LagResponse(name=name, progression=work.lag_setting(_lag(work.house.lags, name)))


@router.put("/lags/{name}", operation_id="set_lag", tags=["lags"])
async def set_lag(work: InWork, name: str, wanted: LagRequest) -> LagResponse:
    """Choose how long it takes from now on: at once, after a time, at the n-th read, or by command."""
    work.choose(f"lag.{_lag(work.house.lags, name)}", wanted.progression)
    return LagResponse(name=name, progression=wanted.progression)


def _lag(known: list[str], name: str) -> str:
    if name not in known:
        raise NotFoundError(f"There is no lag called '{name}'. There are: {', '.join(known)}.")
    return name


@router.get("/machines", operation_id="list_machines", tags=["machines"])
async def list_machines() -> list[MachineResponse]:
    """Every state machine of every API: what may happen when, as tables and as diagrams."""
    return [
        MachineResponse(
            api=api,
            name=machine.name,
            states=[state.value for state in machine.states],
            initial=[state.value for state in machine.initial],
            final=[state.value for state in machine.states if machine.is_final(state)],
            rows=[
                MachineRow(event=row.event, source=source, target=row.target, announces=row.announces)
                for row in machine.rows
                for source in sorted(row.sources)
            ],
            mermaid=machine.mermaid(),
        )
        for api, machine in machines()
    ]
