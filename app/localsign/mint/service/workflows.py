"""Workflows and their versions: saved, published, taken back, deleted.

The rules are those of Elsa 2's publisher (inferred): a draft is written over, a published version is followed by a new
one; journeys start from the published version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete as delete_rows
from sqlmodel import col, func, select

from localsign.core.errors import BadInputError, ConflictError, Flaw, NotFoundError
from localsign.core.paging import Page, Window, cut
from localsign.core.work import Work
from localsign.mint.engine import catalog, journeys
from localsign.mint.engine.graph import cleaned
from localsign.mint.lifecycle import VERSION, VersionEvent, VersionState
from localsign.mint.models import Graph, Journey, Workflow, WorkflowVersion, files_of
from localsign.mint.service import keeping
from localsign.mint.switches import NOTHING_PUBLISHED, UNKNOWN_STEP_TYPES

MOST_STEPS = 250  # documented
LONGEST_STEP_ID = 50  # documented for every stepId of a request

SORTABLE: Mapping[str, Any] = {
    "name": WorkflowVersion.name,
    "createdAt": WorkflowVersion.created_at,
    "version": WorkflowVersion.number,
}


@dataclass(frozen=True)
class Content:
    """What a workflow is saved with."""

    name: str
    description: str | None = None
    steps: Sequence[dict[str, Any]] = ()
    connections: Sequence[dict[str, Any]] = ()
    variables: dict[str, Any] | None = None
    tags: list[str] | None = None
    parameters: list[str] | None = None
    custom: dict[str, Any] | None = None  # None leaves what an update finds
    path: str = "steps"  # what a flaw calls the list of steps
    step_flaws: list[Flaw] = field(default_factory=list)


def create(work: Work, content: Content, *, publishes: bool) -> WorkflowVersion:
    """A workflow with its first version."""
    check(work, content)
    workflow = Workflow(id=work.new_id(), slug=_slug(work))
    work.db.add(workflow)
    version = _new_version(work, workflow, 1, content)
    work.announce(version, "create_event")
    if publishes:
        _publish(work, version)
    return version


def update(work: Work, workflow_id: UUID, content: Content, *, publishes: bool) -> WorkflowVersion:
    """Save anew: over the latest version if it is a draft, else as the next one."""
    workflow = work.get(Workflow, workflow_id)
    check(work, content)
    latest = latest_version(work, workflow.id)
    if content.custom is None:
        content = replace(content, custom=latest.custom)
    old = work.glance(Graph, latest.graph_id)
    content = replace(
        content,
        steps=keeping.steps(content.steps, old.steps),
        connections=keeping.connections(content.connections, old.connections),
    )
    if latest.is_published:
        version = _next_version(work, workflow, latest, content)
    else:
        work.fire(VERSION, latest, VersionEvent.SAVE)
        _write_over(work, latest, content)
        version = latest
    work.announce(version, "save_event")
    if publishes:
        _publish(work, version)
    return version


def publish(work: Work, workflow_id: UUID) -> WorkflowVersion:
    """Publish the latest version; where that is published already, a copy of it becomes the next one."""
    workflow = work.get(Workflow, workflow_id)
    latest = latest_version(work, workflow.id)
    if latest.is_published:
        latest = _next_version(work, workflow, latest, content_of(work, latest))
    _publish(work, latest)
    return latest


def unpublish(work: Work, workflow_id: UUID) -> WorkflowVersion:
    """Take back the published version: nothing can be started any more. NotFoundError where there is none."""
    work.get(Workflow, workflow_id)
    published = published_version(work, workflow_id)
    if published is None:
        raise NotFoundError(f"The workflow {workflow_id.hex} has no published version.")
    work.fire(VERSION, published, VersionEvent.UNPUBLISH)
    return published


def delete(work: Work, workflow_id: UUID) -> None:
    """Remove a workflow: all its versions, its files and its journeys."""
    workflow = work.get(Workflow, workflow_id)
    work.announce(latest_version(work, workflow_id), "delete_event")
    for journey in work.db.exec(select(Journey).where(Journey.workflow_id == workflow_id)).all():
        journeys.forget(work, journey)
    digests = set()
    for file in files_of(work, workflow_id=workflow_id):
        digests.add(file.digest)
        work.db.delete(file)
    work.db.flush()
    for model in (WorkflowVersion, Graph):
        work.db.execute(delete_rows(model).where(col(model.workflow_id) == workflow_id))
        work.touched.add(str(model.__tablename__))
    work.db.delete(workflow)
    work.db.flush()
    for digest in sorted(digests):
        work.drop_unused(digest)


def read(work: Work, workflow_id: UUID, number: int | None = None) -> WorkflowVersion:
    """A version: the latest, unless another is asked for."""
    work.glance(Workflow, workflow_id)
    if number is None:
        return latest_version(work, workflow_id)
    query = select(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow_id, WorkflowVersion.number == number)
    found = work.db.exec(query).first() if number < 1 << 31 else None
    if found is None:
        raise NotFoundError(f"The workflow {workflow_id.hex} has no version {number}.")
    return found


def startable(work: Work, workflow_id: UUID) -> WorkflowVersion:
    """The published version, which journeys start from."""
    work.glance(Workflow, workflow_id)
    published = published_version(work, workflow_id)
    if published is None:
        detail = f"The workflow {workflow_id.hex} has no published version, so no journey can start from it."
        raise ConflictError(detail) if work.switched(NOTHING_PUBLISHED) == "409" else NotFoundError(detail)
    return published


def by_slug(work: Work, slug: str) -> Workflow | None:
    """The workflow whose public address ends in `slug`."""
    return work.db.exec(select(Workflow).where(Workflow.slug == slug)).first()


def listed(
    work: Work, window: Window, *, published: bool, ids: Sequence[UUID] | None, search: str | None
) -> Page[WorkflowVersion]:
    """The latest version of each workflow, or the published ones."""
    query = select(WorkflowVersion)
    if published:
        query = query.where(col(WorkflowVersion.state) == VersionState.PUBLISHED)
    else:
        query = query.where(col(WorkflowVersion.is_latest))
    if ids is not None:
        query = query.where(col(WorkflowVersion.workflow_id).in_(ids))
    if search:
        query = query.where(func.instr(WorkflowVersion.folded, search.casefold()) > 0)
    filters = published, None if ids is None else tuple(ids), search
    return cut(work, WorkflowVersion, query, window, SORTABLE, tie=WorkflowVersion.seq, filters=filters)


def versions(work: Work, workflow_id: UUID, window: Window) -> Page[WorkflowVersion]:
    """Every version of a workflow."""
    work.glance(Workflow, workflow_id)
    query = select(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow_id)
    return cut(
        work, WorkflowVersion, query, window, SORTABLE, tie=WorkflowVersion.seq, filters=("versions", workflow_id)
    )


def content_of(work: Work, version: WorkflowVersion) -> Content:
    """What a version was saved with."""
    graph = work.glance(Graph, version.graph_id)
    return Content(
        name=version.name,
        description=version.description,
        steps=graph.steps,
        connections=graph.connections,
        variables=graph.variables,
        tags=version.tags,
        parameters=version.parameters,
        custom=version.custom,
    )


# ---- how


def check(work: Work, content: Content) -> None:
    """Refuse what cannot be saved, with everything that is wrong with it."""
    flaws = list(content.step_flaws)
    if len(content.steps) > MOST_STEPS:
        flaws.append(Flaw(content.path, f"must have at most {MOST_STEPS} items, has {len(content.steps)}"))
    seen: set[str] = set()
    rejects = work.switched(UNKNOWN_STEP_TYPES) == "reject"
    for index, step in enumerate(content.steps):
        place = f"{content.path}[{index}]"
        if not 1 <= len(step["id"]) <= LONGEST_STEP_ID:
            flaws.append(Flaw(f"{place}.id", f"must be 1 to {LONGEST_STEP_ID} characters"))
        if step["id"] in seen:
            flaws.append(Flaw(f"{place}.id", f"'{step['id']}' is the id of an earlier step as well"))
        seen.add(step["id"])
        if rejects and catalog.find(step["type"]) is None:
            flaws.append(Flaw(f"{place}.type", f"'{step['type']}' is not a step type"))
    if flaws:
        raise BadInputError.of_flaws(flaws)


def _slug(work: Work) -> str:
    while True:
        slug = work.ids.hex(4)  # documented: 8 hexadecimal digits
        if by_slug(work, slug) is None:
            return slug


def _new_version(work: Work, workflow: Workflow, number: int, content: Content) -> WorkflowVersion:
    graph = _new_graph(work, workflow.id, content)
    version = WorkflowVersion(
        id=work.new_id(),
        workflow_id=workflow.id,
        number=number,
        state=VersionState.DRAFT,
        is_latest=True,
        graph_id=graph.id,
        created_at=work.now,
        **_columns(content),
    )
    work.db.add(version)
    work.db.flush()
    return version


def _columns(content: Content) -> dict[str, Any]:
    folded = "\n".join((content.name, content.description or "", *(content.tags or ()))).casefold()
    return {
        "name": content.name,
        "description": content.description,
        "tags": content.tags,
        "parameters": content.parameters,
        "custom": content.custom,
        "folded": folded,
    }


def _new_graph(work: Work, workflow_id: UUID, content: Content) -> Graph:
    graph = Graph(
        id=work.new_id(),
        workflow_id=workflow_id,
        steps=list(content.steps),
        connections=cleaned(content.steps, content.connections),
        variables=content.variables,
    )
    work.db.add(graph)
    work.db.flush()
    return graph


def _next_version(work: Work, workflow: Workflow, latest: WorkflowVersion, content: Content) -> WorkflowVersion:
    latest.is_latest = False
    return _new_version(work, workflow, latest.number + 1, content)


def _write_over(work: Work, version: WorkflowVersion, content: Content) -> None:
    """Journeys that run on the version keep the steps that they started with."""
    old = version.graph_id
    version.graph_id = _new_graph(work, version.workflow_id, content).id
    for name, value in _columns(content).items():
        setattr(version, name, value)
    work.db.flush()
    if work.db.exec(select(Journey.id).where(Journey.graph_id == old).limit(1)).first() is None:
        work.db.delete(work.get(Graph, old))


def _publish(work: Work, version: WorkflowVersion) -> None:
    published = published_version(work, version.workflow_id)
    if published is not None:
        work.fire(VERSION, published, VersionEvent.SUPERSEDE)
    work.fire(VERSION, version, VersionEvent.PUBLISH)


def latest_version(work: Work, workflow_id: UUID) -> WorkflowVersion:
    query = select(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow_id, col(WorkflowVersion.is_latest))
    return work.db.exec(query).one()


def published_version(work: Work, workflow_id: UUID) -> WorkflowVersion | None:
    query = select(WorkflowVersion).where(
        WorkflowVersion.workflow_id == workflow_id, WorkflowVersion.state == VersionState.PUBLISHED
    )
    return work.db.exec(query).first()
