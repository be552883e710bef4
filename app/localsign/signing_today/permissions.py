"""Roles, the capabilities they give, and whoever calls with them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from localsign.core.errors import ForbiddenError


class Role(StrEnum):
    """documented: an admin creates users and DSTs and signs, an instructor creates DSTs and signs, a signer signs."""

    ADMIN = "admin"
    INSTRUCTOR = "instructor"
    SIGNER = "signer"


class Capability(StrEnum):
    """The closed list of OAS; what each allows is inferred from its name."""

    RESET_PASSWORDS = "user.pwd.clear"
    CREATE_USERS = "user.create.all"
    ACCESS_USERS = "user.access.all"
    DELETE_USERS = "user.delete.all"
    LIST_DSTS = "dst.list.all"
    DELETE_DSTS = "dst.delete.all"
    MODIFY_DSTS = "dst.create.modify_all"
    LIST_DEVICES = "devices.list.all"
    DELETE_DEVICES = "devices.delete.all"
    WRITE_ORGANIZATIONS = "organizations.access.write.user"


# inferred: the sets are not published. The last capability belongs to the back office.
CAPABILITIES_OF: dict[Role, tuple[Capability, ...]] = {
    Role.ADMIN: tuple(one for one in Capability if one is not Capability.WRITE_ORGANIZATIONS),
    Role.INSTRUCTOR: (),
    Role.SIGNER: (),
}


@dataclass(frozen=True)
class Caller:
    """The account behind a good bearer token. `is_robot`: a service account, called with its lifetime token or not."""

    user_id: UUID
    username: str
    domain: str
    role: Role
    capabilities: frozenset[str]
    is_robot: bool

    @property
    def may_create(self) -> bool:
        """Whether it may create DSTs: by its role (documented), or as a robot (inferred: robots have calls for it)."""
        return self.role in (Role.ADMIN, Role.INSTRUCTOR) or self.is_robot

    def has(self, capability: Capability) -> bool:
        return capability in self.capabilities

    def must_have(self, *capabilities: Capability) -> None:
        """ForbiddenError that names what is missing."""
        missing = [one.value for one in capabilities if one not in self.capabilities]
        if missing:
            raise ForbiddenError(
                f"The account '{self.username}@{self.domain}' does not have the capability {', '.join(missing)}.",
                facts={"target": missing[0]},
            )
