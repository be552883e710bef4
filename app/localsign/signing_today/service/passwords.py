"""Losing, resetting and changing passwords."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete

from localsign.core.errors import BadInputError, ConflictError, Flaw, ForbiddenError, NotFoundError
from localsign.core.work import Work
from localsign.signing_today import mails, passwords, tokens
from localsign.signing_today.models.people import PasswordToken, RobotConfiguration, RobotToken, User
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service.login import named

LIFE = timedelta(hours=24)  # inferred: no life of a password token is documented
_LONGEST = 200


def lost(work: Work, domain: str, username: str, base_url: str) -> None:
    """Mail a link to choose a new password. Nobody learns whether the account is there (inferred)."""
    user = named(work, domain, username)
    if user is not None and user.is_enabled and user.email:
        mails.password_link(work, user, issue(work, user.id), base_url, mails.LOST)


def demand(work: Work, caller: Caller, domain: str, username: str, base_url: str) -> None:
    """Make an account of the caller's domain choose a new password: the old one and all logins end."""
    user = named(work, domain, username) if domain == caller.domain else None
    if user is None:
        raise NotFoundError(f"There is no account '{username}@{domain}'.")
    user.must_change = True
    tokens.log_out(work, user.id)
    if user.email:
        mails.password_link(work, user, issue(work, user.id), base_url, mails.RESET)


def change_own(work: Work, caller: Caller, current: str, new: str) -> None:
    """Change the caller's password; ForbiddenError if the current one is another (inferred)."""
    user = work.get(User, caller.user_id)
    if not passwords.is_right(work, user, current):
        raise ForbiddenError("The current password is another one.", facts={"target": "currentPassword"})
    _change(work, user, new, "newPassword")


def issue(work: Work, user_id: UUID) -> UUID:
    """A token with which a user may choose a new password once."""
    token = work.new_id()
    work.db.add(PasswordToken(token=token, user_id=user_id, expires_at=work.now + LIFE))
    return token


def holder(work: Work, token: str) -> User:
    """Whose token this is; ConflictError where it is unknown, used or too old (inferred: only 409 is listed)."""
    try:
        found = work.db.get(PasswordToken, UUID(token))
    except ValueError:
        found = None
    if found is None or found.expires_at <= work.now:
        raise ConflictError("The token is not known, was used, or has expired.", facts={"target": "passwordToken"})
    user = work.get(User, found.user_id)
    if not user.is_enabled:
        raise ConflictError("The account is disabled.", facts={"target": "passwordToken"})
    return user


def change_by_token(work: Work, token: str, new: str) -> None:
    """Consume a token: the new password is good, every token of the account and every login is not any more."""
    user = holder(work, token)
    _change(work, user, new, "body")
    tokens.log_out(work, user.id)


def change_of_service(work: Work, caller: Caller, domain: str, username: str, new: str) -> None:
    """Change the password of a service account: a robot, or an account that was given a lifetime token."""
    user = named(work, domain, username) if domain == caller.domain else None
    if user is None or not _is_service(work, user):
        raise ConflictError(f"There is no service user '{username}@{domain}'.", facts={"target": "username"})
    _change(work, user, new, "body")
    tokens.log_out(work, user.id)


def _is_service(work: Work, user: User) -> bool:
    return user.is_robot or any(work.db.get(table, user.id) for table in (RobotToken, RobotConfiguration))


def flaws_of(password: str, name: str) -> list[Flaw]:
    """What is wrong with a new password. No rule is documented, so any text of some length will do."""
    return [] if 1 <= len(password) <= _LONGEST else [Flaw(name, f"must be 1 to {_LONGEST} characters")]


def _change(work: Work, user: User, new: str, name: str) -> None:
    if flaws := flaws_of(new, name):
        raise BadInputError.of_flaws(flaws)
    user.password, user.must_change = passwords.hashed(work, new), False
    work.db.exec(delete(PasswordToken).where(col(PasswordToken.user_id) == user.id))
