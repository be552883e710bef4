"""What the routes of the control plane ask of a request: the sandbox, the workspace, addresses."""

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from fastapi import Request

from localsign.control.schemas import WorkspaceResponse
from localsign.sandbox import DEFAULT, Sandbox
from localsign.workspace import Workspace


def sandbox_of(request: Request) -> Sandbox:
    """All workspaces of this process."""
    sandbox: Sandbox = request.scope["state"]["sandbox"]
    return sandbox


def workspace_of(request: Request) -> Workspace:
    """The workspace that the request acts on."""
    workspace: Workspace = request.scope["state"]["workspace"]
    return workspace


def address_of(request: Request, name: str) -> str:
    """Where the caller reaches the workspace called `name`."""
    origin: str = request.scope["state"]["api_origin"]
    return origin if name == DEFAULT else f"{origin}/w/{name}"


async def described(request: Request, find: Callable[[], Workspace]) -> WorkspaceResponse:
    """Address and credentials of the workspace that `find` returns, which may block: it is called in a thread."""

    def describe() -> dict[str, Any]:
        workspace = find()
        return sandbox_of(request).describe(workspace, address_of(request, workspace.name))

    return WorkspaceResponse(**await anyio.to_thread.run_sync(describe))
