"""Lags of asynchronous work, and the machines as the control plane shows them."""

import pytest
from tests.world import World, refused

from localsign.apis import machines


def test_packages_are_ready_at_once_by_default(world: World) -> None:
    assert world.control("GET", "lags/packaging").json() == {"name": "packaging", "progression": "immediate"}


@pytest.mark.parametrize("progression", ["immediate", "manual", "after:PT5S", "after:P45D", "reads:1", "reads:999"])
def test_a_lag_can_be_chosen(world: World, progression: str) -> None:
    chosen = {"name": "packaging", "progression": progression}
    assert world.control("PUT", "lags/packaging", {"progression": progression}).json() == chosen
    assert world.control("GET", "lags/packaging").json() == chosen


@pytest.mark.parametrize(
    "progression",
    ["", "soon", "Immediate", "immediate:1", "manual:", "after", "after:", "after:5", "after:P", "reads", "reads:0",
     "reads:-1", "reads:x", "reads:1.5", "after:P99999999D", 5, None],
)  # fmt: skip
def test_what_is_no_progression_is_refused_and_changes_nothing(world: World, progression: object) -> None:
    world.lag("reads:2")
    refused(world.control("PUT", "lags/packaging", {"progression": progression}), 400, "progression")
    assert world.control("GET", "lags/packaging").json()["progression"] == "reads:2"


def test_an_unknown_lag_is_a_404_that_names_the_known(world: World) -> None:
    for method, body in (("GET", None), ("PUT", {"progression": "manual"})):
        answer = world.control(method, "lags/nothing", body)
        assert "packaging" in refused(answer, 404)["detail"]


def test_every_machine_is_shown_as_it_is(world: World) -> None:
    listed = world.control("GET", "machines").json()
    assert [(one["api"], one["name"]) for one in listed] == [(api, machine.name) for api, machine in machines()]
    for one, (_, machine) in zip(listed, machines(), strict=True):
        assert one["states"] == [state.value for state in machine.states]
        assert one["final"] == [state.value for state in machine.states if machine.is_final(state)]
        assert one["initial"] == [state.value for state in machine.initial]
        cells = {(row["source"], row["event"]): row["target"] for row in one["rows"]}
        assert len(cells) == len(one["rows"])
        for state in machine.states:
            for event in machine.events:
                row = machine.row(state, event)
                assert cells.get((state.value, event.value)) == (row.target.value if row else None)
        assert one["mermaid"] == machine.mermaid()


def test_the_session_machine_announces_what_integrators_wait_for(world: World) -> None:
    [session] = [one for one in world.control("GET", "machines").json() if one["name"] == "signing session"]
    announced = {row["event"]: row["announces"] for row in session["rows"] if row["announces"]}
    assert announced["sign"] == "signing-session.completed"
    assert "stateDiagram-v2" in session["mermaid"]
