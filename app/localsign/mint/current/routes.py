"""The newer Mint API, as its reference shows it: HTTP in, HTTP out; no decisions. Methods and paths are inferred."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from localsign.core.http import InWork, base_url, gated, perform
from localsign.core.wire import Instant
from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.current import paging, schemas, shown
from localsign.mint.current.writing import content_of
from localsign.mint.engine import catalog, links
from localsign.mint.models import Journey
from localsign.mint.service import journeys, notes, secrets, workflows
from localsign.mint.switches import AUTO_PUBLISH
from localsign.signicat import permissions
from localsign.signicat.auth import requires

# Documented: the API client needs both roles. Inferred: which operation needs which.
viewer = APIRouter(route_class=gated(requires(permissions.FLOW_VIEWER)))
editor = APIRouter(route_class=gated(requires(permissions.FLOW_EDITOR)))

WorkflowId = Annotated[str, Path(alias="workflowId")]
JourneyId = Annotated[str, Path(alias="journeyId")]
NoteId = Annotated[str, Path(alias="noteId")]
SecretId = Annotated[str, Path(alias="secretId")]
Number = Annotated[
    schemas.Whole,
    Query(ge=-2_147_483_648, le=2_147_483_647, json_schema_extra=schemas.WHOLE, description="The latest by default."),
]
Ids = Annotated[list[str] | None, Query(alias="id", max_length=100, description="Repeat for more than one.")]


# ---- journeys (first: the most used)


@viewer.get("/journeys/{journeyId}", operation_id="get_journey", tags=["journeys"])
async def get_journey(work: InWork, journey_id: JourneyId) -> schemas.JourneyResponse:
    """Retrieve a journey with the data of its steps."""
    return shown.journey(work, work.glance(Journey, ids.find(journey_id, "journey")))


@editor.post("/workflows/{workflowId}/start", status_code=201, operation_id="start_journey", tags=["workflows"])
async def start_journey(
    request: Request, workflow_id: WorkflowId, wanted: schemas.StartRequest | None = None
) -> schemas.StartResponse:
    """Start a journey from the published version; it has run until it waits or ends when this answers."""
    wanted = wanted or schemas.StartRequest()
    given = wanted.input or {}
    started, _ = await perform(
        request,
        lambda work: journeys.start(work, ids.find(workflow_id, "workflow"), given, base_url(request)),
        is_patient=True,
    )

    def answer(work: Work) -> schemas.StartResponse:
        journey = work.get(Journey, started.id)
        waits = journeys.waits(work, [journey])[journey.id]
        token = links.make(work, journey, wanted.journey_url_ttl)
        return schemas.StartResponse(
            journey_id=journey.id.hex,
            step_id=waits[0].step_id if waits else None,
            journey_url=links.url(base_url(request), token),
        )

    response, _ = await perform(request, answer, is_patient=True)
    return response


@viewer.get("/journeys", operation_id="list_journeys", tags=["journeys"])
async def list_journeys(
    work: InWork,
    window: paging.Asked,
    sort: paging.Sort = None,
    status: Annotated[schemas.Status | None, Query()] = None,
    workflow_id: Annotated[str | None, Query(alias="workflowId")] = None,
    after: Annotated[Instant | None, Query(alias="lastExecutedAfter")] = None,
    before: Annotated[Instant | None, Query(alias="lastExecutedBefore")] = None,
    search: paging.Search = None,
) -> schemas.JourneyPage:
    """The journeys that match every filter, newest first unless sorted otherwise."""
    page = journeys.listed(
        work,
        paging.sorted_by(window, sort, journeys.SORTABLE),
        state=shown.STATES[status] if status else None,
        workflow_id=ids.parse_or_none_such(workflow_id),
        after=after,
        before=before,
        search=search,
    )
    return schemas.JourneyPage(
        data=shown.journey_items(work, page.items), offset=window.offset, limit=window.limit, total_count=page.total
    )


@editor.post("/journeys/{journeyId}/resume", status_code=204, operation_id="resume_journey", tags=["journeys"])
async def resume_journey(request: Request, journey_id: JourneyId, wanted: schemas.ResumeRequest) -> Response:
    """Let a step that waits go on."""
    given = wanted.input or {}
    await perform(
        request,
        lambda work: journeys.resume(work, ids.find(journey_id, "journey"), wanted.step_id, given),
        is_patient=True,
    )
    return Response(status_code=204)


@editor.post("/journeys/{journeyId}/approve", status_code=204, operation_id="approve_journey", tags=["journeys"])
async def approve_journey(request: Request, journey_id: JourneyId, wanted: schemas.ApproveRequest) -> Response:
    """Approve or reject at a step that waits for it."""
    decision = wanted.input
    await perform(
        request,
        lambda work: journeys.approve(
            work, ids.find(journey_id, "journey"), wanted.step_id, decision.approved, decision.message
        ),
        is_patient=True,
    )
    return Response(status_code=204)


@editor.post("/journeys/{journeyId}/url", status_code=201, operation_id="create_journey_url", tags=["journeys"])
async def create_journey_url(
    request: Request, work: InWork, journey_id: JourneyId, wanted: schemas.UrlRequest | None = None
) -> schemas.UrlResponse:
    """A new address of the journey, which lives for a while."""
    journey = work.glance(Journey, ids.find(journey_id, "journey"))
    token = links.make(work, journey, wanted.time_to_live if wanted else None)
    return schemas.UrlResponse(journey_url=links.url(base_url(request), token))


@viewer.get("/journeys/{journeyId}/execution-log", operation_id="get_execution_log", tags=["journeys"])
async def get_execution_log(work: InWork, journey_id: JourneyId) -> schemas.ExecutionLog:
    """What the engine did, by step."""
    journey = work.glance(Journey, ids.find(journey_id, "journey"))
    return shown.execution_log(journeys.log(work, journey.id), journeys.waits(work, [journey])[journey.id])


# ---- notes


@editor.post("/journeys/{journeyId}/notes", status_code=201, operation_id="create_note", tags=["journey notes"])
async def create_note(
    request: Request, work: InWork, journey_id: JourneyId, wanted: schemas.NoteRequest
) -> schemas.NoteResponse:
    """Note something on a journey, or on one of its steps."""
    author = request.scope["state"]["caller"].client_id
    found = ids.find(journey_id, "journey")
    return shown.note(notes.create(work, found, wanted.content, wanted.step_id, author))


@viewer.get("/journeys/{journeyId}/notes", operation_id="list_notes", tags=["journey notes"])
async def list_notes(
    work: InWork,
    journey_id: JourneyId,
    window: paging.Asked,
    sort: paging.Sort = None,
    after: Annotated[Instant | None, Query(alias="createdAfter")] = None,
    before: Annotated[Instant | None, Query(alias="createdBefore")] = None,
    search: paging.Search = None,
) -> schemas.NotePage:
    """The notes on a journey, newest first unless sorted otherwise."""
    page = notes.listed(
        work,
        ids.find(journey_id, "journey"),
        paging.sorted_by(window, sort, notes.SORTABLE),
        after=after,
        before=before,
        search=search,
    )
    return schemas.NotePage(
        data=[shown.note(one) for one in page.items],
        offset=window.offset,
        limit=window.limit,
        total_count=page.total,
    )


@editor.patch("/journeys/{journeyId}/notes/{noteId}", operation_id="update_note", tags=["journey notes"])
async def update_note(
    work: InWork, journey_id: JourneyId, note_id: NoteId, wanted: schemas.NoteUpdate
) -> schemas.NoteResponse:
    """Replace the text of a note."""
    found = notes.update(work, ids.find(journey_id, "journey"), ids.find(note_id, "note"), wanted.content)
    return shown.note(found)


# ---- workflows


@viewer.get("/workflows", operation_id="list_workflows", tags=["workflows"])
async def list_workflows(
    work: InWork,
    window: paging.Asked,
    sort: paging.Sort = None,
    search: paging.Search = None,
    version: Annotated[Literal["latest", "published"], Query(description="latest by default (inferred).")] = "latest",
    wanted: Ids = None,
) -> schemas.WorkflowPage:
    """The workflows that match every filter, newest first unless sorted otherwise."""
    page = workflows.listed(
        work,
        paging.sorted_by(window, sort, workflows.SORTABLE),
        published=version == "published",
        ids=None if wanted is None else [one for one in map(ids.parse, wanted) if one is not None],
        search=search,
    )
    return schemas.WorkflowPage(
        data=[shown.summary(one) for one in page.items],
        offset=window.offset,
        limit=window.limit,
        total_count=page.total,
    )


@editor.post("/workflows", status_code=201, operation_id="create_workflow", tags=["workflows"])
async def create_workflow(request: Request, work: InWork, wanted: schemas.WorkflowRequest) -> schemas.WorkflowResponse:
    """Create a workflow; the switch mint.auto-publish says whether journeys can start from it at once."""
    version = workflows.create(work, content_of(wanted), publishes=work.switched(AUTO_PUBLISH) == "on")
    return shown.workflow(work, version, base_url(request))


@viewer.get("/workflows/{workflowId}", operation_id="get_workflow", tags=["workflows"])
async def get_workflow(
    request: Request,
    work: InWork,
    workflow_id: WorkflowId,
    version: Number | None = None,
) -> schemas.WorkflowResponse:
    """Retrieve a version of a workflow."""
    found = workflows.read(work, ids.find(workflow_id, "workflow"), version)
    return shown.workflow(work, found, base_url(request))


@editor.put("/workflows/{workflowId}", operation_id="update_workflow", tags=["workflows"])
async def update_workflow(
    request: Request, work: InWork, workflow_id: WorkflowId, wanted: schemas.WorkflowRequest
) -> schemas.WorkflowResponse:
    """Replace a workflow; journeys that run keep the version that they started with."""
    found = ids.find(workflow_id, "workflow")
    version = workflows.update(work, found, content_of(wanted), publishes=work.switched(AUTO_PUBLISH) == "on")
    return shown.workflow(work, version, base_url(request))


@viewer.get("/workflows/{workflowId}/versions", operation_id="list_workflow_versions", tags=["workflows"])
async def list_workflow_versions(
    work: InWork, workflow_id: WorkflowId, window: paging.Asked
) -> schemas.WorkflowVersionPage:
    """Every version of a workflow, newest first (inferred)."""
    page = workflows.versions(work, ids.find(workflow_id, "workflow"), paging.newest_version_first(window))
    return schemas.WorkflowVersionPage(
        data=[shown.version_item(one) for one in page.items],
        offset=window.offset,
        limit=window.limit,
        total_count=page.total,
    )


# ---- step types


@viewer.get("/step-types", operation_id="list_step_types", tags=["step types"])
async def list_step_types(_work: InWork) -> list[schemas.StepTypeItem]:
    """Every type of step, by category."""
    return [shown.step_type(one) for one in catalog.known().values()]


# ---- secrets


@editor.post("/secrets", status_code=201, operation_id="create_secret", tags=["secrets"])
async def create_secret(work: InWork, wanted: schemas.SecretRequest) -> schemas.SecretResponse:
    """Create a secret, whose value nobody can read back."""
    return shown.secret(secrets.create(work, wanted.name, wanted.description, wanted.value))


@editor.patch("/secrets/{secretId}", operation_id="update_secret", tags=["secrets"])
async def update_secret(work: InWork, secret_id: SecretId, wanted: schemas.SecretUpdate) -> schemas.SecretResponse:
    """Change the members that are sent and not null."""
    return shown.secret(secrets.update(work, ids.find(secret_id, "secret"), wanted.model_dump(exclude_unset=True)))
