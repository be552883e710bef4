"""Who sends what, and when: the schedule, whatever way time passes; and one sender for each, however many there are."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import func, select

from localsign import travel
from localsign.core import announcements, attempts, deliveries
from localsign.core.attempts import Outcome, Taken
from localsign.core.clock import wall
from localsign.core.deliveries import DELIVERY, Attempt, Delivery, DeliveryEvent, DeliveryState
from localsign.core.tables import Announcement
from localsign.sandbox import Sandbox
from localsign.workspace import Workspace

START = datetime(2030, 1, 1, tzinfo=UTC)
GOOD, BAD = Outcome(1, 200), Outcome(1, 500, error="no")
EVERY = st.integers(1, 5000).map(lambda seconds: timedelta(seconds=seconds))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def workspace(sandbox: Sandbox) -> Iterator[Workspace]:
    workspace = a_world(sandbox)
    yield workspace
    sandbox.delete(workspace.name)


def a_world(sandbox: Sandbox) -> Workspace:
    workspace = sandbox.create()
    travel.freeze(workspace, START)
    return workspace


def queue(workspace: Workspace, **more: object) -> Delivery:
    members: dict[str, object] = {
        "api": "sign",
        "event": "done",
        "reference": "x",
        "url": "http://localhost/",
        "body": b"{}",
        **more,
    }
    with workspace.work() as work:
        return deliveries.queue(work, **members)  # type: ignore[arg-type]


def look(workspace: Workspace, most: int = 100) -> list[Taken]:
    with workspace.work() as work:
        return attempts.look(work, most, lambda _: True).taken


def settle(workspace: Workspace, taken: Taken, outcome: Outcome) -> None:
    with workspace.work() as work:
        attempts.settle(work, taken, outcome)


def send_what_is_due(workspace: Workspace, failures: int) -> None:
    """Make attempts until none is due; the first `failures` fail."""
    while taken := look(workspace):
        for one in taken:
            with workspace.work() as work:
                made = work.db.exec(select(func.count()).select_from(Attempt)).one()
            settle(workspace, one, BAD if made < failures else GOOD)


def expected(waits: list[timedelta], lifetime: timedelta | None, failures: int, until: timedelta) -> list[timedelta]:
    """The moments of attempts, told plainly."""
    moments: list[timedelta] = []
    moment = timedelta(0)
    while len(moments) <= failures and len(moments) < deliveries.MOST_ATTEMPTS and moment <= until:
        moments.append(moment)
        if not waits or (lifetime is None and len(moments) > len(waits)):
            break
        moment += waits[min(len(moments), len(waits)) - 1]
        if lifetime is not None and moment >= lifetime:
            break
    return moments


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    waits=st.lists(EVERY, max_size=4),
    lifetime=st.none() | EVERY,
    failures=st.integers(0, 12),
    steps=st.lists(EVERY, max_size=6),
)
def test_the_moments_do_not_depend_on_how_time_passes(
    sandbox: Sandbox, waits: list[timedelta], lifetime: timedelta | None, failures: int, steps: list[timedelta]
) -> None:
    workspace = a_world(sandbox)
    expires_at = None if lifetime is None else START + lifetime
    queued = queue(workspace, waits=waits, expires_at=expires_at)
    send_what_is_due(workspace, failures)
    for step in steps:
        travel.advance(workspace, by=step)
        send_what_is_due(workspace, failures)
    with workspace.work() as work:
        made = [one.at - START for one in work.db.exec(select(Attempt).order_by(Attempt.id))]  # type: ignore[arg-type]
        delivery = work.get(Delivery, queued.id)
    assert made == expected(waits, lifetime, failures, sum(steps, timedelta(0)))
    assert (delivery.state is DeliveryState.DELIVERED) == (len(made) > failures)
    assert (delivery.due is None) == (delivery.ended_at is not None) == DELIVERY.is_final(delivery.state)
    sandbox.delete(workspace.name)


def test_eight_who_look_at_once_take_each_delivery_once(workspace: Workspace) -> None:
    ids = {queue(workspace, url=f"http://localhost/{number}").id for number in range(40)}
    taken: list[Taken] = []

    def work_off(_: int) -> None:
        while some := look(workspace, 1):
            taken.extend(some)
            for one in some:
                settle(workspace, one, GOOD)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work_off, range(8)))
    assert len(taken) == len(ids)
    assert {one.delivery_id for one in taken} == ids


def test_of_one_lane_one_is_taken_at_a_time_and_in_order(workspace: Workspace) -> None:
    first, second = queue(workspace, source="a"), queue(workspace, source="a")
    other = queue(workspace, source="b")
    taken = look(workspace)
    assert [one.delivery_id for one in taken] == [first.id, other.id]
    assert look(workspace) == []
    settle(workspace, taken[0], BAD)
    assert [one.delivery_id for one in look(workspace)] == [second.id], "one that failed does not hold up the next"


def test_a_claim_of_nobody_is_released(workspace: Workspace) -> None:
    queued = queue(workspace)
    [lost] = look(workspace)
    with workspace.work() as work:
        [again] = attempts.look(work, 1, lambda _: False).taken
    assert (again.delivery_id, again.at) == (queued.id, START)
    assert again.claim != lost.claim
    settle(workspace, lost, GOOD)
    with workspace.work() as work:
        assert work.get(Delivery, queued.id).state is DeliveryState.SENDING, "what the lost one brings is dropped"
    settle(workspace, again, GOOD)
    settle(workspace, again, BAD)
    with workspace.work() as work:
        assert work.get(Delivery, queued.id).state is DeliveryState.DELIVERED


def test_what_is_cancelled_while_under_way_is_not_tried_again(workspace: Workspace) -> None:
    under_way, waiting = queue(workspace, source="a"), queue(workspace, source="a")
    [taken] = look(workspace)
    with workspace.work() as work:
        deliveries.cancel(work, "a")
    settle(workspace, taken, BAD)
    with workspace.work() as work:
        assert work.get(Delivery, under_way.id).state is DeliveryState.FAILED
        assert work.get(Delivery, waiting.id).state is DeliveryState.CANCELLED


def test_a_request_is_what_was_queued(workspace: Workspace) -> None:
    queue(workspace, headers={"content-type": "text/plain", "X-Own": "1"}, auth=("user", "word"), digest=True)
    [taken] = look(workspace)
    assert taken.headers.keys() == {"User-Agent", "content-type", "X-Own"}
    assert taken.credentials == ["user", "word", True]
    assert "word" not in repr(taken)


def test_old_deliveries_and_announcements_are_forgotten(
    sandbox: Sandbox, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "_EACH", 10)
    monkeypatch.setattr(deliveries, "MOST_KEPT", 5)
    monkeypatch.setattr(sandbox.house, "publish", lambda *_: None)
    monkeypatch.setattr(announcements, "_EACH", 10)
    monkeypatch.setattr(announcements, "MOST_ANNOUNCEMENTS", 5)
    kept = queue(workspace)
    for _ in range(12):
        with workspace.work() as work:
            work.announce(work.get(Delivery, kept.id), "told")
    with workspace.work() as work:
        assert list(work.db.exec(select(Announcement.id))) == [6, 7, 8, 9, 10, 11, 12]
    with workspace.work() as work:
        work.fire(DELIVERY, work.get(Delivery, kept.id), DeliveryEvent.TAKE)
    for _ in range(8):
        queued = queue(workspace, source="a")
        send_what_is_due(workspace, 0)
    queue(workspace)
    with workspace.work() as work:
        left = list(work.db.exec(select(Delivery.seq).order_by(Delivery.seq)))  # type: ignore[arg-type]
        assert left == [1, 6, 7, 8, 9, 10], "what has not ended stays"
        assert work.db.exec(select(func.count()).select_from(Attempt)).one() == 4
        assert work.find(Delivery, queued.id) is not None


@pytest.mark.parametrize(("is_standing", "by_machine", "is_sent"), [(0, -1, False), (0, 1, True), (1, -1, True)])
def test_what_expired_while_nobody_could_send_it_is_sent_no_more(
    workspace: Workspace, is_standing: int, by_machine: int, *, is_sent: bool
) -> None:
    travel.run(workspace)
    queued = queue(workspace, expires_at=START + timedelta(hours=1))
    with workspace.work() as work:
        delivery = work.get(Delivery, queued.id)
        assert delivery.lapses_at is not None
        assert timedelta(minutes=59) < delivery.lapses_at - wall() <= timedelta(hours=1)
        delivery.lapses_at = wall() + timedelta(hours=by_machine)
    travel.advance(workspace, by=timedelta(hours=2), freezes=bool(is_standing))
    assert bool(look(workspace)) == is_sent
    with workspace.work() as work:
        delivery = work.get(Delivery, queued.id)
    if not is_sent:
        assert (delivery.state, delivery.failure) == (DeliveryState.FAILED, "It expired before it could be sent.")
        assert delivery.due is None
        assert delivery.ended_at is not None
