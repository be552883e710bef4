"""The tables of Mint. Ids are UUIDs here; a face spells them as 32 hexadecimal digits."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index
from sqlmodel import Field, col, select

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.work import Work
from localsign.mint.lifecycle import JourneyState, VersionState


class Workflow(Stored, table=True):
    """What all versions of a workflow share. `slug` is the end of its public address."""

    __tablename__ = "mint_workflow"
    called: ClassVar[str] = "workflow"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    slug: str = Field(unique=True)

    @property
    def is_gone(self) -> bool:
        return False


class Graph(Stored, table=True):
    """Steps, connections and variables, which never change once a journey runs on them."""

    __tablename__ = "mint_graph"
    called: ClassVar[str] = "graph"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    workflow_id: UUID = Field(index=True)
    steps: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))
    connections: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))
    variables: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))

    @property
    def is_gone(self) -> bool:
        return False


class WorkflowVersion(Stored, table=True):
    """One version. Exactly one of a workflow is the latest, one at most is published."""

    __tablename__ = "mint_version"
    __table_args__ = (
        Index("ix_mint_version_created", "created_at", "seq"),
        Index("ix_mint_version_name", "name", "seq"),
    )
    api: ClassVar[str] = "mint"
    called: ClassVar[str] = "workflow version"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    workflow_id: UUID = Field(index=True)
    number: int
    state: VersionState = Field(sa_column=state_column(VersionState, index=True))
    is_latest: bool = Field(index=True)
    graph_id: UUID
    name: str
    description: str | None = None
    tags: list[str] | None = Field(default=None, sa_column=Column(Json))
    parameters: list[str] | None = Field(default=None, sa_column=Column(Json))  # the inputs a journey may be given
    custom: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))  # the custom attributes of v1
    folded: str  # for searching without regard to case
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))

    @property
    def is_gone(self) -> bool:
        return False

    @property
    def is_published(self) -> bool:
        return self.state is VersionState.PUBLISHED

    def event_data(self) -> dict[str, Any]:
        """Inferred: the members."""
        return {"workflowId": self.workflow_id.hex, "name": self.name, "version": self.number}


class Journey(Stored, table=True):
    """One run of a workflow, pinned to the version and the graph it started with."""

    __tablename__ = "mint_journey"
    __table_args__ = (
        Index("ix_mint_journey_created", "created_at", "seq"),
        Index("ix_mint_journey_executed", "last_executed_at", "seq"),
        Index("ix_mint_journey_finished", "finished_at", "seq"),
        Index("ix_mint_journey_name", "name", "seq"),
    )
    api: ClassVar[str] = "mint"
    called: ClassVar[str] = "journey"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    workflow_id: UUID = Field(index=True)
    version: int
    graph_id: UUID = Field(index=True)
    state: JourneyState = Field(sa_column=state_column(JourneyState, index=True))
    name: str | None = None
    correlation_id: str | None = Field(default=None, index=True)  # v1 finds instances by it
    workflow_name: str
    folded: str
    input: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    last_executed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    finished_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    faulted_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    cancelled_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    fault: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    home: str = ""  # where the one who started it reaches this workspace: the beginning of its links
    onward: str | None = None  # where the browser goes when nothing is left to show

    @property
    def is_gone(self) -> bool:
        return False

    def event_data(self) -> dict[str, Any]:
        return {"journeyId": self.id.hex, "workflowId": self.workflow_id.hex}


class JourneyRun(Stored, table=True):
    """Where the engine is in a journey between two transactions. `turn` tells one burst from the next."""

    __tablename__ = "mint_run"

    seq: int | None = Field(default=None, primary_key=True)
    journey_id: UUID = Field(unique=True)
    stack: list[Any] = Field(sa_column=Column(Json, nullable=False))
    scopes: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    variables: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    executed: int = 0  # steps since the journey last waited
    weight: int = 0  # characters of the variables, at most
    lists: int = 0  # how many lists loops have gone through
    kept: int = 0  # characters of all loop records
    scope_number: int = 0
    turn: int = 0


class JourneyWait(Stored, table=True):
    """A step that waits. `subject` names the thing whose end it waits for, such as a signing session."""

    __tablename__ = "mint_wait"
    called: ClassVar[str] = "waiting step"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    journey_id: UUID = Field(index=True)
    step_id: str
    type: str
    frame: int | None = None  # the number of the scope it is in
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    subject: str | None = Field(default=None, index=True)
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))  # what its page and its end need

    @property
    def is_gone(self) -> bool:
        return False


class StepOutput(Stored, table=True):
    """What a step gave when it last ran."""

    __tablename__ = "mint_output"

    seq: int | None = Field(default=None, primary_key=True)
    journey_id: UUID = Field(index=True)
    step_id: str
    data: Any = Field(default=None, sa_column=Column(Json))
    weight: int = 0  # roughly its characters


class LoopRecord(Stored, table=True):
    """The step data of one turn of a loop, kept by a Store loop step data step."""

    __tablename__ = "mint_loop"

    seq: int | None = Field(default=None, primary_key=True)
    journey_id: UUID = Field(index=True)
    loop_id: str
    number: int
    data: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class LoopItem(Stored, table=True):
    """One item of a list that a loop goes through, while it does."""

    __tablename__ = "mint_item"
    __table_args__ = (Index("ix_mint_item", "journey_id", "of", "number"),)

    seq: int | None = Field(default=None, primary_key=True)
    journey_id: UUID
    of: int  # the number of the list
    number: int
    value: Any = Field(default=None, sa_column=Column(Json))


class LogRecord(Stored, table=True):
    """One line of an execution log."""

    __tablename__ = "mint_log"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID
    journey_id: UUID = Field(index=True)
    step_id: str
    type: str
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    event: str
    message: str | None = None
    outcomes: list[str] | None = Field(default=None, sa_column=Column(Json))


class Alert(Stored, table=True):
    """An alert that one step put on another."""

    __tablename__ = "mint_alert"

    seq: int | None = Field(default=None, primary_key=True)
    journey_id: UUID = Field(index=True)
    step_id: str
    severity: str  # Info, Warning, Critical
    message: str
    at: datetime = Field(sa_column=Column(Moment, nullable=False))


class MintFile(Stored, table=True):
    """A file of a workflow or of a journey."""

    __tablename__ = "mint_file"
    called: ClassVar[str] = "file"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    workflow_id: UUID | None = Field(default=None, index=True)
    journey_id: UUID | None = Field(default=None, index=True)
    step_id: str | None = None
    category: str = "Generic"  # of v1: Generic, Template, Sign, Journey
    filename: str
    content_type: str
    digest: str = Field(index=True)
    size: int
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))

    @property
    def is_gone(self) -> bool:
        return False


class Note(Stored, table=True):
    __tablename__ = "mint_note"
    called: ClassVar[str] = "note"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    journey_id: UUID = Field(index=True)
    step_id: str | None = None
    content: str
    folded: str
    created_by: str
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def is_gone(self) -> bool:
        return False


class Secret(Stored, table=True):
    __tablename__ = "mint_secret"
    called: ClassVar[str] = "secret"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    name: str = Field(unique=True)
    description: str | None = None
    value: str
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def is_gone(self) -> bool:
        return False


class JourneyUser(Stored, table=True):
    """A user of the dashboard with whom a journey was associated (v1). The emulator knows no users: any text is one."""

    __tablename__ = "mint_journey_user"

    seq: int | None = Field(default=None, primary_key=True)
    journey_id: UUID = Field(index=True)
    user_id: str = Field(index=True)


class Template(Stored, table=True):
    """A flow to make flows of (v1), and the accounts that it was associated with."""

    __tablename__ = "mint_template"
    called: ClassVar[str] = "template"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    flow: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    accounts: list[str] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def is_gone(self) -> bool:
        return False


class JourneyLink(Stored, table=True):
    """An address that leads into a journey. A visit has no end of its own: who came in in time may stay."""

    __tablename__ = "mint_link"

    seq: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    journey_id: UUID = Field(index=True)
    kind: str  # journey, return, visit or approval
    step_id: str | None = None  # of an approval
    expires_at: datetime | None = Field(default=None, sa_column=Column(Moment))


class SignOrder(Stored, table=True):
    """A signing order that steps put together, and what sending it made in the Sign API."""

    __tablename__ = "mint_sign_order"
    called: ClassVar[str] = "sign order"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    journey_id: UUID = Field(index=True)
    title: str
    signers: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))
    documents: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))
    collection_id: UUID | None = None

    @property
    def is_gone(self) -> bool:
        return False


def run_of(work: Work, journey: Journey) -> JourneyRun:
    return work.db.exec(select(JourneyRun).where(JourneyRun.journey_id == journey.id)).one()


def waits_of(work: Work, journey: Journey) -> list[JourneyWait]:
    """The steps at which the journey waits, in the order in which they began to."""
    query = select(JourneyWait).where(JourneyWait.journey_id == journey.id).order_by(col(JourneyWait.seq))
    return list(work.db.exec(query).all())


def files_of(work: Work, *, workflow_id: UUID | None = None, journey_id: UUID | None = None) -> list[MintFile]:
    column, value = (MintFile.workflow_id, workflow_id) if workflow_id else (MintFile.journey_id, journey_id)
    return list(work.db.exec(select(MintFile).where(column == value).order_by(col(MintFile.seq))).all())
