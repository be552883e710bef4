"""One run of one step: what it is given, and what it may do to its journey."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from localsign.core.work import Work
from localsign.mint.engine import links, plain
from localsign.mint.engine.catalog import StepType, folded
from localsign.mint.engine.expressions import evaluate
from localsign.mint.engine.graph import Step
from localsign.mint.engine.memory import Memory, Names, masked
from localsign.mint.engine.results import StepError
from localsign.mint.models import Journey

LONGEST_TEXT = 200_000  # characters of an input that is text


@dataclass
class Turn:
    """`kept` is what a scope step left when it was entered; `came` and `facts` are there when a wait is over."""

    work: Work
    journey: Journey
    step: Step
    type: StepType
    memory: Memory
    scope: int | None
    kept: Mapping[str, Any] | None = None
    came: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def names(self) -> Names:
        return Names(self.memory, self.scope, takes_secrets=self.type.takes_secrets)

    @cached_property
    def _properties(self) -> dict[str, Any]:
        return {folded(name): value for name, value in self.step.properties.items()}

    @cached_property
    def _evaluated(self) -> dict[str, Any]:
        return {}

    def given(self, name: str) -> Any:
        """The input called `name` with its expressions evaluated; None where it was not given."""
        key = folded(name)
        if key not in self._evaluated:
            self._evaluated[key] = evaluate(self._properties.get(key), self.names)
        return self._evaluated[key]

    def needed(self, name: str) -> Any:
        """`given`, for an input that the step cannot do without."""
        value = self.given(name)
        if value is None or value == "":
            raise StepError(f"The input '{name}' is required.")
        return value

    def return_url(self) -> str:
        """An address that brings a browser back into this journey."""
        return links.url(self.journey.home, links.make_return(self.work, self.journey.id))

    def masked(self, value: Any) -> Any:
        """`value` without the secrets that this step has read."""
        return masked(value, self.names.revealed)

    def text(self, name: str, default: str = "") -> str:
        value = self.given(name)
        if value is None:
            return default
        text = as_text(value)
        if len(text) > LONGEST_TEXT:
            raise StepError(f"The input '{name}' is longer than {LONGEST_TEXT} characters.")
        return text

    def number(self, name: str, default: float = 0) -> float:
        value = self.given(name)
        return default if value is None or value == "" else as_number(value, name)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.given(name)
        return default if value is None or value == "" else as_flag(value)

    def items(self, name: str) -> list[Any]:
        """A list; one value is a list of one, text may be a JSON array or lines."""
        return as_items(self.given(name))

    def mapping(self, name: str) -> dict[str, Any]:
        """An object; a list of objects with `name` and `value` is one as well."""
        return as_mapping(self.given(name), name)


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int | float):
        return "" if value is None else str(value)
    return json.dumps(value, ensure_ascii=False)


def as_number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise StepError(f"The input '{name}' must be a number.")
    try:
        found = (
            float(value) if isinstance(value, float) or not str(value).strip().lstrip("-").isdecimal() else int(value)
        )
    except (ValueError, OverflowError):
        raise StepError(f"The input '{name}' must be a number.") from None
    if not abs(found) <= 1e15:
        raise StepError(f"The input '{name}' must be a number between -1e15 and 1e15.")
    return found


def as_flag(value: Any) -> bool:
    """Text counts by what it says: empty, `false`, `no`, `0` and `null` are false."""
    if isinstance(value, str):
        return value.strip().casefold() not in ("", "false", "no", "0", "null", "nil")
    return bool(value)


def as_items(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                found = plain.read(text)
            except ValueError:
                found = None
            if isinstance(found, list):
                return found
        return [line.strip() for line in text.replace("\n", ",").split(",") if line.strip()]
    return list(value) if isinstance(value, list) else [value]


def as_mapping(value: Any, name: str) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = plain.read(value)
        except ValueError:
            raise StepError(f"The input '{name}' must be an object.") from None
    if isinstance(value, list) and all(isinstance(one, dict) and "name" in one for one in value):
        return {str(one["name"]): one.get("value") for one in value}
    if not isinstance(value, dict):
        raise StepError(f"The input '{name}' must be an object.")
    return value
