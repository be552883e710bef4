"""Python's values as the wire has them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID


def duration(value: timedelta | str) -> str:
    """ISO 8601, in seconds."""
    if isinstance(value, str):
        return value
    microseconds = value // timedelta(microseconds=1)
    sign = "-" if microseconds < 0 else ""
    whole, rest = divmod(abs(microseconds), 1_000_000)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{sign}PT{whole}{fraction}S"


def instant(value: datetime | str) -> str:
    """RFC 3339, in UTC; ValueError for a datetime without a time zone."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: give an aware datetime, such as datetime(…, tzinfo=UTC)")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """`value` as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    for kind, spell in _SPELLED.items():
        if isinstance(value, kind):
            return spell(value)
    return value


_SPELLED: dict[type, Callable[[Any], Any]] = {
    timedelta: duration,
    datetime: instant,
    Enum: lambda value: plain(value.value),
    UUID: str,
    PurePath: str,
}


def given(**members: Any) -> dict[str, Any]:
    """Those of `members` that are not None."""
    return {name: plain(value) for name, value in members.items() if value is not None}


def query(**conditions: Any) -> dict[str, Any]:
    """`given`, as a query string has it."""
    return {
        name: str(value).lower() if isinstance(value, bool) else value for name, value in given(**conditions).items()
    }
