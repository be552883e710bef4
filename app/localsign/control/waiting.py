"""One way to wait: `count` things within `timeout` seconds, or a 408 that tells how many came and what was nearest."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import Field

from localsign.core.clock import show
from localsign.core.errors import TimedOutError
from localsign.core.wire import Asked

Thing = TypeVar("Thing")

DEFAULT_TIMEOUT = 10.0
_MOST_NEAR = 3
_LONGEST_WORD = 200

Timeout = Annotated[
    float,
    Field(strict=True, gt=0, le=60, allow_inf_nan=False, description="Seconds of real time to wait at most; up to 60."),
]


class Waiting(Asked):
    """What is there already counts as well."""

    count: int = Field(1, strict=True, ge=1, le=1_000_000, description="How many must match.")
    timeout: Timeout = DEFAULT_TIMEOUT


_NEAR = {"type": "object", "required": ["id", "missed"], "properties": {"missed": {"type": "array"}}}
TIMED_OUT: dict[int | str, dict[str, Any]] = {
    408: {
        "description": "The time is over. `found` things match; the `nearest` miss the fewest conditions.",
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [{"$ref": "#/components/schemas/Problem"}],
                    "required": ["found", "nearest"],
                    "properties": {"found": {"type": "integer"}, "nearest": {"type": "array", "items": _NEAR}},
                }
            }
        },
    }
}


def timed_out(
    wanted: Waiting,
    things: str,
    found: int,
    others: Iterable[Thing],
    missed: Callable[[Thing], Sequence[str]],
    told: Callable[[Thing], dict[str, Any]],
) -> TimedOutError:
    """The refusal for who has waited in vain: `found` of the `things`, as they are called, were as wanted.

    `others` are those to look at for the nearest, the newest first; `missed` says which conditions one does not meet,
    and `told` what the answer says of it.
    """
    near = sorted(((names, one) for one in others if (names := missed(one))), key=lambda one: len(one[0]))[:_MOST_NEAR]
    return TimedOutError(
        f"{found} of {wanted.count} {things} that match {_in_words(wanted)} came within {wanted.timeout:g} seconds.",
        facts={"found": found, "nearest": [{**told(one), "missed": list(names)} for names, one in near]},
    )


def _in_words(wanted: Waiting) -> str:
    """The conditions that were given."""
    names = [name for name in type(wanted).model_fields if name in wanted.model_fields_set - {"count", "timeout"}]
    given = {name: getattr(wanted, name) for name in names}
    return ", ".join(f"{name} {_spelled(one)}" for name, one in given.items() if one is not None) or "anything"


def _spelled(value: Any) -> str:
    return show(value) if isinstance(value, datetime) else f"{value}"[:_LONGEST_WORD]
