"""Wire shapes of Mint v1. Requests are documented but for steps and connections; every answer is inferred."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StrictInt, StrictStr

from localsign.core.wire import Instant, Text
from localsign.mint.service.orders import Format
from localsign.mint.service.orders import Status as OrderStatus
from localsign.mint.wire import Free, Wire


class FlowStatus(StrEnum):
    IDLE = "Idle"
    RUNNING = "Running"
    FINISHED = "Finished"
    SUSPENDED = "Suspended"
    FAULTED = "Faulted"
    CANCELLED = "Cancelled"


class FlowDefinitionOrderBy(StrEnum):
    NAME = "Name"
    DESCRIPTION = "Description"
    CREATED_AT = "CreatedAt"


class SortBy(StrEnum):
    ASCENDING = "Ascending"
    DESCENDING = "Descending"


class InstanceOrderBy(StrEnum):
    STARTED = "Started"
    LAST_EXECUTED = "LastExecuted"
    FINISHED = "Finished"


class FileCategory(StrEnum):
    GENERIC = "Generic"
    TEMPLATE = "Template"
    SIGN = "Sign"
    JOURNEY = "Journey"


# ---- flows


class WriteFlow(Wire):
    """A flow to save; nothing is required. Bounds are those of the newer API (inferred)."""

    title: Annotated[StrictStr, Field(max_length=255)] | None = None
    description: Annotated[StrictStr, Field(max_length=5000)] | None = None
    steps: list[Free] | None = None
    custom_attributes: Free | None = None
    connections: list[Free] | None = None
    tags: list[Text] | None = None
    variables: Free | None = None


class FlowFile(Wire):
    reference_id: str
    filename: str
    category: FileCategory
    content_type: str
    size: int
    created_at: Instant


class FlowItem(Wire):
    definition_id: str
    definition_version_id: str
    version: int
    title: str
    description: str | None
    tags: list[str]
    is_latest: bool
    is_published: bool
    created_at: Instant


class Flow(FlowItem):
    steps: list[dict[str, Any]]
    connections: list[dict[str, Any]]
    custom_attributes: dict[str, Any]
    variables: dict[str, Any] | None
    workflow_url: str | None = Field(description="Null while no version is published.")
    files: list[FlowFile]


class PageOf(Wire):
    offset: int
    limit: int | None
    total_count: int


class FlowPage(PageOf):
    data: list[FlowItem]


Seconds = Annotated[StrictInt, Field(ge=0, le=2_147_483_647, json_schema_extra={"format": "int32"})]


class ExecuteRequest(Wire):
    input: Free | None = None
    workflow_url_ttl: Seconds | None = Field(None, description="60 by default.")


class Execution(Wire):
    instance_id: str
    workflow_url: str


class StepTypeItem(Wire):
    type: str
    display_name: str
    description: str
    category: str
    outcomes: list[str]


class StepTypeSchema(Wire):
    """The JSON schema of the properties of a step."""

    dialect: str = Field("https://json-schema.org/draft/2020-12/schema", alias="$schema")
    title: str
    description: str
    type: str
    properties: dict[str, Any]
    required: list[str]


class FormFile(Wire):
    input_id: str
    reference_id: str
    filename: str
    content_type: str
    size: int


class SigningOrderStatus(Wire):
    document_id: UUID
    document_status: OrderStatus
    completed_packages: list[Format]
    attachment_packages: dict[str, list[Format]]


# ---- instances


class InstanceItem(Wire):
    id: str
    definition_id: str
    version: int
    status: FlowStatus
    name: str | None
    flow_title: str
    correlation_id: str | None
    created_at: Instant
    last_executed_at: Instant | None
    finished_at: Instant | None
    faulted_at: Instant | None
    cancelled_at: Instant | None
    user_ids: list[str]


class InstancePage(PageOf):
    data: list[InstanceItem]


class BlockingActivity(Wire):
    activity_id: str
    activity_type: str


class Fault(Wire):
    activity_id: str
    message: str
    resuming: bool


class InstanceAlert(Wire):
    activity_id: str
    severity: str
    message: str
    timestamp: Instant


class Note(Wire):
    id: str
    activity_id: str | None
    note: str
    created_at: Instant
    created_by: str
    updated_at: Instant | None


class InstanceFile(FlowFile):
    activity_id: str | None


class FormSubmission(Wire):
    form_id: UUID
    submission_id: UUID
    activity_id: str


class SigningOrder(Wire):
    document_id: UUID
    attachment_ids: list[UUID]


class Instance(InstanceItem):
    input: dict[str, Any]
    variables: dict[str, Any]
    activity_data: dict[str, Any] = Field(description="What each step gave, by its id.")
    blocking_activities: list[BlockingActivity]
    fault: Fault | None
    alerts: list[InstanceAlert]
    notes: list[Note] = Field(description="Those on the instance, and those on its activities.")
    files: list[InstanceFile]
    forms: list[FormSubmission]
    signing_orders: list[SigningOrder]


class LogRecord(Wire):
    id: str
    activity_id: str
    activity_type: str
    timestamp: Instant
    event_name: str
    message: str | None
    outcomes: list[str] | None


# ---- notes and templates


class NoteRequest(Wire):
    note: Annotated[StrictStr, Field(max_length=1000)] | None = None


class TemplateRequest(Wire):
    flow: WriteFlow


class TemplateUpdate(Wire):
    flow: WriteFlow
    accounts: list[Text] | None = None


class TemplateFlow(Wire):
    title: str | None
    description: str | None
    steps: list[dict[str, Any]] | None
    custom_attributes: dict[str, Any] | None
    connections: list[dict[str, Any]] | None
    tags: list[str] | None
    variables: dict[str, Any] | None


class Template(Wire):
    id: UUID
    flow: TemplateFlow
    accounts: list[str]
    created_at: Instant
    updated_at: Instant | None
