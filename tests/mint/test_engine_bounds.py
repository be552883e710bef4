"""Definitions that would take all memory or time: each ends in a fault that says why."""

import time

import pytest
from tests.mint.bench import FAULTED, Bench
from tests.mint.flows import flow, link, step
from tests.world import Json

EVERY = [step(f"s{index}") for index in range(100)]
BIG = "x" * 190_000
LOOP = step("loop", "For", start=0, end=1000)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (flow(*EVERY, links=[link(a["id"], b["id"]) for a in EVERY for b in EVERY]), "left to run"),
        (flow(step("if", "If", condition=True), links=[link("if", "if", "True")]), "inside one another"),
        (
            flow(
                LOOP,
                step("add", "AddToListVariable", variableName="l", value="{{ big }}{{ CurrentIndex }}"),
                links=[link("loop", "add", "Iterate")],
                variables={"big": BIG},
            ),
            "variables",
        ),
        (
            flow(
                LOOP,
                step("set", variableName="v{{ CurrentIndex }}", value="{{ big }}!"),
                links=[link("loop", "set", "Iterate")],
                variables={"big": BIG},
            ),
            "variables",
        ),
    ],
    ids=["every step leads to every step", "an if within itself", "a list that grows", "variables without end"],
)
def test_what_grows_without_end_is_stopped(bench: Bench, wanted: Json, words: str) -> None:
    begun = time.monotonic()
    journey = bench.start(wanted)
    assert journey.state is FAULTED
    assert journey.fault is not None
    assert words in journey.fault["message"]
    assert time.monotonic() - begun < 20
