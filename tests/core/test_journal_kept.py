"""The journal by itself: bounds, numbers, and what it does not keep alive."""

import gc
import threading
import weakref
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.core.errors import BadInputError, IllegalTransitionError
from localsign.core.journal import MOST_CHANGES, MOST_OF_A_BODY, MOST_OF_HEADERS, Body, Entry, Journal, Kind, Refusal

NOW = datetime(2031, 1, 1, tzinfo=UTC)


def entry(size: int = 0) -> Entry:
    made = Entry(Kind.REQUEST, "GET", "/x")
    made.at = NOW
    made.body = Body()
    made.body.add(b"x" * size)
    return made


@given(
    sizes=st.lists(st.integers(0, 70_000), max_size=30),
    most=st.integers(1, 10),
    most_bytes=st.integers(70_000, 200_000),
)
def test_the_newest_are_kept_within_both_bounds(sizes: list[int], most: int, most_bytes: int) -> None:
    journal = Journal(most, most_bytes)
    for size in sizes:
        journal.add(entry(size))
        assert len(journal) <= most
        assert journal.size <= most_bytes
        assert journal.size == sum(one.size for one in journal.entries())
    numbers = [one.number for one in journal.entries()]
    assert numbers == list(range(len(sizes) - len(numbers) + 1, len(sizes) + 1))
    assert bool(numbers) == bool(sizes)


def test_numbers_are_never_used_twice() -> None:
    journal = Journal(10, 1_000_000)
    journal.add(entry())
    journal.clear()
    assert (len(journal), journal.size) == (0, 0)
    journal.add(entry())
    assert [one.number for one in journal.entries()] == [2]


def test_nothing_is_kept_where_nothing_may_be() -> None:
    journal = Journal(0, 1_000_000)
    journal.add(entry())
    journal.note_timer("sign.x", "1", NOW, [])
    assert journal.entries() == []
    assert not journal.is_kept


def test_many_threads_may_write() -> None:
    journal = Journal(100_000, 1_000_000_000)

    def write() -> None:
        for _ in range(500):
            journal.add(entry())

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in journal.entries()] == list(range(1, 4001))


def test_headers_that_are_too_long_are_cut() -> None:
    made = entry()
    made.headers = [(b"a", b"1"), (b"long", b"x" * MOST_OF_HEADERS), (b"b", b"2")]
    made.weigh()
    assert made.headers == [(b"a", b"1")]


class Heavy:
    """Something that a frame holds."""


def test_a_refusal_keeps_no_frames() -> None:
    held: list[weakref.ref[Heavy]] = []

    def refuse() -> None:
        heavy = Heavy()
        held.append(weakref.ref(heavy))
        raise BadInputError.of("title", "is required")

    refusal = None
    try:
        refuse()
    except BadInputError as error:
        refusal = Refusal(error)
    gc.collect()
    assert held[0]() is None
    assert refusal is not None
    assert (refusal.error, refusal.code) == ("BadInputError", "bad_request")
    assert [(flaw.name, flaw.reason) for flaw in refusal.flaws] == [("title", "is required")]


@pytest.mark.parametrize(
    ("error", "machine", "detail"),
    [
        (IllegalTransitionError("session", "SIGNED", "sign"), "session", "The session is SIGNED"),
        (ValueError("password=hidden"), None, "It failed"),
    ],
)
def test_a_refusal_tells_what_may_be_told(error: Exception, machine: str | None, detail: str) -> None:
    refusal = Refusal(error)
    assert refusal.machine == machine
    assert refusal.detail.startswith(detail)
    assert "hidden" not in refusal.detail


def test_an_entry_of_very_many_changes_leaves_room_for_others() -> None:
    journal = Journal(100, 512 * 1024)
    journal.add(entry())
    made = entry()
    made.caused = [{"announced": "x", "id": str(number)} for number in range(10_000)]
    journal.add(made)
    assert len(journal) == 2
    assert len(made.caused) == MOST_CHANGES
    assert made.caused[-1] == {"left_out": 10_000 - MOST_CHANGES + 1}


def test_a_body_of_small_pieces_is_kept_in_one() -> None:
    made = entry()
    made.body = Body()
    for _ in range(MOST_OF_A_BODY // 2):
        made.body.add(b"xy")
    Journal(10, 512 * 1024).add(made)
    assert made.body.content == b"xy" * (MOST_OF_A_BODY // 2)
    [kept] = [one for one in gc.get_referents(made.body) if isinstance(one, list)]
    assert len(kept) == 1


def test_very_many_headers_are_cut() -> None:
    made = entry()
    made.headers = [(b"a", b"1")] * 5000
    made.weigh()
    assert 100 < len(made.headers) < 500
