"""Waiting, resuming, cancelling; the log; what a crash leaves."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from tests.mint.bench import FINISHED, WAITS, Bench
from tests.mint.flows import flow, link, step

from localsign import travel
from localsign.core.errors import ConflictError, IllegalTransitionError
from localsign.core.work import Slow
from localsign.mint.engine import runner, under_way
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey
from localsign.mint.service import journeys

WAIT = step("wait", "SuspendWorkflow")


def test_the_log_of_a_background_step(bench: Bench) -> None:
    """Rule 4.3.1."""
    journey = bench.start(flow(step("a")))
    assert bench.events(journey, "a") == [("Executing", None), ("Executed", ["Done"])]


def test_the_log_of_a_waiting_step(bench: Bench) -> None:
    """Rule 4.3.2."""
    journey = bench.start(flow(WAIT))
    assert bench.events(journey, "wait") == [("Executing", None), ("Executed", []), ("Suspended", None)]
    journey = bench.resume(journey, "wait")
    assert bench.events(journey, "wait")[3:] == [("Resuming", None), ("Resumed", ["Done"])]


def test_suspended_is_logged_once_for_the_first_waiting_step(bench: Bench) -> None:
    """Rule 4.3.4."""
    steps = [step("a"), step("one", "SuspendWorkflow"), step("two", "SuspendWorkflow")]
    journey = bench.start(flow(*steps, links=[link("a", "one"), link("a", "two")]))
    assert [one.step_id for one in bench.log(journey) if one.event == "Suspended"] == ["two"]
    journey = bench.resume(journey, "two")
    assert [one.step_id for one in bench.log(journey) if one.event == "Suspended"] == ["two", "one"]
    assert (journey.state, bench.waiting(journey)) == (WAITS, ["one"])


def test_resume_needs_a_step_that_waits(bench: Bench) -> None:
    """Rules 4.2.19 and 4.1.10."""
    journey = bench.start(flow(step("a"), WAIT))
    with pytest.raises(ConflictError, match=r"does not wait at the step 'a'\. It waits at: wait"):
        bench.resume(journey, "a")
    finished = bench.resume(journey, "wait")
    with pytest.raises(IllegalTransitionError):
        bench.resume(finished, "wait")


def test_what_a_step_is_resumed_with_is_its_data(bench: Bench) -> None:
    """Rules 4.1.7 and 4.2.20."""
    journey = bench.start(flow(WAIT, step("a", variables={"got": "{{ wait.answer }}"})))
    journey = bench.resume(journey, "wait", {"answer": [1, 2]})
    assert bench.outputs(journey)["wait"] == {"answer": [1, 2]}
    assert bench.variables(journey) == {"got": [1, 2]}


def test_two_branches_that_meet_at_a_waiting_step_wait_once(bench: Bench) -> None:
    steps = [step("a"), step("b"), step("c"), WAIT, step("after")]
    links = [link("a", "b"), link("a", "c"), link("b", "wait"), link("c", "wait"), link("wait", "after")]
    journey = bench.resume(bench.start(flow(*steps, links=links)), "wait")
    assert (journey.state, bench.order(journey).count("after")) == (FINISHED, 1)


def test_a_journey_that_has_not_ended_can_be_cancelled(bench: Bench) -> None:
    """Rule 4.1.8."""
    journey = bench.start(flow(WAIT))
    with bench.work() as work:
        cancelled = journeys.cancel(work, journey.id)
    assert (cancelled.state, bench.waiting(cancelled)) == (JourneyState.CANCELLED, [])
    assert cancelled.cancelled_at is not None
    with bench.work() as work, pytest.raises(IllegalTransitionError):
        journeys.cancel(work, journey.id)


def test_a_journey_keeps_the_graph_that_it_started_with(bench: Bench) -> None:
    """Rule 4.2.24."""
    from localsign.mint.service import workflows
    from localsign.mint.service.workflows import Content

    workflow_id = bench.save(flow(WAIT, step("old")))
    journey = bench.start(workflow_id)
    with bench.work() as work:
        workflows.unpublish(work, workflow_id)  # the version is a draft again, and is written over
        workflows.update(work, workflow_id, Content("B", steps=flow(WAIT, step("new"))["steps"]), publishes=True)
    assert bench.order(bench.resume(journey, "wait")) == ["wait", "old"]


def test_a_long_journey_gives_others_their_turn_between_bursts(bench: Bench) -> None:
    workflow_id = bench.save(flow(step("loop", "For", end=1000)))
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    bursts = 0
    while isinstance(outcome, Slow):
        made = outcome.make()
        with bench.work() as work:  # another transaction could be here
            outcome = outcome.settle(work, made)
        bursts += 1
    assert bursts == 4
    assert bench.read(outcome).state is FINISHED


def half_way(bench: Bench) -> Journey:
    """A journey whose process ended after its first burst."""
    workflow_id = bench.save(flow(step("loop", "For", end=1000), step("body"), links=[link("loop", "body", "Iterate")]))
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    assert isinstance(outcome, Slow)
    with bench.work() as work:
        [journey] = work.everything(Journey)
    return journey


def test_after_a_crash_the_journey_says_where_it_is_and_goes_on(bench: Bench) -> None:
    journey = half_way(bench)
    assert journey.state is JourneyState.RUNNING
    assert len(bench.order(journey)) == runner.STEPS_PER_BURST
    travel.advance(bench.workspace, by=runner.STAND_BY - timedelta(seconds=1))
    assert bench.read(journey).state is JourneyState.RUNNING
    travel.advance(bench.workspace, by=timedelta(seconds=2))
    assert bench.read(journey).state is FINISHED
    assert len(bench.order(journey)) == 2001


def test_a_burst_that_comes_back_late_changes_nothing(bench: Bench) -> None:
    """As where another process took the journey over, which cannot know that this one goes on with it."""
    workflow_id = bench.save(flow(step("loop", "For", end=1000)))
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    assert isinstance(outcome, Slow)
    with patch.object(under_way, "is_marked", lambda *_: False):
        travel.advance(bench.workspace, by=runner.STAND_BY)
    with bench.work() as work:
        late = outcome.settle(work, None)
    assert isinstance(late, Journey)
    assert late.state is FINISHED
    assert len(bench.order(late)) == 1001


def test_a_running_journey_that_is_cancelled_stops_at_its_next_burst(bench: Bench) -> None:
    """Rule 4.1.8."""
    workflow_id = bench.save(flow(step("loop", "For", end=1000)))
    with bench.work() as work:
        outcome = journeys.start(work, workflow_id, {})
    assert isinstance(outcome, Slow)
    with bench.work() as work:
        [journey] = work.everything(Journey)
        journeys.cancel(work, journey.id)
    with bench.work() as work:
        assert outcome.settle(work, None) is not None
    assert bench.read(journey).state is JourneyState.CANCELLED
    assert len(bench.order(journey)) == runner.STEPS_PER_BURST
