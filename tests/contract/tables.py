"""Walking transition tables: every cell of a machine, and the arrows that notes have of it."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from localsign.core.errors import IllegalTransitionError
from localsign.core.machine import Machine


def cells(*machines: tuple[Machine, Iterable[StrEnum]]) -> list[Any]:
    """A parameter for each state of a machine with each of the events beside it: machine, state, event."""
    return [
        pytest.param(machine, state, event, id=f"{machine.name}: {state} {event}")
        for machine, events in machines
        for state, event in product(machine.states, events)
    ]


def check_cell(machine: Machine, state: StrEnum, event: StrEnum) -> None:
    """The cell moves as its row says, or refuses and moves nothing."""
    entity = SimpleNamespace(state=state)
    row = machine.row(state, event)
    if row is None:
        with pytest.raises(IllegalTransitionError) as refused:
            machine.fire(entity, event)
        assert entity.state is state
        assert refused.value.facts == {"state": state, "event": event}
    else:
        assert machine.fire(entity, event) is row
        assert entity.state is row.target


def check_arrows(machine: Machine, arrows: str, *, but: Collection[str] = ()) -> None:
    """The rows, `but` for those of some events, are the transcribed `arrows`.

    A line has an event, from, to, and what is announced or a dash; what follows is where the notes have it.
    """
    expected = sorted(line.split()[:4] for line in arrows.strip().splitlines())
    actual = sorted(
        [row.event.value, source.value, row.target.value, row.announces or "-"]
        for row in machine.rows
        for source in row.sources
        if row.event.value not in but
    )
    assert actual == expected
