"""Ids as Mint shows them: 32 lower-case hexadecimal digits (inferred from Elsa 2)."""

import re
from uuid import UUID

from localsign.core.errors import NotFoundError

_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def parse(text: str) -> UUID | None:
    """The id that `text` spells, with hyphens or without; None for what is none."""
    return UUID(text) if _ID.fullmatch(text) else None


def find(text: str, called: str) -> UUID:
    """`parse`, for an id in a path: the contract calls it any string, so that one of another form is just unknown."""
    found = parse(text)
    if found is None:
        shown = text[:80].encode("ascii", "replace").decode()
        raise NotFoundError(f"There is no {called} with the id '{shown}'.")
    return found


def parse_or_none_such(text: str | None) -> UUID | None:
    """`parse` for a filter: what is no id is one that nothing has."""
    return None if text is None else parse(text) or UUID(int=0)
