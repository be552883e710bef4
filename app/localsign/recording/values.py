"""Which values of an exchange differ from run to run, and which stay."""

import json
import re
from collections.abc import Container, Iterator
from typing import Any

from localsign.recording.steps import ANYTHING
from localsign.version import VERSION

Place = list[str | int]

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LABEL = r"⟦[a-z][a-z0-9_]*⟧"
_OPAQUE = r"(?=[\w~+=.-]*\d)(?=[\w~+=.-]*[A-Za-z])[\w~+-][\w~+=.-]{10,}[\w~+=-]"  # ids, cursors, tokens
_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
DRAWN = re.compile(f"{_LABEL}|{_UUID}|{_INSTANT}|{_OPAQUE}")
INSTANT = re.compile(_INSTANT)
LABEL = re.compile(_LABEL)
_URL = re.compile(r"https?://\S+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_OURS = re.compile(r"⟦(?:url|origin)⟧\S*?/(?=\w*\d)\w{8,}")  # an address with something short that was drawn
_MEASURED = re.compile(
    r"(?i)size|length|bytes|duration|elapsed|milli|stamp|epoch|expire|seconds|age$|modified|created|^(iat|exp|nbf)$"
)
SEGMENT = re.compile(r"(?<=/)(?=[\w-]*\d)[\w-]{6,}(?=/|$)")  # of an address
_LARGEST = 10**9  # larger numbers are moments
_LONGEST = 300
_MOST_LINES = 60


def is_drawn(text: str) -> bool:
    """Whether all of `text` is an id, a token, a cursor, or an address."""
    return bool(DRAWN.fullmatch(text) or _URL.fullmatch(text))


def leaves(value: Any, place: Place | None = None) -> Iterator[tuple[Place, Any]]:
    """Everything in `value` that has no members, with where it stands."""
    place = place or []
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, [*place, name])
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(one, [*place, index])
    else:
        yield place, value


def differs(name: str, value: Any, given: Container[Any]) -> bool:
    """Whether a leaf of an answer, in which known values are variables already, may be another one next time.

    `given`: what the client chose, and so will choose again.
    """
    if isinstance(value, str):
        drawn = [found[0] for found in DRAWN.finditer(value) if not LABEL.fullmatch(found[0])]
        return bool(
            len(value) > _LONGEST
            or ANYTHING in value
            or _DATE.search(value)
            or VERSION in value
            or _OURS.search(value)
            or any(one not in given for one in drawn)
        )
    if isinstance(value, bool) or value is None:
        return False
    return bool(isinstance(value, float) or abs(value) >= _LARGEST or _MEASURED.search(name))


def shortened(value: Any) -> Any:
    """What an answer must hold, in at most a page: of more, only what is less deep."""
    for depth in (20, 4, 3, 2, 1):
        cut = _cut(value, depth)
        if json.dumps(cut, indent=0).count("\n") < _MOST_LINES:
            return cut
    return ANYTHING


def _cut(value: Any, depth: int) -> Any:
    if isinstance(value, dict | list) and value and depth == 0:
        return ANYTHING
    if isinstance(value, dict):
        return {name: _cut(one, depth - 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_cut(one, depth - 1) for one in value]
    return value


def surroundings(text: str, start: int, end: int) -> tuple[str, str] | None:
    """What stands before and after a part of `text`, so that it is found there again; None if that is not plain."""
    before = text[:start].rsplit("\n", 1)[-1]
    pieces = re.split(r"(?<=[/?&=\"'>])", before)
    left = ""
    for piece in reversed(pieces):
        left = piece + left
        if left and text.find(left) + len(left) == start:
            break
    else:
        if start:
            return None
    if any(not LABEL.fullmatch(found[0]) for found in DRAWN.finditer(left)) or LABEL.search(left):
        return None
    return left, text[end : end + 1]
