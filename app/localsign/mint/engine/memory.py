"""What a journey remembers: variables, the data of its steps, its loops, and the names that expressions know.

Nothing here may grow without end, nor be written again and again: a list that a loop goes through is laid aside item by
item, and what a loop keeps is only added to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from localsign.core.work import Work
from localsign.mint.engine.catalog import folded
from localsign.mint.engine.expressions import ExpressionError, weight_of
from localsign.mint.engine.graph import Routes
from localsign.mint.engine.results import StepError
from localsign.mint.models import Journey, JourneyRun, LoopItem, LoopRecord, Secret, StepOutput

MASK = "***"
MOST_VARIABLES = 16_000_000  # characters of all variables of a journey together
MOST_LISTED = 16_000_000  # characters of all lists that open loops go through
MOST_KEPT = 16_000_000  # characters of all that Store loop step data keeps
MOST_OUTPUT = 64_000_000  # characters of the data of all steps
_READ_AHEAD = 100  # items of a list
_SHORTEST_SECRET = 4  # a shorter one would turn up everywhere by chance


class Memory:
    """Variables and step data of one journey, read when first asked for."""

    def __init__(
        self, work: Work, journey: Journey, run: JourneyRun, routes: Routes, scopes: Mapping[str, Any]
    ) -> None:
        self.work, self.journey, self.run, self.routes, self.scopes = work, journey, run, routes, scopes
        self.variables = dict(run.variables)
        self._outputs: dict[str, StepOutput] | None = None
        self._items: dict[tuple[int, int], Any] = {}
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
        self.run.weight += weight_of(value, MOST_VARIABLES)
        if self.run.weight > MOST_VARIABLES:
            self.run.weight = weight_of(self.variables, MOST_VARIABLES)
        if self.run.weight > MOST_VARIABLES:
            raise StepError(f"The variables of the journey are longer than {MOST_VARIABLES} characters.")

    @property
    def outputs(self) -> dict[str, StepOutput]:
        if self._outputs is None:
            rows = self.work.db.exec(select(StepOutput).where(StepOutput.journey_id == self.journey.id)).all()
            self._outputs = {row.step_id: row for row in rows}
        return self._outputs

    def remember(self, step_id: str, data: Any, scope: int | None) -> None:
        """The data of a step, in the place of what an earlier run of it gave. StepError where it is too much."""
        weight = weight_of(data, MOST_OUTPUT)
        held = sum(one.weight for one in self.outputs.values() if one.step_id != step_id)
        if held + weight > MOST_OUTPUT:
            raise StepError(f"The data of all steps is longer than {MOST_OUTPUT} characters.")
        row = self.outputs.get(step_id)
        if row is None:
            row = self.outputs[step_id] = StepOutput(journey_id=self.journey.id, step_id=step_id)
            self.work.db.add(row)
        row.data, row.weight = data, weight
        if scope is not None and step_id not in (ran := self.scopes[str(scope)]["ran"]):
            ran.append(step_id)

    def save(self) -> None:
        """Hand the variables back to the run, if one was set."""
        if self.variables != self.run.variables:
            self.run.variables = self.variables

    # ---- loops

    def lay_aside(self, values: Sequence[Any]) -> dict[str, Any]:
        """Keep a list while a loop goes through it; what the loop needs to find an item again."""
        weight = weight_of(values, MOST_LISTED)
        if weight + sum(one["keep"].get("weight", 0) for one in self.scopes.values()) > MOST_LISTED:
            raise StepError(f"The lists that open loops go through are longer than {MOST_LISTED} characters.")
        self.run.lists += 1
        shared = {"journey_id": self.journey.id, "of": self.run.lists}
        self.work.insert(LoopItem, *({**shared, "number": at, "value": one} for at, one in enumerate(values)))
        return {"list": self.run.lists, "count": len(values), "weight": weight}

    def item(self, of: int, number: int) -> Any:
        """One item of a list that was laid aside; those that follow it are read along with it."""
        if (of, number) not in self._items:
            place = LoopItem.journey_id == self.journey.id, LoopItem.of == of, col(LoopItem.number) >= number
            found = select(LoopItem.number, LoopItem.value).where(*place).order_by(col(LoopItem.number))
            rows = self.work.connection.execute(found.limit(_READ_AHEAD))
            self._items = {(of, row.number): row.value for row in rows}
        return self._items[of, number]

    def drop_list(self, of: int) -> None:
        """The loop is over."""
        gone = delete(LoopItem).where(col(LoopItem.journey_id) == self.journey.id, col(LoopItem.of) == of)
        self.work.db.execute(gone)
        self.work.touched.add(str(LoopItem.__tablename__))

    def keep_turn(self, loop_id: str, number: int, data: dict[str, Any]) -> None:
        """Keep what a turn of a loop gave, for good."""
        self.run.kept += weight_of(data, MOST_KEPT)
        if self.run.kept > MOST_KEPT:
            raise StepError(f"What the loops of the journey keep is longer than {MOST_KEPT} characters.")
        row = {"journey_id": self.journey.id, "loop_id": loop_id, "number": number, "data": data}
        self.work.insert(LoopRecord, row)

    def ran_in(self, scope: int | None, loop_id: str) -> list[str]:
        """The steps that gave something in this turn of a loop around a scope."""
        found: list[str] = []
        while scope is not None:
            frame = self.scopes[str(scope)]
            found = [*frame["ran"], *found]
            if frame["step"] == loop_id:
                break
            scope = frame["parent"]
        return list(dict.fromkeys(found))

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
