"""From rows to the wire shapes of the newer Mint API."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from localsign.core.work import Work
from localsign.mint.current import schemas
from localsign.mint.engine.catalog import StepType
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import (
    Alert,
    Journey,
    JourneyWait,
    LogRecord,
    LoopRecord,
    MintFile,
    Note,
    Secret,
    Workflow,
    WorkflowVersion,
    files_of,
)
from localsign.mint.service import journeys, timeline, workflows

STATUS = {state: state.value.lower() for state in JourneyState} | {JourneyState.SUSPENDED: "active"}
STATES = {status: state for state, status in STATUS.items()}


def summary(version: WorkflowVersion) -> schemas.WorkflowSummary:
    return schemas.WorkflowSummary(**_head(version))


def _head(version: WorkflowVersion) -> dict[str, Any]:
    return {
        "id": version.workflow_id.hex,
        "name": version.name,
        "description": version.description,
        "version": version.number,
        "is_latest": version.is_latest,
        "is_published": version.is_published,
        "created_at": version.created_at,
    }


def workflow(work: Work, version: WorkflowVersion, base_url: str) -> schemas.WorkflowResponse:
    content = workflows.content_of(work, version)
    url = None
    if workflows.published_version(work, version.workflow_id) is not None:
        url = f"{base_url}/mint/{work.get(Workflow, version.workflow_id).slug}"
    return schemas.WorkflowResponse.showing(
        {
            **_head(version),
            "steps": content.steps,
            "connections": content.connections,
            "variables": content.variables,
            "tags": content.tags or [],
            "domain": urlsplit(base_url).netloc,
            "workflow_url": url,
            "input_parameters": [{"name": name} for name in content.parameters or ()],
            "files": [_file(one) for one in files_of(work, workflow_id=version.workflow_id)],
        }
    )


def version_item(version: WorkflowVersion) -> schemas.WorkflowVersionItem:
    return schemas.WorkflowVersionItem(
        id=version.id.hex,
        workflow_id=version.workflow_id.hex,
        version=version.number,
        is_latest=version.is_latest,
        is_published=version.is_published,
        created_at=version.created_at,
    )


def _file(file: MintFile) -> dict[str, Any]:
    return {"id": file.id.hex, "filename": file.filename, "content_type": file.content_type, "size": file.size}


def file_item(file: MintFile) -> schemas.FileResponseItem:
    return schemas.FileResponseItem(**_file(file))


def journey_items(work: Work, found: Sequence[Journey]) -> list[schemas.JourneySummary]:
    waits, alerts = journeys.waits(work, found), journeys.alerts(work, found)
    return [
        schemas.JourneySummary(
            **_journey_head(one),
            workflow_name=one.workflow_name,
            pending_steps=bool(waits[one.id]),
            alerts=_alerts(alerts[one.id]),
        )
        for one in found
    ]


def _journey_head(journey: Journey) -> dict[str, Any]:
    return {
        "id": journey.id.hex,
        "workflow_id": journey.workflow_id.hex,
        "version": journey.version,
        "status": STATUS[journey.state],
        "name": journey.name,
        "created_at": journey.created_at,
        "last_executed_at": journey.last_executed_at,
        "finished_at": journey.finished_at,
        "faulted_at": journey.faulted_at,
        "cancelled_at": journey.cancelled_at,
    }


def _alerts(alerts: Sequence[Alert]) -> list[schemas.AlertItem]:
    return [
        schemas.AlertItem.showing(
            {"step_id": one.step_id, "severity": one.severity.lower(), "message": one.message, "timestamp": one.at}
        )
        for one in alerts
    ]


def journey(work: Work, found: Journey) -> schemas.JourneyResponse:
    return schemas.JourneyResponse(
        **_journey_head(found),
        step_data={one.step_id: one.data for one in journeys.outputs(work, found)},
        loops=_loops(journeys.loop_records(work, found)),
        active_steps=[
            schemas.ActiveStep(step_id=one.step_id, step_type=one.type)
            for one in journeys.waits(work, [found])[found.id]
        ],
        alerts=_alerts(journeys.alerts(work, [found])[found.id]),
        files=[schemas.JourneyFile(**_file(one), step_id=one.step_id) for one in files_of(work, journey_id=found.id)],
    )


def _loops(records: Sequence[LoopRecord]) -> dict[str, list[schemas.LoopTurn]]:
    found: dict[str, list[schemas.LoopTurn]] = {}
    for one in records:
        found.setdefault(one.loop_id, []).append(schemas.LoopTurn(index=one.number, step_data=one.data))
    return found


def execution_log(records: Sequence[LogRecord], waits: Sequence[JourneyWait]) -> schemas.ExecutionLog:
    steps = [_log_step(one) for one in timeline.runs(records, waits)]
    statuses = [one.status for one in steps]
    return schemas.ExecutionLog(
        steps=steps, steps_finished=statuses.count("finished"), steps_faulted=statuses.count("faulted")
    )


def _log_step(run: timeline.StepRun) -> schemas.LogStep:
    return schemas.LogStep(
        step_id=run.step_id,
        step_type=run.type,
        started_at=run.started_at,
        ended_at=run.ended_at,
        status=run.status,
        events=[
            schemas.LogEvent(
                id=one.id.hex, timestamp=one.at, event_name=one.event, message=one.message, outcomes=one.outcomes
            )
            for one in run.records
        ],
    )


def note(found: Note) -> schemas.NoteResponse:
    return schemas.NoteResponse(
        id=found.id.hex,
        step_id=found.step_id,
        content=found.content,
        created_at=found.created_at,
        created_by=found.created_by,
        updated_at=found.updated_at,
    )


def step_type(found: StepType) -> schemas.StepTypeItem:
    simulated = f" {found.simulated}" if found.simulated else ""
    return schemas.StepTypeItem(
        type=found.type,
        display_name=found.display_name,
        description=found.description + simulated,
        category=found.category,
        outcomes=list(found.outcomes),
        required_permissions=list(found.permissions),
        deprecated=False,
        interactive=found.interactive,
    )


def step_type_schema(found: StepType) -> schemas.StepTypeSchema:
    return schemas.StepTypeSchema(type=found.type, **found.schema, mark=found.mark, simulated=found.simulated)


def secret(found: Secret) -> schemas.SecretResponse:
    return schemas.SecretResponse(
        id=found.id.hex,
        name=found.name,
        description=found.description,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )
