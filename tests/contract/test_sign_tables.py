"""The transition tables of Sign v2: the machines obey them, and they are what the research notes say."""

from enum import StrEnum

import pytest
from tests.contract.tables import cells, check_arrows, check_cell

from localsign.core.machine import Machine
from localsign.sign.api import API
from localsign.sign.lifecycle import COLLECTION, DOCUMENT, FINAL, PACKAGE, SESSION, SessionState

CELLS = cells(*((machine, machine.events) for machine in API.machines))


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_a_cell_moves_or_refuses(machine: Machine, state: StrEnum, event: StrEnum) -> None:
    check_cell(machine, state, event)


# Transcribed by hand from the research notes on Sign API v2: sections 4.1 (sessions), 4.5 (documents), 4.4 and 4.3
# (collections and packages). One line per arrow: event, from, to, what it announces.
SESSION_ARROWS = """
    unblock  BLOCKED   READY     -
    open     READY     READY     signing-session.opened
    sign     READY     SIGNED    signing-session.completed
    reject   READY     REJECTED  signing-session.rejected
    cancel   READY     READY     -
    fail     READY     READY     -
    expire   BLOCKED   EXPIRED   signing-session.expired
    expire   READY     EXPIRED   signing-session.expired
    delete   BLOCKED   DELETED   signing-session.deleted
    delete   READY     DELETED   signing-session.deleted
    delete   SIGNED    DELETED   signing-session.deleted
    delete   REJECTED  DELETED   signing-session.deleted
"""
DOCUMENT_ARROWS = """
    read      UNASSIGNED  UNASSIGNED  -
    read      ASSIGNED    ASSIGNED    -
    describe  UNASSIGNED  UNASSIGNED  -
    describe  ASSIGNED    ASSIGNED    -
    assign    UNASSIGNED  ASSIGNED    -
    assign    ASSIGNED    ASSIGNED    -
    release   ASSIGNED    RELEASED    -
    expire    UNASSIGNED  DELETED     -
    expire    ASSIGNED    DELETED     -
    delete    UNASSIGNED  DELETED     -
    delete    ASSIGNED    DELETED     -
    delete    RELEASED    DELETED     -
"""
COLLECTION_ARROWS = """
    add_session  OPEN       OPEN       -
    package      OPEN       PACKAGING  -
    finish       PACKAGING  PACKAGED   -
    reopen       PACKAGING  OPEN       -
    delete       OPEN       DELETED    -
    delete       PACKAGING  DELETED    -
    delete       PACKAGED   DELETED    -
"""
PACKAGE_ARROWS = """
    complete  PENDING  COMPLETED  package.completed
    fail      PENDING  FAILED     package.failed
"""
TABLES = [
    (SESSION, SESSION_ARROWS, {"BLOCKED", "READY"}),
    (DOCUMENT, DOCUMENT_ARROWS, {"UNASSIGNED", "ASSIGNED"}),  # a result is assigned from the beginning
    (COLLECTION, COLLECTION_ARROWS, {"OPEN"}),
    (PACKAGE, PACKAGE_ARROWS, {"PENDING"}),
]


@pytest.mark.parametrize(("machine", "arrows", "initial"), TABLES, ids=[one[0].name for one in TABLES])
def test_a_table_is_what_the_notes_say(machine: Machine, arrows: str, initial: set[str]) -> None:
    check_arrows(machine, arrows)
    assert {state.value for state in machine.initial} == initial


def test_every_machine_of_the_api_is_compared() -> None:
    assert [one[0] for one in TABLES] == list(API.machines)


def test_the_states_of_the_vendor_are_four_and_two_of_them_are_final() -> None:
    hidden = {SessionState.EXPIRED, SessionState.DELETED}
    assert {state.value for state in SessionState if state not in hidden} == {
        "BLOCKED",
        "READY",
        "SIGNED",
        "REJECTED",
    }
    assert set(FINAL) == {SessionState.SIGNED, SessionState.REJECTED}
    for state in FINAL:  # the only way out is to be deleted
        assert [event.value for event in SESSION.possible(state)] == ["delete"]
    assert all(SESSION.is_final(state) for state in hidden)
