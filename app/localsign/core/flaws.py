"""Pydantic's findings in words that name the member and the rule."""

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


def flaw_of(finding: Mapping[str, Any], *, skip: int = 0) -> Flaw:
    """One of pydantic's errors; `skip` leaves out the first steps of its location, such as `body`."""
    name = path_of(step for step in finding["loc"][skip:] if not _is_internal(step))
    return Flaw(name or "body", _reason(finding))


def _is_internal(step: int | str) -> bool:
    return isinstance(step, str) and ("[" in step or step.startswith("function-"))


def _reason(finding: Mapping[str, Any]) -> str:
    context = finding.get("ctx", {})
    match finding["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "is not a known member"
        case "string_too_long":
            return f"must be at most {context['max_length']} characters"
        case "string_too_short":
            return f"must be at least {context['min_length']} characters"
        case "too_long":
            return f"must have at most {context['max_length']} items, has {context['actual_length']}"
        case "too_short":
            return f"must have at least {context['min_length']} items, has {context['actual_length']}"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "enum" | "literal_error":
            return f"must be one of {context['expected'].replace(' or ', ', ').replace(chr(39), '')}"
        case "value_error":
            return str(context["error"])
        case "json_invalid":
            return f"is not JSON: {context.get('error', 'it cannot be read')}"
        case kind if kind.startswith("uuid"):
            return "must be a UUID"
        case "string_type":
            return "must be a string"
        case "int_type" | "int_parsing" | "int_from_float":
            return "must be a whole number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "list_type" | "tuple_type":
            return "must be an array"
        case "dict_type" | "model_type" | "model_attributes_type" | "dataclass_type":
            return "must be an object"
        case "string_pattern_mismatch":
            return f"must match {context['pattern']}"
    message: str = finding["msg"]
    return message[:1].lower() + message[1:]


def unknown_members(value: Any, location: tuple[int | str, ...] = ()) -> list[Flaw]:
    """The members that a body of models with `extra="allow"` has and its schema does not."""
    if isinstance(value, list):
        return [
            flaw for index, item in enumerate(value) for flaw in unknown_members(item, (*location, index))
        ]
    if not isinstance(value, BaseModel):
        return []
    flaws = [Flaw(path_of((*location, name)), "is not a known member") for name in value.model_extra or ()]
    for name in value.model_fields_set & type(value).model_fields.keys():
        flaws += unknown_members(
            getattr(value, name), (*location, type(value).model_fields[name].alias or name)
        )
    return flaws
