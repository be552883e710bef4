"""Pydantic's findings in words that name the member and the rule."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from localsign.core.errors import Flaw


def path_of(location: Iterable[int | str]) -> str:
    """`("documents", 0, "action")` as `documents[0].action`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def nearest(name: str, known: Iterable[str]) -> str:
    """What to tell somebody who wrote `name` where only `known` names are good."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"known are: {', '.join(names)}"


def ended(sentence: str) -> str:
    """`sentence` with a full stop, unless it ends with the question of `nearest`."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def flaw_of(finding: Mapping[str, Any], *, skip: int = 0) -> Flaw:
    """One of pydantic's errors; `skip` leaves out the first steps of its location, such as `body`."""
    if finding["type"] == "json_invalid":
        return Flaw("body", f"is not JSON: {finding['ctx']['error']} (character {finding['loc'][-1]})")
    name = path_of(step for step in finding["loc"][skip:] if not _is_internal(step))
    return Flaw(name or "body", _reason(finding))


def _is_internal(step: int | str) -> bool:
    return isinstance(step, str) and ("[" in step or step.startswith("function-"))


_REASONS = {
    "missing": "is required",
    "extra_forbidden": "is not a known member",
    "string_type": "must be a string",
    "string_unicode": "has a character that is no text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dataclass_type": "must be an object",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "string_too_long": "must be at most {max_length} characters",
    "string_too_short": "must be at least {min_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_long": "must have at most {max_length} items, has {actual_length}",
    "too_short": "must have at least {min_length} items, has {actual_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "value_error": "{error}",
}


def _reason(finding: Mapping[str, Any]) -> str:
    kind, context = finding["type"], finding.get("ctx", {})
    if kind in _REASONS:
        return _REASONS[kind].format(**context)
    if kind in ("enum", "literal_error"):
        return f"must be one of {context['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    message: str = finding["msg"]
    return message[:1].lower() + message[1:]


def unknown_members(value: Any, location: tuple[int | str, ...] = ()) -> list[Flaw]:
    """The members that a body of models with `extra="allow"` has and its schema does not."""
    if isinstance(value, list):
        return [flaw for index, item in enumerate(value) for flaw in unknown_members(item, (*location, index))]
    if not isinstance(value, BaseModel):
        return []
    flaws = [Flaw(path_of((*location, name)), "is not a known member") for name in value.model_extra or ()]
    for name in value.model_fields_set & type(value).model_fields.keys():
        flaws += unknown_members(getattr(value, name), (*location, type(value).model_fields[name].alias or name))
    return flaws
