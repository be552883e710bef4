"""Time travel: every test has its own time, and what is due happens on the way."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.world import Json, World, refused, shown

from localsign import travel
from localsign.core.clock import show

START = "2030-01-01T00:00:00Z"


def clock(world: World) -> Json:
    return dict(world.control("GET", "clock").json())


def advance(world: World, body: object) -> Json:
    answer = world.control("POST", "clock/advance", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def frozen(world: World) -> World:
    """A workspace in which time stands still at START."""
    world.freeze(START)
    return world


# ---- reading and moving


def test_a_new_workspace_shows_the_time_of_the_machine(world: World) -> None:
    shown_now = clock(world)
    assert shown_now.keys() == {"now", "is_frozen", "next_due"}
    assert (shown_now["is_frozen"], shown_now["next_due"]) == (False, None)
    date = world.control("GET", "clock").headers["date"]
    assert abs(_seconds(shown_now["now"]) - _seconds_of_http(date)) < 5


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def _seconds_of_http(date: str) -> float:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(date).timestamp()


def test_time_advances_by_a_duration(frozen: World) -> None:
    assert advance(frozen, {"by": "PT31M"}) == {"now": "2030-01-01T00:31:00Z", "fired": []}
    assert advance(frozen, {"by": "P1DT0.5S"})["now"] == "2030-01-02T00:31:00.500Z"
    assert clock(frozen)["now"] == "2030-01-02T00:31:00.500Z"


def test_time_advances_to_an_instant_in_any_offset(frozen: World) -> None:
    assert advance(frozen, {"to": "2030-06-01T12:00:00+02:00"})["now"] == "2030-06-01T10:00:00Z"


def test_advancing_by_nothing_is_fine(frozen: World) -> None:
    assert advance(frozen, {"by": "PT0S"})["now"] == START
    assert advance(frozen, {"to": START})["now"] == START


def test_a_running_clock_runs_on_after_a_jump(world: World) -> None:
    before = _seconds(clock(world)["now"])
    advance(world, {"by": "P30D"})
    after = clock(world)
    assert after["is_frozen"] is False
    assert 0 <= _seconds(after["now"]) - before - 30 * 86400 < 30


def test_what_is_made_after_a_jump_is_made_then(frozen: World) -> None:
    frozen.advance("PT1H")
    assert frozen.session()["dueDate"] == "2030-02-15T01:00:00Z"


# ---- standing still


def test_time_can_stand_still_now(world: World) -> None:
    answer = world.control("POST", "clock/freeze")
    assert answer.status_code == 200
    assert clock(world) == {"now": answer.json()["now"], "is_frozen": True, "next_due": None}


def test_time_can_stand_still_at_a_later_moment(world: World) -> None:
    answer = world.control("POST", "clock/freeze", {"at": START})
    assert answer.json() == {"now": START, "fired": []}
    assert clock(world)["now"] == START


def test_time_can_stand_still_where_it_already_does(frozen: World) -> None:
    assert frozen.control("POST", "clock/freeze").json()["now"] == START
    assert frozen.control("POST", "clock/freeze", {"at": START}).json()["now"] == START
    assert frozen.control("POST", "clock/freeze", {"at": "2030-01-02T00:00:00Z"}).json()["now"][:10] == "2030-01-02"


def test_time_runs_on_from_where_it_stood(frozen: World) -> None:
    answer = frozen.control("POST", "clock/run")
    assert answer.json()["fired"] == []
    now = clock(frozen)
    assert now["is_frozen"] is False
    assert 0 <= _seconds(now["now"]) - _seconds(START) < 30


def test_freezing_lets_what_is_due_before_happen(frozen: World) -> None:
    document = frozen.upload()
    fired = frozen.control("POST", "clock/freeze", {"at": "2030-01-02T00:00:00Z"}).json()["fired"]
    assert [(one["kind"], one["subject"], one["due"]) for one in fired] == [
        ("sign.orphan", document, "2030-01-01T00:30:00Z")
    ]


# ---- what is due


def test_what_becomes_due_fires_in_order_each_at_its_own_moment(frozen: World) -> None:
    first = frozen.upload()
    frozen.advance("PT10M")
    second = frozen.upload()
    assert clock(frozen)["next_due"] == "2030-01-01T00:30:00Z"

    fired = advance(frozen, {"by": "PT1H"})["fired"]

    assert [(one["kind"], one["subject"], one["due"]) for one in fired] == [
        ("sign.orphan", first, "2030-01-01T00:30:00Z"),
        ("sign.orphan", second, "2030-01-01T00:40:00Z"),
    ]
    assert [one["followed"][0]["machine"] for one in fired] == ["document", "document"]
    assert all(earlier["due"] <= later["due"] for earlier, later in pairwise(fired))


def test_what_is_due_at_the_moment_of_arrival_fires(frozen: World) -> None:
    frozen.upload()
    assert frozen.advance("PT29M59.999S") == []
    assert len(frozen.advance("PT0.001S")) == 1
    assert frozen.advance("PT0S") == []


def test_next_goes_to_what_is_due_first(frozen: World) -> None:
    document = frozen.upload()
    arrived = advance(frozen, {"next": True})
    assert arrived["now"] == "2030-01-01T00:30:00Z"
    assert [one["subject"] for one in arrived["fired"]] == [document]


def test_next_is_refused_where_nothing_is_due(frozen: World) -> None:
    refused(frozen.control("POST", "clock/advance", {"next": True}), 409, code="nothing_due")
    assert clock(frozen)["now"] == START


def test_what_is_due_on_a_running_clock_happens_before_the_next_answer(server: Server, world: World) -> None:
    document = world.upload()
    workspace = server.sandbox.find(world.name)
    with workspace.work() as work:  # as if half an hour had gone by
        work.clock = work.clock.moved_to(work.now + timedelta(minutes=30))
    refused(world.api.get(f"/sign/documents/{document}"), 404)


# ---- what is refused


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        ({}, "body", "exactly one"),
        ({"by": "PT1S", "to": START}, "body", "exactly one"),
        ({"by": "PT1S", "next": True}, "body", "exactly one"),
        ({"next": False}, "body", "exactly one"),
        ({"by": "1 hour"}, "by", "ISO 8601 duration"),
        ({"by": ""}, "by", "ISO 8601 duration"),
        ({"by": "P"}, "by", "ISO 8601 duration"),
        ({"by": "PT"}, "by", "ISO 8601 duration"),
        ({"by": "P1M"}, "by", "ISO 8601 duration"),
        ({"by": "P1Y"}, "by", "ISO 8601 duration"),
        ({"by": "-PT1S"}, "by", "ISO 8601 duration"),
        ({"by": 60}, "by", "must be a string"),
        ({"by": None}, "by", "must be a string"),
        ({"to": "tomorrow"}, "to", "date and time with an offset"),
        ({"to": "2031-01-01T00:00:00"}, "to", "date and time with an offset"),
        ({"to": "2031-01-01"}, "to", "date and time with an offset"),
        ({"to": "2031-02-30T00:00:00Z"}, "to", "exists"),
        ({"to": 0}, "to", "must be a string"),
        ({"next": "yes"}, "next", "true or false"),
        ({"next": 1}, "next", "true or false"),
        ({"minutes": 5}, "minutes", "not a known member"),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_wish_is_refused_with_the_rule_it_breaks(frozen: World, body: Json, name: str, reason: str) -> None:
    answer = frozen.control("POST", "clock/advance", body)
    assert answer.status_code == 400, answer.text
    complaints = {one["name"]: one["reason"] for one in answer.json()["invalidParams"]}
    assert reason in complaints[name]
    assert clock(frozen)["now"] == START


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"PT1S"'])
def test_a_body_that_is_no_object_is_refused(frozen: World, content: bytes) -> None:
    answer = frozen.anonymous.post(
        "/_sandbox/v1/clock/advance", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert len(answer.json()["invalidParams"]) == 1


def test_time_never_goes_back(frozen: World) -> None:
    body = refused(frozen.control("POST", "clock/advance", {"to": "2029-12-31T23:59:59.999Z"}), 400, "to")
    assert START in body["detail"]
    refused(frozen.control("POST", "clock/freeze", {"at": "2029-12-31T23:59:59.999Z"}), 400, "at")
    assert clock(frozen)["now"] == START


@pytest.mark.parametrize(
    "body",
    [
        {"by": "P999999999D"},
        {"by": "P99999999999999D"},
        {"by": f"PT{'9' * 400}S"},
        {"by": "P2900000D"},
        {"to": "9999-12-31T23:59:59.999Z"},
        {"to": "9999-12-31T23:59:59-12:00"},
        {"to": "0001-01-01T00:00:00+12:00"},
    ],
    ids=lambda body: str(body)[:30],
)
def test_time_has_an_end_that_leaves_room_for_due_dates(world: World, body: Json) -> None:
    answer = world.control("POST", "clock/advance", body)
    assert answer.status_code == 400, answer.text
    assert world.session()["id"]


def test_far_in_the_future_everything_still_works(world: World) -> None:
    advance(world, {"to": "8999-12-31T23:59:59Z"})
    session = world.session()
    assert session["dueDate"].startswith("9000-02-14")
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


# ---- a property


durations = st.integers(0, 3 * 86_400_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds))


@hypothesis_settings(max_examples=25, deadline=None)
@given(first=durations, second=durations, uploads=st.lists(durations, min_size=1, max_size=3))
def test_two_steps_are_one_step(server: Server, first: timedelta, second: timedelta, uploads: list[timedelta]) -> None:
    """On a frozen clock, advance(a) and advance(b) do what advance(a + b) does."""
    ends = []
    for steps in ([first, second], [first + second]):
        workspace = server.sandbox.create(seed="two steps")
        travel.freeze(workspace, datetime.fromisoformat(START))
        with workspace.work() as work:
            for due in uploads:
                work.schedule_new("sign.purge", work.new_id(), work.now + due)
        fired = [one for step in steps for one in travel.advance(workspace, by=step)]
        ends.append(
            (
                show(workspace.clock.now()),
                [(one.kind, one.subject, shown(one.due), one.followed) for one in fired],
                workspace.next_due,
            )
        )
        server.sandbox.delete(workspace.name)
    assert ends[0] == ends[1]
    assert len(ends[0][1]) == sum(due <= first + second for due in uploads)
