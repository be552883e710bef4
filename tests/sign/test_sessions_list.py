"""Listing signing sessions: filters, totals, and the envelope."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.world import Json, World, refused, shown

NOON = "2040-03-01T12:00:00.123Z"
DAYS = timedelta(days=1)


def get(world: World, query: str = "", **params: Any) -> httpx.Response:
    if query:
        return world.api.get(f"/sign/signing-sessions?{query}")
    return world.api.get("/sign/signing-sessions", params=params)


def found(world: World, query: str = "", **params: Any) -> list[str]:
    """The titles of what is listed."""
    answer = get(world, query, **params)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["count"] == page["total"] == len(page["data"])
    return [one["title"] for one in page["data"]]


def total(world: World, query: str = "") -> int:
    return int(get(world, query).json()["total"])


@pytest.fixture
def started(world: World) -> datetime:
    """Five sessions, a to e, made a minute apart from noon on, due 5 to 1 days later, in different states."""
    now = start = world.freeze(NOON)
    collection = world.collect()
    made: dict[str, Json] = {}
    for number, title in enumerate("abcde"):
        wanted = world.a_session(collection, title=title, dueDate=shown(start + (5 - number) * DAYS))
        if title == "c":
            wanted["subsequentTo"] = [made["b"]["id"]]
        made[title] = world.create(wanted)[0]
        now = world.freeze(shown(now + timedelta(minutes=1)))
    world.sign(made["d"])
    world.act(made["e"], "reject")
    return start


def at(started: datetime, minutes: float = 0, *, ms: int = 0) -> str:
    return shown(started + timedelta(minutes=minutes, milliseconds=ms))


# ---- the envelope


def test_an_empty_workspace_has_an_empty_list(world: World) -> None:
    assert get(world).json() == {"limit": 100, "offset": 0, "count": 0, "total": 0, "data": []}


def test_a_page_says_what_it_is_part_of(world: World, started: datetime) -> None:
    page = get(world, limit=2, offset=1).json()
    assert {name: value for name, value in page.items() if name != "data"} == {
        "limit": 2,
        "offset": 1,
        "count": 2,
        "total": 5,
    }
    assert [one["title"] for one in page["data"]] == ["d", "c"]


def test_a_page_behind_the_end_is_empty(world: World, started: datetime) -> None:
    page = get(world, offset=5).json()
    assert (page["count"], page["total"], page["data"]) == (0, 5, [])


def test_a_listed_session_is_the_session_itself(world: World, started: datetime) -> None:
    for listed in get(world).json()["data"]:
        assert world.read(listed) == listed


def test_the_default_page_has_100_sessions(world: World) -> None:
    wanted = world.a_session()
    world.create(*[wanted] * 100)
    world.create(wanted)
    page = get(world).json()
    assert (page["limit"], page["count"], page["total"], len(page["data"])) == (100, 100, 101, 100)
    assert get(world, limit=1000).json()["count"] == 101


@pytest.mark.parametrize(
    ("name", "taken", "refused_value"),
    [
        ("limit", "1", "0"),
        ("limit", "1000", "1001"),
        ("limit", "1", "-1"),
        ("limit", "1", "many"),
        ("limit", "1", ""),
        ("limit", "1", "1.5"),
        ("offset", "0", "-1"),
        ("offset", "100000", "100001"),
        ("offset", "0", "x"),
    ],
)
def test_limit_and_offset_have_bounds(world: World, name: str, taken: str, refused_value: str) -> None:
    assert get(world, **{name: taken}).json()[name] == int(taken)
    refused(get(world, **{name: refused_value}), 400, name)


# ---- filters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=READY", "ba"),
        ("state=BLOCKED", "c"),
        ("state=SIGNED", "d"),
        ("state=REJECTED", "e"),
        ("state=READY&state=BLOCKED", "cba"),
        ("state=SIGNED&state=SIGNED", "d"),
        ("state=READY&state=BLOCKED&state=SIGNED&state=REJECTED", "edcba"),
        ("", "edcba"),
    ],
)
def test_states_select(world: World, started: datetime, query: str, expected: str) -> None:
    assert found(world, query) == list(expected)


@pytest.mark.parametrize("state", ["DELETED", "EXPIRED", "CANCELLED", "ready", "", "READY,BLOCKED"])
def test_a_state_that_the_vendor_does_not_have_is_refused(world: World, state: str) -> None:
    world.api.delete(f"/sign/signing-sessions/{world.session()['id']}")
    body = refused(get(world, f"state=READY&state={state}"), 400, "state[1]")
    assert body["invalidParams"][0]["reason"] == "must be one of BLOCKED, READY, SIGNED, REJECTED"


def test_the_bounds_of_creation_are_included(world: World, started: datetime) -> None:
    assert found(world, createdDateFrom=at(started, 2)) == list("edc")
    assert found(world, createdDateTo=at(started, 2)) == list("cba")
    assert found(world, createdDateFrom=at(started, 2), createdDateTo=at(started, 2)) == ["c"]
    assert found(world, createdDateFrom=at(started, 2, ms=1)) == list("ed")
    assert found(world, createdDateTo=at(started, 2, ms=-1)) == list("ba")
    assert found(world, createdDateFrom=at(started, 3), createdDateTo=at(started, 2)) == []


def test_the_bounds_of_the_due_date_are_included(world: World, started: datetime) -> None:
    due = {one["title"]: one["dueDate"] for one in get(world).json()["data"]}
    assert found(world, dueDateFrom=due["c"]) == list("cba")
    assert found(world, dueDateTo=due["c"]) == list("edc")
    assert found(world, dueDateFrom=due["c"], dueDateTo=due["c"]) == ["c"]
    assert found(world, dueDateFrom=shown(datetime.fromisoformat(due["c"]) + timedelta(milliseconds=1))) == [
        "b",
        "a",
    ]


def test_a_bound_may_be_in_any_zone(world: World, started: datetime) -> None:
    two_hours_east = at(started, 122).replace("Z", "+02:00")
    assert found(world, createdDateFrom=two_hours_east) == list("edc")


@pytest.mark.parametrize("name", ["createdDateFrom", "createdDateTo", "dueDateFrom", "dueDateTo"])
@pytest.mark.parametrize("value", ["yesterday", "", "2040-03-01", "2040-02-30T00:00:00Z"])
def test_a_bound_that_is_no_instant_is_refused(world: World, name: str, value: str) -> None:
    refused(get(world, **{name: value}), 400, name)


def test_filters_are_all_applied_at_once(world: World, started: datetime) -> None:
    middle = {
        "createdDateFrom": at(started, 1),
        "createdDateTo": at(started, 3),
        "dueDateFrom": shown(started + 2 * DAYS),
        "dueDateTo": shown(started + 4 * DAYS),
    }
    assert found(world, **middle) == list("dcb")
    assert found(world, **middle, state=["READY", "SIGNED"]) == list("db")
    assert found(world, **middle, state=["READY", "SIGNED"], sessionTitleLike="D") == ["d"]
    assert found(world, **middle, state="REJECTED") == []


def test_every_flaw_of_a_query_is_named(world: World) -> None:
    answer = get(world, "offset=-1&limit=0&state=X&dueDateTo=y")
    refused(answer, 400, "offset", "limit", "state[0]", "dueDateTo")


# ---- titles


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ("rental", ["Rental agreement 100%"]),
        ("AGREEMENT", ["Rental agreement 100%"]),
        ("tal agr", ["Rental agreement 100%"]),
        ("ærø", ["ÆRØ_Færge"]),
        ("Ærø_f", ["ÆRØ_Færge"]),
        ("strasse", ["Straße"]),
        ("STRASSE", ["Straße"]),
        ("%", ["Rental agreement 100%"]),
        ("_", ["ÆRØ_Færge"]),
        ("0%", ["Rental agreement 100%"]),
        ("r%t", []),
        ("r_ntal", []),
        ("/", []),
        ("\\", ["a\\b"]),
        ("'", []),
        ("x" * 60_000, []),
        ("", ["a\\b", "Straße", "ÆRØ_Færge", "Rental agreement 100%"]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_title_is_found_by_any_part_of_it(world: World, like: str, expected: list[str]) -> None:
    collection = world.collect()
    for title in ("Rental agreement 100%", "ÆRØ_Færge", "Straße", "a\\b"):
        world.session(collection, title=title)
    assert found(world, sessionTitleLike=like) == expected


# ---- totals, which are kept, are never stale


def test_a_total_follows_creation_and_deletion(world: World) -> None:
    wanted = world.a_session()
    assert total(world) == 0
    for count in (1, 2, 3):
        sessions = world.create(wanted)
        assert total(world) == count
    world.api.delete(f"/sign/signing-sessions/{sessions[0]['id']}")
    assert total(world) == 2


def test_a_total_per_state_follows_every_move(world: World) -> None:
    collection = world.collect()
    first = world.session(collection)
    second = world.session(collection, subsequentTo=[first["id"]])
    soon = shown(datetime.fromisoformat(world.now()) + timedelta(minutes=10))
    world.session(collection, dueDate=soon)

    def totals() -> list[int]:
        return [total(world, f"state={state}") for state in ("BLOCKED", "READY", "SIGNED", "REJECTED")]

    assert totals() == [1, 2, 0, 0]
    world.sign(first)
    assert totals() == [0, 2, 1, 0]
    world.act(second, "reject")
    assert totals() == [0, 1, 1, 1]
    world.advance("PT11M")
    assert totals() == [0, 0, 1, 1]


def test_a_total_belongs_to_its_filter(world: World, started: datetime) -> None:
    for query, expected in (("state=READY", 2), ("state=SIGNED", 1), ("", 5), ("sessionTitleLike=a", 1)):
        assert total(world, query) == total(world, query) == expected
    assert total(world, "sessionTitleLike=b") == 1
    assert total(world, f"createdDateFrom={at(started, 1)}") == 4
    assert total(world, f"createdDateFrom={at(started, 2)}") == 3
    assert total(world, f"createdDateTo={at(started, 2)}") == 3
    assert total(world, f"dueDateFrom={at(started, 2)}") == 5


def test_a_refused_creation_leaves_the_total(world: World) -> None:
    wanted = world.a_session()
    world.create(wanted)
    assert total(world) == 1
    bad = {**wanted, "subsequentTo": [wanted["documents"][0]["documentId"]]}
    refused(world.api.post("/sign/signing-sessions", json=[wanted, bad]), 400, "[1].subsequentTo[0]")
    assert total(world) == 1
