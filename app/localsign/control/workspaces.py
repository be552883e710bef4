"""`/_sandbox/v1/workspaces` and `/reset`: worlds made, copied, emptied, ended."""

from functools import partial

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from localsign import seeding
from localsign.control.context import address_of, described, sandbox_of, workspace_of
from localsign.control.schemas import ForkRequest, ResetRequest, WorkspaceName, WorkspaceRequest, WorkspaceResponse
from localsign.sandbox import Sandbox
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1")


@router.post("/workspaces", status_code=201, operation_id="create_workspace", tags=["workspaces"])
async def create_workspace(request: Request, wanted: WorkspaceRequest | None = None) -> WorkspaceResponse:
    """Make a world of one's own: nothing of another is in it. The answer has all that is needed to begin."""
    wanted = wanted or WorkspaceRequest()
    origin = str(request.scope["state"]["origin"])
    return await described(request, partial(_create, sandbox_of(request), wanted, origin))


def _create(sandbox: Sandbox, wanted: WorkspaceRequest, origin: str) -> Workspace:
    seed = None if wanted.seed is None else str(wanted.seed)
    if wanted.fixture is not None:
        document = seeding.fixture(wanted.fixture)
    elif wanted.document is not None or wanted.clock is not None:
        document = seeding.given(wanted.document or {})
    else:
        return sandbox.create(wanted.name, seed)
    if wanted.clock is not None:
        document.stop_clock(wanted.clock)
    return seeding.create(sandbox, wanted.name, seed, document, origin)[0]


@router.get("/workspaces", operation_id="list_workspaces", tags=["workspaces"])
async def list_workspaces(request: Request) -> list[WorkspaceName]:
    """Every workspace, by name."""
    names = await anyio.to_thread.run_sync(sandbox_of(request).names)
    return [WorkspaceName(name=name, base_url=address_of(request, name)) for name in names]


@router.get("/workspaces/{name}", operation_id="get_workspace", tags=["workspaces"])
async def get_workspace(request: Request, name: str) -> WorkspaceResponse:
    """Address and credentials of a workspace."""
    return await described(request, partial(sandbox_of(request).find, name))


@router.post("/workspaces/{name}/fork", status_code=201, operation_id="fork_workspace", tags=["workspaces"])
async def fork_workspace(request: Request, name: str, wanted: ForkRequest | None = None) -> WorkspaceResponse:
    """Copy a world as it is at this moment; the two then go on apart. Clients are the same, tokens are not."""
    sandbox = sandbox_of(request)
    wanted = wanted or ForkRequest()
    return await described(request, lambda: sandbox.fork(sandbox.find(name), wanted.name))


@router.delete("/workspaces/{name}", status_code=204, operation_id="delete_workspace", tags=["workspaces"])
async def delete_workspace(request: Request, name: str) -> None:
    """End a workspace and remove its files; `default` begins anew at its next use."""
    await anyio.to_thread.run_sync(sandbox_of(request).delete, name)


@router.post("/reset", status_code=204, operation_id="reset", tags=["workspaces"])
async def reset(request: Request, wanted: ResetRequest | None = None) -> Response:
    """Empty this workspace, or parts of it; by default all, and its clock runs as the wall's. Credentials stay."""
    scopes = (wanted or ResetRequest()).scopes
    await anyio.to_thread.run_sync(sandbox_of(request).reset, workspace_of(request), scopes)
    return Response(status_code=204)
