"""The marker `localsign`: what the workspace of a test begins as."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

NAME = "localsign"
_LISTS = {"faults", "personas", "rate_limits", "webhooks"}  # of which a marker may give a single entry
_SPELLED = {"secure_share": "secure-share", "signing_today": "signing-today"}


@dataclass(frozen=True)
class Beginning:
    """`seed` of ids, the name of a `fixture`, and a seed `document`, each None where a test says nothing."""

    seed: str | int | None = None
    fixture: str | None = None
    document: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, marks: Iterable[pytest.Mark], seed: str | int | None = None) -> "Beginning":
        """What `marks`, the nearest first, say. A nearer one replaces a keyword of one that is farther."""
        given: dict[str, Any] = {}
        for mark in marks:
            if mark.args:
                raise pytest.UsageError(f"the marker {NAME} takes keywords only, such as clock=…, and got {mark.args}")
            given = {**mark.kwargs, **given}
        document = dict(given.pop("document", None) or {})
        seed, fixture = given.pop("seed", seed), given.pop("fixture", None)
        document |= {_SPELLED.get(name, name): _section(name, value) for name, value in given.items()}
        return cls(seed, fixture, document or None)


def _section(name: str, value: Any) -> Any:
    """A section of a seed document; an instant is where the clock stands still, a single entry a list of one."""
    if name == "clock" and isinstance(value, str | datetime):
        return {"freeze": _plain(value)}
    if name in _LISTS and isinstance(value, Mapping):
        return [_plain(value)]
    return _plain(value)


def _plain(value: Any) -> Any:
    """`value` as JSON has it."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise pytest.UsageError(f"the marker {NAME} got {value!r}, which has no time zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
