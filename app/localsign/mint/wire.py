"""Types of members that both faces of Mint share."""

from typing import Annotated, Any

from pydantic import AfterValidator

from localsign.core.wire import Camel
from localsign.mint.engine import plain


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    reason = plain.flaw_of(value)
    if reason is not None:
        raise ValueError(reason)
    return value


Free = Annotated[dict[str, Any], AfterValidator(_storable)]


class Wire(Camel):
    """Members that a schema does not have are ignored (inferred)."""
