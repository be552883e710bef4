"""What a journey remembers: variables, the data of its steps, its loops, and the names that expressions know."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlmodel import select

from localsign.core.work import Work
from localsign.mint.engine.catalog import folded
from localsign.mint.engine.expressions import ExpressionError, weight_of
from localsign.mint.engine.graph import Routes
from localsign.mint.engine.results import StepError
from localsign.mint.models import Journey, JourneyRun, Secret, StepOutput

MASK = "***"
MOST_VARIABLES = 16_000_000  # characters of all variables of a journey together
_SHORTEST_SECRET = 4  # a shorter one would turn up everywhere by chance


class Memory:
    """Variables and step data of one journey, read when first asked for."""

    def __init__(
        self, work: Work, journey: Journey, run: JourneyRun, routes: Routes, scopes: Mapping[str, Any]
    ) -> None:
        self.work, self.journey, self.run, self.routes, self.scopes = work, journey, run, routes, scopes
        self.variables = dict(run.variables)
        self._outputs: dict[str, StepOutput] | None = None
        self._weight: int | None = None  # at most, of the variables, once one was set
        self._own: dict[str, list[Any]] = {}  # lists that were copied in this burst and may be added to

    def append(self, name: str, value: Any) -> None:
        """Add to a variable that is a list, or becomes one; it is copied once in a burst, not at each step."""
        held: Any = self.variables.get(name)
        if held is None or self._own.get(name) is not held:
            held = list(held or [])
            self.variables[name] = self._own[name] = held
        held.append(value)
        self._grow(value)

    def set(self, values: Mapping[str, Any]) -> None:
        """Set variables."""
        self.variables |= values
        self._grow(values)

    def _grow(self, value: Any) -> None:
        """Refuse what would make the variables too large; what was written over counts until that has to be known."""
        if self._weight is not None:
            self._weight += weight_of(value, MOST_VARIABLES)
        if self._weight is None or self._weight > MOST_VARIABLES:
            self._weight = weight_of(self.variables, MOST_VARIABLES)
        if self._weight > MOST_VARIABLES:
            raise StepError(f"The variables of the journey are longer than {MOST_VARIABLES} characters.")

    @property
    def outputs(self) -> dict[str, StepOutput]:
        if self._outputs is None:
            rows = self.work.db.exec(select(StepOutput).where(StepOutput.journey_id == self.journey.id)).all()
            self._outputs = {row.step_id: row for row in rows}
        return self._outputs

    def remember(self, step_id: str, data: Any) -> None:
        """The data of a step, in the place of what an earlier run of it gave."""
        row = self.outputs.get(step_id)
        if row is None:
            row = self.outputs[step_id] = StepOutput(journey_id=self.journey.id, step_id=step_id)
            self.work.db.add(row)
        row.data = data

    def save(self) -> None:
        """Hand the variables back to the run, if one was set."""
        if self.variables != self.run.variables:
            self.run.variables = self.variables

    def loops(self, scope: int | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """The loops around a scope, the innermost first: the id of the step and what it keeps."""
        while scope is not None:
            frame = self.scopes[str(scope)]
            if "index" in frame["keep"]:
                yield frame["step"], frame["keep"]
            scope = frame["parent"]


class Names(Mapping[str, Any]):
    """The names that an expression of one step may use.

    `Variables`, `Input`, `Secrets`, `Journey` and `now`; a variable or an input by its own name; a step by its title,
    name or id; `CurrentIndex` and `CurrentValue` of the innermost loop, or of a loop called by its title.
    `revealed` collects the secrets that were read.
    """

    def __init__(self, memory: Memory, scope: int | None, *, takes_secrets: bool) -> None:
        self._memory, self._scope, self._takes_secrets = memory, scope, takes_secrets
        self.revealed: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        memory = self._memory
        fixed: dict[str, Callable[[], Any]] = {
            "Variables": lambda: memory.variables,
            "Input": lambda: memory.journey.input,
            "Secrets": self._secrets,
            "Journey": self._journey,
            "now": lambda: memory.work.now,
            "today": lambda: memory.work.now,
        }
        if name in fixed:
            return fixed[name]()
        for place in (memory.variables, memory.journey.input):
            if name in place:
                return place[name]
        return self._loop_or_step(name)

    def _loop_or_step(self, name: str) -> Any:
        if name in ("CurrentValue", "CurrentIndex"):
            for _, keep in self._memory.loops(self._scope):
                return _shown(keep)[name]
        around = dict(self._memory.loops(self._scope))
        for step_id in self._memory.routes.called(name):
            if step_id in around:
                return _shown(around[step_id])
            if step_id in self._memory.outputs:
                data = self._memory.outputs[step_id].data
                return Loose(data) if isinstance(data, dict) else data
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("Variables", "Input", *self._memory.variables))

    def __len__(self) -> int:
        return 2 + len(self._memory.variables)

    def _journey(self) -> dict[str, Any]:
        journey = self._memory.journey
        return {"id": journey.id.hex, "name": journey.name, "workflowId": journey.workflow_id.hex}

    def _secrets(self) -> "_Secrets":
        if not self._takes_secrets:
            raise ExpressionError("Secrets can be used in connection steps and in Create JWT only.")
        return _Secrets(self._memory.work, self.revealed)


def _shown(keep: Mapping[str, Any]) -> dict[str, Any]:
    return {"CurrentIndex": keep["index"], "CurrentValue": keep.get("value")}


class Loose(Mapping[str, Any]):
    """The data of a step, in which a key may be spelled in any case (our names are inferred, so users may differ)."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def __getitem__(self, name: str) -> Any:
        if name in self._data:
            return self._data[name]
        for key in self._data:
            if folded(key) == folded(str(name)):
                return self._data[key]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


class _Secrets(Mapping[str, Any]):
    """Secrets by name; each that is read is noted, so that it can be masked."""

    def __init__(self, work: Work, revealed: set[str]) -> None:
        self._work, self._revealed = work, revealed

    def __getitem__(self, name: str) -> str:
        found = self._work.db.exec(select(Secret).where(Secret.name == name)).first()
        if found is None:
            raise KeyError(name)
        self._revealed.add(found.value)
        return found.value

    def __iter__(self) -> Iterator[str]:
        return iter(())  # they are not listed

    def __len__(self) -> int:
        return 0


def masked(value: Any, secrets: set[str]) -> Any:
    """`value` without the secrets in it (documented: they are obfuscated everywhere)."""
    hidden = sorted((one for one in secrets if len(one) >= _SHORTEST_SECRET), key=len, reverse=True)
    if not hidden:
        return value
    if isinstance(value, str):
        for one in hidden:
            value = value.replace(one, MASK)
        return value
    if isinstance(value, dict):
        return {masked(name, secrets): masked(one, secrets) for name, one in value.items()}
    if isinstance(value, list):
        return [masked(one, secrets) for one in value]
    return value
