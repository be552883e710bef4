"""Logging in with a password, staying logged in, logging out."""

import base64
import binascii
import hmac

from sqlmodel import select

from localsign.core import opaque
from localsign.core.errors import ApiError
from localsign.core.work import Work
from localsign.signing_today import passwords, tokens
from localsign.signing_today.account_switches import OAUTH_CLIENT, REFRESH, TOKEN_REUSE
from localsign.signing_today.models.people import AccessToken, Application, User
from localsign.signing_today.permissions import Caller


class OAuthError(ApiError):
    """An error of RFC 6749, as Spring Security answers it (inferred)."""

    status = 400


class UnknownClientError(OAuthError):
    status = 401

    def __init__(self, reason: str) -> None:
        super().__init__(reason, code="invalid_client", headers={"WWW-Authenticate": 'Basic realm="oauth2/client"'})


def token(work: Work, form: dict[str, str], authorization: str | None) -> tokens.Login:
    """The token that `form` asks for, in the name of the OAuth client in the Authorization header."""
    client_id = _client(work, authorization)
    grant, reuse = form.get("grant_type"), work.switched(TOKEN_REUSE) == TOKEN_REUSE.default
    if grant == "password":
        return tokens.shown(work, tokens.login(work, _who(work, form), client_id, reuse=reuse))
    if grant == "refresh_token" and work.switched(REFRESH) == REFRESH.default:
        return tokens.shown(work, _refreshed(work, form, client_id))
    if not grant:
        raise OAuthError("Missing grant type", code="invalid_request")
    raise OAuthError(f"Unsupported grant type: {grant}", code="unsupported_grant_type")


def log_out(work: Work, caller: Caller) -> None:
    """End the caller's session. A robot's lifetime token is no session: it stays (inferred)."""
    tokens.log_out(work, caller.user_id)


def named(work: Work, domain: str, username: str) -> User | None:
    """The account with this name in this domain."""
    return work.db.exec(select(User).where(User.domain == domain, User.username == username)).first()


def _client(work: Work, authorization: str | None) -> str:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise UnknownClientError("Full authentication is required: HTTP Basic with the id and secret of a client.")
    try:
        client_id, colon, secret = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise UnknownClientError("The Authorization header is not HTTP Basic.") from None
    if not colon or not client_id:
        raise UnknownClientError("The Authorization header is not HTTP Basic.")
    if work.switched(OAUTH_CLIENT) != OAUTH_CLIENT.default and not _is_registered(work, client_id, secret):
        raise UnknownClientError("There is no client with this id and secret.")
    return client_id


def _is_registered(work: Work, client_id: str, secret: str) -> bool:
    """Whether this is the OAuth client that the world was founded with."""
    application = work.look_up(Application, "id", [1])[0]
    known = application.client_id or opaque.marked(work.tag, "client")
    return client_id == known and hmac.compare_digest(secret.encode(), application.client_secret.encode())


def _who(work: Work, form: dict[str, str]) -> User:
    """The account that a user name and a password prove; the refusal does not tell which of them is wrong."""
    username, _, domain = form.get("username", "").rpartition("@")
    user = named(work, domain, username)
    if user is None or not passwords.is_right(work, user, form.get("password", "")):
        raise OAuthError("Bad credentials", code="invalid_grant")
    if not user.is_enabled:
        raise OAuthError("User is disabled", code="invalid_grant")
    return user


def _refreshed(work: Work, form: dict[str, str], client_id: str) -> AccessToken:
    """A new token for an old one, which ends."""
    tag, secret = opaque.split(form.get("refresh_token", ""))
    old = work.db.exec(select(AccessToken).where(AccessToken.refresh == secret)).first()
    if old is None or old.client_id != client_id or tag not in (None, work.tag):
        raise OAuthError("Invalid refresh token", code="invalid_grant")
    work.db.delete(old)
    return tokens.login(work, work.get(User, old.user_id), client_id, reuse=False)
