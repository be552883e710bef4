"""Flows of Mint v1: HTTP in, HTTP out; no decisions. Methods and paths are inferred."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from localsign.core.errors import NotFoundError
from localsign.core.http import InWork, base_url
from localsign.core.paging import Order, Window
from localsign.mint import ids
from localsign.mint.engine import catalog, journeys, links
from localsign.mint.service import flows, workflows
from localsign.mint.service.flows import Kind, Versions
from localsign.mint.switches import LISTS
from localsign.mint.v1 import schemas, shown, writing
from localsign.mint.v1.binding import INT32, DefinitionId, Flag, Limit, Offset, Search, Whole, bound, one_of
from localsign.signicat import permissions
from localsign.signicat.auth import requires

# Documented: the API client needs both roles. Inferred: which operation needs which.
viewer = APIRouter(route_class=bound(requires(permissions.FLOW_VIEWER)))
editor = APIRouter(route_class=bound(requires(permissions.FLOW_EDITOR)))

MOST = 1000  # rows of one answer (inferred); a report has all
Number = Annotated[Whole, Query(alias="Version", ge=-2_147_483_648, le=2_147_483_647, json_schema_extra=INT32)]
OrderBy = Annotated[schemas.FlowDefinitionOrderBy, one_of(schemas.FlowDefinitionOrderBy), Query(alias="orderBy")]
Sorted = Annotated[schemas.SortBy, one_of(schemas.SortBy), Query(alias="sortBy")]
StepTypeName = Annotated[str, Path(alias="stepType", description="The name of the step type.")]


@viewer.get("/flows", operation_id="list_flows", tags=["v1: flows"])
async def list_flows(
    work: InWork,
    is_latest: Annotated[Flag, Query(alias="IsLatest")] = False,
    is_latest_or_published: Annotated[Flag, Query(alias="IsLatestOrPublished")] = False,
    is_published: Annotated[Flag, Query(alias="IsPublished")] = False,
    is_draft: Annotated[Flag, Query(alias="IsDraft")] = False,
    all_versions: Annotated[Flag, Query(alias="AllVersions")] = False,
    version: Number = 0,
    search: Search = None,
    offset: Offset = 0,
    limit: Limit = None,
    order: OrderBy = schemas.FlowDefinitionOrderBy.NAME,
    sort: Sorted = schemas.SortBy.ASCENDING,
) -> schemas.FlowPage | list[schemas.FlowItem]:
    """The flows that match, in one version each or in several."""
    asked = {  # of several options the first counts (inferred from Elsa 2)
        Kind.DRAFT: is_draft,
        Kind.LATEST: is_latest,
        Kind.PUBLISHED: is_published,
        Kind.LATEST_OR_PUBLISHED: is_latest_or_published,
        Kind.ALL: all_versions,
        Kind.NUMBER: version > 0,
    }
    kind = next((one for one, is_asked in asked.items() if is_asked), Kind.LATEST)
    is_descending = sort is schemas.SortBy.DESCENDING
    window = Window(offset, min(limit or MOST, MOST), (Order(order.value, is_descending=is_descending),))
    page = flows.listed(work, window, Versions(kind, version if kind is Kind.NUMBER else 0), search)
    items = [shown.flow_item(one) for one in page.items]
    if work.switched(LISTS) == "array":
        return items
    return schemas.FlowPage(data=items, offset=offset, limit=window.limit, total_count=page.total)


@editor.post("/flows", status_code=201, operation_id="create_flow", tags=["v1: flows"])
async def create_flow(request: Request, work: InWork, wanted: schemas.WriteFlow) -> schemas.Flow:
    """Create a flow, which is a draft until it is published."""
    version = workflows.create(work, writing.content_of(wanted), publishes=False)
    return shown.flow(work, version, base_url(request))


# ---- step types: in front of the flows, whose ids would match their paths


@viewer.get("/flows/step-types", operation_id="list_flow_step_types", tags=["v1: flows"])
async def list_flow_step_types(_work: InWork) -> list[schemas.StepTypeItem]:
    """Every type of step, by category."""
    return [shown.step_type(one) for one in catalog.known().values()]


@viewer.get("/flows/step-types/{stepType}/schema", operation_id="get_flow_step_type_schema", tags=["v1: flows"])
async def get_flow_step_type_schema(_work: InWork, step_type: StepTypeName) -> schemas.StepTypeSchema:
    """The JSON schema of the properties that a type of step takes."""
    found = catalog.find(step_type)
    if found is None:
        raise NotFoundError(f"There is no step type '{step_type}'.")
    return shown.step_type_schema(found)


# ---- one flow


@viewer.get("/flows/{definitionId}", operation_id="get_flow", tags=["v1: flows"])
async def get_flow(request: Request, work: InWork, definition_id: DefinitionId) -> schemas.Flow:
    """The latest version of a flow."""
    return shown.flow(work, workflows.read(work, ids.find(definition_id, "flow")), base_url(request))


@editor.put("/flows/{definitionId}", operation_id="update_flow", tags=["v1: flows"])
async def update_flow(
    request: Request, work: InWork, definition_id: DefinitionId, wanted: schemas.WriteFlow
) -> schemas.Flow:
    """Replace a draft, or make the next version of a flow that is published."""
    found = ids.find(definition_id, "flow")
    parameters = workflows.read(work, found).parameters
    version = workflows.update(work, found, writing.content_of(wanted, parameters), publishes=False)
    return shown.flow(work, version, base_url(request))


@editor.delete("/flows/{definitionId}", status_code=204, operation_id="delete_flow", tags=["v1: flows"])
async def delete_flow(work: InWork, definition_id: DefinitionId) -> None:
    """Delete a flow with all its versions, files and instances."""
    workflows.delete(work, ids.find(definition_id, "flow"))


@editor.post("/flows/{definitionId}/publish", operation_id="publish_flow", tags=["v1: flows"])
async def publish_flow(request: Request, work: InWork, definition_id: DefinitionId) -> schemas.Flow:
    """Publish the latest version, which gives the flow its public address."""
    version = workflows.publish(work, ids.find(definition_id, "flow"))
    return shown.flow(work, version, base_url(request))


@editor.post("/flows/{definitionId}/unpublish", operation_id="unpublish_flow", tags=["v1: flows"])
async def unpublish_flow(request: Request, work: InWork, definition_id: DefinitionId) -> schemas.Flow:
    """Take the public address back: nobody can start the flow any more."""
    version = workflows.unpublish(work, ids.find(definition_id, "flow"))
    return shown.flow(work, version, base_url(request))


@editor.post("/flows/{definitionId}/execute", operation_id="execute_flow", tags=["v1: flows"])
async def execute_flow(
    request: Request, work: InWork, definition_id: DefinitionId, wanted: schemas.ExecuteRequest | None = None
) -> schemas.Execution:
    """Start the published version in the background; the instance tells what became of it."""
    wanted = wanted or schemas.ExecuteRequest()
    version = workflows.startable(work, ids.find(definition_id, "flow"))
    journey = journeys.make(work, version, wanted.input or {}, base_url(request))
    journeys.launch_soon(work, journey)
    token = links.make(work, journey, wanted.workflow_url_ttl)
    return schemas.Execution(instance_id=journey.id.hex, workflow_url=links.url(base_url(request), token))
