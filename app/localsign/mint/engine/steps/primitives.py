"""Variables, the name of the journey, the data of loops, and Fault."""

from localsign.mint.engine.catalog import StepType, anything, items, mapping, text
from localsign.mint.engine.journeys import folded_of
from localsign.mint.engine.results import Done, Result, StepError
from localsign.mint.engine.runner import CUSTOM_FAULT
from localsign.mint.engine.turn import Turn

CATEGORY = "Primitives"
LONGEST_NAME = 255
MOST_ITEMS = 100_000


def _set_variables(turn: Turn) -> Result:
    """One by `name` and `value`, or several by `variables`."""
    wanted = turn.mapping("variables")
    name = turn.text("variableName") or turn.text("name")
    if name:
        wanted = {**wanted, name: turn.given("value")}
    turn.memory.set(wanted)
    return Done()


def _add_to_list(turn: Turn) -> Result:
    name = turn.text("variableName") or turn.text("name")
    if not name:
        raise StepError("The input 'variableName' is required.")
    held = turn.memory.variables.get(name)
    if held is not None and not isinstance(held, list):
        raise StepError(f"The variable '{name}' is not a list.")
    if held is not None and len(held) >= MOST_ITEMS:
        raise StepError(f"The list '{name}' has {MOST_ITEMS} items, which is the limit.")
    turn.memory.append(name, turn.given("value"))
    return Done()


def _set_name(turn: Turn) -> Result:
    turn.needed("name")
    turn.journey.name = turn.text("name")[:LONGEST_NAME]
    turn.journey.folded = folded_of(turn.journey)
    return Done()


def _store_loop_data(turn: Turn) -> Result:
    """Keep what the steps gave in this turn of the innermost loop, or of the loop that is named."""
    around = list(turn.memory.loops(turn.scope))
    if not around:
        raise StepError("The step is not inside a loop.")
    wanted = turn.text("loop")
    named = turn.memory.routes.called(wanted) if wanted else []
    loop = next(((step_id, keep) for step_id, keep in around if not wanted or step_id in named), None)
    if loop is None:
        raise StepError(f"The step is not inside a loop called '{wanted}'.")
    loop_id, keep = loop
    only = [step_id for name in turn.items("steps") for step_id in turn.memory.routes.called(str(name))]
    wanted_ids = only or turn.memory.ran_in(turn.scope, loop_id)
    outputs = turn.memory.outputs
    data = {step_id: outputs[step_id].data for step_id in wanted_ids if step_id in outputs}
    turn.memory.keep_turn(loop_id, keep["index"], data)
    return Done()


def _fault(turn: Turn) -> Result:
    raise StepError(turn.text("message") or CUSTOM_FAULT)


TYPES = (
    StepType(
        "SetVariable",
        "Set variables",
        CATEGORY,
        "Sets one variable of the journey, or several.",
        _set_variables,
        inputs={
            "variables": mapping("Names and values."),
            "variableName": text("The name of one variable."),
            "value": anything("The value of that one."),
        },
        aliases=("SetVariables",),
    ),
    StepType(
        "AddToListVariable",
        "Add to list variable",
        CATEGORY,
        "Adds a value to a variable that is a list; makes the variable where there is none.",
        _add_to_list,
        inputs={"variableName": text("The name of the variable.", required=True), "value": anything("What to add.")},
        aliases=("AddToList",),
    ),
    StepType(
        "SetName",
        "Set name",
        CATEGORY,
        "Names the journey.",
        _set_name,
        inputs={"name": text("The name.", required=True)},
    ),
    StepType(
        "StoreLoopStepData",
        "Store loop step data",
        CATEGORY,
        "Keeps the data of the steps in this turn of a loop; Get journey shows it under loops.",
        _store_loop_data,
        inputs={
            "loop": text("The title of the loop; the innermost by default."),
            "steps": items("The titles of the steps to keep; by default those that gave something in this turn."),
        },
    ),
    StepType(
        "Fault",
        "Fault",
        CATEGORY,
        "Ends the journey as faulted.",
        _fault,
        inputs={"message": text(f"Why; '{CUSTOM_FAULT}' by default.")},
    ),
)
