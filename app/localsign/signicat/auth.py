"""The gateway in front of the product APIs: who calls, and may they."""

from dataclasses import dataclass
from typing import Any, cast

from fastapi import Request

from localsign.core.clock import wall
from localsign.core.errors import ForbiddenError, UnauthenticatedError
from localsign.core.http import Gate
from localsign.core.switches import TOKEN_CLOCK
from localsign.core.work import Work
from localsign.signicat import tokens
from localsign.signicat.models import Client
from localsign.signicat.switches import REVOKED_TOKENS
from localsign.workspace import Workspace

_MOST_REMEMBERED = 2000


@dataclass(frozen=True)
class Caller:
    """The API client behind a good token, and until when (seconds since 1970) the token is good."""

    client_id: str
    permissions: frozenset[str]
    expires_at: int


def requires(permission: str) -> Gate:
    """A gate for callers with `permission`; others get the platform's 401 or 403."""

    async def gate(request: Request) -> None:
        workspace: Workspace = request.scope["state"]["workspace"]
        caller = await authenticate(workspace, request.headers.get("authorization"))
        if permission not in caller.permissions:
            raise ForbiddenError(
                f"The API client '{caller.client_id}' does not have the permission '{permission}'. "
                f"It has: {', '.join(sorted(caller.permissions)) or 'none'}."
            )
        request.scope["state"]["caller"] = caller

    return gate


async def authenticate(workspace: Workspace, authorization: str | None) -> Caller:
    """The caller that the Authorization header names; UnauthenticatedError says what is wrong."""
    token = _bearer(authorization)
    remembered = cast(dict[str, Caller], workspace.memo.setdefault("callers", {}))
    caller = remembered.get(token)
    if caller is not None and _is_good(workspace, caller):
        return caller
    tag = tokens.account_tag_of(token)
    if tag is not None and tag != workspace.tag:
        raise _unauthenticated(f"The token was not issued by the workspace '{workspace.name}'.")
    await workspace.turn()
    with workspace.held() as work:
        caller = _verified(work, token, workspace.tag)
    if len(remembered) >= _MOST_REMEMBERED:
        remembered.clear()
    remembered[token] = caller
    return caller


def forget_callers(memo: dict[str, Any]) -> None:
    """Look at every token anew: a key, a client or a token was changed."""
    memo.pop("callers", None)


def _is_good(workspace: Workspace, caller: Caller) -> bool:
    follows_wall = workspace.switched(TOKEN_CLOCK) == "wall"
    now = wall() if follows_wall else workspace.clock.now()
    return caller.expires_at > now.timestamp()


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise _unauthenticated("There is no bearer token: the Authorization header is missing.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("The Authorization header is not 'Bearer', a space and a token.")
    return token.strip()


def _verified(work: Work, token: str, account_tag: str) -> Caller:
    try:
        verified = tokens.verify(work, token, account_tag, by_itself=work.switched(REVOKED_TOKENS) == "accept")
    except UnauthenticatedError as error:
        raise _unauthenticated(error.detail) from None
    client = work.db.get(Client, verified.claims["client_id"])
    if client is None:
        raise _unauthenticated(f"The API client '{verified.claims['client_id']}' does not exist any more.")
    return Caller(client.client_id, frozenset(client.permissions), verified.expires_at)


def _unauthenticated(detail: str) -> UnauthenticatedError:
    return UnauthenticatedError(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
