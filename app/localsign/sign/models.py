"""The tables of Sign v2."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index
from sqlmodel import Field, col, select

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.work import Work
from localsign.sign.lifecycle import (
    READABLE,
    VISIBLE,
    CollectionState,
    DocumentState,
    PackageState,
    SessionState,
)


class Document(Stored, table=True):
    """An uploaded document, or a result: a signature or a package."""

    __tablename__ = "document"
    api: ClassVar[str] = "sign"
    called: ClassVar[str] = "document"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: DocumentState = Field(sa_column=state_column(DocumentState))
    mime_type: str
    digest: str = Field(index=True)
    size: int
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    filename: str | None = None
    description: str | None = None
    title: str | None = None

    @property
    def is_gone(self) -> bool:
        return self.state not in READABLE

    def event_data(self) -> dict[str, Any]:
        return {"id": str(self.id)}


class DocumentCollection(Stored, table=True):
    __tablename__ = "document_collection"
    api: ClassVar[str] = "sign"
    called: ClassVar[str] = "document collection"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: CollectionState = Field(sa_column=state_column(CollectionState))
    package_to: list[str] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))

    @property
    def is_gone(self) -> bool:
        return self.state is CollectionState.DELETED

    def event_data(self) -> dict[str, Any]:
        return {"id": str(self.id)}


class CollectedDocument(Stored, table=True):
    """A document's place in a collection."""

    __tablename__ = "collected_document"

    seq: int | None = Field(default=None, primary_key=True)
    collection_id: UUID = Field(index=True)
    document_id: UUID = Field(index=True)
    description: str | None = None


class SigningSession(Stored, table=True):
    """`wanted` is the request as it is echoed; what is searched, sorted or changed has a column."""

    __tablename__ = "signing_session"
    __table_args__ = (
        Index("ix_signing_session_created", "created_at", "seq"),
        Index("ix_signing_session_due", "due_at", "seq"),
    )
    api: ClassVar[str] = "sign"
    called: ClassVar[str] = "signing session"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: SessionState = Field(sa_column=state_column(SessionState))
    title_folded: str  # for searching without regard to case
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    due_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    url_token: UUID = Field(unique=True)
    url_ttl: int | None = None  # minutes
    url_expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    wanted: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    opened_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    ended_by: str | None = None  # the signer's name
    ended_with: str | None = None  # the eID
    reject_reason: str | None = None
    contact: dict[str, str] | None = Field(default=None, sa_column=Column(Json))  # retired members, kept for decisions

    @property
    def is_gone(self) -> bool:
        return self.state not in VISIBLE

    @property
    def setup(self) -> dict[str, Any]:
        [setup] = self.wanted["signingSetup"]
        return dict(setup)

    @property
    def is_pki(self) -> bool:
        return bool(self.setup["signingFlow"] == "PKISIGNING")

    def event_data(self) -> dict[str, Any]:
        return {"id": str(self.id), "externalReference": self.wanted.get("externalReference")}


class SessionDocument(Stored, table=True):
    """A document's place in a session."""

    __tablename__ = "session_document"

    seq: int | None = Field(default=None, primary_key=True)
    session_id: UUID = Field(index=True)
    collection_id: UUID = Field(index=True)
    document_id: UUID = Field(index=True)
    action: str  # SIGN or VIEW


class Predecessor(Stored, table=True):
    """`predecessor_id` must be signed before `session_id`."""

    __tablename__ = "predecessor"

    seq: int | None = Field(default=None, primary_key=True)
    session_id: UUID = Field(index=True)
    predecessor_id: UUID = Field(index=True)


class Signature(Stored, table=True):
    """What signing one document in one session gave."""

    __tablename__ = "signature"

    seq: int | None = Field(default=None, primary_key=True)
    session_id: UUID = Field(index=True)
    collection_id: UUID
    original_id: UUID = Field(index=True)
    result_id: UUID = Field(index=True)
    type: str  # PADES or XADES
    archive_id: UUID | None = None


class Package(Stored, table=True):
    """A package of one session, or of one collection."""

    __tablename__ = "package"
    api: ClassVar[str] = "sign"
    called: ClassVar[str] = "package"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: PackageState = Field(sa_column=state_column(PackageState))
    type: str
    session_id: UUID | None = Field(default=None, index=True)
    collection_id: UUID | None = Field(default=None, index=True)
    result_id: UUID | None = None

    @property
    def is_gone(self) -> bool:
        return False

    def event_data(self) -> dict[str, Any]:
        of = {"sessionId": self.session_id, "documentCollectionId": self.collection_id}
        return {"id": str(self.id), **{name: str(value) for name, value in of.items() if value}}


class ArchivedDocument(Stored, table=True):
    """A result kept beyond its session, until its retention period ends."""

    __tablename__ = "archived_document"
    api: ClassVar[str] = "sign"
    called: ClassVar[str] = "archived document"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    digest: str = Field(index=True)
    mime_type: str
    filename: str | None = None

    @property
    def is_gone(self) -> bool:
        return False


def documents_of(work: Work, session: SigningSession) -> list[SessionDocument]:
    """The session's documents, in its order."""
    return list(
        work.db.exec(
            select(SessionDocument).where(SessionDocument.session_id == session.id).order_by(col(SessionDocument.seq))
        ).all()
    )


def sessions_on(work: Work, *conditions: Any) -> list[SigningSession]:
    """The sessions that are not gone and have a document for which all `conditions` hold; oldest first."""
    return list(
        work.db.exec(
            select(SigningSession)
            .where(
                col(SigningSession.state).in_(VISIBLE),
                col(SigningSession.id).in_(select(SessionDocument.session_id).where(*conditions)),
            )
            .order_by(col(SigningSession.seq))
        ).all()
    )


def signatures_of(work: Work, session: SigningSession) -> list[Signature]:
    return list(
        work.db.exec(select(Signature).where(Signature.session_id == session.id).order_by(col(Signature.seq))).all()
    )


def packages_of(work: Work, owner: SigningSession | DocumentCollection) -> list[Package]:
    """The packages of a session or of a collection, pending and failed ones included."""
    column = Package.session_id if isinstance(owner, SigningSession) else Package.collection_id
    return list(work.db.exec(select(Package).where(column == owner.id).order_by(col(Package.seq))).all())
