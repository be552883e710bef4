"""Robots: accounts that call with a lifetime token, and how they call others."""

from localsign.core.errors import ForbiddenError, NotFoundError
from localsign.core.work import Work
from localsign.signing_today import tokens
from localsign.signing_today.models.people import RobotConfiguration, RobotToken, User
from localsign.signing_today.permissions import Caller, Role
from localsign.signing_today.schemas.robot_accounts import RobotConfigurationBody
from localsign.signing_today.service.login import named


def meant(work: Work, caller: Caller, username: str | None, domain: str | None) -> User:
    """The account that a robot call is about: the one that is named, else the caller (documented).

    inferred: an admin may name any account of the domain, others only themselves; what has a lifetime token or a
    configuration is a robot, as no call makes one in another way.
    """
    username, domain = username or caller.username, domain or caller.domain
    if (username, domain) == (caller.username, caller.domain):
        return work.get(User, caller.user_id)
    if caller.role is not Role.ADMIN:
        raise ForbiddenError("Only an admin may name another account.", facts={"target": "username"})
    user = named(work, domain, username) if domain == caller.domain else None
    if user is None:
        raise NotFoundError(f"There is no account '{username}@{domain}'.")
    return user


def token(work: Work, caller: Caller, username: str | None, domain: str | None) -> str:
    """The lifetime token, made at the first call (documented)."""
    return tokens.robot_token(work, meant(work, caller, username, domain).id)


def clear_token(work: Work, caller: Caller, username: str | None, domain: str | None) -> None:
    """End the lifetime token; the next call for it makes a new one (inferred)."""
    found = work.db.get(RobotToken, meant(work, caller, username, domain).id)
    if found is not None:
        work.db.delete(found)


def configuration(work: Work, caller: Caller, username: str | None, domain: str | None) -> RobotConfigurationBody:
    """The configuration as it was put; an empty one before that."""
    found = work.db.get(RobotConfiguration, meant(work, caller, username, domain).id)
    return RobotConfigurationBody.model_validate(found.wanted if found else {})


def configure(
    work: Work, caller: Caller, username: str | None, domain: str | None, wanted: RobotConfigurationBody
) -> None:
    """Replace the whole configuration (inferred: PUT)."""
    user = meant(work, caller, username, domain)
    found = work.db.get(RobotConfiguration, user.id) or RobotConfiguration(user_id=user.id, wanted={})
    found.wanted = wanted.model_dump(mode="json", by_alias=True)
    work.db.add(found)


def configuration_of(work: Work, user: User) -> RobotConfigurationBody:
    """How a robot calls others: for its webhooks and for fetching documents."""
    found = work.db.get(RobotConfiguration, user.id)
    return RobotConfigurationBody.model_validate(found.wanted if found else {})
