"""The transition tables of Signing Today's DSTs: the machines obey them, and they are what the notes say."""

import ast
from enum import StrEnum
from pathlib import Path

import pytest
from tests.contract.tables import cells, check_arrows, check_cell

from localsign import signing_today
from localsign.core.machine import Machine
from localsign.signing_today.lifecycle.dsts import STATUSES, TEMPLATE, TRANSACTION, TURN, DstEvent, DstState

CELLS = cells((TRANSACTION, DstEvent), (TEMPLATE, DstEvent), (TURN, TURN.events))


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_a_cell_moves_or_refuses(machine: Machine, state: StrEnum, event: StrEnum) -> None:
    """Events of the other kind are refused as well: a template cannot be signed, a DST not instantiated."""
    check_cell(machine, state, event)


# Transcribed by hand from the notes on Signing Today, section 4, whose rows have the numbers at the end of the lines.
# One line per arrow: event, from, to, what is announced. `add_note` and `delete` are in the tests below.
TRANSACTION_ARROWS = """
    update           draft                   draft       -   2
    add_resource     draft                   draft       -   3
    update_resource  draft                   draft       -   3
    delete_resource  draft                   draft       -   4
    publish          draft                   published   -   5
    ask_to_fill      published               toFill      DST_STATUS_CHANGED   6
    ask_to_sign      published               toSign      DST_STATUS_CHANGED   7
    fill             toFill                  toFill      -   12
    ask_to_sign      toFill                  toSign      DST_STATUS_CHANGED   13
    sign             toSign                  toSign      -   14
    complete         toSign                  signed      DST_STATUS_CHANGED   15
    decline          toSign                  rejected    DST_STATUS_CHANGED   16
    replace          rejected                replaced    -   17
    expire           published               expired     DST_STATUS_CHANGED   18
    expire           toFill                  expired     DST_STATUS_CHANGED   18
    expire           toSign                  expired     DST_STATUS_CHANGED   18
    finish_download  downloadingInDraft      draft       -   21
    finish_download  downloadingInPublished  published   -   21
    fail_download    downloadingInDraft      error       DST_STATUS_CHANGED   22
    fail_download    downloadingInPublished  error       DST_STATUS_CHANGED   22
    notify           toFill                  toFill      -   -
    notify           toSign                  toSign      -   -
"""
TEMPLATE_ARROWS = """
    update           draft                   draft       -   2
    add_resource     draft                   draft       -   3
    update_resource  draft                   draft       -   3
    delete_resource  draft                   draft       -   4
    publish          draft                   published   -   8
    modify           published               draft       -   9
    instantiate      published               published   -   10
    templatize       published               published   -   11
    finish_download  downloadingInDraft      draft       -   21
    finish_download  downloadingInPublished  published   -   21
    fail_download    downloadingInDraft      error       DST_STATUS_CHANGED   22
    fail_download    downloadingInPublished  error       DST_STATUS_CHANGED   22
"""
TURN_ARROWS = """
    ask      waiting  pending    SIGNATURE_STATUS_CHANGED  V1
    perform  pending  performed  SIGNATURE_STATUS_CHANGED  V1
    decline  pending  declined   SIGNATURE_STATUS_CHANGED  V1
    expire   waiting  expired    SIGNATURE_STATUS_CHANGED  V1
    expire   pending  expired    SIGNATURE_STATUS_CHANGED  V1
    cancel   waiting  cancelled  -  -
    cancel   pending  cancelled  -  -
"""
ANYWHERE = ("add_note", "delete")


@pytest.mark.parametrize(
    ("machine", "arrows"),
    [(TRANSACTION, TRANSACTION_ARROWS), (TEMPLATE, TEMPLATE_ARROWS), (TURN, TURN_ARROWS)],
    ids=["DST", "template", "signature"],
)
def test_a_table_is_what_the_notes_say(machine: Machine, arrows: str) -> None:
    check_arrows(machine, arrows, but=ANYWHERE)


@pytest.mark.parametrize("machine", [TRANSACTION, TEMPLATE], ids=["DST", "template"])
@pytest.mark.parametrize("event", [DstEvent.ADD_NOTE, DstEvent.DELETE])
def test_notes_and_deletion_are_possible_unless_documents_are_being_fetched(machine: Machine, event: DstEvent) -> None:
    downloading = {DstState.DOWNLOADING_IN_DRAFT, DstState.DOWNLOADING_IN_PUBLISHED}
    for state in machine.states:
        row = machine.row(state, event)
        assert (row is None) == (state in downloading)
        assert row is None or row.target is state


def test_the_statuses_are_the_ten_of_the_vendor() -> None:
    assert [state.value for state in STATUSES] == [
        *("draft", "downloadingInDraft", "downloadingInPublished", "published", "toFill", "toSign"),
        *("expired", "signed", "rejected", "error"),
    ]


def test_nothing_leads_out_of_signed_expired_and_error() -> None:
    for state in (DstState.SIGNED, DstState.EXPIRED, DstState.ERROR, DstState.REPLACED):
        assert TRANSACTION.is_final(state)


def test_both_kinds_begin_in_draft_or_while_documents_are_fetched() -> None:
    beginnings = (DstState.DRAFT, DstState.DOWNLOADING_IN_DRAFT, DstState.DOWNLOADING_IN_PUBLISHED)
    assert TRANSACTION.initial == TEMPLATE.initial == beginnings


# Where a 409 does not come from a table: it is about data, and the call lists nothing else for bad data.
CONFLICTS_ABOUT_DATA = {
    "service/accounts.py": 1,  # of the control plane: a name that is taken
    "service/creation.py": 2,  # an unknown role; what cannot be published; the call lists no 400
    "service/devices.py": 1,  # a device that is not trusted
    "service/federation.py": 1,  # a SAML reply that cannot be trusted
    "service/identities.py": 1,  # an identity that has expired
    "service/passwords.py": 3,  # a bad password token, its disabled account, an unknown service user
}


def test_every_other_conflict_comes_from_a_table() -> None:
    package = Path(signing_today.__file__).parent
    found = {path.relative_to(package).as_posix(): _conflicts(path) for path in package.rglob("*.py")}
    assert {name: count for name, count in found.items() if count} == CONFLICTS_ABOUT_DATA


def _conflicts(path: Path) -> int:
    """How often a module makes a conflict, or a kind of it."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    made = [node.func for node in nodes if isinstance(node, ast.Call)]
    bases = [
        base
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    ]
    return sum(isinstance(one, ast.Name) and one.id == "ConflictError" for one in (*made, *bases))
