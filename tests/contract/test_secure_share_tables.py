"""The transition tables of Secure Share: the machines obey them, and they are what the research notes suggest."""

from enum import StrEnum

import pytest
from tests.contract.tables import cells, check_arrows, check_cell

from localsign.core.machine import Machine
from localsign.secure_share.api import API
from localsign.secure_share.lifecycle import OPEN, RECIPIENT, SHARE, ShareState

CELLS = cells(*((machine, machine.events) for machine in API.machines))


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_a_cell_moves_or_refuses(machine: Machine, state: StrEnum, event: StrEnum) -> None:
    check_cell(machine, state, event)


# By hand, from the research notes on Secure Share, sections 2.2 and 3. One line per arrow: event, from, to, announces.
SHARE_ARROWS = """
    change    Active     Active     -
    change    Completed  Completed  -
    download  Active     Active     -
    download  Completed  Completed  -
    complete  Active     Completed  share.completed
    reopen    Completed  Active     -
    expire    Active     Expired    share.expired
    expire    Completed  Expired    share.expired
    delete    Active     Deleted    share.deleted
    delete    Completed  Deleted    share.deleted
    delete    Expired    Deleted    share.deleted
"""
RECIPIENT_ARROWS = """
    change    Invited     Invited     -
    change    LoggedIn    LoggedIn    -
    change    Downloaded  Downloaded  -
    remind    Invited     Invited     -
    remind    LoggedIn    LoggedIn    -
    open      Invited     Invited     -
    open      LoggedIn    LoggedIn    -
    open      Downloaded  Downloaded  -
    log_in    Invited     LoggedIn    recipient.authenticated
    log_in    LoggedIn    LoggedIn    recipient.authenticated
    log_in    Downloaded  Downloaded  recipient.authenticated
    fail      Invited     Invited     -
    fail      LoggedIn    LoggedIn    -
    fail      Downloaded  Downloaded  -
    download  LoggedIn    LoggedIn    -
    download  Downloaded  Downloaded  -
    complete  LoggedIn    Downloaded  -
    reopen    Downloaded  LoggedIn    -
    delete    Invited     Deleted     -
    delete    LoggedIn    Deleted     -
    delete    Downloaded  Deleted     -
"""
TABLES = [(SHARE, SHARE_ARROWS, {"Active"}), (RECIPIENT, RECIPIENT_ARROWS, {"Invited"})]


@pytest.mark.parametrize(("machine", "arrows", "initial"), TABLES, ids=[one[0].name for one in TABLES])
def test_a_table_is_what_the_notes_suggest(machine: Machine, arrows: str, initial: set[str]) -> None:
    check_arrows(machine, arrows)
    assert {state.value for state in machine.initial} == initial


def test_every_machine_of_the_api_is_compared() -> None:
    assert [one[0] for one in TABLES] == list(API.machines)


def test_three_states_are_shown_and_two_give_access() -> None:
    assert [one.value for one in ShareState if one is not ShareState.DELETED] == ["Active", "Completed", "Expired"]
    assert set(OPEN) == {ShareState.ACTIVE, ShareState.COMPLETED}
    assert [event.value for event in SHARE.possible(ShareState.EXPIRED)] == ["delete"]
