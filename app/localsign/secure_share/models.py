"""The tables of Secure Share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.work import Work
from localsign.secure_share.lifecycle import RecipientState, ShareState
from localsign.secure_share.moments import moment_of


class Share(Stored, table=True):
    __tablename__ = "share"
    __table_args__ = (
        Index("ix_share_created", "created_at", "seq"),
        Index("ix_share_expires", "expires", "seq"),
        Index("ix_share_title", "title_folded", "seq"),
    )
    api: ClassVar[str] = "secure-share"
    called: ClassVar[str] = "share"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: ShareState = Field(sa_column=state_column(ShareState))
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    expires: int = Field(sa_column=Column(BigInteger, nullable=False))  # ticks
    title: str | None = None
    title_folded: str  # for searching and sorting without regard to case
    description: str | None = None
    external_reference: str | None = None
    usage_reference: str | None = None
    request_domain: str | None = None
    contact: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    tags: list[str] = Field(sa_column=Column(Json, nullable=False))

    @property
    def is_gone(self) -> bool:
        return self.state is ShareState.DELETED

    @property
    def expires_at(self) -> datetime:
        return moment_of(self.expires)

    def event_data(self) -> dict[str, Any]:
        return {"id": str(self.id), "externalReference": self.external_reference, "tags": self.tags}


class Recipient(Stored, table=True):
    """Somebody who may fetch files. `token` is what their link carries."""

    __tablename__ = "share_recipient"
    api: ClassVar[str] = "secure-share"
    called: ClassVar[str] = "recipient"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    share_id: UUID = Field(index=True)
    state: RecipientState = Field(sa_column=state_column(RecipientState))
    token: str = Field(unique=True)
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    mobile: str | None = None
    external_reference: str | None = None
    # Ids as text; empty: every file. See `service.files.delete` for why the last one outlives its file.
    file_restrictions: list[str] = Field(sa_column=Column(Json, nullable=False))
    authentication: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))
    notification: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    tags: list[str] = Field(sa_column=Column(Json, nullable=False))  # of the share, which cannot change them
    is_notified: bool = False
    is_asked: bool = False  # whether a decision was asked for what is left to fetch
    opened_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    logged_in_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    login_version: int = 0  # raised when who may log in has changed, which ends earlier logins
    failures: int = 0  # in a row
    locked_until: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def is_gone(self) -> bool:
        return self.state is RecipientState.DELETED

    def may_see(self, file: "SharedFile") -> bool:
        return not self.file_restrictions or str(file.id) in self.file_restrictions

    def event_data(self) -> dict[str, Any]:
        return {
            "id": str(self.share_id),
            "recipientId": str(self.id),
            "recipientExternalReference": self.external_reference,
            "tags": self.tags,
        }


class SharedFile(Stored, table=True):
    __tablename__ = "shared_file"
    called: ClassVar[str] = "file"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    share_id: UUID = Field(index=True)
    name: str
    content_type: str
    digest: str = Field(index=True)
    size: int
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))

    @property
    def is_gone(self) -> bool:
        return False  # a deleted file leaves no row


class FileAccess(Stored, table=True):
    """That a recipient has downloaded a file."""

    __tablename__ = "file_access"

    seq: int | None = Field(default=None, primary_key=True)
    share_id: UUID = Field(index=True)
    recipient_id: UUID = Field(index=True)
    file_id: UUID = Field(index=True)
    downloaded_at: datetime = Field(sa_column=Column(Moment, nullable=False))  # the last time


class LoginCode(Stored, table=True):
    """A one-time code that was sent. It stays until the recipient has logged in, to count how many were sent."""

    __tablename__ = "login_code"

    seq: int | None = Field(default=None, primary_key=True)
    recipient_id: UUID = Field(index=True)
    provider: str
    code: str
    sent_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    tries_left: int


@dataclass
class Download:
    """What is announced when a recipient fetches a file."""

    id: UUID
    state: RecipientState
    data: dict[str, Any]
    api: ClassVar[str] = "secure-share"

    @classmethod
    def of(cls, recipient: Recipient, file: SharedFile) -> Self:
        return cls(recipient.id, recipient.state, {**recipient.event_data(), "fileIds": [str(file.id)]})

    def event_data(self) -> dict[str, Any]:
        return self.data


def recipients_of(work: Work, share_id: UUID) -> list[Recipient]:
    """Only to be looked at, in the order they were added."""
    return work.look_up(Recipient, "share_id", [share_id])


def files_of(work: Work, share_id: UUID) -> list[SharedFile]:
    """Only to be looked at, in the order they were uploaded."""
    return work.look_up(SharedFile, "share_id", [share_id])
