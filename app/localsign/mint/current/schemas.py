"""Wire shapes of the newer Mint API, in both directions. Source: its reference; members that are null are shown."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictStr,
)

from localsign.core.wire import Instant, Text
from localsign.mint.wire import Free, Wire

_WHOLE = r"^-?(?:0|[1-9]\d*)$"
_LONGEST_NUMBER = 11


def _whole(value: Any) -> Any:
    """Documented: a whole number may also be sent as text, without leading zeros or a plus sign."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must be a whole number, or text that is one")
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER or not re.fullmatch(_WHOLE, value, re.ASCII):
            raise ValueError(f"must be a whole number, or text that matches {_WHOLE}")
        return int(value)
    return value


# Bounds are added where it is used, with WHOLE as `json_schema_extra`.
Whole = Annotated[int, BeforeValidator(_whole)]
WHOLE: dict[str, Any] = {"type": ["integer", "string"], "format": "int32", "pattern": _WHOLE}


Short = Annotated[StrictStr, Field(max_length=50)]


# ---- workflows


class WorkflowStep(Wire):
    id: Text
    type: Text
    name: Text | None = None
    display_name: Text | None = None
    description: Text | None = None
    properties: Free | None = None


class WorkflowStepConnection(Wire):
    source_step_id: Text | None = None
    target_step_id: Text | None = None
    outcome: Text | None = None


class WorkflowInputParameter(Wire):
    name: Text


class WorkflowRequest(Wire):
    """A workflow to create, or to replace another with."""

    name: Annotated[StrictStr, Field(max_length=255)]
    description: Annotated[StrictStr, Field(max_length=5000)] | None = None
    steps: Annotated[list[WorkflowStep], Field(max_length=250)]
    connections: list[WorkflowStepConnection] | None = None
    variables: Free | None = None
    tags: list[Text] | None = None
    input_parameters: list[WorkflowInputParameter] | None = None


class WorkflowSummary(Wire):
    id: str
    name: str | None
    description: str | None
    version: int
    is_latest: bool
    is_published: bool
    created_at: Instant | None


class FileResponseItem(Wire):
    id: str
    filename: str
    content_type: str
    size: int | None


class WorkflowResponse(WorkflowSummary):
    steps: list[WorkflowStep]
    connections: list[WorkflowStepConnection]
    variables: dict[str, Any] | None
    tags: list[str]
    domain: str | None
    workflow_url: str | None
    input_parameters: list[WorkflowInputParameter]
    files: list[FileResponseItem]


class WorkflowVersionItem(Wire):
    id: str
    workflow_id: str
    version: int
    is_latest: bool
    is_published: bool
    created_at: Instant | None


class PageOf(Wire):
    offset: int
    limit: int
    total_count: int


class WorkflowPage(PageOf):
    data: list[WorkflowSummary]


class WorkflowVersionPage(PageOf):
    data: list[WorkflowVersionItem]


# ---- journeys


class StartRequest(Wire):
    input: Free | None = None
    journey_url_ttl: Annotated[Whole, Field(ge=1, le=604_800, json_schema_extra=WHOLE)] | None = Field(
        None, description="Seconds; 60 by default."
    )


class StartResponse(Wire):
    journey_id: str
    step_id: str | None = Field(description="Inferred: the step that the journey waits at, if it does.")
    journey_url: str


Status = Literal["idle", "running", "finished", "active", "faulted", "cancelled"]


class AlertItem(Wire):
    step_id: str
    severity: Literal["info", "warning", "critical"]
    message: str
    timestamp: Instant | None


class JourneySummary(Wire):
    id: str
    workflow_id: str
    version: int
    status: Status
    name: str | None
    workflow_name: str | None
    created_at: Instant | None
    last_executed_at: Instant | None
    finished_at: Instant | None
    faulted_at: Instant | None
    cancelled_at: Instant | None
    pending_steps: bool
    alerts: list[AlertItem]


class JourneyPage(PageOf):
    data: list[JourneySummary]


class ActiveStep(Wire):
    step_id: str
    step_type: str


class LoopTurn(Wire):
    index: int
    step_data: dict[str, Any]


class JourneyFile(FileResponseItem):
    step_id: str | None


class JourneyResponse(Wire):
    id: str
    workflow_id: str
    version: int
    status: Status
    name: str | None
    created_at: Instant | None
    last_executed_at: Instant | None
    finished_at: Instant | None
    faulted_at: Instant | None
    cancelled_at: Instant | None
    step_data: dict[str, Any] = Field(description="What each step gave, by the id of the step (inferred).")
    loops: dict[str, list[LoopTurn]]
    active_steps: list[ActiveStep]
    alerts: list[AlertItem]
    files: list[JourneyFile]


class ResumeRequest(Wire):
    input: Free | None = None
    step_id: Short


class Decision(Wire):
    approved: StrictBool
    message: Text | None = None


class ApproveRequest(Wire):
    input: Decision
    step_id: Short


class UrlRequest(Wire):
    time_to_live: Annotated[Whole, Field(ge=0, le=2_592_000, json_schema_extra=WHOLE)] | None = Field(
        None, description="Seconds; 60 by default."
    )


class UrlResponse(Wire):
    journey_url: str


class LogEvent(Wire):
    id: str
    timestamp: Instant | None
    event_name: str | None
    message: str | None
    outcomes: list[str] | None


class LogStep(Wire):
    step_id: str
    step_type: str
    started_at: Instant | None
    ended_at: Instant | None
    status: Literal["running", "finished", "active", "faulted"] | None = Field(description="Inferred values.")
    events: list[LogEvent]


class ExecutionLog(Wire):
    steps: list[LogStep]
    steps_finished: int
    steps_faulted: int


# ---- notes, step types, secrets

NoteText = Annotated[StrictStr, Field(max_length=1000)]


class NoteRequest(Wire):
    step_id: Short | None = None
    content: NoteText


class NoteUpdate(Wire):
    content: NoteText


class NoteResponse(Wire):
    id: str
    step_id: str | None
    content: str
    created_at: Instant | None
    created_by: str
    updated_at: Instant | None


class NotePage(PageOf):
    data: list[NoteResponse]


class StepTypeItem(Wire):
    type: str
    display_name: str
    description: str | None
    category: str
    outcomes: list[str]
    required_permissions: list[str]
    deprecated: bool
    interactive: bool


SecretName = Annotated[StrictStr, Field(min_length=1, max_length=50)]
SecretDescription = Annotated[StrictStr, Field(max_length=100)]
SecretValue = Annotated[StrictStr, Field(max_length=4000)]


class SecretRequest(Wire):
    name: SecretName
    description: SecretDescription | None = None
    value: SecretValue


class SecretUpdate(Wire):
    name: SecretName | None = None
    description: SecretDescription | None = None
    value: SecretValue | None = None


class SecretResponse(Wire):
    id: str
    name: str
    description: str | None
    created_at: Instant | None
    updated_at: Instant | None


class StepTypeSchema(Wire):
    """Ours: what localsign knows of a step type beyond the reference."""

    type: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    mark: str
    simulated: str | None
