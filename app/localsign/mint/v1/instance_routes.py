"""Instances of Mint v1 and their notes: HTTP in, HTTP out; no decisions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from localsign.core.http import InWork
from localsign.core.paging import Window
from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.models import Journey
from localsign.mint.service import instances, journeys, notes
from localsign.mint.service.instances import Filters
from localsign.mint.switches import LISTS
from localsign.mint.v1 import schemas, shown
from localsign.mint.v1.binding import DefinitionId, InstanceId, Limit, Offset, Search, bound, one_of
from localsign.mint.v1.flow_routes import MOST
from localsign.signicat import permissions
from localsign.signicat.auth import requires

viewer = APIRouter(route_class=bound(requires(permissions.FLOW_VIEWER)))
editor = APIRouter(route_class=bound(requires(permissions.FLOW_EDITOR)))

Status = Annotated[schemas.FlowStatus | None, one_of(schemas.FlowStatus), Query()]
# Documented: `orderby` where JSON and PDF are answered, `orderBy` where CSV is. Each is read in any case.
_Ordering = Annotated[schemas.InstanceOrderBy, one_of(schemas.InstanceOrderBy)]
OrderBy = Annotated[_Ordering, Query(alias="orderby", description="Started by default; newest first (inferred).")]
CamelOrderBy = Annotated[_Ordering, Query(alias="orderBy", description="Started by default; newest first (inferred).")]
CorrelationId = Annotated[str | None, Query(alias="correlationId", description="Inferred: the input correlationId.")]
UserId = Annotated[
    str | None, Query(alias="userId", description="Documented in words for one CSV report; inferred: everywhere.")
]
ActivityId = Annotated[str, Path(alias="activityId", description="The ID of the activity.")]
NoteId = Annotated[str, Path(alias="noteId", description="The ID of the note.")]
User = Annotated[str, Path(alias="userId", max_length=255, description="ID of the Signicat user.")]


@dataclass(frozen=True)
class Asked:
    """What a list or a report of instances is to hold."""

    filters: Filters
    order: str
    offset: int
    limit: int | None


async def _filters(
    status: Status = None, correlation_id: CorrelationId = None, search: Search = None, user_id: UserId = None
) -> Filters:
    return Filters(
        state=shown.STATES[status] if status else None,
        correlation_id=correlation_id,
        search=search,
        user_id=user_id,
    )


Filtered = Annotated[Filters, Depends(_filters)]


async def _asked(
    filters: Filtered,
    order: OrderBy = schemas.InstanceOrderBy.STARTED,
    offset: Offset = 0,
    limit: Limit = None,
) -> Asked:
    return Asked(filters, order.value, offset, limit)


async def _asked_of_csv(
    filters: Filtered,
    order: CamelOrderBy = schemas.InstanceOrderBy.STARTED,
    offset: Offset = 0,
    limit: Limit = None,
) -> Asked:
    return Asked(filters, order.value, offset, limit)


Listed = Annotated[Asked, Depends(_asked)]
ListedInCsv = Annotated[Asked, Depends(_asked_of_csv)]
Instances = schemas.InstancePage | list[schemas.InstanceItem]


@viewer.get("/flows/{definitionId}/instances", operation_id="list_flow_instances", tags=["v1: instances"])
async def list_flow_instances(work: InWork, definition_id: DefinitionId, asked: Listed) -> Instances:
    """The instances of a flow that match every filter."""
    workflow_id = instances.check_flow(work, ids.find(definition_id, "flow"))
    return _listed(work, asked, workflow_id=workflow_id)


@viewer.get("/instances", operation_id="list_instances", tags=["v1: instances"])
async def list_instances(work: InWork, asked: Listed) -> Instances:
    """The instances of all flows that match every filter."""
    return _listed(work, asked)


def _listed(work: Work, asked: Asked, **more: object) -> Instances:
    wanted = Filters(**{**vars(asked.filters), **more})
    window = Window(asked.offset, min(asked.limit or MOST, MOST), instances.newest_first(asked.order))
    page = instances.listed(work, window, wanted)
    items = shown.instance_items(work, page.items)
    if work.switched(LISTS) == "array":
        return items
    return schemas.InstancePage(data=items, offset=asked.offset, limit=window.limit, total_count=page.total)


@viewer.get("/instances/{instanceId}", operation_id="get_instance", tags=["v1: instances"])
async def get_instance(work: InWork, instance_id: InstanceId) -> schemas.Instance:
    """An instance with its data, its notes and its files."""
    return shown.instance(work, work.glance(Journey, ids.find(instance_id, "instance")))


@viewer.get("/instances/{instanceId}/execution-log", operation_id="get_instance_execution_log", tags=["v1: instances"])
async def get_instance_execution_log(work: InWork, instance_id: InstanceId) -> list[schemas.LogRecord]:
    """What the engine did, line by line."""
    return [shown.log_record(one) for one in journeys.log(work, ids.find(instance_id, "instance"))]


@editor.post(
    "/instances/{instanceId}/users/{userId}", status_code=204, operation_id="associate_user", tags=["v1: instances"]
)
async def associate_user(work: InWork, instance_id: InstanceId, user_id: User) -> None:
    """Associate an instance with a user of the dashboard."""
    instances.associate(work, ids.find(instance_id, "instance"), user_id)


@editor.delete(
    "/instances/{instanceId}/users/{userId}", status_code=204, operation_id="disassociate_user", tags=["v1: instances"]
)
async def disassociate_user(work: InWork, instance_id: InstanceId, user_id: User) -> None:
    """Take an association back."""
    instances.disassociate(work, ids.find(instance_id, "instance"), user_id)


# ---- notes


@editor.post(
    "/instances/{instanceId}/notes", status_code=201, operation_id="create_instance_note", tags=["v1: instance notes"]
)
async def create_instance_note(
    request: Request, work: InWork, instance_id: InstanceId, wanted: schemas.NoteRequest
) -> schemas.Note:
    """Note something on an instance."""
    author = request.scope["state"]["caller"].client_id
    return shown.note(notes.create(work, ids.find(instance_id, "instance"), wanted.note or "", None, author))


@editor.post(
    "/instances/{instanceId}/activities/{activityId}/notes",
    status_code=201,
    operation_id="create_activity_note",
    tags=["v1: instance notes"],
)
async def create_activity_note(
    request: Request, work: InWork, instance_id: InstanceId, activity_id: ActivityId, wanted: schemas.NoteRequest
) -> schemas.Note:
    """Note something on an activity of an instance."""
    author, found = request.scope["state"]["caller"].client_id, ids.find(instance_id, "instance")
    notes.check_step(work, found, activity_id)
    return shown.note(notes.create(work, found, wanted.note or "", activity_id, author))


@editor.put("/instances/{instanceId}/notes/{noteId}", operation_id="update_instance_note", tags=["v1: instance notes"])
async def update_instance_note(
    work: InWork, instance_id: InstanceId, note_id: NoteId, wanted: schemas.NoteRequest
) -> schemas.Note:
    """Replace the text of a note on an instance."""
    return _updated(work, instance_id, None, note_id, wanted)


@editor.delete(
    "/instances/{instanceId}/notes/{noteId}",
    status_code=204,
    operation_id="delete_instance_note",
    tags=["v1: instance notes"],
)
async def delete_instance_note(work: InWork, instance_id: InstanceId, note_id: NoteId) -> None:
    """Delete a note on an instance."""
    _delete(work, instance_id, None, note_id)


@editor.put(
    "/instances/{instanceId}/activities/{activityId}/notes/{noteId}",
    operation_id="update_activity_note",
    tags=["v1: instance notes"],
)
async def update_activity_note(
    work: InWork, instance_id: InstanceId, activity_id: ActivityId, note_id: NoteId, wanted: schemas.NoteRequest
) -> schemas.Note:
    """Replace the text of a note on an activity."""
    return _updated(work, instance_id, activity_id, note_id, wanted)


@editor.delete(
    "/instances/{instanceId}/activities/{activityId}/notes/{noteId}",
    status_code=204,
    operation_id="delete_activity_note",
    tags=["v1: instance notes"],
)
async def delete_activity_note(work: InWork, instance_id: InstanceId, activity_id: ActivityId, note_id: NoteId) -> None:
    """Delete a note on an activity."""
    _delete(work, instance_id, activity_id, note_id)


def _updated(
    work: Work, instance_id: str, activity_id: str | None, note_id: str, wanted: schemas.NoteRequest
) -> schemas.Note:
    journey_id, found = ids.find(instance_id, "instance"), ids.find(note_id, "note")
    notes.check_place(work, journey_id, found, activity_id)
    return shown.note(notes.update(work, journey_id, found, wanted.note or ""))


def _delete(work: Work, instance_id: str, activity_id: str | None, note_id: str) -> None:
    journey_id, found = ids.find(instance_id, "instance"), ids.find(note_id, "note")
    notes.check_place(work, journey_id, found, activity_id)
    notes.delete(work, journey_id, found)
