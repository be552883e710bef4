"""Wire shapes of accounts, groups and logins."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, RootModel

from localsign.core.work import Work
from localsign.signing_today.models.people import Group, Membership, User
from localsign.signing_today.permissions import Capability, Role
from localsign.signing_today.schemas.wire import FreeMap, Instant, Name, Phone, Text, Wire
from localsign.signing_today.tokens import Login

Language = Literal["it", "en", "es", "fr"]


class TokenResponse(BaseModel):
    access_token: str
    token_type: str = "bearer"
    refresh_token: str
    expires_in: int = Field(description="Seconds.")
    scope: str = "all"

    @classmethod
    def of(cls, login: Login) -> Self:
        return cls(access_token=login.access_token, refresh_token=login.refresh_token, expires_in=login.lives)


GroupId = Annotated[int, Field(ge=-(2**63), lt=2**63)]  # documented: int64


class UserGroup(Wire):
    id: GroupId | None = Field(None, json_schema_extra={"readOnly": True})
    name: Text | None = None
    domain: Text | None = None

    @classmethod
    def of(cls, group: Group) -> Self:
        return cls(id=group.id, name=group.name, domain=group.domain)


class UserResponse(Wire):
    """An account. Read-only members: id, createdBy, createdAt, deletedAt, automatic."""

    id: UUID
    username: str
    domain: str
    language: Language
    name: str | None = None
    surname: str | None = None
    email: str | None = None
    phone: str | None = None
    role: Role
    groups: list[UserGroup]
    capabilities: list[Capability]
    created_by: UUID | None = None
    created_at: Instant
    deleted_at: Instant | None = None
    automatic: bool
    extra_data: dict[str, Any]

    @classmethod
    def of(cls, user: User, groups: list[Group]) -> Self:
        return cls.showing(
            {
                **{name: getattr(user, name) for name in _SAME},
                "groups": [UserGroup.of(group) for group in groups],
                "extra_data": user.extra,
            }
        )

    @classmethod
    def of_all(cls, work: Work, users: Sequence[User]) -> list[Self]:
        """Several accounts, their groups looked up at once."""
        members = work.look_up(Membership, "user_id", [user.id for user in users])
        groups = {group.id: group for group in work.look_up(Group, "id", sorted({one.group_id for one in members}))}
        return [cls.of(user, [groups[one.group_id] for one in members if one.user_id == user.id]) for user in users]


_SAME = (
    "id",
    "username",
    "domain",
    "language",
    "name",
    "surname",
    "email",
    "phone",
    "role",
    "capabilities",
    "created_by",
    "created_at",
    "deleted_at",
    "automatic",
)


class UserRequest(Wire):
    """An account as a client sends it. Read-only members are ignored."""

    username: Text | None = None
    domain: Text | None = None
    language: Language | None = None
    name: Text | None = None
    surname: Text | None = None
    email: Text | None = None
    phone: Phone | None = None
    role: Role | None = None
    groups: list[UserGroup] | None = Field(None, max_length=100)
    capabilities: list[Capability] | None = Field(None, max_length=100)
    extra_data: FreeMap | None = None


class CreateUserRequest(Wire):
    user: UserRequest
    password: Text | None = Field(None, description="Without it, the owner gets a mail with a link to choose one.")


class UsersGetResponse(Wire):
    count: int
    values: list[UserResponse]


class UserGroupGetResponse(Wire):
    count: int
    values: list[UserGroup]


class PasswordResetRequest(Wire):
    current_password: Text
    new_password: Text


class SyncedUser(Wire):
    """An account of the identity provider."""

    edu_person_principal_name: Name = Field(alias="eduPersonPrincipalName")
    is_member_of: list[Text] = Field(default_factory=list, max_length=100)
    given_name: Text | None = None
    surname: Text | None = None
    org_role: Role = Role.SIGNER


class SyncedUsers(Wire):
    deleted: int
    inserted: int
    updated: int


class UserSyncReport(Wire):
    users: SyncedUsers


class SamlToken(Wire):
    """What an identity provider says of a person who has logged in there; the rest of it is not looked at."""

    userid: Text | None = None
    edu_person_principal_name: Text | None = None
    given_name: Text | None = None
    surname: Text | None = None
    rfc822_mailbox: Text | None = Field(None, alias="rfc822Mailbox")
    mail_alternate_address: Text | None = None
    is_member_of: list[Text] | None = Field(None, max_length=100)
    not_before: Instant | None = Field(None, alias="_not_before")
    not_on_or_after: Instant | None = Field(None, alias="_not_onorafter")


class Address(Wire):
    protocol: str
    base_host: str


class ServiceConfiguration(RootModel[dict[str, Address]]):
    """Addresses of the application, by name."""
