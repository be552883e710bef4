"""Machines: tables that answer whether something may happen now."""

from enum import StrEnum, auto
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.apis import machines
from localsign.core.errors import IllegalTransitionError
from localsign.core.machine import Machine, Row


class Door(StrEnum):
    OPEN = "OPEN"
    SHUT = "SHUT"
    LOCKED = "LOCKED"
    GONE = "GONE"


class Push(StrEnum):
    CLOSE = auto()
    LOOK = auto()
    LOCK = auto()
    BURN = auto()


ROWS = [
    Row(Push.CLOSE, {Door.OPEN}, Door.SHUT, "door.closed"),
    Row(Push.LOOK, {Door.OPEN}, Door.OPEN),
    Row(Push.LOCK, {Door.SHUT}, Door.LOCKED),
    Row(Push.BURN, {Door.OPEN, Door.SHUT, Door.LOCKED}, Door.GONE),
]
DOOR = Machine("door", Door, Push, ROWS, initial=Door.OPEN)


def a_door(state: Door = Door.OPEN) -> SimpleNamespace:
    return SimpleNamespace(state=state)


def test_an_event_moves_a_thing_along_its_row() -> None:
    door = a_door()
    row = DOOR.fire(door, Push.CLOSE)
    assert door.state is Door.SHUT
    assert row.announces == "door.closed"


def test_an_event_without_a_row_is_refused_and_moves_nothing() -> None:
    door = a_door()
    with pytest.raises(IllegalTransitionError) as refusal:
        DOOR.fire(door, Push.LOCK)
    assert door.state is Door.OPEN
    assert str(refusal.value) == "The door is OPEN: 'lock' is not possible in this state."
    assert refusal.value.facts == {"state": "OPEN", "event": "lock"}
    assert refusal.value.status == 409


def test_checking_moves_nothing_even_where_it_may() -> None:
    door = a_door()
    assert DOOR.check(door, Push.CLOSE).target is Door.SHUT
    assert door.state is Door.OPEN
    with pytest.raises(IllegalTransitionError):
        DOOR.check(door, Push.LOCK)


def test_a_row_may_lead_where_it_comes_from() -> None:
    door = a_door()
    DOOR.fire(door, Push.LOOK)
    assert door.state is Door.OPEN


def test_final_is_what_nothing_leads_out_of() -> None:
    assert [state for state in Door if DOOR.is_final(state)] == [Door.GONE]


def test_the_events_of_a_state_come_in_the_order_of_their_definition() -> None:
    assert list(DOOR.possible(Door.OPEN)) == [Push.CLOSE, Push.LOOK, Push.BURN]
    assert list(DOOR.possible(Door.GONE)) == []


def test_a_table_can_be_drawn() -> None:
    drawn = DOOR.mermaid().splitlines()
    assert drawn[0] == "stateDiagram-v2"
    assert drawn[1] == "    [*] --> OPEN"
    assert "    OPEN --> SHUT: close" in drawn
    assert "    GONE --> [*]" in drawn
    assert len([line for line in drawn if line.endswith(": burn")]) == 3


def test_two_rows_for_one_cell_are_refused() -> None:
    with pytest.raises(ValueError, match="two rows for OPEN and close"):
        Machine("door", Door, Push, [*ROWS, Row(Push.CLOSE, {Door.OPEN}, Door.GONE)], initial=Door.OPEN)


def test_an_event_without_any_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no row for"):
        Machine("door", Door, Push, ROWS[:-1], initial=Door.OPEN)


def test_a_state_that_no_row_mentions_is_refused() -> None:
    rows = [*ROWS[:-1], Row(Push.BURN, {Door.OPEN}, Door.SHUT)]
    with pytest.raises(ValueError, match="nothing leads to or from"):
        Machine("door", Door, Push, rows, initial=Door.OPEN)


def test_a_machine_may_begin_in_several_states() -> None:
    machine = Machine("door", Door, Push, ROWS, initial=(Door.OPEN, Door.SHUT))
    assert machine.initial == (Door.OPEN, Door.SHUT)
    assert "    [*] --> SHUT" in machine.mermaid()


# ---- any table


cells = st.dictionaries(st.tuples(st.sampled_from(Door), st.sampled_from(Push)), st.sampled_from(Door))


@given(cells)
def test_a_machine_obeys_its_table_whatever_it_is(table: dict[tuple[Door, Push], Door]) -> None:
    rows = [Row(event, {source}, target) for (source, event), target in table.items()]
    missing = {*Push} - {row.event for row in rows}
    mentioned = {state for (source, _), target in table.items() for state in (source, target)} | {Door.OPEN}
    if missing or mentioned != {*Door}:
        with pytest.raises(ValueError, match="door"):
            Machine("door", Door, Push, rows, initial=Door.OPEN)
        return
    machine = Machine("door", Door, Push, rows, initial=Door.OPEN)
    for state, event in product(Door, Push):
        thing = a_door(state)
        if (state, event) in table:
            machine.fire(thing, event)
            assert thing.state is table[state, event]
        else:
            with pytest.raises(IllegalTransitionError):
                machine.fire(thing, event)
            assert thing.state is state
    for state in Door:
        leaves = any(source is state and target is not state for (source, _), target in table.items())
        assert machine.is_final(state) == (not leaves)


# ---- every table of the product


CELLS: list[Any] = [
    pytest.param(machine, state, event, id=f"{api}-{machine.name}-{state}-{event}")
    for api, machine in machines()
    for state, event in product(machine.states, machine.events)
]


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_a_cell_moves_or_refuses(machine: Machine, state: StrEnum, event: StrEnum) -> None:
    thing = SimpleNamespace(state=state)
    row = machine.row(state, event)
    if row is None:
        with pytest.raises(IllegalTransitionError):
            machine.fire(thing, event)
        assert thing.state is state
    else:
        machine.fire(thing, event)
        assert thing.state is row.target
