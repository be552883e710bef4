"""What a step type may answer when it has run. The runner does what follows from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from localsign.mint.engine.turn import Turn

DONE = ("Done",)


class StepError(Exception):
    """The step cannot do what it is asked to: the journey faults with this text."""


@dataclass(frozen=True)
class Done:
    """The step is over. `output` is its step data; None leaves what an earlier run gave."""

    outcomes: tuple[str, ...] = DONE
    output: Any = None


@dataclass(frozen=True)
class Enter:
    """Follow `outcome` inside a scope; when nothing is left in there, the step runs again and gets `keep`."""

    outcome: str
    keep: Mapping[str, Any] = field(default_factory=dict)
    output: Any = None


@dataclass(frozen=True)
class Wait:
    """The step waits for somebody. `subject` is the thing whose end ends it; `facts` is kept until then."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    output: Any = None


@dataclass(frozen=True)
class End:
    """The journey is over: whatever waits or was still to run is dropped."""

    output: Any = None


@dataclass(frozen=True)
class Later:
    """Something slow comes first: `make` runs outside of any transaction, `then` gets what it made in the next one."""

    make: Callable[[], Any]
    then: "Callable[[Turn, Any], Result]"
    secrets: frozenset[str] = frozenset()  # those that were read for it; the runner fills this in


Result = Union[Done, Enter, Wait, End, Later]  # noqa: UP007  Later is not defined when this is read
