"""What is going to happen in a world, and what could not."""

from typing import Any

import pytest
from tests.conftest import Server
from tests.control.reading_journal import entries
from tests.world import Json, World, refused


def listed(world: World, **asked: Any) -> list[Json]:
    answer = world.anonymous.get("/_sandbox/v1/timers", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["timers"])


def test_timers_are_listed_in_the_order_in_which_they_are_due(world: World) -> None:
    world.freeze("2031-01-01T00:00:00Z")
    first = world.session()
    world.advance("PT1H")
    second = world.session()
    due = [one for one in listed(world) if one["kind"] == "sign.session_due"]
    assert [one["subject"] for one in due] == [first["id"], second["id"]]
    assert [one["due"] for one in due] == sorted(one["due"] for one in due)
    assert {one["state"] for one in due} == {"waiting"}
    assert {(one["lag"], one["reads_left"], one["failure"]) for one in due} == {(None, None, None)}


@pytest.mark.parametrize(("progression", "left"), [("manual", None), ("reads:3", 2)])
def test_a_lag_that_waits_for_no_moment_is_listed_last(world: World, progression: str, left: int | None) -> None:
    world.lag(progression)
    session = world.session(packageTo=["PADES_CONTAINER"])
    world.session()
    world.sign(session)
    last = listed(world)[-1]
    assert (last["lag"], last["due"], last["reads_left"]) == ("packaging", None, left)


def test_pages_are_cut(world: World) -> None:
    for _ in range(3):
        world.session()
    every = listed(world)
    assert listed(world, limit=2) + listed(world, offset=2) == every
    assert world.control("GET", "timers?limit=1").json()["total"] == len(every)


def test_what_failed_comes_first_and_says_why(server: Server, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from localsign import travel

    world.session()
    session = world.session()

    def handler(kind: str) -> Any:
        def fail(work: object, subject: str) -> None:
            if subject == session["id"]:
                raise ValueError("the disk is full, password=hidden-one")

        return fail

    with monkeypatch.context() as patch:
        patch.setattr(travel, "timer_handler", handler)
        world.advance("P46D")
    [failed, *others] = listed(world)
    assert (failed["state"], failed["subject"], failed["due"]) == ("failed", session["id"], None)
    assert failed["failure"] == "ValueError: the disk is full, password=<redacted>"
    assert others == []
    assert listed(world, state="failed") == [failed]
    assert listed(world, state="waiting") == []
    assert 'localsign_timers{state="failed"} 1' in world.anonymous.get("/_sandbox/metrics").text
    [entry] = entries(world, operation="sandbox.advance_clock")
    assert {"failed": "the disk is full, password=<redacted>"} in entry["caused"]


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "offset=-1", "offset=99999999999999999999", "state=x"])
def test_a_page_that_cannot_be_meant_is_refused(world: World, asked: str) -> None:
    refused(world.control("GET", f"timers?{asked}"), 400, asked.partition("=")[0])
