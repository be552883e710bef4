"""Loops, and the scopes that they and If open."""

import pytest
from tests.mint.bench import FAULTED, FINISHED, WAITS, Bench
from tests.mint.flows import flow, link, step
from tests.world import Json

from localsign.mint.models import Journey, LoopItem
from localsign.mint.service import journeys
from localsign.settings import Settings

TAKE = step("take", "AddToListVariable", variableName="seen", value="{{ loop.CurrentValue }}")
AROUND = [link("loop", "take", "Iterate"), link("loop", "after", "Done")]


def seen(bench: Bench, **properties: object) -> object:
    """What a For loop with these properties goes through."""
    journey = bench.start(flow(step("loop", "For", **properties), TAKE, step("after"), links=AROUND))
    assert journey.state is FINISHED, journey.fault
    assert bench.order(journey)[-2:] == ["loop", "after"]
    return bench.variables(journey).get("seen", [])


@pytest.mark.parametrize(
    ("properties", "values"),
    [
        ({"start": 0, "end": 3}, [0, 1, 2]),
        ({"end": "3"}, [0, 1, 2]),
        ({"start": 1, "end": 3, "operator": "LessThanOrEqual"}, [1, 2, 3]),
        ({"start": 5, "end": 0, "step": -2, "operator": "GreaterThan"}, [5, 3, 1]),
        ({"start": 4, "end": 0, "step": -2, "operator": ">="}, [4, 2, 0]),
        ({"start": 3, "end": 3}, []),
        ({"items": ["a", {"b": 1}]}, ["a", {"b": 1}]),
        ({"items": []}, []),
        ({"items": '["x", "y"]'}, ["x", "y"]),
    ],
)
def test_what_a_for_loop_goes_through(bench: Bench, properties: Json, values: list[object]) -> None:
    """Rule 4.2.10."""
    assert seen(bench, **properties) == values


def test_a_for_each_exposes_index_and_value(bench: Bench) -> None:
    """Rule 4.2.10."""
    note = step("take", "AddToListVariable", variableName="seen", value="{{ CurrentIndex }}:{{ CurrentValue }}")
    loop = step("loop", "ForEach", items="{{ Variables.names }}")
    links = [link("loop", "take", "Iterate")]
    journey = bench.start(flow(loop, note, links=links, variables={"names": ["Kari", "Ola"]}))
    assert bench.variables(journey)["seen"] == ["0:Kari", "1:Ola"]


def test_a_while_loop_looks_at_its_condition_before_each_turn(bench: Bench) -> None:
    """Rules 4.2.10 and 4.2.13."""
    loop = step("loop", "While", condition="{% if n < 3 %}true{% else %}false{% endif %}")
    body = step("body", variables={"n": "{{ n | plus: 1 }}"})
    journey = bench.start(flow(loop, body, links=[link("loop", "body", "Iterate")], variables={"n": 0}))
    assert bench.variables(journey) == {"n": 3}
    assert bench.order(journey) == ["loop", "body"] * 3 + ["loop"]


def test_a_loop_body_needs_no_connection_back(bench: Bench) -> None:
    """Rule 4.2.14."""
    outer = step("outer", "For", end=2)
    inner = step("inner", "For", end=2)
    both = step("take", "AddToListVariable", variableName="seen", value="{{ outer.CurrentValue }}{{ CurrentValue }}")
    links = [link("outer", "inner", "Iterate"), link("inner", "take", "Iterate")]
    journey = bench.start(flow(outer, inner, both, links=links))
    assert bench.variables(journey)["seen"] == ["00", "01", "10", "11"]


def test_a_loop_waits_for_what_waits_inside_it(bench: Bench) -> None:
    """Rules 4.2.13 and 4.2.18."""
    loop, wait = step("loop", "For", end=2), step("wait", "SuspendWorkflow")
    wanted = flow(loop, wait, step("after"), links=[link("loop", "wait", "Iterate"), link("loop", "after", "Done")])
    journey = bench.start(wanted)
    assert (journey.state, bench.order(journey)) == (WAITS, ["loop", "wait"])
    journey = bench.resume(journey, "wait")
    assert (journey.state, bench.order(journey)) == (WAITS, ["loop", "wait", "loop", "wait"])
    journey = bench.resume(journey, "wait")
    assert (journey.state, bench.order(journey)) == (FINISHED, ["loop", "wait", "loop", "wait", "loop", "after"])


def test_a_branch_beside_a_loop_does_not_hold_it_up(bench: Bench) -> None:
    steps = [step("a"), step("loop", "For", end=2), step("body"), step("wait", "SuspendWorkflow"), step("after")]
    links = [link("a", "loop"), link("a", "wait"), link("loop", "body", "Iterate"), link("loop", "after", "Done")]
    journey = bench.start(flow(*steps, links=links))
    assert (journey.state, bench.waiting(journey)) == (WAITS, ["wait"])
    assert "after" in bench.order(journey)


def test_a_faulted_step_does_not_re_enter_its_loop(bench: Bench) -> None:
    """Rule 4.2.16."""
    journey = bench.start(
        flow(step("loop", "For", end=9), step("bad", "Fault"), links=[link("loop", "bad", "Iterate")])
    )
    assert (journey.state, bench.order(journey)) == (FAULTED, ["loop", "bad"])


def test_store_loop_step_data_keeps_each_turn(bench: Bench) -> None:
    steps = [
        step("loop", "For", end=2),
        step("if", "If", condition="{{ loop.CurrentValue }}"),
        step("keep", "StoreLoopStepData"),
    ]
    links = [link("loop", "if", "Iterate"), link("if", "keep")]
    journey = bench.start(flow(*steps, links=links))
    kept = kept_by(bench, journey)
    assert kept == [("loop", 0, {"if": {"result": False}}), ("loop", 1, {"if": {"result": True}})]


def kept_by(bench: Bench, journey: Journey) -> list[tuple[str, int, object]]:
    with bench.work() as work:
        return [(one.loop_id, one.number, one.data) for one in journeys.loop_records(work, journey)]


def test_store_loop_step_data_keeps_what_ran_in_that_turn(bench: Bench) -> None:
    """Not what an earlier turn gave, nor what ran before the loop; what an inner loop gave belongs to the turn."""
    steps = [
        step("before", "If", condition=True),
        step("outer", "For", end=2),
        step("if", "If", condition="{% if outer.CurrentValue == 0 %}true{% endif %}"),
        step("once", "If", condition=True),
        step("inner", "For", end=2),
        step("deep", "If", condition="{% if CurrentValue == 1 %}true{% endif %}"),
        step("keep", "StoreLoopStepData"),
    ]
    links = [
        link("before", "outer"),
        link("outer", "if", "Iterate"),
        link("if", "once", "True"),
        link("if", "inner"),
        link("inner", "deep", "Iterate"),
        link("inner", "keep"),
    ]
    journey = bench.start(flow(*steps, links=links))
    yes, no = {"result": True}, {"result": False}
    assert kept_by(bench, journey) == [
        ("outer", 0, {"if": yes, "once": yes, "deep": yes}),
        ("outer", 1, {"if": no, "deep": yes}),
    ]


def test_what_loops_keep_is_bounded(bench: Bench) -> None:
    steps = [
        step("loop", "For", end=2000),
        step("get", "GetJourneyData"),
        step("wait", "SuspendWorkflow"),
        step("keep", "StoreLoopStepData", steps=["wait", "get"]),
    ]
    links = [link("wait", "loop"), link("loop", "get", "Iterate"), link("get", "keep")]
    journey = bench.resume(bench.start(flow(*steps, links=links)), "wait", {"long": "x" * 50_000})
    assert journey.state is FAULTED
    assert journey.fault is not None
    assert "loops of the journey keep" in journey.fault["message"]


def test_a_list_is_kept_only_while_a_loop_goes_through_it(bench: Bench) -> None:
    steps = [step("loop", "ForEach", items=[1, 2, None]), step("wait", "SuspendWorkflow")]
    journey = bench.start(flow(*steps, links=[link("loop", "wait", "Iterate")]))
    with bench.work() as work:
        assert [one.value for one in work.everything(LoopItem)] == [1, 2, None]
    for _ in range(3):
        journey = bench.resume(journey, "wait")
    with bench.work() as work:
        assert (journey.state, work.everything(LoopItem)) == (FINISHED, [])


def test_the_lists_of_open_loops_are_bounded(bench: Bench) -> None:
    wanted = flow(
        step("loop", "ForEach", items="{{ list }}"),
        links=[link("loop", "loop", "Iterate")],
        variables={"list": ["x" * 1_000_000] * 3},
    )
    journey = bench.start(wanted)
    assert journey.fault is not None
    assert "lists that open loops go through" in journey.fault["message"]


@pytest.mark.parametrize("is_loop", [False, True])
def test_a_loop_without_end_is_stopped_by_the_guard(is_loop: bool) -> None:
    """Rule 4.2.17."""
    bench = Bench(Settings(mint_most_steps=300))
    endless = flow(step("a"), step("b"), links=[link("a", "b"), link("b", "a")])
    if is_loop:
        endless = flow(step("loop", "While", condition=True))
    journey = bench.start(endless)
    assert journey.state is FAULTED
    assert journey.fault is not None
    assert "more than 300 steps without waiting" in journey.fault["message"]
    assert len(bench.order(journey)) == 301
    bench.sandbox.close()


def test_the_guard_counts_anew_after_a_wait() -> None:
    bench = Bench(Settings(mint_most_steps=60))
    loop, again = step("loop", "For", end=20), step("again", "For", end=20)
    wanted = flow(loop, step("body"), step("wait", "SuspendWorkflow"), again, step("more"))
    wanted["connections"] = [
        link("loop", "body", "Iterate"),
        link("loop", "wait", "Done"),
        link("wait", "again"),
        link("again", "more", "Iterate"),
    ]
    assert bench.resume(bench.start(wanted), "wait").state is FINISHED
    bench.sandbox.close()


def test_ten_thousand_turns_are_no_harder_than_they_look(bench: Bench) -> None:
    """Linear: what is kept between two bursts does not grow with the turns that are over."""
    loop, body = step("loop", "For", end=10_000), step("body", variables={"last": "{{ CurrentValue }}"})
    journey = bench.start(flow(loop, body, links=[link("loop", "body", "Iterate")]))
    assert (journey.state, bench.variables(journey)) == (FINISHED, {"last": 9_999})
    place = bench.place(journey)
    assert (place.stack, place.scopes, place.turn) == ([], {}, 81)  # bursts of 250 steps
    assert len(bench.log(journey)) == 2 * 20_001
