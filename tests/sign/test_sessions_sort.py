"""Listing signing sessions: in what order, and page by page."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.world import Json, World, refused, shown

NOON = "2040-03-01T12:00:00Z"


def get(world: World, query: str) -> httpx.Response:
    return world.api.get(f"/sign/signing-sessions?{query}")


def titles(world: World, query: str) -> list[str]:
    answer = get(world, query)
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["data"]]


def timetable(world: World) -> None:
    """Six sessions: `<minute of creation><days until due>-<number>`, made in the order of their numbers.

    Two share both moments, so that only the order of creation tells them apart.
    """
    start = world.freeze(NOON)
    collection = world.collect()
    for number, (minute, days) in enumerate([(0, 3), (0, 1), (1, 2), (1, 2), (2, 3), (2, 1)]):
        world.freeze(shown(start + timedelta(minutes=minute)))
        due = shown(start + timedelta(days=days))
        world.session(collection, title=f"{minute}{days}-{number}", dueDate=due)


OLDEST = ["03-0", "01-1", "12-2", "12-3", "23-4", "21-5"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", OLDEST[::-1]),
        ("sort=-createdAt", OLDEST[::-1]),
        ("sort=%2BcreatedAt", OLDEST),
        ("sort=+createdAt", OLDEST),  # a literal plus arrives as a space
        ("sort=%20createdAt", OLDEST),
        ("sort=createdAt", OLDEST),
        ("sort=%2BdueDate", ["01-1", "21-5", "12-2", "12-3", "03-0", "23-4"]),
        ("sort=-dueDate", ["23-4", "03-0", "12-3", "12-2", "21-5", "01-1"]),
        ("sort=-createdAt&sort=%2BdueDate", ["21-5", "23-4", "12-3", "12-2", "01-1", "03-0"]),
        ("sort=-createdAt,%2BdueDate", ["21-5", "23-4", "12-3", "12-2", "01-1", "03-0"]),
        ("sort=-createdAt,+dueDate", ["21-5", "23-4", "12-3", "12-2", "01-1", "03-0"]),
        ("sort=%2BcreatedAt,-dueDate", ["03-0", "01-1", "12-2", "12-3", "23-4", "21-5"]),
        ("sort=%2BcreatedAt&sort=%2BdueDate", ["01-1", "03-0", "12-2", "12-3", "21-5", "23-4"]),
        ("sort=-dueDate&sort=-createdAt", ["23-4", "03-0", "12-3", "12-2", "21-5", "01-1"]),
        ("sort=-dueDate,%2BcreatedAt", ["03-0", "23-4", "12-3", "12-2", "01-1", "21-5"]),
        ("sort=%2BdueDate,-createdAt", ["21-5", "01-1", "12-2", "12-3", "23-4", "03-0"]),
    ],
)
def test_the_list_is_in_the_order_asked_for(world: World, sort: str, expected: list[str]) -> None:
    timetable(world)
    assert titles(world, sort) == expected
    pages = [titles(world, f"{sort}&limit=1&offset={offset}") for offset in range(6)]
    assert [title for page in pages for title in page] == expected


@pytest.mark.parametrize(
    ("query", "complaints"),
    [
        ("sort=title", 1),
        ("sort=-title", 1),
        ("sort=createdat", 1),
        ("sort=", 1),
        ("sort=--createdAt", 1),
        ("sort=createdAt,", 1),
        ("sort=-createdAt&sort=state,id", 2),
    ],
)
def test_another_field_is_refused(world: World, query: str, complaints: int) -> None:
    refused(get(world, query), 400, *["sort"] * complaints)


def test_pages_do_not_overlap_when_all_were_created_at_once(world: World) -> None:
    world.freeze()
    wanted = world.a_session()
    made = [one["id"] for one in world.create(*[wanted] * 9)]
    for order, expected in (("-createdAt", made[::-1]), ("%2BcreatedAt", made)):
        seen: list[str] = []
        for offset in range(0, 9, 2):
            page = get(world, f"sort={order}&limit=2&offset={offset}").json()
            seen += [one["id"] for one in page["data"]]
        assert seen == expected


@pytest.fixture(scope="module")
def listed(server: Server) -> Iterator[tuple[World, dict[str, list[Json]]]]:
    """A workspace with eight sessions, some alike in every moment, and the whole list in each order."""
    world = server.world()
    timetable(world)
    world.create(*[world.a_session()] * 2)
    orders = [f"{first}{second}" for first, second in product(("", "-"), ("createdAt", "dueDate"))]
    yield world, {order: get(world, f"sort={order}").json()["data"] for order in orders}
    world.close()


@settings(deadline=None, max_examples=40)
@given(data=st.data(), order=st.sampled_from(["createdAt", "-createdAt", "dueDate", "-dueDate"]))
def test_pages_make_up_the_whole_list(listed: tuple[World, dict[str, list[Json]]], data: Any, order: str) -> None:
    world, whole = listed
    limit = data.draw(st.integers(1, 10))
    offset = data.draw(st.integers(0, 10))
    page = get(world, f"sort={order}&limit={limit}&offset={offset}").json()
    assert page["data"] == whole[order][offset : offset + limit]
    assert (page["count"], page["total"]) == (len(page["data"]), 8)
    union: list[Json] = []
    while len(union) < 8:
        part = get(world, f"sort={order}&limit={limit}&offset={len(union)}").json()["data"]
        assert part
        union += part
    assert union == whole[order]


def test_a_field_that_is_repeated_counts_once(world: World) -> None:
    made = [one["id"] for one in world.create(*[world.a_session(world.collect())] * 2)]
    answer = world.api.get("/sign/signing-sessions", params={"sort": ",".join(["+createdAt", *["-createdAt"] * 2500])})
    assert [one["id"] for one in answer.json()["data"]] == made
