"""Due work and lags: what happens when time passes, or when something is read."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from localsign import travel
from localsign.core import timers
from localsign.core.api import TimerHandler
from localsign.core.errors import WorldChangedError
from localsign.core.tables import Choice, Timer
from localsign.core.work import Slow, Work
from localsign.lags import Progression
from localsign.sandbox import Sandbox
from localsign.workspace import Workspace

START = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
A, B, C = (UUID(int=number, version=4) for number in (1, 2, 3))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def workspace(sandbox: Sandbox) -> Workspace:
    """A workspace in which time stands still at START."""
    workspace = sandbox.create()
    travel.freeze(workspace, START)
    return workspace


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, TimerHandler]:
    """What runs for each kind of timer, in the place of the product's handlers."""
    handlers: dict[str, TimerHandler] = {}
    monkeypatch.setattr(travel, "timer_handler", handlers.__getitem__)
    return handlers


def all_timers(workspace: Workspace) -> list[Timer]:
    with workspace.work() as work:
        return list(work.db.exec(select(Timer).order_by(col(Timer.id))).all())


def note(work: Work, text: str) -> None:
    work.db.merge(Choice(name=text, value=work.now.isoformat()))


def noted(workspace: Workspace) -> dict[str, str]:
    with workspace.work() as work:
        return {one.name: one.value for one in work.db.exec(select(Choice))}


def writes_down(work: Work, subject: str) -> None:
    note(work, subject)


# ---- setting


def test_a_timer_of_one_kind_and_subject_is_set_anew_and_not_twice(workspace: Workspace) -> None:
    for minutes in (5, 3, 4):
        with workspace.work() as work:
            work.schedule("kind", A, START + minutes * MINUTE)
        assert workspace.next_due == START + minutes * MINUTE
    assert len(all_timers(workspace)) == 1


def test_the_workspace_knows_what_is_due_first(workspace: Workspace) -> None:
    assert workspace.next_due is None
    with workspace.work() as work:
        work.schedule("kind", A, START + 5 * MINUTE)
        work.schedule_new("kind", B, START + 3 * MINUTE)
    assert workspace.next_due == START + 3 * MINUTE
    with workspace.work() as work:
        work.schedule_new("kind", C, START + 4 * MINUTE)
    assert workspace.next_due == START + 3 * MINUTE
    with workspace.work() as work:
        work.cancel_timers(B)
    assert workspace.next_due == START + 4 * MINUTE
    assert not workspace.is_due()


def test_cancelling_removes_every_timer_of_the_subject_alone(workspace: Workspace) -> None:
    with workspace.work() as work:
        work.schedule("one", A, START)
        work.schedule("two", A, START)
        work.schedule("one", B, START)
        work.db.flush()
        work.cancel_timers(A)
    assert [one.subject for one in all_timers(workspace)] == [str(B)]


# ---- running


def test_timers_run_at_their_own_moments_in_order(workspace: Workspace, handlers: dict[str, TimerHandler]) -> None:
    handlers["kind"] = writes_down
    with workspace.work() as work:
        for subject, minutes in ((A, 3), (B, 1), (C, 3)):
            work.schedule("kind", subject, START + minutes * MINUTE)
    fired = travel.advance(workspace, by=10 * MINUTE)
    assert [one.subject for one in fired] == [str(B), str(A), str(C)]  # equal moments in the order they were set
    assert noted(workspace) == {
        str(subject): (START + minutes * MINUTE).isoformat() for subject, minutes in ((A, 3), (B, 1), (C, 3))
    }
    assert workspace.clock.now() == START + 10 * MINUTE
    assert all_timers(workspace) == []


def test_a_timer_that_sets_a_timer_is_followed_by_it(workspace: Workspace, handlers: dict[str, TimerHandler]) -> None:
    def sets_another(work: Work, subject: str) -> None:
        work.schedule("kind", C, work.now + 2 * MINUTE)

    handlers.update({"first": sets_another, "kind": writes_down})
    with workspace.work() as work:
        work.schedule("first", A, START + MINUTE)
    fired = travel.advance(workspace, by=3 * MINUTE)
    assert [(one.kind, one.due) for one in fired] == [("first", START + MINUTE), ("kind", START + 3 * MINUTE)]


def test_a_timer_may_set_itself_anew(workspace: Workspace, handlers: dict[str, TimerHandler]) -> None:
    def again(work: Work, subject: str) -> None:
        work.schedule("kind", UUID(subject), work.now + MINUTE)

    handlers["kind"] = again
    with workspace.work() as work:
        work.schedule("kind", A, START + MINUTE)
    assert len(travel.advance(workspace, by=5 * MINUTE)) == 5
    assert workspace.next_due == START + 6 * MINUTE


def test_a_timer_may_be_slow(workspace: Workspace, handlers: dict[str, TimerHandler]) -> None:
    def slow(work: Work, subject: str) -> Slow[str, None]:
        return Slow(lambda: "made", note)

    handlers["kind"] = slow
    with workspace.work() as work:
        work.schedule("kind", A, START + MINUTE)
    assert len(travel.advance(workspace, by=MINUTE)) == 1
    assert noted(workspace) == {"made": (START + MINUTE).isoformat()}
    assert all_timers(workspace) == []


def test_work_that_fails_is_parked_and_what_is_due_later_still_runs(
    workspace: Workspace, handlers: dict[str, TimerHandler], caplog: pytest.LogCaptureFixture
) -> None:
    def fails(work: Work, subject: str) -> None:
        note(work, "never")
        raise RuntimeError("boom")

    handlers.update({"good": writes_down, "bad": fails})
    with workspace.work() as work:
        work.schedule("good", A, START + 1 * MINUTE)
        work.schedule("bad", B, START + 2 * MINUTE)
        work.schedule("good", C, START + 3 * MINUTE)
    with caplog.at_level(logging.ERROR, "localsign.timers"):
        fired = travel.advance(workspace, by=5 * MINUTE)

    assert [one.subject for one in fired] == [str(A), str(B), str(C)]
    assert fired[1].followed == [{"failed": "boom"}]
    assert "boom" in caplog.text
    assert noted(workspace).keys() == {str(A), str(C)}
    [parked] = all_timers(workspace)
    assert (parked.subject, parked.due, parked.failure) == (str(B), None, "RuntimeError: boom")
    assert workspace.next_due is None
    assert workspace.clock.now() == START + 5 * MINUTE
    assert travel.advance(workspace, by=timedelta(days=1)) == []


def test_a_kind_that_nobody_handles_is_parked_as_well(
    workspace: Workspace, handlers: dict[str, TimerHandler], caplog: pytest.LogCaptureFixture
) -> None:
    with workspace.work() as work:
        work.schedule("unknown", A, START)
    with caplog.at_level(logging.CRITICAL, "localsign.timers"):
        [fired] = travel.catch_up(workspace)
    assert "failed" in fired.followed[0]
    assert not workspace.is_due()


def test_work_that_a_crash_cut_short_runs_again(workspace: Workspace, handlers: dict[str, TimerHandler]) -> None:
    """The timer goes with the last change it leads to; until then it stays."""

    def dies() -> str:
        raise KeyboardInterrupt

    makes = [dies, lambda: "made"]
    handlers["kind"] = lambda work, subject: Slow(makes.pop(0), note)
    with workspace.work() as work:
        work.schedule("kind", A, START)
    with pytest.raises(KeyboardInterrupt):
        travel.catch_up(workspace)
    assert workspace.is_due()
    assert [one.kind for one in travel.catch_up(workspace)] == ["kind"]
    assert noted(workspace).keys() == {"made"}


# ---- lags


@given(
    st.one_of(
        st.just(("immediate", Progression(timedelta(0)))),
        st.just(("manual", Progression(None))),
        st.integers(1, 999_999).map(lambda reads: (f"reads:{reads}", Progression(None, reads))),
        st.integers(0, 36_525 * 86_400).map(
            lambda seconds: (
                f"after:PT{seconds}S",
                Progression(timedelta(seconds=seconds)),
            )
        ),
    )
)
def test_a_progression_is_read(case: tuple[str, Progression]) -> None:
    text, progression = case
    assert Progression.parse(text) == progression


@given(st.one_of(st.text(max_size=20), st.from_regex(r"(immediate|manual|after|reads):?.{0,12}", fullmatch=True)))
def test_reading_a_progression_either_succeeds_or_says_why(text: str) -> None:
    try:
        found = Progression.parse(text)
    except ValueError as error:
        assert "must be" in str(error) or "too long" in str(error)  # noqa: PT017  not every text is wrong
    else:
        assert found.after is None or found.reads is None


@pytest.mark.parametrize(
    "text", ["reads:0", "reads:1000000", "reads:" + "9" * 5000, "after:P36526D", "manual:", "IMMEDIATE"]
)
def test_what_is_no_progression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        Progression.parse(text)


def due_of_lag(workspace: Workspace, progression: str) -> tuple[datetime | None, int | None]:
    with workspace.work() as work:
        work.choose("lag.packaging", progression)
        work.lag("packaging", "kind", A)
    [timer] = all_timers(workspace)
    return timer.due, timer.reads_left


@pytest.mark.parametrize(
    ("progression", "due", "reads_left"),
    [
        ("immediate", START, None),
        ("after:PT5M", START + 5 * MINUTE, None),
        ("manual", None, None),
        ("reads:1", START, None),
        ("reads:3", None, 2),
    ],
)
def test_a_lag_is_a_timer(workspace: Workspace, progression: str, due: datetime | None, reads_left: int | None) -> None:
    assert due_of_lag(workspace, progression) == (due, reads_left)


def test_the_last_read_but_one_makes_a_lag_due(workspace: Workspace) -> None:
    due_of_lag(workspace, "reads:3")
    for expected in ((None, 1), (START, None)):
        with workspace.work() as work:
            assert work.waits_for_reads
            work.saw(B)  # somebody else's reads do not count
            work.saw(A)
        [timer] = all_timers(workspace)
        assert (timer.due, timer.reads_left) == expected
    assert workspace.is_due()
    with workspace.work() as work:
        assert not work.waits_for_reads


def test_what_is_due_is_found_up_to_a_moment(workspace: Workspace) -> None:
    with workspace.work() as work:
        work.schedule("kind", A, START + MINUTE)
        work.db.flush()
        assert timers.next_due(work.db, START) is None
        found = timers.next_due(work.db, START + MINUTE)
        assert found is not None
        assert found.subject == str(A)


def test_a_world_that_is_deleted_while_its_timers_run_is_no_failure(
    sandbox: Sandbox, workspace: Workspace, handlers: dict[str, TimerHandler], caplog: pytest.LogCaptureFixture
) -> None:
    handlers["slow"] = lambda work, subject: Slow(
        lambda: sandbox.delete(workspace.name), lambda later, made: note(later, "late")
    )
    with workspace.work() as work:
        work.schedule("slow", A, START + MINUTE)
    with pytest.raises(WorldChangedError):
        travel.advance(workspace, by=MINUTE)
    assert caplog.records == []
