"""DSTs and their parts: documents, resources, turns, notes, audit, notifications."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index
from sqlmodel import Field, col, select

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.machine import Machine
from localsign.core.work import Work
from localsign.signing_today.lifecycle.dsts import OPEN, TEMPLATE, TRANSACTION, DstState, TurnState

API = "signing-today"


class Dst(Stored, table=True):
    """A digital signature transaction, or a template of one."""

    __tablename__ = "st_dst"
    __table_args__ = (Index("ix_st_dst_domain", "domain", "template", "seq"),)
    api: ClassVar[str] = API
    called: ClassVar[str] = "DST"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: DstState = Field(sa_column=state_column(DstState))
    domain: str
    title: str | None = None
    template: bool = False
    public_template: bool = False
    is_instance: bool = False  # made from a template
    urgent: bool = False
    replaces: UUID | None = None
    replaced_by: UUID | None = None
    created_by: UUID = Field(index=True)
    robot_id: UUID | None = None  # the robot that made it, whose webhook hears of it
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    published_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    expires_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    wished_expiry: datetime | None = Field(default=None, sa_column=Column(Moment))  # asked for at creation by a robot
    deleted_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    error_message: str | None = None
    tags: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    visible_to: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    cc_users: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    cc_groups: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    base_url: str = ""  # begins the links in e-mails: how its creator reached this world
    parts: int = 0  # how many `_instance_id`s its parts have used

    @property
    def is_gone(self) -> bool:
        return self.deleted_at is not None

    @property
    def machine(self) -> Machine:
        """The table that it lives by."""
        return TEMPLATE if self.template else TRANSACTION

    def event_data(self) -> dict[str, Any]:
        return {"dst": str(self.id), "status": self.state.shown.value}


class DstDocument(Stored, table=True):
    """A document of a DST. Its plan, `forms`, `requests` and `groups`, is kept in the members of the wire."""

    __tablename__ = "st_document"
    __table_args__ = (Index("ix_st_document", "dst_id", "number", unique=True),)

    seq: int | None = Field(default=None, primary_key=True)
    dst_id: UUID
    number: int  # `id` on the wire
    plain_id: UUID | None = None
    filled_id: UUID | None = None
    working_id: UUID | None = None  # what the signers so far have left
    signed_id: UUID | None = None
    source_url: str | None = None  # where a robot said that it can be fetched, until it has been
    filename: str | None = None  # of the file that is to be fetched
    title: str | None = None
    forms: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    requests: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    groups: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))

    @property
    def status(self) -> str:
        """documented: plain, filled, signed."""
        if self.signed_id is not None:
            return "signed"
        return "plain" if self.filled_id is None else "filled"

    def signers(self) -> dict[int, dict[str, Any]]:
        """The signers of its plan by id."""
        return {one["id"]: one for group in self.groups for one in group["signers"]}


class Role(StrEnum):
    """What a resource is to its DST."""

    PLAIN = "plain"
    FILLED = "filled"
    WORKING = "working"  # signed by some, not by all: not shown
    SIGNED = "signed"


class Resource(Stored, table=True):
    """A file of a DST."""

    __tablename__ = "st_resource"
    api: ClassVar[str] = API
    called: ClassVar[str] = "resource"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    dst_id: UUID = Field(index=True)
    role: str = Role.PLAIN.value
    digest: str = Field(index=True)
    size: int
    pages: int | None = None
    title: str | None = None
    filename: str
    mimetype: str = "application/pdf"
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))

    @property
    def is_gone(self) -> bool:
        return self.role == Role.WORKING.value


class Turn(Stored, table=True):
    """One thing that one person has to do: fill a form, or sign a document. `ticket` opens the tray without a login."""

    __tablename__ = "st_turn"
    __table_args__ = (Index("ix_st_turn", "dst_id", "seq"),)
    api: ClassVar[str] = API
    called: ClassVar[str] = "signature"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: TurnState = Field(sa_column=state_column(TurnState))
    dst_id: UUID
    document: int  # DstDocument.number
    form_id: int | None = None  # the form to fill, or the one that shows the signature
    request_id: int | None = None  # None: a form is to be filled
    signer_id: int
    group: int
    who: str = Field(index=True)  # whose turn it is: equal for all turns of one person
    name: str  # of the signer, as the plan had it
    email: str | None = None
    phone: str | None = None
    user_id: UUID | None = Field(default=None, index=True)
    ticket: UUID = Field(unique=True)
    ended_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    reason: str | None = None

    @property
    def is_gone(self) -> bool:
        return False

    @property
    def is_fill(self) -> bool:
        return self.request_id is None

    def event_data(self) -> dict[str, Any]:
        return {"dst": str(self.dst_id), "turn": str(self.id), "status": self.state.value}


class Note(Stored, table=True):
    __tablename__ = "st_note"

    id: int | None = Field(default=None, primary_key=True)
    dst_id: UUID = Field(index=True)
    user_id: UUID
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    text: str


class Audit(Stored, table=True):
    """Something that somebody did, or a status that a DST reached. `signer` says who, as far as it is known."""

    __tablename__ = "st_audit"

    seq: int | None = Field(default=None, primary_key=True)
    dst_id: UUID = Field(index=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    event: str
    value: str
    signer: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    document_id: int | None = None
    form_id: int | None = None
    request_id: int | None = None
    note_id: int | None = None


class Notification(Stored, table=True):
    """What a user is told about a DST, until it is consumed."""

    __tablename__ = "st_notification"
    __table_args__ = (Index("ix_st_notification", "user_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    time: datetime = Field(sa_column=Column(Moment, nullable=False))
    dst_id: UUID = Field(index=True)
    user_id: UUID
    event: str
    dst_title: str | None = None
    email: str | None = None
    is_consumed: bool = False


def documents_of(work: Work, dst: Dst) -> list[DstDocument]:
    """The documents of a DST in its order."""
    query = select(DstDocument).where(DstDocument.dst_id == dst.id).order_by(col(DstDocument.seq))
    return list(work.db.exec(query).all())


def resources_of(work: Work, dst: Dst) -> list[Resource]:
    """The files of a DST that are shown, oldest first."""
    query = select(Resource).where(Resource.dst_id == dst.id, Resource.role != Role.WORKING.value)
    return list(work.db.exec(query.order_by(col(Resource.seq))).all())


def turns_of(work: Work, dst_id: UUID, *, is_open: bool = False) -> list[Turn]:
    """What is, or was, to be done in a DST; or what is still to be done."""
    query = select(Turn).where(Turn.dst_id == dst_id)
    if is_open:
        query = query.where(col(Turn.state).in_(OPEN))
    return list(work.db.exec(query.order_by(col(Turn.seq))).all())
