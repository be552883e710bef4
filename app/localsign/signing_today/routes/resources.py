"""Files of DSTs: HTTP in, HTTP out; no decisions."""

import tempfile
from dataclasses import replace
from pathlib import Path as File
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from localsign.core import pages
from localsign.core.errors import BadInputError
from localsign.core.http import InWork, base_url
from localsign.signing_today import auth
from localsign.signing_today.dst_switches import THUMBS
from localsign.signing_today.forms import MULTIPART, uploaded
from localsign.signing_today.routes.ids import Id
from localsign.signing_today.schemas.dsts import DstResponse
from localsign.signing_today.schemas.parts import LARGEST_INT32, LFResource
from localsign.signing_today.service import resources
from localsign.workspace import Workspace

router = APIRouter(route_class=auth.behind(auth.requires()), tags=["resources"])

PDF, OCTETS = "application/pdf", "application/octet-stream"

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {200: {"content": {OCTETS: _BINARY}}}
_THUMB: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": _BINARY}}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file", "filename", "resourceType"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "filename": {"type": "string"},
                        "resourceType": {"type": "string", "enum": [resources.PDF_DOCUMENT]},
                        "title": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.get("/resource/{id}", operation_id="resourceIdGET", response_class=FileResponse, responses=_DOWNLOAD)
async def get_resource(work: InWork, caller: auth.InCaller, resource_id: Id) -> FileResponse:
    """The bytes of a file."""
    file = resources.file_of(work, caller, resource_id)
    return FileResponse(file.path, media_type=OCTETS, filename=pages.safe_filename(file.filename, file.mimetype))


@router.put("/resource/{id}", operation_id="resourceIdPUT", status_code=204)
async def put_resource(work: InWork, caller: auth.InCaller, resource_id: Id, wanted: LFResource) -> None:
    """Change what describes a file of a draft."""
    resources.describe(work, caller, resource_id, wanted)


@router.delete("/DST/resource/{id}", operation_id="dSTResourceIdDELETE")
async def delete_resource(request: Request, work: InWork, caller: auth.InCaller, resource_id: Id) -> DstResponse:
    """Take a file from a draft; the DST that it was in."""
    dst = resources.remove(work, caller, resource_id)
    work.flush()
    return DstResponse.of(work, dst, caller, base_url(request))


@router.get("/DST/{id}/resources", operation_id="dSTIdResourcesGET", response_class=FileResponse, responses=_DOWNLOAD)
async def get_resources(request: Request, caller: auth.InCaller, dst_id: Id) -> FileResponse:
    """All files of a DST in a zip."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        dst, files = resources.files_of(work, caller, dst_id)
    named = [replace(file, filename=pages.safe_filename(file.filename, file.mimetype)) for file in files]
    with tempfile.NamedTemporaryFile(suffix=".zip", delete=False) as target:
        path = File(target.name)
    try:
        await anyio.to_thread.run_sync(resources.pack, named, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    cleaning = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=OCTETS, filename=f"{dst.id}.zip", background=cleaning)


@router.patch("/DST/{id}/resources", operation_id="dSTIdResourcesPATCH", openapi_extra=_UPLOAD)
async def add_resource(request: Request, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Add a PDF, and a document of it, to a draft."""
    workspace: Workspace = request.scope["state"]["workspace"]
    async with uploaded(request) as upload:
        wanted = resources.named(upload.fields)
        count = await anyio.to_thread.run_sync(resources.count_pages, upload.arrived.path, "file")
        await workspace.turn()
        with workspace.held() as work:
            dst = resources.add(work, caller, dst_id, wanted, upload.arrived, count)
            work.flush()
            return DstResponse.of(work, dst, caller, base_url(request))


@router.get(
    "/pdfResource/{id}/thumbs",
    operation_id="pdfResourceIdThumbsGET",
    response_class=Response,
    responses=_THUMB,
    tags=["services"],
)
async def get_thumb(
    request: Request,
    caller: auth.InCaller,
    resource_id: Id,
    page: Annotated[int, Query(ge=1, le=LARGEST_INT32, description="The first is 1.")],
    width: Annotated[int, Query(ge=1, le=4000, description="Pixels.")] = 200,
) -> Response:
    """A page of a PDF as a picture."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        file = resources.file_of(work, caller, resource_id)
        is_raw = work.switched(THUMBS) != THUMBS.default
    if file.mimetype != PDF:
        raise BadInputError.of("id", "is not a PDF")
    try:
        answer = await pages.picture(file.path, page, width=width, kind="JPEG")
    except LookupError:
        raise BadInputError.of("page", "is not a page of this PDF") from None
    answer.headers["Content-Disposition"] = f'inline; filename="{resource_id}-{page}.jpg"'
    if is_raw:
        answer.headers["Content-Type"] = OCTETS
    return answer
