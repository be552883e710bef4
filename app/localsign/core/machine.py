"""State machines as tables of transitions. Nothing else moves a state.

A table answers whether something may happen now; whether it should is decided by the service that asks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from localsign.core.errors import IllegalTransitionError


class Stateful(Protocol):
    """What a machine can move: anything with a state."""

    state: Any


@dataclass(frozen=True)
class Row:
    """From any of `sources`, `event` leads to `target` and `announces` an event to the outside."""

    event: StrEnum
    sources: frozenset[StrEnum] | set[Any]
    target: StrEnum
    announces: str | None = None


class Machine:
    """The whole life of one kind of thing; two kinds may share an enum and use a part of it each.

    Refuses at import: two rows for one cell, an event without a row, a state that no row mentions.
    """

    def __init__(
        self, name: str, states: Iterable[StrEnum], events: Iterable[StrEnum], rows: Iterable[Row], initial: Any
    ) -> None:
        self.name = name
        self.states = tuple(states)
        self.events = tuple(events)
        self.rows = tuple(rows)
        self.initial: tuple[StrEnum, ...] = initial if isinstance(initial, tuple) else (initial,)
        self._cells: dict[tuple[StrEnum, StrEnum], Row] = {}
        for row in self.rows:
            for source in row.sources:
                if (source, row.event) in self._cells:
                    raise ValueError(f"{name}: two rows for {source} and {row.event}")
                self._cells[source, row.event] = row
        self._check()

    def _check(self) -> None:
        used = {row.event for row in self.rows}
        if unused := [event for event in self.events if event not in used]:
            raise ValueError(f"{self.name}: no row for {unused}")
        seen = {state for row in self.rows for state in (*row.sources, row.target)} | set(self.initial)
        if unseen := [state for state in self.states if state not in seen]:
            raise ValueError(f"{self.name}: nothing leads to or from {unseen}")

    def row(self, state: StrEnum, event: StrEnum) -> Row | None:
        """The cell of the table, None where `event` is not possible."""
        return self._cells.get((state, event))

    def check(self, thing: Stateful, event: StrEnum) -> Row:
        """The row that `event` would take; raises IllegalTransitionError where there is none."""
        found = self.row(thing.state, event)
        if found is None:
            raise IllegalTransitionError(self.name, str(thing.state), event.value)
        return found

    def fire(self, thing: Stateful, event: StrEnum) -> Row:
        """Move `thing`, or raise and leave it untouched."""
        row = self.check(thing, event)
        thing.state = row.target
        return row

    def is_final(self, state: StrEnum) -> bool:
        """Whether no event leads out of `state`."""
        return not any(row.target != state for row in self.rows if state in row.sources)

    def possible(self, state: StrEnum) -> Iterator[StrEnum]:
        """The events that `state` allows, in the order of their definition."""
        return (event for event in self.events if (state, event) in self._cells)

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in self.initial)]
        for row in self.rows:
            lines += [f"    {source} --> {row.target}: {row.event.lower()}" for source in sorted(row.sources)]
        lines += [f"    {state} --> [*]" for state in self.states if self.is_final(state)]
        return "\n".join(lines)
