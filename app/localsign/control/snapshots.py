"""`/_sandbox/v1/snapshots`: a world kept aside, gone back to, carried elsewhere, compared."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from localsign.control.context import workspace_of
from localsign.core.causes import note_act
from localsign.core.errors import BadInputError
from localsign.core.http import Download
from localsign.core.wire import Asked
from localsign.snapshots import archive, comparing, store
from localsign.snapshots.store import Snapshot
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1/snapshots", tags=["snapshots"])

_ZIP = "application/zip"
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


class SnapshotRequest(Asked):
    """The name of the snapshot; made up if not given."""

    name: str | None = None


class SnapshotResponse(BaseModel):
    """A world as it was; `at` is what its clock showed."""

    name: str
    workspace: str
    at: str
    localsign: str
    size: int = Field(description="Bytes.")

    @classmethod
    def of(cls, snapshot: Snapshot) -> "SnapshotResponse":
        return cls(
            name=snapshot.name,
            workspace=snapshot.workspace,
            at=snapshot.at,
            localsign=snapshot.localsign,
            size=snapshot.size,
        )


class ChangedRow(BaseModel):
    """A row by its id, or what else its table has for a key; each member with its value `before` and `after`."""

    key: str
    members: dict[str, Any]


class TableDifference(BaseModel):
    """At most 200 rows of each kind; `counts` has all. Secrets are not shown."""

    table: str
    counts: dict[str, int]
    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    changed: list[ChangedRow]


class Difference(BaseModel):
    """What leads from one world to the other; bytes by SHA-256."""

    before: str
    after: str
    is_equal: bool
    tables: list[TableDifference]
    bytes_added: list[str]
    bytes_removed: list[str]


@router.post("", status_code=201, operation_id="save_snapshot")
async def save_snapshot(request: Request, wanted: SnapshotRequest | None = None) -> SnapshotResponse:
    """Keep this workspace as it is now."""
    name = wanted.name if wanted else None
    workspace = workspace_of(request)
    last = workspace.journal.last  # what is written meanwhile may not be in it, and is rather done twice than never
    saved = await anyio.to_thread.run_sync(store.save, workspace, name)
    workspace.journal.saved[saved.name] = last
    note_act(workspace)
    return SnapshotResponse.of(saved)


@router.get("", operation_id="list_snapshots")
async def list_snapshots(request: Request) -> list[SnapshotResponse]:
    """The snapshots of this workspace, by name."""
    found = await anyio.to_thread.run_sync(store.listed, workspace_of(request))
    return [SnapshotResponse.of(one) for one in found]


@router.get("/{name}", operation_id="get_snapshot")
async def get_snapshot(request: Request, name: str) -> SnapshotResponse:
    """One snapshot."""
    return SnapshotResponse.of(await _found(request, name))


@router.delete("/{name}", status_code=204, operation_id="delete_snapshot")
async def delete_snapshot(request: Request, name: str) -> None:
    """Remove a snapshot; the world stays as it is."""
    workspace = workspace_of(request)
    await anyio.to_thread.run_sync(store.delete, workspace, name)
    workspace.journal.saved.pop(name, None)
    note_act(workspace)


@router.post("/{name}/restore", status_code=204, operation_id="restore_snapshot")
async def restore_snapshot(request: Request, name: str) -> Response:
    """Make the workspace what it was: data, clients, keys, settings and its clock. Work under way is refused."""
    workspace = workspace_of(request)
    await anyio.to_thread.run_sync(store.restore, workspace, await _found(request, name))
    note_act(workspace)
    return Response(status_code=204)


@router.get("/{name}/diff", operation_id="compare_snapshot")
async def compare_snapshot(
    request: Request,
    name: str,
    to: Annotated[str | None, Query(description="Another snapshot; by default, the workspace as it is now.")] = None,
) -> Difference:
    """What has changed since the snapshot, or between it and another one."""
    before = await _found(request, name)
    after = await _found(request, to) if to is not None else None
    found = await anyio.to_thread.run_sync(comparing.compare, workspace_of(request), before, after)
    return Difference(
        before=name,
        after=to or "now",
        is_equal=not (found.tables or found.added or found.removed),
        tables=[
            TableDifference(
                table=one.table,
                counts=one.counts,
                added=one.added,
                removed=one.removed,
                changed=[ChangedRow(**row) for row in one.changed],
            )
            for one in found.tables
        ],
        bytes_added=found.added,
        bytes_removed=found.removed,
    )


@router.get(
    "/{name}/archive",
    operation_id="download_snapshot",
    response_class=FileResponse,
    responses={200: {"content": {_ZIP: _BINARY}}},
)
async def download_snapshot(request: Request, name: str) -> FileResponse:
    """The snapshot as a zip. It holds all that the world holds: documents, client secrets, private keys."""
    snapshot = await _found(request, name)
    packed = await anyio.to_thread.run_sync(archive.pack, snapshot)
    return Download(packed, _ZIP, f"{name}.zip")


@router.put(
    "/{name}/archive",
    status_code=201,
    operation_id="upload_snapshot",
    openapi_extra={"requestBody": {"required": True, "content": {_ZIP: _BINARY}}},
)
async def upload_snapshot(request: Request, name: str) -> SnapshotResponse:
    """Take in a snapshot that was downloaded elsewhere; `restore` then makes this workspace what it holds."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _ZIP:
        raise BadInputError.of("Content-Type", f"must be {_ZIP}, is '{kind}'")
    workspace: Workspace = workspace_of(request)
    store.check_name(name)
    limit = workspace.house.settings.max_snapshot_bytes
    request.scope["state"]["body_limit"] = limit
    arrived = await workspace.blobs.receive(request.stream(), limit)
    try:
        return SnapshotResponse.of(await anyio.to_thread.run_sync(archive.take_in, workspace, name, arrived.path))
    finally:
        arrived.discard()


async def _found(request: Request, name: str) -> Snapshot:
    return await anyio.to_thread.run_sync(store.find, workspace_of(request), name)
