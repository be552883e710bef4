"""From rows to the wire shapes of the newer Mint API."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from localsign.core.work import Work
from localsign.mint import faces
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
    WorkflowVersion,
    files_of,
)
from localsign.mint.service import journeys, timeline, workflows

STATUS = {state: state.value.lower() for state in JourneyState} | {JourneyState.SUSPENDED: "active"}
STATES = {status: state for state, status in STATUS.items()}


def summary(version: WorkflowVersion) -> schemas.WorkflowSummary:
    return schemas.WorkflowSummary(**_head(version))


def _head(version: WorkflowVersion) -> dict[str, Any]:
    return {"id": version.workflow_id.hex, "name": version.name, **faces.version_facts(version)}


def workflow(work: Work, version: WorkflowVersion, base_url: str) -> schemas.WorkflowResponse:
    content = workflows.content_of(work, version)
    return schemas.WorkflowResponse.showing(
        {
            **_head(version),
            "steps": content.steps,
            "connections": content.connections,
            "variables": content.variables,
            "tags": content.tags or [],
            "domain": urlsplit(base_url).netloc,
            "workflow_url": faces.public_url(work, version.workflow_id, base_url),
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
    return {"id": file.id.hex, **faces.file_facts(file)}


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
        **faces.journey_facts(journey),
        "workflow_id": journey.workflow_id.hex,
        "status": STATUS[journey.state],
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
        step_data=faces.step_data(work, found),
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
    return schemas.NoteResponse(step_id=found.step_id, content=found.content, **faces.note_facts(found))


def step_type(found: StepType) -> schemas.StepTypeItem:
    return schemas.StepTypeItem(
        **faces.type_facts(found),
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
