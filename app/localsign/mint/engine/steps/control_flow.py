"""If, For and While: steps that open a scope and come back when nothing is left in it."""

from typing import Any

from localsign.mint.engine.catalog import StepType, anything, items, number, text
from localsign.mint.engine.results import Done, Enter, Result, StepError
from localsign.mint.engine.turn import Turn, as_flag

CATEGORY = "Control flow"
OPERATORS = ("LessThan", "LessThanOrEqual", "GreaterThan", "GreaterThanOrEqual")
_SPELLINGS = {"<": OPERATORS[0], "<=": OPERATORS[1], ">": OPERATORS[2], ">=": OPERATORS[3]}
MOST_ITEMS = 100_000
_LOOP = ("Iterate", "Done")


def _if(turn: Turn) -> Result:
    if turn.kept is not None:
        return Done()
    outcome = "True" if as_flag(turn.given("condition")) else "False"
    return Enter(outcome, output={"result": outcome == "True"})


def _for(turn: Turn) -> Result:
    """One turn of either mode: over a list, or from a start to an end."""
    kept = turn.kept
    if "list" in kept if kept is not None else turn.given("items") is not None:
        return _list_turn(turn)
    return _range_turn(turn)


def _list_turn(turn: Turn) -> Result:
    """The list is evaluated once, before the first turn."""
    kept = turn.kept
    if kept is not None:
        index = kept["index"] + 1
        if index < kept["count"]:
            return Enter("Iterate", {**kept, "index": index, "value": turn.memory.item(kept["list"], index)})
        turn.memory.drop_list(kept["list"])
        return Done()
    values = turn.items("items")
    if len(values) > MOST_ITEMS:
        raise StepError(f"The input 'items' has more than {MOST_ITEMS} items.")
    if not values:
        return Done()
    return Enter("Iterate", {"index": 0, "value": values[0], **turn.memory.lay_aside(values)})


def _for_each(turn: Turn) -> Result:
    if turn.kept is None and turn.given("items") is None:
        raise StepError("The input 'items' is required.")
    return _list_turn(turn)


def _range_turn(turn: Turn) -> Result:
    kept: Any = turn.kept
    if kept is None:
        turn.needed("end")
        operator = _operator(turn.text("operator"))
        step = turn.number("step", 1)
        keep: dict[str, Any] = {
            "index": 0,
            "value": turn.number("start"),
            "end": turn.number("end"),
            "step": step,
            "by": operator,
        }
    else:
        keep = {**kept, "index": kept["index"] + 1, "value": kept["value"] + kept["step"]}
    return Enter("Iterate", keep) if _holds(keep["value"], keep["by"], keep["end"]) else Done()


def _operator(given: str) -> str:
    if not given:
        return OPERATORS[0]
    known = {one.casefold(): one for one in OPERATORS}
    name = _SPELLINGS.get(given) or known.get(given.replace(" ", "").replace("_", "").casefold())
    if name is None:
        raise StepError(f"The input 'operator' must be one of {', '.join(OPERATORS)}; it is '{given}'.")
    return name


def _holds(value: float, operator: str, end: float) -> bool:
    match operator:
        case "LessThan":
            return value < end
        case "LessThanOrEqual":
            return value <= end
        case "GreaterThan":
            return value > end
    return value >= end


def _while(turn: Turn) -> Result:
    index = 0 if turn.kept is None else turn.kept["index"] + 1
    if not as_flag(turn.given("condition")):
        return Done()
    return Enter("Iterate", {"index": index, "value": None})


TYPES = (
    StepType(
        "If",
        "If/Else",
        CATEGORY,
        "Goes one way or the other, and on by Done when that way is over.",
        _if,
        outcomes=("True", "False", "Done"),
        inputs={"condition": anything("True or false; text counts by what it says.", required=True)},
        outputs={"result": anything("What the condition was.")},
        aliases=("IfElse",),
    ),
    StepType(
        "For",
        "For loop",
        CATEGORY,
        "Repeats what Iterate leads to: for each item of a list, or from a start to an end.",
        _for,
        outcomes=_LOOP,
        inputs={
            "items": items("The list to go through; without it the loop counts."),
            "start": number("The first value; 0 by default."),
            "end": number("The value to compare with; the operator says whether it is included."),
            "step": number("What is added in each turn; 1 by default."),
            "operator": text("While it holds, the loop goes on; LessThan by default.", values=OPERATORS),
        },
        aliases=("ForLoop",),
    ),
    StepType(
        "ForEach",
        "For each",
        CATEGORY,
        "Repeats what Iterate leads to, for each item of a list.",
        _for_each,
        outcomes=_LOOP,
        inputs={"items": items("The list to go through.", required=True)},
        mark="inferred",
    ),
    StepType(
        "While",
        "While loop",
        CATEGORY,
        "Repeats what Iterate leads to as long as the condition holds.",
        _while,
        outcomes=_LOOP,
        inputs={"condition": anything("True or false, looked at before each turn.", required=True)},
        aliases=("WhileLoop",),
    ),
)
