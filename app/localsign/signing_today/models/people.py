"""Organizations, accounts, groups, identities, devices, and what proves who somebody is."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index
from sqlmodel import Field

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.signing_today.lifecycle.people import AccountState
from localsign.signing_today.permissions import Role


class Application(Stored, table=True):
    """The one row that tells this world from others: its OAuth client, and the secrets it was founded with."""

    __tablename__ = "st_application"

    id: int = Field(default=1, primary_key=True)
    client_id: str | None = None  # None: one that carries the workspace's tag
    client_secret: str
    password: str  # of the demo accounts
    saml_secret: str  # what the domains' keys derive from


class Organization(Stored, table=True):
    """A domain. Nothing crosses from one to another."""

    __tablename__ = "st_organization"

    domain: str = Field(primary_key=True)
    name: str
    language: str = "en"
    default_days: int = 30  # documented default of `defaultDSTExpire_days`: how long a published DST lives


class User(Stored, table=True):
    """An account: a person, or a robot (a service account)."""

    __tablename__ = "st_user"
    __table_args__ = (Index("ix_st_user_name", "domain", "username", unique=True),)
    api: ClassVar[str] = "signing-today"
    called: ClassVar[str] = "user"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    domain: str
    username: str
    state: AccountState = Field(
        default=AccountState.ENABLED, sa_column=state_column(AccountState)
    )  # disabled accounts are seen, and cannot log in
    origin: str = "manual"  # or demo, sync, saml
    is_robot: bool = False
    password: str | None = None  # salted and hashed; None: the application's if founded with the world, else none yet
    must_change: bool = False  # an admin asked for a new password: the old one is no good any more
    role: str = Role.SIGNER.value
    capabilities: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    language: str = "en"
    name: str | None = None
    surname: str | None = None
    email: str | None = Field(default=None, index=True)
    phone: str | None = None
    automatic: bool = False
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    created_by: UUID | None = None
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False, index=True))
    deleted_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def is_gone(self) -> bool:
        return False

    @property
    def is_enabled(self) -> bool:
        return self.state is AccountState.ENABLED

    @property
    def full_name(self) -> str:
        """Name and surname; the user name where it has neither."""
        return " ".join(filter(None, (self.name, self.surname))) or self.username

    def event_data(self) -> dict[str, Any]:
        return {"id": str(self.id)}


class Group(Stored, table=True):
    """A group of users of one domain."""

    __tablename__ = "st_group"
    __table_args__ = (Index("ix_st_group_name", "domain", "name", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    domain: str
    name: str


class Membership(Stored, table=True):
    """A user's place in a group."""

    __tablename__ = "st_membership"

    seq: int | None = Field(default=None, primary_key=True)
    user_id: UUID = Field(index=True)
    group_id: int = Field(index=True)


class Identity(Stored, table=True):
    """A digital identity that a user signs with. `shown` holds what no code looks at."""

    __tablename__ = "st_identity"
    api: ClassVar[str] = "signing-today"
    called: ClassVar[str] = "identity"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    user_id: UUID = Field(index=True)
    label: str
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    shown: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    appearance: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))  # what is known of the picture
    digest: str | None = Field(default=None, index=True)  # its bytes

    @property
    def is_gone(self) -> bool:
        return False


class AccessToken(Stored, table=True):
    """A login. The bearer token is `secret` behind the workspace's tag."""

    __tablename__ = "st_access_token"

    secret: str = Field(primary_key=True)
    refresh: str = Field(unique=True)
    user_id: UUID = Field(index=True)
    client_id: str
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class RobotToken(Stored, table=True):
    """The lifetime token of a robot."""

    __tablename__ = "st_robot_token"

    user_id: UUID = Field(primary_key=True)
    secret: str = Field(unique=True)


class RobotConfiguration(Stored, table=True):
    """How a robot calls others: headers, credentials, webhook; as it was put."""

    __tablename__ = "st_robot_configuration"

    user_id: UUID = Field(primary_key=True)
    wanted: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class PasswordToken(Stored, table=True):
    """Leave to choose a new password, once."""

    __tablename__ = "st_password_token"

    token: UUID = Field(primary_key=True)
    user_id: UUID = Field(index=True)
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class Challenge(Stored, table=True):
    """What a phone has to show to become trusted; there is one for a user at a time."""

    __tablename__ = "st_challenge"

    user_id: UUID = Field(primary_key=True)
    challenge: str = Field(unique=True)
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class Device(Stored, table=True):
    """A trusted device of a user, and where pushes to it go."""

    __tablename__ = "st_device"
    __table_args__ = (Index("ix_st_device", "user_id", "device_id", unique=True),)

    seq: int | None = Field(default=None, primary_key=True)
    user_id: UUID
    device_id: str
    name: str
    token: UUID
    push_token: str | None = None
    registered_at: datetime = Field(sa_column=Column(Moment, nullable=False))
