"""Cutting a page out of a query, and what clients write to sort it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import col, select

from localsign.core.errors import Flaw
from localsign.core.paging import Order, Page, Window, cut, parse_sort
from localsign.core.work import Work
from localsign.sandbox import Sandbox
from localsign.sign.lifecycle import DocumentState
from localsign.sign.models import Document
from localsign.workspace import Workspace

ALLOWED = {"created": None, "size": None}
START = datetime(2030, 1, 1, tzinfo=UTC)
COLUMNS: dict[str, Any] = {"created": col(Document.created_at), "size": col(Document.size)}
SIZES = [3, 1, 2, 1, 3, 2]

orders = st.lists(st.builds(Order, st.sampled_from(sorted(ALLOWED)), st.booleans()), min_size=1, max_size=4)


# ---- what clients write


@given(orders, st.lists(st.sampled_from("+ "), min_size=4, max_size=4), st.booleans())
def test_an_order_that_was_written_is_read(wanted: list[Order], plus: list[str], is_joined: bool) -> None:
    terms = [("-" if one.is_descending else sign) + one.name for one, sign in zip(wanted, plus, strict=False)]
    flaws: list[Flaw] = []
    assert parse_sort([",".join(terms)] if is_joined else terms, ALLOWED, flaws) == tuple(wanted)
    assert flaws == []


def test_an_order_without_a_sign_ascends() -> None:
    assert parse_sort(["size", "-created"], ALLOWED, []) == (Order("size"), Order("created", is_descending=True))


@given(st.lists(st.text(max_size=12), max_size=4))
def test_every_term_is_known_or_a_flaw(asked: list[str]) -> None:
    flaws: list[Flaw] = []
    found = parse_sort(asked, ALLOWED, flaws)
    assert len([one for one in found if one.name not in ALLOWED]) == len(flaws)
    assert all(flaw.name == "sort" and "is not one of created, size" in flaw.reason for flaw in flaws)


@pytest.mark.parametrize("term", ["", "+", "--size", "+-size", "Size", "size ", "size:desc"])
def test_what_is_no_field_is_named(term: str) -> None:
    flaws: list[Flaw] = []
    parse_sort([term], ALLOWED, flaws)
    assert len(flaws) == 1


# ---- cutting


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """Six documents, one a minute, of the SIZES."""
    sandbox = Sandbox()
    workspace = sandbox.create()
    with workspace.work() as work:
        for number, size in enumerate(SIZES):
            add(work, size, START + timedelta(minutes=number))
    yield workspace
    sandbox.close()


def add(work: Work, size: int, at: datetime) -> None:
    work.db.add(
        Document(
            id=work.new_id(),
            state=DocumentState.UNASSIGNED,
            mime_type="text/plain",
            digest=str(size),
            size=size,
            created_at=at,
        )
    )
    work.db.flush()


def page(work: Work, window: Window, least: int = 0) -> Page[Document]:
    query = select(Document).where(Document.size >= least)
    return cut(work, Document, query, window, COLUMNS, tie=col(Document.seq), filters=least)


def expected(window: Window) -> list[int]:
    """The numbers of the documents on a page, found by sorting in the plainest way."""
    numbers = list(range(len(SIZES)))
    numbers.sort(reverse=bool(window.order) and window.order[0].is_descending)
    for order in reversed(window.order):
        numbers.sort(
            key=lambda number: SIZES[number] if order.name == "size" else number,
            reverse=order.is_descending,
        )
    return numbers[window.offset : window.offset + window.limit]


windows = st.builds(Window, st.integers(0, 8), st.integers(1, 8), st.one_of(st.just(()), orders.map(tuple)))


@hypothesis_settings(max_examples=60, deadline=None)
@given(windows)
def test_a_page_is_what_sorting_and_slicing_gives(workspace: Workspace, window: Window) -> None:
    with workspace.work() as work:
        found = page(work, window)
        whole = work.db.exec(select(Document).order_by(col(Document.seq))).all()
    numbers = {document.seq: number for number, document in enumerate(whole)}
    assert [numbers[one.seq] for one in found.items] == expected(window)
    assert (found.total, found.window) == (len(SIZES), window)


def test_pages_put_together_are_the_whole(workspace: Workspace) -> None:
    """Rows alike in the order asked for must not appear twice, or never."""
    for order in ((), (Order("size"),), (Order("size", is_descending=True),)):
        with workspace.work() as work:
            seen = [one.seq for offset in range(0, 6, 2) for one in page(work, Window(offset, 2, order)).items]
        assert len(set(seen)) == 6


def test_the_total_counts_what_matches_and_not_what_is_shown(workspace: Workspace) -> None:
    with workspace.work() as work:
        found = page(work, Window(0, 1), least=2)
        assert (len(found.items), found.total) == (1, 4)
        assert page(work, Window(0, 1), least=3).total == 2
        assert page(work, Window(0, 1)).total == 6


def test_the_total_follows_what_is_written(workspace: Workspace) -> None:
    with workspace.work() as work:
        assert page(work, Window(0, 1), least=9).total == 0
    with workspace.work() as work:
        add(work, 9, START)
    with workspace.work() as work:
        assert page(work, Window(0, 1), least=9).total == 1
        work.db.delete(work.db.exec(select(Document).where(Document.size == 9)).one())
    with workspace.work() as work:
        assert page(work, Window(0, 1), least=9).total == 0
