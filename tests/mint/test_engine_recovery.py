"""Who goes on with a journey that is in the middle: whoever runs it, and nobody else; or whoever opens its world."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.mint.bench import FAULTED, FINISHED, Bench
from tests.mint.flows import flow, link, step
from tests.mint.receiver import Receiver, listening
from tests.world import Json

from localsign import travel
from localsign.core.work import Slow
from localsign.mint.engine import papers, runner, under_way
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey
from localsign.mint.service import journeys, recovery
from localsign.settings import Settings
from localsign.snapshots import store


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


PAPER = flow(step("pdf", "CreatePdfFromTemplate", content="x"), step("after"))
LONG = flow(step("loop", "For", end=1000), step("body"), links=[link("loop", "body", "Iterate")])


def begun(bench: Bench, wanted: object = LONG) -> Journey:
    """A journey whose process ended after its first burst."""
    workflow_id = bench.save(dict(wanted))  # type: ignore[call-overload]
    with bench.work() as work:
        assert isinstance(journeys.start(work, workflow_id, {}), Slow)
    with bench.work() as work:
        [journey] = work.everything(Journey)
    return journey


@pytest.mark.parametrize("days", [1, 150])
def test_moving_the_clock_while_a_step_is_slow_does_not_run_it_twice(bench: Bench, days: int) -> None:
    made = 0
    write = papers.written

    def slow(*given: str) -> bytes:
        nonlocal made
        made += 1
        if made == 1:
            fired = travel.advance(bench.workspace, by=timedelta(days=days))
            assert len(fired) < 30  # it is not looked at every minute
        return write(*given)

    with patch.object(papers, "written", slow):
        journey = bench.start(PAPER)
    assert (made, journey.state) == (1, FINISHED)
    assert [event for event, _ in bench.events(journey, "pdf")] == ["Executing", "Executed"]


def test_when_what_ran_a_journey_fails_its_stand_by_takes_over(bench: Bench) -> None:
    workflow_id = bench.save(PAPER)
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    with bench.work() as work:
        [journey] = work.everything(Journey)
    travel.advance(bench.workspace, by=timedelta(hours=1))
    assert bench.read(journey).state is JourneyState.RUNNING  # somebody has it in hand
    assert isinstance(outcome, Slow)
    del outcome  # and lets it fall
    travel.advance(bench.workspace, by=timedelta(hours=3))
    assert bench.read(journey).state is FINISHED


def test_who_opens_a_world_goes_on_with_its_journeys_though_its_clock_stands(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = Bench(settings)
    travel.freeze(first.workspace, None)
    journey = begun(first)
    first.sandbox.close()

    second = Bench(settings)
    with second.work() as work:
        recovery.go_on_soon(work)
    second.sandbox.catch_up(second.workspace)
    assert second.read(journey).state is FINISHED
    assert second.order(journey) == ["loop", "body"] * 1000 + ["loop"]
    second.sandbox.close()


def test_what_somebody_runs_is_left_to_them(bench: Bench) -> None:
    workflow_id = bench.save(PAPER)
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    assert isinstance(outcome, Slow)
    with bench.work() as work:
        assert recovery.go_on_soon(work) == 0
    made = outcome.make()
    with bench.work() as work:
        ended = outcome.settle(work, made)
    assert isinstance(ended, Journey)
    assert ended.state is FINISHED


def test_of_several_processes_none_runs_what_another_has_in_hand(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Bench(settings), Bench(settings)
    workflow_id = one.save(PAPER)
    with one.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    with other.work() as work:
        [journey] = work.everything(Journey)
        assert recovery.go_on_soon(work) == 0
    travel.advance(other.workspace, by=timedelta(hours=1))
    assert other.read(journey).state is JourneyState.RUNNING
    assert isinstance(outcome, Slow)
    del outcome  # as if its process had been killed
    with other.work() as work:
        assert recovery.go_on_soon(work) == 1
    other.sandbox.catch_up(other.workspace)
    assert one.read(journey).state is FINISHED
    assert not list((other.workspace.folder / "locks").glob("journey-*"))
    one.sandbox.close()
    other.sandbox.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_copy_goes_on_at_once_though_its_clock_stands(tmp_path: Path, workers: int) -> None:
    bench = Bench(Settings(data_dir=tmp_path, workers=workers))
    travel.freeze(bench.workspace, None)
    workflow_id = bench.save(PAPER)
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})  # and its step is under way all the time
    snapshot = store.save(bench.workspace, "before")
    copy = bench.sandbox.fork(bench.workspace)
    store.restore(bench.workspace, snapshot)
    for workspace in (copy, bench.workspace):
        assert workspace.is_due(), "without that anybody moves the clock"
        bench.sandbox.catch_up(workspace)
        with workspace.work() as work:
            [journey] = work.everything(Journey)
        assert journey.state is FINISHED
    assert outcome is not None
    bench.sandbox.close()


CALL = step("call", "SendHttpRequest", url="", method="POST")


def calling(receiver: Receiver) -> Json:
    return {**CALL, "properties": {"url": f"{receiver.url}/pay", "method": "POST"}}


@pytest.mark.parametrize("is_handled", [True, False])
def test_a_copy_does_not_call_again_what_its_original_calls(bench: Bench, receiver: Receiver, is_handled: bool) -> None:
    links = [link("call", "sorry", "Failed")] if is_handled else []
    workflow_id = bench.save(flow(calling(receiver), step("sorry"), links=[*links, link("call", "sorry")]))
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    copy = bench.sandbox.fork(bench.workspace)
    bench.sandbox.catch_up(copy)
    with copy.work() as work:
        [journey] = work.everything(Journey)
        [output] = [one for one in journeys.outputs(work, journey) if one.step_id == "call"]
    assert journey.state is (FINISHED if is_handled else FAULTED)
    reason = "The call was under way in the workspace 'default', which gets the answer; this is a copy."
    assert output.data["error"] == reason
    assert receiver.asked == []
    assert isinstance(outcome, Slow)
    made = outcome.make()
    with bench.work() as work:
        ended = outcome.settle(work, made)
    assert isinstance(ended, Journey)
    assert ended.state is FINISHED
    assert len(receiver.asked) == 1


def test_a_copy_makes_the_calls_that_had_not_begun_when_it_was_made(bench: Bench, receiver: Receiver) -> None:
    loop, body = step("loop", "For", end=runner.STEPS_PER_BURST), step("body")
    begun(bench, flow(loop, body, calling(receiver), links=[link("loop", "body", "Iterate"), link("loop", "call")]))
    copy = bench.sandbox.fork(bench.workspace)
    bench.sandbox.catch_up(copy)
    with copy.work() as work:
        [journey] = work.everything(Journey)
    assert journey.state is FINISHED
    assert len(receiver.asked) == 1


def test_a_restore_calls_again_what_was_under_way_at_the_snapshot(tmp_path: Path, receiver: Receiver) -> None:
    bench = Bench(Settings(data_dir=tmp_path))
    workflow_id = bench.save(flow(calling(receiver)))
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    snapshot = store.save(bench.workspace, "before")
    assert isinstance(outcome, Slow)
    outcome.make()
    store.restore(bench.workspace, snapshot)
    bench.sandbox.catch_up(bench.workspace)
    with bench.work() as work:
        [journey] = work.everything(Journey)
    assert journey.state is FINISHED
    assert len(receiver.asked) == 2
    bench.sandbox.close()


def test_a_burst_that_somebody_else_overtook_leaves_the_journey_to_them(bench: Bench) -> None:
    """As where two processes share a world: the slower one must not run the same steps again."""
    workflow_id = bench.save(LONG)
    with bench.work() as work:
        slower = journeys.start(work, workflow_id, {})
    with bench.work() as work:
        [journey] = work.everything(Journey)
    with patch.object(under_way, "is_marked", lambda *_: False), bench.work() as work:
        faster = runner.due(work, str(journey.id))
    assert isinstance(slower, Slow)
    assert isinstance(faster, Slow)
    ran = bench.order(journey)
    with bench.work() as work:
        assert isinstance(slower.settle(work, None), Journey)
    assert bench.order(journey) == ran
    assert len(ran) == 2 * runner.STEPS_PER_BURST
