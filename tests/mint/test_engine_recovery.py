"""Who goes on with a journey that is in the middle: whoever runs it, and nobody else; or whoever opens its world."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.mint.bench import FINISHED, Bench
from tests.mint.flows import flow, link, step

from localsign import travel
from localsign.core.work import Slow
from localsign.mint.engine import papers, runner, under_way
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey
from localsign.mint.service import journeys, recovery
from localsign.settings import Settings

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


def test_where_other_processes_may_run_journeys_the_stand_by_has_to_do(bench: Bench) -> None:
    begun(bench)
    with bench.work() as work:
        work.is_alone = False
        assert recovery.go_on_soon(work) == 0
    with bench.work() as work:
        assert recovery.go_on_soon(work) == 1


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
