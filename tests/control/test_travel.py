"""Trying out what would happen, going back to the machine's time, and steps that add up."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.control.dumping import Dump, dump
from tests.world import AUTHENTICATION_BASED, World, agreement, refused

from localsign import travel
from localsign.core.clock import parse_instant
from localsign.core.work import Work
from localsign.sign import actions
from localsign.sign.commands import SessionCommand
from localsign.sign.schemas import CollectionRequest, SessionRequest
from localsign.sign.service import collections, documents, sessions
from localsign.workspace import Workspace

START = "2030-01-01T00:00:00Z"


# ---- dry runs


def test_a_dry_run_tells_what_would_happen_and_changes_nothing(server: Server, world: World) -> None:
    world.freeze(START)
    document = world.upload(b"kept", "text/plain")
    world.lag("after:PT5S")
    world.sign(world.session(world.collect(packageTo=["PADES_CONTAINER"])))
    workspace = server.sandbox.find(world.name)
    before = dump(workspace)

    wish = {"by": "P60D"}
    tried = world.control("POST", "clock/advance", {**wish, "dry_run": True})

    assert tried.status_code == 200, tried.text
    assert dump(workspace) == before
    assert world.now() == START
    assert world.download(document) == b"kept"
    done = world.control("POST", "clock/advance", wish)
    assert [(one["kind"], one["due"]) for one in tried.json()["fired"]] == [
        (one["kind"], one["due"]) for one in done.json()["fired"]
    ]
    assert tried.json()["now"] == done.json()["now"]
    assert dump(workspace)["bytes"] != before["bytes"]
    assert [path for path in workspace.folder.parent.glob("scratch*") if any(path.iterdir())] == []


def test_a_dry_run_of_the_next_timer(world: World) -> None:
    world.freeze(START)
    document = world.upload()
    tried = world.control("POST", "clock/advance", {"next": True, "dry_run": True}).json()
    assert [one["subject"] for one in tried["fired"]] == [document]
    assert world.api.get(f"/sign/documents/{document}").status_code == 200


def test_a_dry_run_is_refused_as_the_run_would_be(world: World) -> None:
    world.freeze(START)
    refused(world.control("POST", "clock/advance", {"next": True, "dry_run": True}), 409, code="nothing_due")
    refused(world.control("POST", "clock/advance", {"to": "2029-01-01T00:00:00Z", "dry_run": True}), 400, "to")
    refused(world.control("POST", "clock/advance", {"by": "PT1S", "dry_run": "yes"}), 400, "dry_run")


# ---- the machine's time


def test_a_clock_that_stood_still_goes_on_to_the_time_of_the_machine(server: Server, world: World) -> None:
    world.freeze()
    document = world.upload()
    workspace = server.sandbox.find(world.name)
    with workspace.work() as work:  # as if it had stood for an hour
        past = work.now - timedelta(hours=1)
        work.clock = work.clock.frozen(past)
        work.schedule("sign.orphan", UUID(document), past + timedelta(minutes=30))

    answer = world.control("POST", "clock/real")

    assert answer.status_code == 200, answer.text
    assert [one["subject"] for one in answer.json()["fired"]] == [document]
    assert world.control("GET", "clock").json()["is_frozen"] is False
    assert (workspace.clock.offset, workspace.clock.frozen_at) == (timedelta(0), None)


def test_time_that_is_ahead_does_not_go_back_to_the_machines(world: World) -> None:
    world.advance("P3D")
    before = world.now()
    body = refused(world.control("POST", "clock/real"), 409, code="clock_ahead")
    assert "clock/run" in body["detail"]
    assert world.now() >= before


def test_a_clock_that_shows_the_machines_time_goes_on_showing_it(world: World) -> None:
    assert world.control("POST", "clock/real").json()["fired"] == []


# ---- a property

moments = st.integers(0, 60 * 86_400_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds))
plans = st.lists(st.tuples(st.integers(1, 44 * 86_400), st.sampled_from(["sign", "reject", None])), max_size=3)


def arrange(workspace: Workspace, plan: list[tuple[int, str | None]], lag: str) -> None:
    """Documents, sessions with due dates, packages whose lag has not passed, an orphan."""
    travel.freeze(workspace, parse_instant(START))
    with workspace.work() as work:
        work.choose("lag.packaging", lag)
    for seconds, act in plan:
        session_id, _ = workspace.perform(a_session, seconds)
        if act is not None:
            workspace.perform(actions.act, session_id, SessionCommand.model_validate({"action": act}))
    workspace.perform(lambda work: documents.store(work, work.blobs.take(b"an orphan"), "text/plain").id)


def a_session(work: Work, seconds: int) -> UUID:
    document = documents.store(work, work.blobs.take(agreement()), "application/pdf")
    work.flush()
    wanted = {"documents": [{"documentId": document.id}], "packageTo": ["PADES_CONTAINER"]}
    collection, _ = collections.create(work, CollectionRequest.model_validate(wanted))
    work.flush()
    wish = {
        "title": "A session",
        "dueDate": (work.now + timedelta(seconds=seconds)).isoformat(),
        "documents": [{"documentCollectionId": collection.id, "documentId": document.id, "action": "SIGN"}],
        "signingSetup": [AUTHENTICATION_BASED],
    }
    return sessions.create(work, [SessionRequest.model_validate(wish)])[0].id


@hypothesis_settings(max_examples=12, deadline=None)
@given(first=moments, second=moments, plan=plans, lag=st.sampled_from(["after:PT5S", "after:P20D", "manual"]))
def test_two_steps_end_where_one_does(
    server: Server, first: timedelta, second: timedelta, plan: list[tuple[int, str | None]], lag: str
) -> None:
    """advance(a) and advance(b) leave exactly what advance(a + b) leaves, to the last byte."""
    ends: list[tuple[Dump, list[tuple[str, str, datetime, object]]]] = []
    for steps in ([first, second], [first + second]):
        with server.sandbox.scratch("two-steps", seed="two steps") as workspace:
            arrange(workspace, plan, lag)
            fired = [one for step in steps for one in travel.advance(workspace, by=step)]
            ends.append((dump(workspace), [(one.kind, one.subject, one.due, one.followed) for one in fired]))
    assert ends[0] == ends[1]
