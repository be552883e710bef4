"""Files of Mint v1: of flows, of submitted forms, of signing orders, of instances."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.datastructures import UploadFile

from localsign.core.blobs import Arrived
from localsign.core.errors import BadInputError
from localsign.core.http import InWork
from localsign.core.pages import safe_filename
from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.models import Journey, MintFile, files_of
from localsign.mint.service import files, orders, submissions
from localsign.mint.switches import FORM_FILES
from localsign.mint.transfers import BINARY, CHUNK, DOWNLOAD, archived, download, form_of, receive, stored, workspace_of
from localsign.mint.v1 import schemas, shown
from localsign.mint.v1.binding import DefinitionId, InstanceId, Uuid, bound, one_of
from localsign.signicat import permissions
from localsign.signicat.auth import requires

viewer = APIRouter(route_class=bound(requires(permissions.FLOW_VIEWER)))
editor = APIRouter(route_class=bound(requires(permissions.FLOW_EDITOR)))

ReferenceId = Annotated[str, Path(alias="referenceId", description="Unique reference of the file.")]
FormId = Annotated[Uuid, Path(alias="formId")]
SubmissionId = Annotated[Uuid, Path(alias="submissionId")]
DocumentId = Annotated[Uuid, Path(alias="documentId", description="Id of the document.")]
Filename = Annotated[str | None, Query(min_length=1, max_length=255, description="Name of the file")]
Category = Annotated[schemas.FileCategory, one_of(schemas.FileCategory), Query(alias="Category")]
_FORM = {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": BINARY, "multipart/form-data": _FORM},
    }
}
_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": BINARY}}}
_FRAME = 64 * 1024  # what a form may be longer than the file in it


# ---- files of a flow


@editor.post(
    "/flows/{definitionId}/files",
    status_code=201,
    operation_id="upload_flow_file",
    openapi_extra=_UPLOAD,
    tags=["v1: flows"],
)
async def upload_flow_file(
    request: Request,
    definition_id: DefinitionId,
    filename: Filename = None,
    category: Category = schemas.FileCategory.GENERIC,
) -> schemas.FlowFile:
    """Give a flow a file: as the body itself, or as the one file of a form (inferred: no source says which)."""
    content_type = request.headers.get("content-type") or "application/octet-stream"
    limit = workspace_of(request).house.settings.max_document_bytes
    request.scope["state"]["body_limit"] = limit
    if not content_type.lower().startswith("multipart/form-data"):
        return await _take(request, definition_id, request.stream(), filename or "file", content_type, category)
    request.scope["state"]["body_limit"] = limit + _FRAME
    async with form_of(request, files=10, fields=100) as form:
        found = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
        if len(found) != 1:
            raise BadInputError.of("body", f"must have exactly one file, has {len(found)}")
        [part] = found
        name = filename or part.filename or "file"
        kind = part.content_type or "application/octet-stream"
        return await _take(request, definition_id, _read(part), name, kind, category)


async def _read(part: UploadFile) -> AsyncIterator[bytes]:
    while piece := await part.read(CHUNK):
        yield piece


async def _take(
    request: Request,
    definition_id: str,
    chunks: AsyncIterator[bytes],
    filename: str,
    content_type: str,
    category: schemas.FileCategory,
) -> schemas.FlowFile:
    def keep(work: Work, arrived: Arrived) -> schemas.FlowFile:
        found = ids.find(definition_id, "flow")
        file = files.add_to_workflow(work, found, arrived, _plain(filename), content_type, category.value)
        return shown.flow_file(file)

    taken: schemas.FlowFile = await receive(request, chunks, keep)
    return taken


def _plain(filename: str) -> str:
    """A name that can be stored and put into a path."""
    return filename.encode("utf-8", "replace").decode().replace("/", "_").replace("\0", "_")[:255]


@viewer.get(
    "/flows/{definitionId}/files/{referenceId}",
    operation_id="download_flow_file",
    response_class=FileResponse,
    responses=DOWNLOAD,
    tags=["v1: flows"],
)
async def download_flow_file(work: InWork, definition_id: DefinitionId, reference_id: ReferenceId) -> FileResponse:
    """The bytes of a file of a flow."""
    file = files.of_workflow(work, ids.find(definition_id, "flow"), ids.find(reference_id, "file"))
    return download(work, file.digest, file.filename, file.content_type)


@editor.delete(
    "/flows/{definitionId}/files/{referenceId}", status_code=204, operation_id="delete_flow_file", tags=["v1: flows"]
)
async def delete_flow_file(work: InWork, definition_id: DefinitionId, reference_id: ReferenceId) -> None:
    """Delete a file of a flow."""
    files.delete_of_workflow(work, ids.find(definition_id, "flow"), ids.find(reference_id, "file"))


# ---- files of a form


@viewer.get(
    "/flows/forms/{formId}/submissions/{submissionId}/files",
    operation_id="list_form_files",
    response_model=list[schemas.FormFile],
    responses={200: {"content": {"application/zip": BINARY}}},
    tags=["v1: flows"],
)
async def list_form_files(request: Request, form_id: FormId, submission_id: SubmissionId) -> Response:
    """The files that came with a form: a list, or an archive of them, as the switch mint.form-files says."""
    workspace = workspace_of(request)
    await workspace.turn()
    with workspace.held() as work:
        found = submissions.files(work, form_id, submission_id)
        is_list = work.switched(FORM_FILES) == "list"
        parts = _parts(work, [one for _, one in found])
    if is_list:
        return JSONResponse([shown.form_file(*one).model_dump(mode="json", by_alias=True) for one in found])
    return stored(await anyio.to_thread.run_sync(archived, parts), "files.zip", "application/zip")


@viewer.get(
    "/flows/forms/{formId}/submissions/{submissionId}/files/{inputId}/{filename}",
    operation_id="get_form_file",
    response_class=FileResponse,
    responses=DOWNLOAD,
    tags=["v1: flows"],
)
async def get_form_file(
    work: InWork,
    form_id: FormId,
    submission_id: SubmissionId,
    input_id: Annotated[str, Path(alias="inputId")],
    filename: str,
) -> FileResponse:
    """The bytes of a file that came with a form."""
    file = submissions.file(work, form_id, submission_id, input_id, filename)
    return download(work, file.digest, file.filename, file.content_type)


# ---- signing orders


@viewer.get("/flows/sign/{documentId}/status", operation_id="get_signing_order_status", tags=["v1: flows"])
async def get_signing_order_status(work: InWork, document_id: DocumentId) -> schemas.SigningOrderStatus:
    """How a signing order stands, and in which forms its attachments can be had."""
    return shown.order_status(work, orders.find(work, document_id))


@viewer.get(
    "/flows/sign/{documentId}/attachments/{attachmentId}",
    operation_id="get_signed_file",
    response_class=FileResponse,
    responses=DOWNLOAD,
    tags=["v1: flows"],
)
async def get_signed_file(
    work: InWork, document_id: DocumentId, attachment_id: Annotated[Uuid, Path(alias="attachmentId")]
) -> FileResponse:
    """What signing an attachment gave."""
    document = orders.signed_file(work, orders.find(work, document_id), attachment_id)
    return download(work, document.digest, document.filename or f"{document.id}", document.mime_type)


# ---- files of an instance


@viewer.get(
    "/instances/{instanceId}/files/{referenceId}",
    operation_id="download_instance_file",
    response_class=FileResponse,
    responses=DOWNLOAD,
    tags=["v1: instances"],
)
async def download_instance_file(work: InWork, instance_id: InstanceId, reference_id: ReferenceId) -> FileResponse:
    """The bytes of a file of an instance."""
    file = files.of_journey(work, ids.find(instance_id, "instance"), ids.find(reference_id, "file"))
    return download(work, file.digest, file.filename, file.content_type)


@viewer.get(
    "/instances/{instanceId}/files",
    operation_id="download_instance_files_zip",
    response_class=Response,
    responses=_ZIP,
    tags=["v1: instances"],
)
async def download_instance_files_zip(request: Request, instance_id: InstanceId) -> Response:
    """All files of an instance as a zip archive, which is empty where there are none (inferred)."""
    workspace = workspace_of(request)
    await workspace.turn()
    with workspace.held() as work:
        journey = work.glance(Journey, ids.find(instance_id, "instance"))
        parts = _parts(work, files_of(work, journey_id=journey.id))
    made = await anyio.to_thread.run_sync(archived, parts)
    return stored(made, f"{journey.id.hex}.zip", "application/zip")


def _parts(work: Work, found: list[MintFile]) -> list[tuple[str, Any, Any]]:
    return [
        (safe_filename(one.filename, one.content_type), work.blobs.path(one.digest), one.created_at) for one in found
    ]
