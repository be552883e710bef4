"""Accounts and organizations as a tester arranges them, which no call of the vendor makes: by command, by seed."""

from collections.abc import Sequence
from dataclasses import dataclass

from localsign.core.errors import ConflictError
from localsign.core.work import Work
from localsign.signing_today import passwords, tokens
from localsign.signing_today.models.people import Organization, User
from localsign.signing_today.permissions import Role
from localsign.signing_today.service import groups, users
from localsign.signing_today.service.login import named


@dataclass(frozen=True)
class Wanted:
    """An account: `username` as it logs in, jdo@bit4id. A password that is not given is made up."""

    username: str
    role: Role
    password: str | None = None
    name: str | None = None
    surname: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str = "en"
    groups: Sequence[str] = ()
    is_robot: bool = False
    automatic: bool = False


@dataclass(frozen=True)
class Made:
    """An account with what it takes to call as it; `lifetime_token` of a robot."""

    user: User
    password: str
    lifetime_token: str | None


def with_domain(username: str) -> str:
    """`username`, which must be one as it logs in; ValueError if not."""
    name, _, domain = username.rpartition("@")
    if not name or not domain:
        raise ValueError("must be a name, @ and a domain, such as jdo@bit4id")
    return username


def make(work: Work, wanted: Wanted) -> Made:
    """Make an account, and its organization and groups where these are missing; ConflictError if it is there."""
    username, _, domain = wanted.username.rpartition("@")
    if named(work, domain, username) is not None:
        raise ConflictError(f"There is an account '{wanted.username}' already.", code="account_exists")
    found_organization(work, domain)
    user = users.new(work, domain, username, wanted.role)
    for name in ("name", "surname", "email", "phone", "language", "is_robot", "automatic"):
        setattr(user, name, getattr(wanted, name))
    users.settle(work, user, groups.named(work, domain, wanted.groups))
    password = wanted.password or f"A1{work.ids.token(14)}z"
    user.password = passwords.hashed(work, password)
    return Made(user, password, tokens.robot_token(work, user.id) if user.is_robot else None)


def found_organization(work: Work, domain: str) -> Organization:
    """The organization with this domain, made where there is none."""
    found = work.db.get(Organization, domain)
    if found is None:
        found = Organization(domain=domain, name=domain)
        work.db.add(found)
        work.flush()
    return found
