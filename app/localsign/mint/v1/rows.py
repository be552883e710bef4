"""What reports say: of many instances a row each, of one instance a row for each of its steps."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from localsign.core.clock import show
from localsign.core.work import Work
from localsign.mint.engine.graph import Step
from localsign.mint.models import Graph, Journey, Note
from localsign.mint.service import instances, journeys, timeline
from localsign.mint.service.timeline import StepRun
from localsign.mint.v1 import shown

# Inferred, all of it: no source shows a report.
MANY = (
    "instanceId", "name", "status", "flowTitle", "definitionId", "version", "correlationId", "createdAt",
    "lastExecutedAt", "finishedAt", "faultedAt", "cancelledAt", "fault", "users",
)  # fmt: skip
_MOMENTS = ("created_at", "last_executed_at", "finished_at", "faulted_at", "cancelled_at")
ONE = (
    "instanceId", "activityId", "activityName", "activityType", "status", "startedAt", "endedAt", "outcomes",
    "message", "data", "notes",
)  # fmt: skip


def of_many(work: Work, found: Sequence[Journey]) -> list[tuple[str, ...]]:
    users = instances.users(work, found)
    return [_of(vars(one), users) for one in found]


def _of(one: dict[str, Any], users: Mapping[UUID, Sequence[str]]) -> tuple[str, ...]:
    """The row of a journey by its columns: SQLAlchemy's attributes would cost more than all the rest."""
    return (
        one["id"].hex,
        one["name"] or "",
        shown.STATUS[one["state"]].value,
        one["workflow_name"],
        one["workflow_id"].hex,
        str(one["version"]),
        one["correlation_id"] or "",
        *(_moment(one[name]) for name in _MOMENTS),
        (one["fault"] or {}).get("message", ""),
        "; ".join(users[one["id"]]),
    )


def of_one(work: Work, journey: Journey) -> Iterator[tuple[str, ...]]:
    """What is to be said is read at once; it is spelled when it is asked for, outside of the transaction."""
    outputs = {one.step_id: one.data for one in journeys.outputs(work, journey)}
    names = titles(work, journey)
    notes: dict[str | None, list[str]] = {}
    for note in work.look_up(Note, "journey_id", [journey.id]):
        notes.setdefault(note.step_id, []).append(note.content)
    found = runs(work, journey)
    return (
        (
            journey.id.hex,
            run.step_id,
            names.get(run.step_id, run.step_id),
            run.type,
            run.status.capitalize(),
            _moment(run.started_at),
            _moment(run.ended_at),
            "; ".join(run.outcomes),
            run.message or "",
            as_json(outputs[run.step_id]) if outputs.get(run.step_id) is not None else "",
            "; ".join(notes.get(run.step_id, ())),
        )
        for run in found
    )


def runs(work: Work, journey: Journey) -> list[StepRun]:
    return timeline.runs(journeys.log(work, journey.id), journeys.waits(work, [journey])[journey.id])


def titles(work: Work, journey: Journey) -> dict[str, str]:
    """What people call each step."""
    return {one["id"]: Step.of(one).title for one in work.glance(Graph, journey.graph_id).steps}


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _moment(at: datetime | None) -> str:
    return "" if at is None else show(at)
