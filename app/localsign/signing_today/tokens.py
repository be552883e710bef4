"""Bearer tokens: opaque, marked with the workspace's tag, and looked up at each call, so that they can be taken back.

inferred: the vendor's tokens are opaque as well (documented samples are UUIDs).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete, select

from localsign.core import opaque
from localsign.core.errors import UnauthenticatedError
from localsign.core.work import Work
from localsign.signing_today.models.people import AccessToken, RobotToken, User
from localsign.signing_today.permissions import Caller, Role

LIFETIME = timedelta(hours=12)  # inferred: the documented sample, 30623 s, is the rest of a life below twelve hours
_HEADERS = {"WWW-Authenticate": 'Bearer realm="oauth2-resource", error="invalid_token"'}


@dataclass(frozen=True)
class Login:
    """What a login gives. `lives` in seconds."""

    access_token: str
    refresh_token: str
    lives: int


def login(work: Work, user: User, client_id: str, *, reuse: bool) -> AccessToken:
    """The token of a login; with `reuse`, the one that the user has from the same client while it lives."""
    now = work.token_now
    if reuse:
        query = select(AccessToken).where(
            AccessToken.user_id == user.id, AccessToken.client_id == client_id, col(AccessToken.expires_at) > now
        )
        if found := work.db.exec(query).first():
            return found
    made = AccessToken(
        secret=work.ids.token(40),
        refresh=work.ids.token(40),
        user_id=user.id,
        client_id=client_id,
        expires_at=now + LIFETIME,
    )
    work.db.add(made)
    return made


def shown(work: Work, login: AccessToken) -> Login:
    """A login as the client gets it."""
    lives = login.expires_at - work.token_now
    return Login(
        opaque.marked(work.tag, login.secret), opaque.marked(work.tag, login.refresh), int(lives.total_seconds())
    )


def log_out(work: Work, user_id: UUID) -> None:
    """End every login of an account; the lifetime token of a robot stays good."""
    work.db.exec(delete(AccessToken).where(col(AccessToken.user_id) == user_id))
    work.touched.add(str(AccessToken.__tablename__))


def robot_token(work: Work, user_id: UUID) -> str:
    """The lifetime token of a robot, made where there is none."""
    found = work.db.get(RobotToken, user_id)
    if found is None:
        found = RobotToken(user_id=user_id, secret=work.ids.token(40))
        work.db.add(found)
    return opaque.marked(work.tag, found.secret)


def caller_of(work: Work, authorization: str | None) -> Caller:
    """Who calls; UnauthenticatedError says what is wrong with the Authorization header."""
    user = _account(work, _bearer(authorization))
    if not user.is_enabled:
        raise _refused(f"The account '{user.username}@{user.domain}' is disabled.")
    return as_caller(user)


def as_caller(user: User) -> Caller:
    """The account as it calls."""
    return Caller(
        user_id=user.id,
        username=user.username,
        domain=user.domain,
        role=Role(user.role),
        capabilities=frozenset(user.capabilities),
        is_robot=user.is_robot,
    )


def _account(work: Work, token: str) -> User:
    tag, secret = opaque.split(token)
    if tag not in (None, work.tag):
        raise _refused("The token was not issued by this workspace.")
    if found := work.look_up(AccessToken, "secret", [secret]):
        if found[0].expires_at <= work.token_now:
            raise _refused("The token has expired.")
        return work.glance(User, found[0].user_id)
    if robots := work.look_up(RobotToken, "secret", [secret]):
        return work.glance(User, robots[0].user_id)
    raise _refused("The token is not known: it was not issued here, or it was taken back.")


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise _refused("There is no bearer token: the Authorization header is missing.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused("The Authorization header is not 'Bearer', a space and a token.")
    return token.strip()


def _refused(detail: str) -> UnauthenticatedError:
    return UnauthenticatedError(detail, headers=_HEADERS, facts={"target": "Authorization"})
