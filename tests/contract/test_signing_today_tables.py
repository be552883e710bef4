"""The transition tables of Signing Today's DSTs: the machines obey them, and they are what the notes say."""

from enum import StrEnum
from itertools import product
from types import SimpleNamespace

import pytest

from localsign.core.errors import IllegalTransitionError
from localsign.core.machine import Machine
from localsign.signing_today.lifecycle.dsts import TEMPLATE, TRANSACTION, TURN, DstEvent, DstState

CELLS = [
    pytest.param(machine, state, event, id=f"{machine.name}: {state} {event}")
    for machine, events in ((TRANSACTION, DstEvent), (TEMPLATE, DstEvent), (TURN, TURN.events))
    for state, event in product(machine.states, events)
]


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_a_cell_moves_or_refuses(machine: Machine, state: StrEnum, event: StrEnum) -> None:
    """Events of the other kind are refused as well: a template cannot be signed, a DST not instantiated."""
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


# Transcribed by hand from the notes on Signing Today, section 4, whose rows have the numbers at the end of the lines.
# One line per arrow: event, from, to, whether webhooks hear of it. `add_note` and `delete` are in the tests below.
TRANSACTION_ARROWS = """
    update           draft                   draft       -   2
    add_resource     draft                   draft       -   3
    update_resource  draft                   draft       -   3
    delete_resource  draft                   draft       -   4
    publish          draft                   published   -   5
    ask_to_fill      published               toFill      w   6
    ask_to_sign      published               toSign      w   7
    fill             toFill                  toFill      -   12
    ask_to_sign      toFill                  toSign      w   13
    sign             toSign                  toSign      -   14
    complete         toSign                  signed      w   15
    decline          toSign                  rejected    w   16
    replace          rejected                rejected    -   17
    expire           published               expired     w   18
    expire           toFill                  expired     w   18
    expire           toSign                  expired     w   18
    finish_download  downloadingInDraft      draft       -   21
    finish_download  downloadingInPublished  published   -   21
    fail_download    downloadingInDraft      error       w   22
    fail_download    downloadingInPublished  error       w   22
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
    fail_download    downloadingInDraft      error       w   22
    fail_download    downloadingInPublished  error       w   22
"""
TURN_ARROWS = """
    ask      waiting  pending    w  V1
    perform  pending  performed  w  V1
    decline  pending  declined   w  V1
    expire   waiting  expired    w  V1
    expire   pending  expired    w  V1
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
    expected = sorted(line.split()[:4] for line in arrows.strip().splitlines())
    actual = sorted(
        [row.event.value, source.value, row.target.value, "w" if row.announces else "-"]
        for row in machine.rows
        for source in row.sources
        if row.event.value not in ANYWHERE
    )
    assert actual == expected


@pytest.mark.parametrize("machine", [TRANSACTION, TEMPLATE], ids=["DST", "template"])
@pytest.mark.parametrize("event", [DstEvent.ADD_NOTE, DstEvent.DELETE])
def test_notes_and_deletion_are_possible_unless_documents_are_being_fetched(machine: Machine, event: DstEvent) -> None:
    downloading = {DstState.DOWNLOADING_IN_DRAFT, DstState.DOWNLOADING_IN_PUBLISHED}
    for state in machine.states:
        row = machine.row(state, event)
        assert (row is None) == (state in downloading)
        assert row is None or row.target is state


def test_the_statuses_are_the_ten_of_the_vendor() -> None:
    assert [state.value for state in DstState] == [
        *("draft", "downloadingInDraft", "downloadingInPublished", "published", "toFill", "toSign"),
        *("expired", "signed", "rejected", "error"),
    ]


def test_nothing_leads_out_of_signed_expired_and_error() -> None:
    for state in (DstState.SIGNED, DstState.EXPIRED, DstState.ERROR, DstState.REJECTED):
        assert TRANSACTION.is_final(state)


def test_both_kinds_begin_in_draft_or_while_documents_are_fetched() -> None:
    beginnings = (DstState.DRAFT, DstState.DOWNLOADING_IN_DRAFT, DstState.DOWNLOADING_IN_PUBLISHED)
    assert TRANSACTION.initial == TEMPLATE.initial == beginnings
