"""Random workflows: they end or are stopped, the log tells what happened, and a crash changes nothing."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random  # noqa: TID251  from a seed that Hypothesis gives
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.mint.bench import FAULTED, FINISHED, WAITS, Bench
from tests.mint.flows import flow, link, step
from tests.world import Json

from localsign import travel
from localsign.core.work import Work
from localsign.mint.engine import journeys as engine
from localsign.mint.engine import runner
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, waits_of
from localsign.mint.service import journeys
from localsign.settings import Settings

GUARD = 100
MOST_RESUMES = 4
BENCH = Bench(Settings(mint_most_steps=GUARD))

OUTCOMES = [None, "Done", "True", "False", "Iterate", "iterate", "Approved", "Rejected", "Nowhere"]
KINDS_BY_NAME: list[tuple[str, Json]] = [
    ("SetVariable", {"variables": {"n": "{{ n | plus: 1 }}"}}),
    ("AddToListVariable", {"variableName": "list", "value": "{{ n }}"}),
    ("If", {"condition": "{% if n > 3 %}true{% endif %}"}),
    ("If", {"condition": True}),
    ("For", {"end": 2}),
    ("ForEach", {"items": ["a", "b"]}),
    ("While", {"condition": "{% if n < 2 %}true{% endif %}"}),
    ("While", {"condition": False}),
    ("SetVariable", {"variables": {"n": "{{ n | plus: 2 }}"}}),
    ("If", {"condition": False}),
    ("SetName", {"name": "{{ n }}"}),
    ("SuspendWorkflow", {}),
    ("SuspendWorkflow", {}),
    ("SuspendWorkflow", {}),
    ("RequireApproval", {}),
    ("StoreLoopStepData", {}),
    ("Fault", {}),
    ("Finish", {}),
    ("NoSuchStep", {}),
]
_LOOP = ["Iterate", "Iterate", "iterate", "Done"]
OWN = {
    "If": ["True", "False", "Done"],
    **dict.fromkeys(("For", "ForEach", "While"), _LOOP),
    "RequireApproval": ["Approved", "Rejected"],
}


def workflows(*, waits: bool = True) -> st.SearchStrategy[Json]:
    """By a plain generator: Hypothesis' own choices come to few of the ways that steps can be put together."""
    return st.integers(0, 2**40).map(lambda number: drawn(Random(number), waits=waits))


def drawn(random: Random, *, waits: bool) -> Json:
    usable = [one for one in KINDS_BY_NAME if waits or one[0] not in ("SuspendWorkflow", "RequireApproval")]
    kinds = random.choices(usable, k=random.randint(1, 8))
    steps = [step(f"s{index}", kind, **properties) for index, (kind, properties) in enumerate(kinds)]
    links = []
    for index in range(1, len(steps)):  # nearly every step is led to by an earlier one, by an outcome that this has
        if random.random() < 0.9:
            before = random.randrange(index)
            links.append(link(f"s{before}", f"s{index}", random.choice(OWN.get(kinds[before][0], OUTCOMES[:2]))))
    for _ in range(random.choice([0, 0, 1, 1, 2, 4])):
        links.append(link(random.choice(steps)["id"], random.choice(steps)["id"], random.choice(OUTCOMES)))
    return flow(*steps, links=links, variables={"n": 0})


def run_whole(wanted: Json) -> Journey:
    """Start, and resume whatever waits first, some times."""
    journey = BENCH.start(wanted)
    for _ in range(MOST_RESUMES):
        if journey.state is not WAITS:
            break
        journey = answer(journey, BENCH.waiting(journey)[0])
    return journey


def answer(journey: Journey, step_id: str) -> Journey:
    BENCH.sandbox.perform(BENCH.workspace, lambda work: waken(work, journey, step_id))
    return BENCH.read(journey)


def waken(work: Work, journey: Journey, step_id: str) -> Any:
    """Resume, or approve: what a step waits for."""
    if engine.waiting_at(work, work.get(Journey, journey.id), step_id).type == "RequireApproval":
        return journeys.approve(work, journey.id, step_id, step_id in ("s0", "s2", "s4", "s6"), None)
    return journeys.resume(work, journey.id, step_id, {"n": 1})


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
            waken(work, journey, step_id)
        journey = go_on_after_crashes(journey)
    return journey


def go_on_after_crashes(journey: Journey) -> Journey:
    while BENCH.read(journey).state is JourneyState.RUNNING:
        with patch.object(runner, "_without_result", lambda _: None):  # what is slow is never settled
            travel.advance(BENCH.workspace, by=runner.STAND_BY + timedelta(seconds=1))
    return BENCH.read(journey)


@given(workflows())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_run_that_crashes_after_each_step_is_the_run_that_does_not(wanted: Json) -> None:
    whole = run_whole(wanted)
    with patch.object(runner, "STEPS_PER_BURST", 1):
        broken = run_broken(wanted)
    assert facts(broken) == facts(whole)


# ---- what the generator reaches


def test_the_generator_reaches_every_kind_of_step_and_every_way_to_end() -> None:
    """Otherwise the properties say little."""
    steps: Counter[str] = Counter()
    events: Counter[str] = Counter()

    @seed(7)
    @given(workflows())
    @settings(max_examples=150, deadline=None, database=None, phases=[Phase.generate])
    def run(wanted: Json) -> None:
        journey = run_whole(wanted)
        for one in BENCH.log(journey):
            steps[one.type] += one.event == "Executed"
            for outcome in one.outcomes or ():
                events[f"{one.type} {outcome}"] += 1
            events[one.event] += 1
            events["guard"] += "infinite loop" in (one.message or "")
        events[journey.state] += 1
        events["waits in a scope"] += journey.state is WAITS and bool(BENCH.place(journey).scopes)

    run()
    reached = f"{sorted(steps.items())}\n{sorted(events.items())}"
    assert {name for name, _ in KINDS_BY_NAME} - {name for name, count in steps.items() if count} == set(), reached
    for wanted in (
        *(f"If {one}" for one in ("True", "False", "Done")),
        *(f"{kind} {one}" for kind in ("For", "ForEach", "While") for one in ("Iterate", "Done")),
        *("RequireApproval Approved", "RequireApproval Rejected", "SuspendWorkflow Done", "StoreLoopStepData Done"),
        *("Suspended", "Resuming", "Resumed", "Faulted", "guard", FINISHED, FAULTED, WAITS),
        "waits in a scope",
    ):
        assert events[wanted], (wanted, reached)


# ---- against the rules written down once more, in another way


class EndedError(Exception):
    """The journey is over, before everything has run."""


class Told:
    """The rules by recursion, for workflows in which nobody waits: the order in which steps run, and the end."""

    def __init__(self, wanted: Json) -> None:
        self.steps = {one["id"]: one for one in wanted["steps"]}
        self.links = wanted["connections"]
        self.order: list[str] = []
        self.n = 0
        self.state = FINISHED
        inbound = {one["targetStepId"] for one in self.links}
        free = [one for one in self.steps if one not in inbound]
        with suppress(EndedError):
            self.run((free or list(self.steps))[0], in_loop=False)

    def begin(self, step_id: str) -> None:
        self.order.append(step_id)
        if len(self.order) > GUARD:
            self.end(FAULTED)

    def end(self, state: JourneyState) -> None:
        self.state = state
        raise EndedError

    def run(self, step_id: str, *, in_loop: bool) -> None:
        self.begin(step_id)
        kind, properties = self.steps[step_id]["type"], self.steps[step_id]["properties"]
        turns = 0
        match kind:
            case "SetVariable":
                self.n += 2 if "2" in properties["variables"]["n"] else 1
            case "Fault" | "NoSuchStep":
                self.end(FAULTED)
            case "StoreLoopStepData" if not in_loop:
                self.end(FAULTED)
            case "Finish":
                self.end(FINISHED)
            case "If":
                dynamic = self.n > 3
                holds = properties["condition"] if isinstance(properties["condition"], bool) else dynamic
                self.follow(step_id, "true" if holds else "false", in_loop=in_loop)
                self.begin(step_id)
            case "For" | "ForEach" | "While":
                while (properties["condition"] and self.n < 2) if kind == "While" else turns < 2:
                    turns += 1
                    self.follow(step_id, "iterate", in_loop=True)
                    self.begin(step_id)
        self.follow(step_id, "done", in_loop=in_loop)

    def follow(self, step_id: str, outcome: str, *, in_loop: bool) -> None:
        targets = [
            one["targetStepId"]
            for one in self.links
            if one["sourceStepId"] == step_id and (one["outcome"] or "Done").lower() == outcome
        ]
        for target in reversed(list(dict.fromkeys(targets))):
            self.run(target, in_loop=in_loop)


@given(workflows(waits=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_steps_run_in_the_order_that_the_rules_tell(wanted: Json) -> None:
    """Rules 4.2.1 to 4.2.6, 4.2.9, 4.2.10, 4.2.13, 4.2.17 and 4.2.21."""
    told = Told(wanted)
    journey = BENCH.start(wanted)
    assert (BENCH.order(journey), journey.state) == (told.order, told.state)
    assert BENCH.variables(journey)["n"] == told.n
