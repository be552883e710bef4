"""Where a journey begins and where it goes: the routing rules of Elsa 2."""

from tests.mint.bench import FAULTED, FINISHED, WAITS, Bench
from tests.mint.flows import flow, link, step


def test_it_starts_at_the_first_step_that_nothing_leads_to(bench: Bench) -> None:
    """Rule 4.2.1."""
    wanted = flow(step("b"), step("a"), step("c"), links=[link("a", "b"), link("c", "b")])
    assert bench.order(bench.start(wanted))[0] == "a"


def test_it_starts_at_the_first_step_where_something_leads_to_each(bench: Bench) -> None:
    """Rule 4.2.2."""
    wanted = flow(step("a"), step("b", "Finish"), links=[link("a", "b"), link("b", "a")])
    assert bench.order(bench.start(wanted)) == ["a", "b"]


def test_a_workflow_without_steps_is_finished_at_once(bench: Bench) -> None:
    """Rule 4.1.4."""
    assert bench.start(flow()).state is FINISHED


def test_outcomes_match_without_regard_to_case_and_none_means_done(bench: Bench) -> None:
    """Rules 4.2.3, 4.2.4 and 4.2.8."""
    wanted = flow(step("a"), step("b"), step("c"), links=[link("a", "b", "dONE"), link("b", "c", None)])
    assert bench.order(bench.start(wanted)) == ["a", "b", "c"]


def test_an_outcome_that_leads_nowhere_ends_its_branch(bench: Bench) -> None:
    """Rule 4.2.12."""
    wanted = flow(step("a"), step("b"), links=[link("a", "b", "Rejected")])
    journey = bench.start(wanted)
    assert (journey.state, bench.order(journey)) == (FINISHED, ["a"])


def test_the_last_of_several_connections_runs_first_and_to_its_end(bench: Bench) -> None:
    """Rules 4.2.5 and 4.2.6."""
    steps = [step(name) for name in ("a", "b1", "b2", "c1", "c2")]
    wanted = flow(*steps, links=[link("a", "b1"), link("a", "c1"), link("b1", "b2"), link("c1", "c2")])
    assert bench.order(bench.start(wanted)) == ["a", "c1", "c2", "b1", "b2"]


def test_a_target_that_two_connections_name_is_scheduled_once(bench: Bench) -> None:
    """Rule 4.2.5."""
    wanted = flow(step("a"), step("b"), links=[link("a", "b"), link("a", "b", "Done")])
    assert bench.order(bench.start(wanted)) == ["a", "b"]


def test_connections_that_lead_nowhere_are_dropped_when_saved(bench: Bench) -> None:
    """Rule 4.2.7."""
    links = [link("a", "b", ""), link("a", "x"), link("x", "b"), link("a", "b", "Done"), {"sourceStepId": "a"}]
    wanted = flow(step("a"), step("b"), links=links)
    journey = bench.start(wanted)
    assert (journey.state, bench.order(journey)) == (FINISHED, ["a", "b"])


def test_if_follows_its_branch_and_then_done(bench: Bench) -> None:
    """Rules 4.2.9 and 4.2.13."""
    links = [link("if", "yes", "True"), link("if", "no", "False"), link("if", "after", "Done")]
    steps = [step("yes"), step("no"), step("after")]
    for condition, taken, outcome in (("{{ x }}", "yes", "True"), (False, "no", "False"), ("false", "no", "False")):
        wanted = flow(step("if", "If", condition=condition), *steps, links=links, variables={"x": True})
        journey = bench.start(wanted)
        assert bench.order(journey) == ["if", taken, "if", "after"]
        assert bench.events(journey, "if") == [
            ("Executing", None),
            ("Executed", [outcome]),
            ("Executing", None),
            ("Executed", ["Done"]),
        ]


def test_a_finish_step_drops_what_waits_and_what_was_still_to_run(bench: Bench) -> None:
    """Rule 4.1.6."""
    steps = [step("a"), step("later"), step("end", "Finish"), step("wait", "SuspendWorkflow")]
    wanted = flow(*steps, links=[link("a", "later"), link("a", "end"), link("a", "wait")])
    journey = bench.start(wanted)
    assert (journey.state, bench.order(journey), bench.waiting(journey)) == (FINISHED, ["a", "wait", "end"], [])
    assert journey.finished_at is not None


def test_a_fault_stops_the_run_at_once_and_leaves_the_rest(bench: Bench) -> None:
    """Rules 4.1.5, 4.2.21, 4.2.22, 4.2.23 and 4.3.3."""
    steps = [step("a"), step("later"), step("bad", "Fault")]
    journey = bench.start(flow(*steps, links=[link("a", "later"), link("a", "bad")]))
    assert (journey.state, bench.order(journey)) == (FAULTED, ["a", "bad"])
    assert journey.fault == {"stepId": "bad", "message": "Custom fault", "resuming": False, "input": None}
    assert journey.faulted_at is not None
    assert [one[0] for one in bench.place(journey).stack] == ["later"]
    assert bench.events(journey, "bad") == [("Executing", None), ("Faulted", "Custom fault"), ("Executed", [])]


def test_a_fault_while_resuming_says_so(bench: Bench) -> None:
    wanted = flow(step("form", "SuspendWorkflow"), step("bad", "Fault", message="no"))
    journey = bench.resume(bench.start(wanted), "form")
    assert journey.fault == {"stepId": "bad", "message": "no", "resuming": False, "input": None}


def test_an_unknown_step_type_faults_with_its_name(bench: Bench) -> None:
    journey = bench.start(flow(step("a", "Teleport")))
    assert journey.fault == {
        "stepId": "a",
        "message": "There is no step type 'Teleport'.",
        "resuming": False,
        "input": None,
    }


def test_step_types_may_be_spelled_in_any_case(bench: Bench) -> None:
    journey = bench.start(flow(step("a", "set variables", variables={"x": 1}), step("b", "FINISH")))
    assert journey.state is FINISHED


def test_a_waiting_step_suspends_only_its_own_branch(bench: Bench) -> None:
    """Rules 4.1.3 and 4.2.18."""
    steps = [step("a"), step("other"), step("wait", "SuspendWorkflow"), step("after")]
    wanted = flow(*steps, links=[link("a", "other"), link("a", "wait"), link("wait", "after")])
    journey = bench.start(wanted)
    assert (journey.state, bench.order(journey), bench.waiting(journey)) == (WAITS, ["a", "wait", "other"], ["wait"])
