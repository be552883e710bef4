"""Randomness: from a seed the same every time, else from the operating system."""

import re

from hypothesis import given
from hypothesis import strategies as st

from localsign.core.ids import Ids, spell, trace_id


def drawn(ids: Ids) -> list[object]:
    return [ids.uuid(), ids.hex(4), ids.token(40), ids.entropy(16), ids.uuid()]


@given(st.text(max_size=20))
def test_the_same_seed_draws_the_same(seed: str) -> None:
    assert drawn(Ids(seed)) == drawn(Ids(seed))


@given(st.lists(st.text(max_size=20), min_size=2, max_size=2, unique=True))
def test_different_seeds_draw_differently(seeds: list[str]) -> None:
    assert not {*drawn(Ids(seeds[0]))} & {*drawn(Ids(seeds[1]))}


@given(st.text(max_size=20), st.integers(0, 20))
def test_drawing_goes_on_where_it_stopped(seed: str, first: int) -> None:
    whole = Ids(seed)
    expected = [whole.uuid() for _ in range(first + 3)]
    early = Ids(seed)
    begun = [early.uuid() for _ in range(first)]
    assert [*begun, *(Ids(seed, early.drawn + later).uuid() for later in range(3))] == expected


def test_nothing_is_drawn_twice() -> None:
    ids = Ids("seed")
    assert len({ids.uuid() for _ in range(1000)}) == 1000


def test_without_a_seed_nobody_can_tell() -> None:
    assert drawn(Ids(None)) != drawn(Ids(None))


def test_draws_have_their_shapes() -> None:
    for ids in (Ids(None), Ids("seed")):
        assert ids.uuid().version == 4
        assert re.fullmatch("[0-9a-f]{32}", ids.hex())
        assert re.fullmatch("[0-9A-Za-z]{64}", ids.token(64))
        assert len(ids.entropy(64)) == 64


def test_draws_apart_do_not_count() -> None:
    ids = Ids("seed")
    apart = ids.apart("founding")
    first = apart.uuid()
    assert ids.drawn == 0
    assert first == Ids("seed").apart("founding").uuid()
    assert first not in {Ids("seed").uuid(), Ids("seed").apart("other").uuid()}
    assert Ids(None).apart("founding").uuid() != Ids(None).apart("founding").uuid()


def test_spelling_uses_letters_and_digits_alone() -> None:
    assert spell(bytes(64), 5) == "AAAAA"
    assert spell(b"\xff" * 64, 20).isalnum()


def test_trace_ids_are_32_digits_and_never_the_same() -> None:
    assert re.fullmatch("[0-9a-f]{32}", trace_id())
    assert trace_id() != trace_id()
