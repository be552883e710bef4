"""What all wire shapes have in common, and the kinds of their members.

Members are camelCase, and every one may be null or missing (documented: OAS requires almost none). Members that are
read-only, and members nobody knows, are ignored on input.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from localsign.core.clock import parse_instant, show
from localsign.core.wire import Camel

_DEEPEST = 20
_LARGEST_MAP = 64 * 1024  # bytes


class Wire(Camel):
    """The base of all wire shapes; members that one does not have are ignored."""


def _instant(value: Any) -> Any:
    """RFC 3339; the documented samples have a blank for the T."""
    if isinstance(value, str):
        return parse_instant(re.sub(r"^(\d{4}-\d\d-\d\d) (?=\d)", r"\1T", value))
    if isinstance(value, datetime) or value is None:
        return value
    raise ValueError("must be a string")


def _plain(value: Any, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise ValueError(f"is nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        _encodable(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("has a number that is too large")
    if isinstance(value, Mapping):
        for name, one in value.items():
            _plain(name, depth)
            _plain(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _plain(one, depth + 1)


def _encodable(value: str) -> str:
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("has a character that is no text")
    return value


def _map(value: dict[str, Any]) -> dict[str, Any]:
    _plain(value)
    if len(json.dumps(value)) > _LARGEST_MAP:
        raise ValueError(f"must be at most {_LARGEST_MAP} bytes")
    return value


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(show),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# A text of ordinary length, one that is not empty, and one that may be long.
Text = Annotated[str, Field(max_length=255), AfterValidator(_encodable)]
Name = Annotated[Text, Field(min_length=1)]
LongText = Annotated[str, Field(max_length=10_000), AfterValidator(_encodable)]
Phone = Annotated[Text, BeforeValidator(_number_as_text)]  # documented as a string of the format "number"
FreeMap = Annotated[dict[str, Any], AfterValidator(_map)]  # any JSON below free keys
