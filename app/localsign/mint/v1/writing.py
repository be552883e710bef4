"""From what v1 sends to what the engine keeps, and back: steps and connections with all their members.

No source shows the members of StepDto and ConnectionDto. Inferred: those of the newer API, and the names that Elsa 2
has for them. Whatever else is sent is kept beside, under KEPT, and shown again.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from localsign.core.errors import Flaw
from localsign.mint.service.keeping import KEPT
from localsign.mint.service.workflows import Content
from localsign.mint.v1.schemas import WriteFlow

_TEXTS = ("name", "displayName", "description")


def content_of(wanted: WriteFlow, parameters: list[str] | None = None, at: str = "") -> Content:
    """A flow as the engine saves it; `at` is where in the body the flow is. `parameters` are not v1's to change."""
    flaws: list[Flaw] = []
    taken = {text for one in wanted.steps or () if isinstance(text := _id_of(one), str)}
    steps = [_step(one, index, taken, f"{at}steps[{index}]", flaws) for index, one in enumerate(wanted.steps or ())]
    connections = [
        _connection(one, f"{at}connections[{index}]", flaws) for index, one in enumerate(wanted.connections or ())
    ]
    return Content(
        name=wanted.title or "",
        description=wanted.description,
        steps=steps,
        connections=connections,
        variables=wanted.variables,
        tags=wanted.tags,
        parameters=parameters,
        custom=wanted.custom_attributes or {},
        path=f"{at}steps",
        step_flaws=flaws,
    )


def shown(saved: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps or connections as v1 shows them: as they were sent, or, if the newer API saved them, as it has them."""
    return [one.get(KEPT) or {name: value for name, value in one.items() if name != KEPT} for one in saved]


def _id_of(given: Mapping[str, Any]) -> Any:
    return given.get("id") if given.get("id") is not None else given.get("activityId")


def _step(given: dict[str, Any], index: int, taken: set[str], place: str, flaws: list[Flaw]) -> dict[str, Any]:
    step_id, kind = _id_of(given), given.get("type")
    if step_id is None:
        step_id = _free(index, taken)
    elif not isinstance(step_id, str):
        flaws.append(Flaw(f"{place}.id", "must be text"))
        step_id = f"step-{index + 1}"
    if kind is not None and not isinstance(kind, str):
        flaws.append(Flaw(f"{place}.type", "must be text"))
    for name in _TEXTS:
        if not isinstance(given.get(name), str | None):
            flaws.append(Flaw(f"{place}.{name}", "must be text"))
    return {
        "id": step_id,
        "type": str(kind or ""),
        **{name: given.get(name) for name in _TEXTS},
        "properties": _properties(given.get("properties"), f"{place}.properties", flaws),
        KEPT: given if _id_of(given) is not None else {"id": step_id, **given, **_with_id(given, step_id)},
    }


def _with_id(given: Mapping[str, Any], step_id: str) -> dict[str, str]:
    """The id again where it was sent as null."""
    return {"id": step_id} if "id" in given else {}


def _free(index: int, taken: set[str]) -> str:
    """Inferred: a step without an id gets one."""
    number = index + 1
    while f"step-{number}" in taken:
        number += 1
    taken.add(f"step-{number}")
    return f"step-{number}"


def _properties(given: Any, place: str, flaws: list[Flaw]) -> dict[str, Any] | None:
    """An object, or a list as Elsa 2 has it: name, syntax, and an expression for each syntax."""
    if given is None or isinstance(given, dict):
        return given
    if not isinstance(given, list):
        flaws.append(Flaw(place, "must be an object, or a list of name, syntax and expressions"))
        return None
    found = {}
    for index, one in enumerate(given):
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            flaws.append(Flaw(f"{place}[{index}]", "must be an object with a name"))
        else:
            found[one["name"]] = _value(one)
    return found


def _value(given: Mapping[str, Any]) -> Any:
    """What a property of Elsa's kind holds: its expression in its syntax, or in the first there is."""
    expressions = given.get("expressions")
    if not isinstance(expressions, dict) or not expressions:
        return given.get("value")
    syntax = given.get("syntax")
    if not isinstance(syntax, str) or syntax not in expressions:
        syntax = next(iter(expressions))
    text = expressions[syntax]
    if syntax.casefold() == "json" and isinstance(text, str):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _connection(given: dict[str, Any], place: str, flaws: list[Flaw]) -> dict[str, Any]:
    ends = {
        name: given.get(name) if given.get(name) is not None else given.get(other)
        for name, other in (("sourceStepId", "sourceActivityId"), ("targetStepId", "targetActivityId"))
    }
    found = {**ends, "outcome": given.get("outcome")}
    for name, value in found.items():
        if not isinstance(value, str | None):
            flaws.append(Flaw(f"{place}.{name}", "must be text"))
    return {**found, KEPT: given}
