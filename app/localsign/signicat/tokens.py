"""Access tokens: signed with the keys of one world, in the shape that the platform's tokens have."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from localsign.core.errors import UnauthenticatedError
from localsign.core.ids import Ids
from localsign.core.work import Work
from localsign.signicat.models import Client, RevokedToken, SigningKey, keys

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

SCOPE = "signicat-api"
ACCOUNT_PREFIX = "a-spge-"

_loaded: dict[str, "RSAKey"] = {}  # PEM to key: loading one from its text costs more than signing with it


@dataclass(frozen=True)
class Verified:
    """A token that was found good; `expires_at` in seconds since 1970."""

    claims: dict[str, Any]
    expires_at: int


def issue(work: Work, client: Client, issuer: str, account_tag: str) -> tuple[str, int]:
    """A new access token for `client`, and the seconds it lives.

    Header and claims: documented (a token in the tests of the vendor's SDK), in that order. There `iss` and `aud`
    name the vendor's host; here they name this server, so that checking them against discovery succeeds.
    """
    from joserfc import jws

    now = int(work.token_now.timestamp())
    lifetime = client.token_lifetime or work.house.settings.token_lifetime
    key = signing_key(work)
    claims = {
        "nbf": now,
        "exp": now + lifetime,
        "iss": issuer,
        "aud": issuer.removesuffix("/auth/open"),
        "client_id": client.client_id,
        "account_id": ACCOUNT_PREFIX + account_tag,
        "jti": Ids(None).hex(16).upper(),  # not of the world: how often a client logs in must not shift its ids
        "iat": now,
        "sandbox": True,
        "scope": [SCOPE],
    }
    header = {"alg": "RS256", "kid": key.kid, "typ": "at+jwt"}
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, _load(key), algorithms=["RS256"]), lifetime


def verify(work: Work, token: str, account_tag: str, *, by_itself: bool = False) -> Verified:
    """The claims of a token of the world with this tag; UnauthenticatedError says what is wrong with it.

    `by_itself`: only what the token itself says counts, not that it was revoked.
    """
    from joserfc import jws
    from joserfc.errors import JoseError

    header = header_of(token)
    published = {key.kid: key for key in keys(work) if key.is_published}
    key = published.get(str(header.get("kid")))
    if key is None:
        raise UnauthenticatedError("The token is signed with a key that this workspace does not have.")
    try:
        signed = jws.deserialize_compact(token, _load(key), algorithms=["RS256"])
    except (JoseError, ValueError, TypeError):
        raise UnauthenticatedError("The signature of the token is wrong.") from None
    claims: dict[str, Any] = json.loads(signed.payload)
    if claims["account_id"] != ACCOUNT_PREFIX + account_tag:  # worlds may share keys
        raise UnauthenticatedError("The token was issued by another workspace.")
    now = work.token_now.timestamp()
    if claims["exp"] <= now:
        expired = datetime.fromtimestamp(claims["exp"], UTC)
        raise UnauthenticatedError(f"The token expired at {expired:%Y-%m-%dT%H:%M:%SZ}.")
    if claims["nbf"] > now:
        raise UnauthenticatedError("The token is not valid yet.")
    revoked = None if by_itself else work.db.get(RevokedToken, claims["jti"])
    if revoked is not None:
        raise UnauthenticatedError("The token was revoked.")
    return Verified(claims, claims["exp"])


def signing_key(work: Work) -> SigningKey:
    """The key that signs now; made when the first token is asked for."""
    known = keys(work)
    usable = [key for key in known if key.is_signing]
    return usable[-1] if usable else add_key(work, known)


def add_key(work: Work, known: list[SigningKey]) -> SigningKey:
    """One more key, which signs from now on."""
    from cryptography.hazmat.primitives import serialization
    from joserfc.jwk import RSAKey

    number = known[-1].number + 1 if known else 0
    private = work.house.rsa_key(number)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Worlds share key pairs. The name is of this world only, so that a token of one that was deleted is not good in the
    # one that has its name now.
    kid = f"sandbox-signing-key-{Ids(None).hex(16)}"
    key = SigningKey(kid=kid, number=number, pem=pem.decode())
    _loaded[key.pem] = RSAKey(private, private, None)
    work.db.add(key)
    return key


def public_keys(work: Work) -> dict[str, Any]:
    """The JWKS: every published key."""
    published = [key for key in keys(work) if key.is_published] or [signing_key(work)]
    return {
        "keys": [
            {**_load(key).as_dict(private=False), "use": "sig", "alg": "RS256", "kid": key.kid} for key in published
        ]
    }


def header_of(token: str) -> dict[str, Any]:
    """The header of a token, not verified; UnauthenticatedError if it is no JWT."""
    return _part(token, 0)


def payload_of(token: str) -> dict[str, Any]:
    """The claims of a token, not verified; UnauthenticatedError if it is no JWT."""
    return _part(token, 1)


def account_tag_of(token: str) -> str | None:
    """Which workspace a token says it is of; None if it does not say."""
    try:
        account = payload_of(token).get("account_id")
    except UnauthenticatedError:
        return None
    return account.removeprefix(ACCOUNT_PREFIX) if isinstance(account, str) else None


def _part(token: str, index: int) -> dict[str, Any]:
    parts = token.split(".")
    try:
        if len(parts) != 3:
            raise ValueError
        decoded = json.loads(base64.urlsafe_b64decode(parts[index] + "=" * (-len(parts[index]) % 4)))
        if not isinstance(decoded, dict):
            raise ValueError
        json.dumps(decoded, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise UnauthenticatedError("The token is malformed: it is not a JWT.") from None
    return decoded


def _load(key: SigningKey) -> "RSAKey":
    if key.pem not in _loaded:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from joserfc.jwk import RSAKey

        # We wrote the key ourselves; validating it would take some 80 ms.
        private = load_pem_private_key(key.pem.encode(), None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(private, RSAPrivateKey)
        _loaded[key.pem] = RSAKey(private, private, None)
    return _loaded[key.pem]
