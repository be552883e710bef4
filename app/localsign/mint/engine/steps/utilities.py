"""Create JWT, and Merge documents into PDF."""

import json
from pathlib import Path
from typing import Any

from localsign.mint.engine import papers
from localsign.mint.engine.catalog import StepType, items, mapping, number, text
from localsign.mint.engine.files import PDF, all_found, keep_for
from localsign.mint.engine.results import Done, Later, Result, StepError
from localsign.mint.engine.turn import Turn

CATEGORY = "Utilities"
SIGNING = ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512")
ENCRYPTION = ("dir", "A128KW", "A256KW", "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES")
LONGEST_LIFE = 10 * 365 * 24 * 3600  # seconds


def _create_jwt(turn: Turn) -> Result:
    """Signed with the key that is given; encrypted as well where there is a key for that."""
    turn.needed("signingKey")
    algorithm = turn.text("algorithm", "HS256")
    if algorithm not in SIGNING:
        raise StepError(f"The input 'algorithm' must be one of {', '.join(SIGNING)}.")
    claims = dict(turn.mapping("claims") or turn.mapping("payload"))
    now = int(turn.work.now.timestamp())
    claims.setdefault("iat", now)
    life = turn.number("expiresIn", 0)
    if not 0 <= life <= LONGEST_LIFE:
        raise StepError("The input 'expiresIn' must be between 0 and ten years, in seconds.")
    if life:
        claims.setdefault("exp", now + int(life))
    token = _signed(turn.text("signingKey"), algorithm, claims, turn.mapping("header"))
    if turn.text("encryptionKey"):
        token = _encrypted(turn, token)
    return Done(output={"token": token})


def _signed(key: str, algorithm: str, claims: dict[str, Any], header: dict[str, Any]) -> str:
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        loaded = _key(key, algorithm)
        return jwt.encode({**header, "alg": algorithm}, claims, loaded, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise StepError(f"The token cannot be signed with {algorithm}: {error}") from None


def _key(text: str, algorithm: str) -> Any:
    """A JSON Web Key, a PEM, or the text itself as a shared secret."""
    from joserfc.jwk import ECKey, OctKey, RSAKey

    family: Any = RSAKey if algorithm[:2] in ("RS", "PS") else ECKey if algorithm[:2] in ("ES", "EC") else OctKey
    stripped = text.strip()
    return family.import_key(json.loads(stripped) if stripped.startswith("{") else stripped.encode())


def _encrypted(turn: Turn, token: str) -> str:
    from joserfc import jwe
    from joserfc.errors import JoseError

    algorithm = turn.text("encryptionAlgorithm", "RSA-OAEP-256")
    if algorithm not in ENCRYPTION:
        raise StepError(f"The input 'encryptionAlgorithm' must be one of {', '.join(ENCRYPTION)}.")
    header = {"alg": algorithm, "enc": turn.text("encryption", "A256GCM"), "cty": "JWT"}
    try:
        key = _key(turn.text("encryptionKey"), algorithm)
        return jwe.encrypt_compact(header, token, key, algorithms=[header["alg"], header["enc"]])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise StepError(f"The token cannot be encrypted with {algorithm}: {error}") from None


def _merge(turn: Turn) -> Result:
    found = all_found(turn, "files" if turn.given("documents") is None and turn.given("files") else "documents")
    parts: list[tuple[Path, str, str]] = [
        (turn.work.blobs.path(one.digest), one.filename, one.content_type) for one in found
    ]
    return Later(lambda: papers.merged(parts), _merged)


def _merged(turn: Turn, content: bytes) -> Result:
    name = turn.text("filename") or "merged.pdf"
    return Done(output={"file": keep_for(turn, content, name, PDF)})


TYPES = (
    StepType(
        "CreateJwt",
        "Create JWT",
        CATEGORY,
        "Makes a JSON Web Token, signed, and encrypted where there is a key for that.",
        _create_jwt,
        inputs={
            "claims": mapping("What the token says; iat is added."),
            "signingKey": text("A JSON Web Key, a PEM, or a shared secret.", required=True),
            "algorithm": text("HS256 by default.", values=SIGNING),
            "header": mapping("More members of its header."),
            "expiresIn": number("Seconds until it expires; adds exp."),
            "encryptionKey": text("A public key or a shared secret to encrypt it with."),
            "encryptionAlgorithm": text("RSA-OAEP-256 by default.", values=ENCRYPTION),
            "encryption": text("A256GCM by default."),
        },
        outputs={"token": text("The token.")},
        takes_secrets=True,
    ),
    StepType(
        "MergeDocuments",
        "Merge documents into PDF",
        CATEGORY,
        "Makes one PDF of several files.",
        _merge,
        inputs={"documents": items("The files.", required=True), "filename": text("The name of the result.")},
        outputs={"file": mapping("The PDF, a file of the journey.")},
        simulated="Pages of PDFs are taken as they are; of other files only the text is.",
    ),
)
