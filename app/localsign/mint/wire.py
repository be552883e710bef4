"""Types of members that both faces of Mint share."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from localsign.core.clock import parse_instant, show
from localsign.core.wire import Camel
from localsign.mint.engine import plain


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a string")
    # A plus sign that a client did not escape in a query arrives as a space.
    return parse_instant(re.sub(r" (\d\d:\d\d)$", r"+\1", value))


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(show),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    reason = plain.flaw_of(value)
    if reason is not None:
        raise ValueError(reason)
    return value


Free = Annotated[dict[str, Any], AfterValidator(_storable)]


class Wire(Camel):
    """Members that a schema does not have are ignored (inferred)."""
