"""API clients, the keys that sign their tokens, the tokens taken back, and the subscriptions to events."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column
from sqlmodel import Field, col, select

from localsign.core.database import Json, Moment, Stored
from localsign.core.work import Work


class Client(Stored, table=True):
    """An API client of the account that this world is."""

    __tablename__ = "client"

    client_id: str = Field(primary_key=True)
    secrets: list[str] = Field(sa_column=Column(Json, nullable=False))
    permissions: list[str] = Field(sa_column=Column(Json, nullable=False))
    jwks: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    token_lifetime: int | None = None  # seconds; None is the setting's
    tls_subject: dict[str, str] | None = Field(default=None, sa_column=Column(Json))  # tls_client_auth: one member
    number: int = 0  # the order of making

    @staticmethod
    def values(client_id: str, secret: str, permissions: list[str]) -> dict[str, Any]:
        """The row of the first client of a world."""
        return {
            "client_id": client_id,
            "secrets": [secret],
            "permissions": permissions,
            "jwks": None,
            "token_lifetime": None,
            "tls_subject": None,
            "number": 0,
        }


class SigningKey(Stored, table=True):
    """A key pair that signs tokens; `number` is its place in the line of keys of this world."""

    __tablename__ = "signing_key"

    kid: str = Field(primary_key=True)
    number: int
    pem: str
    is_published: bool = True  # in the JWKS
    is_signing: bool = True  # the one that signs is the last of these


class RevokedToken(Stored, table=True):
    """A token taken back before its time."""

    __tablename__ = "revoked_token"

    jti: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))


class UsedAssertion(Stored, table=True):
    """A client assertion that has been used; RFC 7523 lets a server refuse it the second time."""

    __tablename__ = "used_assertion"

    jti: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class Subscription(Stored, table=True):
    """Whom the Events service tells of what."""

    __tablename__ = "event_subscription"
    called: ClassVar[str] = "subscription"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    name: str | None = None
    is_active: bool = True
    events: list[str] = Field(sa_column=Column(Json, nullable=False))  # sender:name, name; * at the end for any
    tags: list[str] = Field(sa_column=Column(Json, nullable=False))  # with any of these; empty: with any or none
    url: str
    secret: str
    signature_header: str
    waits: list[float] = Field(sa_column=Column(Json, nullable=False))  # seconds
    lifetime: float  # seconds until an event expires
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    updated_at: datetime = Field(sa_column=Column(Moment, nullable=False))

    @property
    def is_gone(self) -> bool:
        return False


def clients(work: Work) -> list[Client]:
    """All clients, in the order of their making."""
    return list(work.db.exec(select(Client).order_by(col(Client.number))).all())


def subscriptions(work: Work) -> list[Subscription]:
    """All subscriptions, only to be looked at."""
    return sorted(work.everything(Subscription), key=lambda one: one.seq or 0)


def keys(work: Work) -> list[SigningKey]:
    """All keys, the oldest first."""
    return list(work.db.exec(select(SigningKey).order_by(col(SigningKey.number))).all())
