"""Random workflows: they end or are stopped, the log tells what happened, and a crash changes nothing."""

from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.mint.bench import FAULTED, FINISHED, WAITS, Bench
from tests.mint.flows import flow, link, step
from tests.world import Json

from localsign import travel
from localsign.mint.engine import runner
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, waits_of
from localsign.mint.service import journeys
from localsign.settings import Settings

GUARD = 150
MOST_RESUMES = 4
BENCH = Bench(Settings(mint_most_steps=GUARD))

OUTCOMES = [None, "Done", "True", "False", "Iterate", "iterate", "Nowhere"]
KINDS: st.SearchStrategy[tuple[str, Json]] = st.sampled_from(
    [
        ("SetVariable", {"variables": {"n": "{{ n | plus: 1 }}"}}),
        ("AddToListVariable", {"variableName": "list", "value": "{{ n }}"}),
        ("If", {"condition": "{% if n > 3 %}true{% endif %}"}),
        ("If", {"condition": True}),
        ("For", {"end": 2}),
        ("ForEach", {"items": ["a", "b"]}),
        ("While", {"condition": "{% if n < 9 %}true{% endif %}"}),
        ("SuspendWorkflow", {}),
        ("SuspendWorkflow", {}),
        ("StoreLoopStepData", {}),
        ("Fault", {}),
        ("Finish", {}),
        ("NoSuchStep", {}),
    ]
)


@st.composite
def workflows(draw: st.DrawFn) -> Json:
    kinds = draw(st.lists(KINDS, min_size=1, max_size=7))
    steps = [step(f"s{index}", kind, **properties) for index, (kind, properties) in enumerate(kinds)]
    places = st.integers(0, len(steps) - 1)
    links = draw(st.lists(st.tuples(places, places, st.sampled_from(OUTCOMES)), max_size=12))
    return flow(*steps, links=[link(f"s{a}", f"s{b}", outcome) for a, b, outcome in links], variables={"n": 0})


def run_whole(wanted: Json) -> Journey:
    """Start, and resume whatever waits first, some times."""
    journey = BENCH.start(wanted)
    for _ in range(MOST_RESUMES):
        if journey.state is not WAITS:
            break
        journey = BENCH.resume(journey, BENCH.waiting(journey)[0], {"n": 1})
    return journey


def run_broken(wanted: Json) -> Journey:
    """The same, step by step, by a process that dies after each."""
    workflow_id = BENCH.save(wanted)
    with BENCH.work() as work:
        known = {one.id for one in work.everything(Journey)}
        journeys.start(work, workflow_id, {})
    with BENCH.work() as work:
        [journey] = [one for one in work.everything(Journey) if one.id not in known]
    journey = go_on_after_crashes(journey)
    for _ in range(MOST_RESUMES):
        if journey.state is not WAITS:
            break
        step_id = BENCH.waiting(journey)[0]
        with BENCH.work() as work:
            journeys.resume(work, journey.id, step_id, {"n": 1})
        journey = go_on_after_crashes(journey)
    return journey


def go_on_after_crashes(journey: Journey) -> Journey:
    while BENCH.read(journey).state is JourneyState.RUNNING:
        with patch.object(runner, "_without_result", lambda _: None):  # what is slow is never settled
            travel.advance(BENCH.workspace, by=runner.STAND_BY + timedelta(seconds=1))
    return BENCH.read(journey)


@given(workflows())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_workflow_ends_or_waits_and_its_log_says_so(wanted: Json) -> None:
    journey = run_whole(wanted)
    events = Counter(one.event for one in BENCH.log(journey))
    waiting = BENCH.waiting(journey)
    place = BENCH.place(journey)

    assert journey.state in (FINISHED, FAULTED, WAITS)
    assert events["Executing"] == events["Executed"]
    assert events["Resuming"] == events["Resumed"]
    assert (
        events["Faulted"]
        == (journey.state is FAULTED)
        == (journey.fault is not None)
        == (journey.faulted_at is not None)
    )
    assert (journey.state is FINISHED) == (journey.finished_at is not None)
    assert events["Executing"] <= (GUARD + 1) * (MOST_RESUMES + 1)
    if journey.state is WAITS:
        assert waiting
    if journey.state is not FAULTED:
        assert place.stack == []
        assert bool(place.scopes) <= bool(waiting)
    if journey.state is FINISHED:
        assert (waiting, place.scopes) == ([], {})
    held = sum(frame["live"] for frame in place.scopes.values())
    inner = sum(frame["parent"] is not None for frame in place.scopes.values())
    if journey.state is WAITS:  # what lives in scopes are the waits and the scopes inside others
        with BENCH.work() as work:
            assert held == inner + sum(one.frame is not None for one in waits_of(work, journey))


def facts(journey: Journey) -> tuple[Any, ...]:
    log = [(one.step_id, one.event, one.message, one.outcomes) for one in BENCH.log(journey)]
    return journey.state, journey.fault, BENCH.variables(journey), BENCH.outputs(journey), BENCH.waiting(journey), log


@given(workflows())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_run_that_crashes_after_each_step_is_the_run_that_does_not(wanted: Json) -> None:
    whole = run_whole(wanted)
    with patch.object(runner, "STEPS_PER_BURST", 1):
        broken = run_broken(wanted)
    assert facts(broken) == facts(whole)
