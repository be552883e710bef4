"""Operations that the reference of the newer Mint API does not show, and that tests need. A switch turns them off."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import FileResponse

from localsign.core.blobs import Arrived
from localsign.core.errors import NotFoundError
from localsign.core.http import InWork, base_url, gated
from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.current import schemas, shown
from localsign.mint.current.routes import JourneyId, NoteId, SecretId, WorkflowId
from localsign.mint.engine import catalog
from localsign.mint.models import MintFile
from localsign.mint.service import files, journeys, notes, secrets, workflows
from localsign.mint.switches import EXTENSIONS
from localsign.mint.transfers import BINARY, DOWNLOAD, download, receive, workspace_of
from localsign.signicat import permissions
from localsign.signicat.auth import requires

FileId = Annotated[str, Path(alias="fileId")]
_UPLOAD: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}


def _check_on(work: Work) -> None:
    if work.switched(EXTENSIONS) != "on":
        raise NotFoundError("This operation is an extension of localsign, and the switch mint.extensions is off.")


async def _extension(work: InWork) -> None:
    _check_on(work)


_dependencies = [Depends(_extension)]
viewer = APIRouter(route_class=gated(requires(permissions.FLOW_VIEWER)), dependencies=_dependencies)
editor = APIRouter(route_class=gated(requires(permissions.FLOW_EDITOR)), dependencies=_dependencies)
uploads = APIRouter(route_class=gated(requires(permissions.FLOW_EDITOR)))


@editor.post("/workflows/{workflowId}/publish", operation_id="publish_workflow", tags=["extensions"])
async def publish_workflow(request: Request, work: InWork, workflow_id: WorkflowId) -> schemas.WorkflowResponse:
    """Publish the latest version; where that is published, a copy of it becomes the next one."""
    version = workflows.publish(work, ids.find(workflow_id, "workflow"))
    return shown.workflow(work, version, base_url(request))


@editor.post("/workflows/{workflowId}/unpublish", operation_id="unpublish_workflow", tags=["extensions"])
async def unpublish_workflow(request: Request, work: InWork, workflow_id: WorkflowId) -> schemas.WorkflowResponse:
    """Take the published version back: its public address is gone, and no journey starts any more."""
    version = workflows.unpublish(work, ids.find(workflow_id, "workflow"))
    return shown.workflow(work, version, base_url(request))


@editor.delete("/workflows/{workflowId}", status_code=204, operation_id="delete_workflow", tags=["extensions"])
async def delete_workflow(work: InWork, workflow_id: WorkflowId) -> None:
    """Delete a workflow with all its versions and journeys."""
    workflows.delete(work, ids.find(workflow_id, "workflow"))


@editor.post("/journeys/{journeyId}/cancel", operation_id="cancel_journey", tags=["extensions"])
async def cancel_journey(work: InWork, journey_id: JourneyId) -> schemas.JourneyResponse:
    """Cancel a journey that has not ended."""
    return shown.journey(work, journeys.cancel(work, ids.find(journey_id, "journey")))


@editor.delete("/journeys/{journeyId}/notes/{noteId}", status_code=204, operation_id="delete_note", tags=["extensions"])
async def delete_note(work: InWork, journey_id: JourneyId, note_id: NoteId) -> None:
    """Delete a note."""
    notes.delete(work, ids.find(journey_id, "journey"), ids.find(note_id, "note"))


@viewer.get("/secrets", operation_id="list_secrets", tags=["extensions"])
async def list_secrets(work: InWork) -> list[schemas.SecretResponse]:
    """Every secret without its value, oldest first."""
    return [shown.secret(one) for one in secrets.listed(work)]


@editor.delete("/secrets/{secretId}", status_code=204, operation_id="delete_secret", tags=["extensions"])
async def delete_secret(work: InWork, secret_id: SecretId) -> None:
    """Delete a secret; steps that use it fault from now on."""
    secrets.delete(work, ids.find(secret_id, "secret"))


@viewer.get("/step-types/{stepType}/schema", operation_id="get_step_type_schema", tags=["extensions"])
async def get_step_type_schema(
    _work: InWork, step_type: Annotated[str, Path(alias="stepType")]
) -> schemas.StepTypeSchema:
    """The properties that a type of step takes, and what it gives."""
    found = catalog.find(step_type)
    if found is None:
        raise NotFoundError(f"There is no step type '{step_type}'.")
    return shown.step_type_schema(found)


@viewer.get(
    "/workflows/{workflowId}/files/{fileId}",
    operation_id="get_workflow_file",
    response_class=FileResponse,
    responses=DOWNLOAD,
    tags=["extensions"],
)
async def get_workflow_file(work: InWork, workflow_id: WorkflowId, file_id: FileId) -> FileResponse:
    """The bytes of a file of a workflow."""
    return _download(work, files.of_workflow(work, ids.find(workflow_id, "workflow"), ids.find(file_id, "file")))


@viewer.get(
    "/journeys/{journeyId}/files/{fileId}",
    operation_id="get_journey_file",
    response_class=FileResponse,
    responses=DOWNLOAD,
    tags=["extensions"],
)
async def get_journey_file(work: InWork, journey_id: JourneyId, file_id: FileId) -> FileResponse:
    """The bytes of a file of a journey."""
    return _download(work, files.of_journey(work, ids.find(journey_id, "journey"), ids.find(file_id, "file")))


def _download(work: Work, file: MintFile) -> FileResponse:
    return download(work, file.digest, file.filename, file.content_type)


@uploads.post(
    "/workflows/{workflowId}/files",
    status_code=201,
    operation_id="upload_workflow_file",
    openapi_extra=_UPLOAD,
    tags=["extensions"],
)
async def upload_workflow_file(
    request: Request,
    workflow_id: WorkflowId,
    filename: Annotated[str, Query(min_length=1, max_length=255)],
) -> schemas.FileResponseItem:
    """Give a workflow a file that its journeys may use; the media type is that of the request."""
    content_type = request.headers.get("content-type") or "application/octet-stream"
    request.scope["state"]["body_limit"] = workspace_of(request).house.settings.max_document_bytes

    def keep(work: Work, arrived: Arrived) -> schemas.FileResponseItem:
        _check_on(work)
        found = ids.find(workflow_id, "workflow")
        return shown.file_item(files.add_to_workflow(work, found, arrived, filename, content_type))

    item: schemas.FileResponseItem = await receive(request, request.stream(), keep)
    return item
