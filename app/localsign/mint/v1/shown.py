"""From rows to the wire shapes of Mint v1."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from localsign.core.work import Work
from localsign.mint import faces
from localsign.mint.engine.catalog import StepType
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import (
    Journey,
    LogRecord,
    MintFile,
    Note,
    Template,
    WorkflowVersion,
    files_of,
    run_of,
)
from localsign.mint.service import instances, journeys, orders, submissions, workflows
from localsign.mint.service.orders import Order
from localsign.mint.v1 import schemas, writing

STATUS = {state: schemas.FlowStatus[state.name] for state in JourneyState}
STATES = {status: state for state, status in STATUS.items()}


def flow_item(version: WorkflowVersion) -> schemas.FlowItem:
    return schemas.FlowItem(**_flow_head(version))


def _flow_head(version: WorkflowVersion) -> dict[str, Any]:
    return {
        "definition_id": version.workflow_id.hex,
        "definition_version_id": version.id.hex,
        "title": version.name,
        "tags": version.tags or [],
        **faces.version_facts(version),
    }


def flow(work: Work, version: WorkflowVersion, base_url: str) -> schemas.Flow:
    content = workflows.content_of(work, version)
    return schemas.Flow(
        **_flow_head(version),
        steps=writing.shown(content.steps),
        connections=writing.shown(content.connections),
        custom_attributes=content.custom or {},
        variables=content.variables,
        workflow_url=faces.public_url(work, version.workflow_id, base_url),
        files=[flow_file(one) for one in files_of(work, workflow_id=version.workflow_id)],
    )


def flow_file(file: MintFile) -> schemas.FlowFile:
    return schemas.FlowFile(**_file(file))


def _file(file: MintFile) -> dict[str, Any]:
    return {
        "reference_id": file.id.hex,
        "category": file.category,
        "created_at": file.created_at,
        **faces.file_facts(file),
    }


def form_file(field: str, file: MintFile) -> schemas.FormFile:
    return schemas.FormFile(input_id=field, reference_id=file.id.hex, **faces.file_facts(file))


def order_status(work: Work, order: Order) -> schemas.SigningOrderStatus:
    return schemas.SigningOrderStatus.showing(
        {
            "document_id": order.id,
            "document_status": orders.status(order),
            "completed_packages": orders.completed(work, order),
            "attachment_packages": {str(one): held for one, held in orders.formats(work, order).items()},
        }
    )


def step_type(found: StepType) -> schemas.StepTypeItem:
    return schemas.StepTypeItem(**faces.type_facts(found))


def step_type_schema(found: StepType) -> schemas.StepTypeSchema:
    inputs = found.schema["inputs"]
    return schemas.StepTypeSchema(
        title=found.type,
        description=faces.type_facts(found)["description"],
        type="object",
        properties=inputs["properties"],
        required=inputs.get("required", []),
    )


# ---- instances


def instance_items(work: Work, found: Sequence[Journey]) -> list[schemas.InstanceItem]:
    users = instances.users(work, found)
    return [schemas.InstanceItem(**_instance_head(one, users[one.id])) for one in found]


def _instance_head(journey: Journey, users: list[str]) -> dict[str, Any]:
    return {
        **faces.journey_facts(journey),
        "definition_id": journey.workflow_id.hex,
        "status": STATUS[journey.state],
        "flow_title": journey.workflow_name,
        "correlation_id": journey.correlation_id,
        "user_ids": users,
    }


def instance(work: Work, found: Journey) -> schemas.Instance:
    return schemas.Instance(
        **_instance_head(found, instances.users(work, [found])[found.id]),
        input=found.input,
        variables=run_of(work, found).variables,
        activity_data=faces.step_data(work, found),
        blocking_activities=[
            schemas.BlockingActivity(activity_id=one.step_id, activity_type=one.type)
            for one in journeys.waits(work, [found])[found.id]
        ],
        fault=_fault(found),
        alerts=[
            schemas.InstanceAlert(activity_id=one.step_id, severity=one.severity, message=one.message, timestamp=one.at)
            for one in journeys.alerts(work, [found])[found.id]
        ],
        notes=[note(one) for one in work.look_up(Note, "journey_id", [found.id])],
        files=[
            schemas.InstanceFile(**_file(one), activity_id=one.step_id) for one in files_of(work, journey_id=found.id)
        ],
        forms=[
            schemas.FormSubmission(form_id=one.form_id, submission_id=found.id, activity_id=one.step_id)
            for one in submissions.of(work, found)
        ],
        signing_orders=[
            schemas.SigningOrder(document_id=one.id, attachment_ids=list(one.attachments))
            for one in orders.of(work, found)
        ],
    )


def _fault(journey: Journey) -> schemas.Fault | None:
    fault = journey.fault
    if fault is None:
        return None
    return schemas.Fault(activity_id=fault["stepId"], message=fault["message"], resuming=fault["resuming"])


def log_record(one: LogRecord) -> schemas.LogRecord:
    return schemas.LogRecord(
        id=one.id.hex,
        activity_id=one.step_id,
        activity_type=one.type,
        timestamp=one.at,
        event_name=one.event,
        message=one.message,
        outcomes=one.outcomes,
    )


def note(found: Note) -> schemas.Note:
    return schemas.Note(activity_id=found.step_id, note=found.content, **faces.note_facts(found))


def template(found: Template) -> schemas.Template:
    return schemas.Template(
        id=UUID(str(found.id)),
        flow=schemas.TemplateFlow.showing(found.flow),
        accounts=found.accounts,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )
