"""JSON Web Tokens as these tests read and forge them, without any code of localsign."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from tests.world import Json, World

ALGORITHMS = ["RS256", "PS256", "ES256"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Token:
    """A token taken apart, members in the order in which they were sent."""

    header: Json
    claims: Json
    signature: str

    @classmethod
    def read(cls, token: str) -> "Token":
        header, claims, signature = token.split(".")
        return cls(json.loads(_decoded(header)), json.loads(_decoded(claims)), signature)

    def text(self) -> str:
        """The token put together again, with the signature it had."""
        return f"{encoded(self.header)}.{encoded(self.claims)}.{self.signature}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).rstrip(b"=").decode()


def seconds_now() -> int:
    """What the machine's clock shows: tokens follow it, as client libraries check them with it."""
    return int(datetime.now(UTC).timestamp())  # noqa: TID251


def new_key(kid: str = "mine", algorithm: str = "RS256") -> RSAKey | ECKey:
    if algorithm.startswith("ES"):
        return ECKey.generate_key("P-256", {"kid": kid})
    return RSAKey.generate_key(2048, {"kid": kid})


def key_set(*keys: RSAKey | ECKey) -> Json:
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


def claims_of(world: World, client_id: str, **but: Any) -> Json:
    """The claims of a good client assertion; `but` replaces some, and None leaves one out."""
    now = seconds_now()
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": f"{world.url}/auth/open/connect/token",
        "jti": f"assertion-{now}",
        "iat": now,
        "exp": now + 60,
        **but,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: Json, key: RSAKey | ECKey, algorithm: str = "RS256", **header: str) -> str:
    return jws.serialize_compact(
        {"alg": algorithm, **header},
        json.dumps(claims).encode(),
        key,
        registry=JWSRegistry(algorithms=ALGORITHMS),
    )
