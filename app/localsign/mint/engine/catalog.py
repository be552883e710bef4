"""The step types there are, as data. Each family is a module of `engine/steps` with a tuple `TYPES`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from localsign.core.errors import Flaw
from localsign.core.work import Slow, Work
from localsign.mint.engine.results import DONE, Result

if TYPE_CHECKING:
    from localsign.mint.engine.turn import Turn
    from localsign.mint.models import JourneyWait

FAMILIES = (
    "alerts",
    "communication",
    "connections",
    "control_flow",
    "data_verification",
    "evidence_management",
    "documents",
    "eid_hub",
    "electronic_signing",
    "sign_sessions",
    "identity_documents",
    "mobile_identity",
    "monitoring",
    "primitives",
    "secure_sharing",
    "signicat",
    "state",
    "utilities",
    "workflows",
)

Schema = dict[str, Any]
Mark = Literal["documented", "inferred", "invented"]


@dataclass(frozen=True)
class StepType:
    """One kind of step.

    `type` is our spelling (inferred: no source prints one); case, spaces and the `aliases` do not matter.
    `run` begins the step, and runs it again when its scope is over; `resume` ends a wait, given what came.
    `leave` ends it in a copy of its world, where its call is left to the original, for the reason that is given.
    `check` finds what is wrong with what a wait is to end with. `act` is what a person does at a step that stands for
    something else, such as a signing session. `mark` says how the type is known.
    """

    type: str
    display_name: str
    category: str
    description: str
    run: "Callable[[Turn], Result]"
    resume: "Callable[[Turn], Result] | None" = None
    check: "Callable[[Work, JourneyWait, Mapping[str, Any]], list[Flaw]] | None" = None
    act: "Callable[[Work, JourneyWait, str, Mapping[str, Any]], Slow[Any, Any] | None] | None" = None
    outcomes: tuple[str, ...] = DONE
    permissions: tuple[str, ...] = ()
    interactive: bool = False
    inputs: Mapping[str, Schema] = field(default_factory=dict)
    outputs: Mapping[str, Schema] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    is_atomic: bool = False  # what it did before it failed is taken back
    leave: "Callable[[Turn, str], Result] | None" = None
    asks: str | None = None  # the kind of decision that a person takes here
    takes_secrets: bool = False  # documented: secrets are for connections and for Create JWT
    page: str | None = None  # what its page shows, where it has one
    simulated: str | None = None  # what is not real about it
    mark: Mark = "documented"  # that the type exists; its inputs and outputs are inferred

    @property
    def schema(self) -> Schema:
        """The JSON schema of `inputs` and `outputs`."""
        return {"inputs": _object(self.inputs), "outputs": _object(self.outputs)}


def _object(members: Mapping[str, Schema]) -> Schema:
    required = [name for name, schema in members.items() if schema.get("x-required")]
    properties = {
        name: {key: value for key, value in schema.items() if key != "x-required"} for name, schema in members.items()
    }
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def text(description: str, *, required: bool = False, values: tuple[str, ...] = ()) -> Schema:
    return _member("string", description, required, **({"enum": list(values)} if values else {}))


def number(description: str, *, required: bool = False) -> Schema:
    return _member("number", description, required)


def flag(description: str, *, required: bool = False) -> Schema:
    return _member("boolean", description, required)


def items(description: str, *, required: bool = False) -> Schema:
    return _member("array", description, required)


def mapping(description: str, *, required: bool = False) -> Schema:
    return _member("object", description, required)


def anything(description: str, *, required: bool = False) -> Schema:
    return {"description": description, **({"x-required": True} if required else {})}


def _member(kind: str, description: str, required: bool, **more: Any) -> Schema:
    return {"type": kind, "description": description, **more, **({"x-required": True} if required else {})}


def folded(name: str) -> str:
    """A name without what people spell differently: case, spaces, punctuation."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@cache
def known() -> dict[str, StepType]:
    """Every step type, by its own spelling, in the order of the families."""
    return {one.type: one for family in FAMILIES for one in _family(family)}


def _family(name: str) -> tuple[StepType, ...]:
    types: tuple[StepType, ...] = import_module(f"localsign.mint.engine.steps.{name}").TYPES
    return types


@cache
def _by_folded_name() -> dict[str, StepType]:
    found: dict[str, StepType] = {}
    for one in known().values():
        for name in (one.type, *one.aliases):
            found[folded(name)] = one
    return found


def find(name: str) -> StepType | None:
    """The step type called `name`; None for one that nobody here knows."""
    return _by_folded_name().get(folded(name))


def subject_of(kind: str, thing_id: UUID) -> str:
    """How a waiting step names the thing it waits for, such as `sign:<session id>`."""
    return f"{kind}:{thing_id}"
