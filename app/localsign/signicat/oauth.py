"""What the token endpoint does: authenticate a client, issue, introspect and revoke. No HTTP."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from localsign.core.errors import ApiError, UnauthenticatedError
from localsign.core.work import Work
from localsign.signicat import certificates, tokens
from localsign.signicat.models import Client, RevokedToken, UsedAssertion
from localsign.signicat.switches import INVALID_CLIENT_STATUS, MISSING_SCOPE

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]

# documented (recorded answers of the sandbox) for the first two; the others inferred, in words of RFC 6749
_DESCRIPTIONS = {
    "invalid_request": "The request is missing a required parameter.",
    "invalid_client": "Client authentication failed (e.g., unknown client, no client authentication "
    "included, or unsupported authentication method).",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "unauthorized_client": "The client is not authorized to use this authorization grant type.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
}
# Grants the vendor advertises and localsign does not have.
_ADVERTISED = {
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
}


class OAuthError(ApiError):
    """An error of RFC 6749. The status is 400 for every one: recorded, for invalid_client as well; a switch."""

    status = 400

    def __init__(self, error: str, reason: str) -> None:
        self.answered = self.status
        super().__init__(_DESCRIPTIONS[error], code=error)
        self.reason = reason  # for people, in a header: the body is the vendor's


@dataclass(frozen=True)
class Asked:
    """The parts of a request that tell who asks: the form and the Authorization header; and whom it asks.

    `called` has the address as the client has it, which names no workspace if a header does. `account` is the tag of
    the workspace. `certificate` is what the connection has shown, as DER.
    """

    form: Mapping[str, str]
    authorization: str | None
    issuer: str
    called: frozenset[str]
    account: str
    certificate: bytes | None = None


def issue_token(work: Work, asked: Asked) -> dict[str, Any]:
    """The answer of the token endpoint for `grant_type=client_credentials`."""
    grant = asked.form.get("grant_type")
    if not grant:
        raise OAuthError("invalid_request", "grant_type is missing")
    client = authenticate_client(work, asked)
    if grant in _ADVERTISED:
        raise OAuthError("unauthorized_client", f"localsign issues API tokens only; {grant} is not emulated")
    if grant != "client_credentials":
        raise OAuthError("unsupported_grant_type", f"grant_type is '{grant}', not client_credentials")
    if "scope" not in asked.form and work.switched(MISSING_SCOPE) == "refuse":
        raise OAuthError("invalid_scope", "scope is missing")
    unknown = [scope for scope in asked.form.get("scope", tokens.SCOPE).split() if scope != tokens.SCOPE]
    if unknown:
        raise OAuthError("invalid_scope", f"{' '.join(unknown)}: the only scope is {tokens.SCOPE}")
    token, lifetime = tokens.issue(work, client, asked.issuer, asked.account)
    return {"access_token": token, "expires_in": lifetime, "token_type": "Bearer", "scope": tokens.SCOPE}


def introspect(work: Work, asked: Asked) -> dict[str, Any]:
    """RFC 7662: the claims of an active token, or that it is not active."""
    authenticate_client(work, asked)
    token = asked.form.get("token")
    if not token:
        raise OAuthError("invalid_request", "token is missing")
    try:
        claims = tokens.verify(work, token, asked.account).claims
    except UnauthenticatedError:
        return {"active": False}
    return {"active": True, **claims, "scope": " ".join(claims["scope"]), "token_type": "Bearer"}


def revoke(work: Work, asked: Asked) -> None:
    """RFC 7009: a token that is not good, or is another client's, is no error."""
    client = authenticate_client(work, asked)
    token = asked.form.get("token")
    if not token:
        raise OAuthError("invalid_request", "token is missing")
    try:
        claims = tokens.verify(work, token, asked.account).claims
    except UnauthenticatedError:
        return
    if claims["client_id"] == client.client_id:
        work.db.add(RevokedToken(jti=claims["jti"], at=work.now))


def authenticate_client(work: Work, asked: Asked) -> Client:
    """The client that the request proves to be: by assertion, Basic, form, Basic and form at once, or certificate."""
    try:
        return _authenticated(work, asked)
    except OAuthError as error:
        if asked.authorization and error.code == "invalid_client":
            error.answered = int(work.switched(INVALID_CLIENT_STATUS))
        raise


def _authenticated(work: Work, asked: Asked) -> Client:
    if "client_assertion" in asked.form:
        return _by_assertion(work, asked)
    client_id, secret = asked.form.get("client_id"), asked.form.get("client_secret")
    if asked.authorization:
        basic_id, basic_secret = _basic(asked.authorization)
        if client_id not in (None, basic_id) or secret not in (None, basic_secret):
            raise OAuthError("invalid_client", "the Authorization header and the form name different clients")
        client_id, secret = basic_id, basic_secret
    if not client_id:
        reason = "neither an Authorization header nor client_id"
        raise OAuthError("invalid_client" if asked.form else "invalid_request", reason)
    client = work.db.get(Client, client_id)
    if client is None:
        raise OAuthError("invalid_client", f"this workspace has no client '{client_id}'")
    if secret is None:
        return _by_certificate(work, asked, client)
    if not any(hmac.compare_digest(secret.encode(), known.encode()) for known in client.secrets):
        raise OAuthError("invalid_client", f"the secret is not one of '{client_id}'")
    return client


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        if not colon:
            raise ValueError
    except (ValueError, binascii.Error):
        raise OAuthError("invalid_client", "the Authorization header is not HTTP Basic") from None
    return unquote_plus(client_id), unquote_plus(secret)


def _by_certificate(work: Work, asked: Asked, client: Client) -> Client:
    """tls_client_auth and self_signed_tls_client_auth (RFC 8705): `client_id`, and the connection shows who it is."""
    if client.tls_subject is None and not certificates.registered(client):
        raise OAuthError("invalid_client", "client_secret is missing")
    if asked.certificate is None:
        raise OAuthError("invalid_client", "client_secret is missing, and the connection has shown no certificate")
    if not certificates.is_of(client, asked.certificate, work.house.settings.tls_client_ca):
        raise OAuthError("invalid_client", f"the certificate of the connection is not one of '{client.client_id}'")
    return client


def _by_assertion(work: Work, asked: Asked) -> Client:
    """private_key_jwt (RFC 7523, OpenID Connect Core section 9)."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if asked.form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_client", f"client_assertion_type is not {ASSERTION_TYPE}")
    assertion = asked.form["client_assertion"]
    try:
        claimed = tokens.payload_of(assertion)
    except UnauthenticatedError:
        raise OAuthError("invalid_client", "client_assertion is not a JWT") from None
    client = work.db.get(Client, str(claimed.get("sub")))
    if client is None or client.jwks is None:
        raise OAuthError("invalid_client", f"no client '{claimed.get('sub')}' with registered keys")
    if asked.form.get("client_id") not in (None, client.client_id):
        raise OAuthError("invalid_client", "client_id and the assertion name different clients")
    try:
        keys = KeySet.import_key_set(client.jwks)  # type: ignore[arg-type]
        jws.deserialize_compact(assertion, keys, algorithms=ASSERTION_ALGORITHMS)
    except (JoseError, ValueError, TypeError):
        raise OAuthError("invalid_client", "no registered key made the signature of the assertion") from None
    _check_assertion(work, asked, client, claimed)
    return client


def _check_assertion(work: Work, asked: Asked, client: Client, claims: dict[str, Any]) -> None:
    if claims.get("iss") != client.client_id:
        raise OAuthError("invalid_client", "iss of the assertion is not the client id")
    audiences = claims.get("aud") if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    if not {asked.issuer, f"{asked.issuer}/connect/token", *asked.called} & {str(one) for one in audiences or ()}:
        raise OAuthError("invalid_client", f"aud of the assertion is not {asked.issuer}/connect/token")
    now = work.token_now
    expires, starts = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(starts, int | float):
        raise OAuthError("invalid_client", "exp of the assertion is missing, or exp or nbf is no number")
    if not starts <= now.timestamp() < expires:  # so written, it refuses NaN as well
        raise OAuthError("invalid_client", "the assertion has expired, or is not valid yet")
    jti = claims.get("jti")
    if not isinstance(jti, str):
        raise OAuthError("invalid_client", "jti of the assertion is missing")
    if work.db.get(UsedAssertion, f"{client.client_id} {jti}"):
        raise OAuthError("invalid_client", "the assertion was used before")
    expires_at = datetime.fromtimestamp(min(expires, 4_000_000_000), UTC)
    work.db.add(UsedAssertion(jti=f"{client.client_id} {jti}", expires_at=expires_at))
