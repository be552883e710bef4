"""Credentials that say nothing but which workspace they are of: its tag, a hyphen, and the rest."""

import base64
import re

_MARKED = re.compile(r"([0-9A-Za-z]{20})-(.+)", re.DOTALL)


def marked(tag: str, rest: str) -> str:
    """`rest`, a secret or a name, as the workspace with this tag hands it out."""
    return f"{tag}-{rest}"


def split(credential: str) -> tuple[str | None, str]:
    """The tag that `credential` carries, None if it has none, and the rest."""
    found = _MARKED.fullmatch(credential)
    return (found[1], found[2]) if found else (None, credential)


def tag_in(authorization: str) -> str | None:
    """The tag in an Authorization header: of its bearer token, or of the user name that Basic names."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return split(value.strip())[0]
    if scheme.lower() == "basic":
        try:
            return split(base64.b64decode(value.strip()).decode("latin-1").partition(":")[0])[0]
        except ValueError:
            return None
    return None
