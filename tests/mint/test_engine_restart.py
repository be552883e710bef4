"""A process that ends in the middle of a journey, and the next one on the same folder."""

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.mint.bench import FINISHED, WAITS, Bench
from tests.mint.flows import flow, link, step

from localsign import travel
from localsign.core.work import Slow
from localsign.mint.engine import runner
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey
from localsign.mint.service import journeys
from localsign.settings import Settings

LOOP = flow(
    step("loop", "For", end=400), step("body"), step("wait", "SuspendWorkflow"),
    links=[link("loop", "body", "Iterate"), link("loop", "wait", "Done")],
)  # fmt: skip


def test_a_journey_outlives_its_process(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = Bench(settings)
    workflow_id = first.save(LOOP)
    with first.work() as work:
        assert isinstance(journeys.start(work, workflow_id, {}), Slow)
    first.sandbox.close()

    second = Bench(settings)
    with second.work() as work:
        [journey] = work.everything(Journey)
    assert journey.state is JourneyState.RUNNING
    assert second.order(journey)[-1] in ("loop", "body")  # the log tells where it was
    travel.advance(second.workspace, by=runner.STAND_BY + timedelta(seconds=1))
    assert second.read(journey).state is WAITS
    assert second.order(journey) == ["loop", "body"] * 400 + ["loop", "wait"]
    second.sandbox.close()

    third = Bench(settings)
    assert third.resume(journey, "wait").state is FINISHED
    third.sandbox.close()


def test_a_slow_step_that_was_cut_off_runs_again_and_the_log_says_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = Bench(settings)
    workflow_id = first.save(flow(step("pdf", "CreatePdfFromTemplate", content="x"), step("after")))
    with first.work() as work:
        assert isinstance(journeys.start(work, workflow_id, {}), Slow)  # and nobody settles it
    first.sandbox.close()

    second = Bench(settings)
    with second.work() as work:
        [journey] = work.everything(Journey)
    travel.advance(second.workspace, by=runner.STAND_BY + timedelta(seconds=1))
    assert second.read(journey).state is FINISHED
    assert [event for event, _ in second.events(journey, "pdf")] == ["Executing", "Executing", "Executed"]
    second.sandbox.close()


@pytest.mark.parametrize("turns", [200, 2000])
@pytest.mark.parametrize("kind", ["For", "ForEach"])
def test_the_work_of_a_step_does_not_grow_with_what_has_run(bench: Bench, turns: int, kind: str) -> None:
    """What is written between two bursts stays as long as it was, however many there have been."""
    sizes: list[int] = []
    save = runner._Burst._save

    def measured(self: runner._Burst) -> None:
        save(self)
        sizes.append(len(str(self.run.stack)) + len(str(self.run.scopes)) + len(str(self.run.variables)))

    with patch.object(runner._Burst, "_save", measured):
        items = [f"item {index}" for index in range(turns)]
        loop = step("loop", kind, **({"end": turns} if kind == "For" else {"items": items}))
        body = step("body", variables={"last": "{{ CurrentValue }}"})
        bench.start(flow(loop, body, links=[link("loop", "body", "Iterate")]))
    assert max(sizes) < 400


def test_a_journey_of_250_steps(bench: Bench) -> None:
    steps = [step(f"s{index}", variables={"n": "{{ n | plus: 1 }}"}) for index in range(250)]
    journey = bench.start(flow(*steps, variables={"n": 0}))
    assert (journey.state, bench.variables(journey)) == (FINISHED, {"n": 250})
