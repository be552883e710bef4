"""Rules of the engine that no story of another module tells."""

import re
from datetime import timedelta

import pytest
from tests.mint.bench import FAULTED, FINISHED, WAITS, Bench
from tests.mint.conftest import Inside
from tests.mint.flows import Mint, flow, link, refused, step
from tests.mint.v1_flows import V1, v1_flow

from localsign import travel
from localsign.core.errors import IllegalTransitionError
from localsign.mint.engine import journeys as engine
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, WorkflowVersion
from localsign.mint.service import journeys, workflows

WAIT = step("wait", "SuspendWorkflow")
HEX = re.compile(r"[0-9a-f]{32}")


def made(bench: Bench) -> Journey:
    """A journey that nobody has begun."""
    workflow_id = bench.save(flow(WAIT))
    with bench.work() as work:
        return engine.make(work, workflows.startable(work, workflow_id), {})


def test_a_journey_is_idle_then_running(bench: Bench) -> None:
    """Rules 4.1.1 and 4.1.2."""
    journey = made(bench)
    assert (journey.state, bench.order(journey)) == (JourneyState.IDLE, [])
    with bench.work() as work:
        engine.launch_soon(work, work.get(Journey, journey.id))
    assert (bench.read(journey).state, bench.order(journey)) == (JourneyState.RUNNING, [])
    bench.sandbox.catch_up(bench.workspace)
    assert (bench.read(journey).state, bench.order(journey)) == (WAITS, ["wait"])


def test_an_idle_journey_can_be_cancelled_and_not_begun_any_more(bench: Bench) -> None:
    """Rules 4.1.8 and 4.1.10."""
    journey = made(bench)
    with bench.work() as work:
        journeys.cancel(work, journey.id)
    with bench.work() as work, pytest.raises(IllegalTransitionError):
        engine.launch_soon(work, work.get(Journey, journey.id))


@pytest.mark.parametrize("end", ["finish", "fault", "cancel"])
def test_what_has_ended_goes_on_in_no_way(mint: Mint, end: str) -> None:
    """Rule 4.1.10."""
    steps = [WAIT] if end == "cancel" else [step("a", "Finish" if end == "finish" else "Fault")]
    started = mint.start(mint.create(flow(*steps)))
    if end == "cancel":
        mint.act(started, "cancel")
    address = f"/mint/journeys/{started['journeyId']}"
    before = mint.read(started), mint.log(started)
    refused(mint.api.post(f"{address}/resume", json={"stepId": "wait"}), 409, code="conflict")
    refused(
        mint.api.post(f"{address}/approve", json={"stepId": "wait", "input": {"approved": True}}), 409, code="conflict"
    )
    refused(mint.api.post(f"{address}/cancel"), 409, code="conflict")
    for action in ("complete", "approve", "reject", "fail", "cancel"):
        answer = mint.world.control("POST", f"mint/journeys/{started['journeyId']}/act", {"action": action})
        assert answer.status_code == 409, action
    assert (mint.read(started), mint.log(started)) == before


@pytest.mark.parametrize(
    ("kind", "status"), [("SetVariable", "finished"), ("Fault", "faulted"), ("SuspendWorkflow", "active")]
)
def test_what_a_start_leads_to_is_seen_at_once(mint: Mint, kind: str, status: str) -> None:
    """Rules 4.1.11, 4.1.3, 4.1.4 and 4.1.5."""
    started = mint.start(mint.create(flow(step("a", kind))))
    journey = mint.read(started)
    assert (journey["status"], started["stepId"]) == (status, "a" if status == "active" else None)
    moments = {name for name in ("finishedAt", "faultedAt", "cancelledAt") if journey[name]}
    assert moments == ({f"{status}At"} if status != "active" else set())


def test_an_end_user_lets_a_journey_run_on(mint: Mint) -> None:
    """Rule 4.1.7."""
    started = mint.start(mint.create(flow(step("form", "Form", fields=[{"name": "x"}]))))
    person = mint.world.anonymous
    page = person.get(started["journeyUrl"], follow_redirects=True)
    person.post(str(page.url), data={"step": "form", "action": "complete", "field:x": "1"})
    assert mint.read(started)["status"] == "finished"


def test_a_scope_that_is_empty_is_over_at_once(bench: Bench) -> None:
    """Rules 4.2.9, 4.2.12 and 4.2.13."""
    wanted = flow(step("if", "If", condition=True), step("a"), links=[link("if", "a")])
    assert bench.order(bench.start(wanted)) == ["if", "if", "a"]


def test_several_targets_in_a_scope_are_all_run_before_it_is_over(bench: Bench) -> None:
    """Rules 4.2.5, 4.2.6 and 4.2.13."""
    steps = [step("if", "If", condition=True), step("a"), WAIT, step("after")]
    journey = bench.start(
        flow(*steps, links=[link("if", "a", "True"), link("if", "wait", "true"), link("if", "after")])
    )
    assert (bench.order(journey), journey.state) == (["if", "wait", "a"], WAITS)
    assert bench.order(bench.resume(journey, "wait"))[3:] == ["if", "after"]


def test_every_run_is_dated(bench: Bench) -> None:
    """Rule 4.2.15."""
    journey = bench.start(flow(WAIT))
    first = journey.last_executed_at
    travel.advance(bench.workspace, by=timedelta(hours=1))
    assert bench.read(journey).last_executed_at == first
    second = bench.resume(journey, "wait").last_executed_at
    assert first is not None
    assert second is not None
    assert second - first >= timedelta(hours=1)


def test_a_step_that_waits_once_is_resumed_once(bench: Bench) -> None:
    """Rules 4.2.19 and 4.2.20."""
    journey = bench.start(flow(WAIT, step("other", "SuspendWorkflow")))
    journey = bench.resume(journey, "wait")
    assert (journey.state, bench.waiting(journey)) == (WAITS, ["other"])
    with pytest.raises(Exception, match="does not wait at the step 'wait'"):
        bench.resume(journey, "wait")


def test_a_fault_of_a_resumed_step_says_so_and_keeps_its_input(bench: Bench) -> None:
    """Rules 4.2.22 and 4.3.3."""
    journey = bench.resume(bench.start(flow(step("who", "IdentifyWithEid"))), "who", {"failed": "no card"})
    assert journey.state is FAULTED
    assert journey.fault is not None
    assert "no card" in journey.fault.pop("message")
    assert journey.fault == {"stepId": "who", "resuming": True, "input": {"failed": "no card"}}
    assert [event for event, _ in bench.events(journey, "who")[-3:]] == ["Resuming", "Faulted", "Resumed"]
    assert bench.events(journey, "who")[-1] == ("Resumed", [])


def test_what_another_branch_had_left_stays_after_a_fault(bench: Bench) -> None:
    """Rule 4.2.21: also what waits, which nobody can resume any more."""
    steps = [step("a"), step("left"), step("bad", "Fault"), WAIT]
    journey = bench.start(flow(*steps, links=[link("a", "left"), link("a", "bad"), link("a", "wait")]))
    assert (journey.state, bench.waiting(journey)) == (FAULTED, ["wait"])
    assert [one[0] for one in bench.place(journey).stack] == ["left"]


def test_all_ids_are_32_hexadecimal_digits(mint: Mint, inside: Inside) -> None:
    """Rule 4.2.25."""
    workflow = mint.create(flow(WAIT))
    started = mint.start(workflow)
    [version] = mint.api.get(f"/mint/workflows/{workflow['id']}/versions").json()["data"]
    log = mint.log(started)["steps"][0]["events"]
    found = [workflow["id"], version["id"], version["workflowId"], started["journeyId"], *(one["id"] for one in log)]
    assert all(HEX.fullmatch(one) for one in found), found
    assert version["id"] != workflow["id"]
    with inside() as work:
        [row] = work.everything(WorkflowVersion)
    assert row.id.hex == version["id"]


def test_a_published_workflow_has_an_address_while_it_is_published(mint: Mint) -> None:
    """Rule 4.4.1."""
    mint.switch("mint.auto-publish", "off")
    workflow = mint.create(flow(WAIT))
    assert workflow["workflowUrl"] is None
    address = f"/mint/workflows/{workflow['id']}"
    url = mint.api.post(f"{address}/publish").json()["workflowUrl"]
    assert re.fullmatch(r".*/mint/[0-9a-f]{8}", url)
    person = mint.world.anonymous
    assert person.get(url).status_code == 303
    mint.api.post(f"{address}/unpublish")
    assert person.get(url).status_code == 404
    mint.api.post(f"{address}/publish")
    assert person.get(url).status_code == 303


def test_an_older_publication_is_neither_published_nor_latest_any_more(mint: Mint) -> None:
    """Rule 4.4.7."""
    workflow = mint.create(flow(WAIT))
    mint.api.post(f"/mint/workflows/{workflow['id']}/publish")
    found = mint.api.get(f"/mint/workflows/{workflow['id']}/versions?limit=100").json()["data"]
    assert [(one["version"], one["isLatest"], one["isPublished"]) for one in found] == [
        (2, True, True),
        (1, False, False),
    ]


@pytest.fixture
def flows(v1: V1) -> V1:
    """B: published, then a draft over it. A: a draft. Two instances of B, the first has run last."""
    made_b = v1.create(v1_flow(WAIT, title="B", description="rent", tags=["house"]))
    first, second = v1.execute(made_b, input={"correlationId": "c-1"}), v1.execute(made_b)
    v1.api.put(f"/mint/flows/{made_b['definitionId']}", json=v1_flow(title="B2"))
    v1.create(v1_flow(title="A"), publishes=False)
    v1.world.advance("PT1S")
    for instance in (second, first):
        v1.world.advance("PT1S")
        assert v1.api.post(f"/mint/journeys/{instance}/resume", json={"stepId": "wait"}).status_code == 204
    return v1


def test_versions_of_flows_by_what_they_are(flows: V1) -> None:
    """Rules 4.4.12, 4.4.13 and 4.4.14."""

    def titles(**query: str) -> list[str]:
        return [one["title"] for one in flows.listed("flows", **query)]

    assert titles() == titles(IsLatest="true") == ["A", "B2"]
    assert titles(IsDraft="true") == ["A", "B2"]
    assert titles(IsPublished="true") == ["B"]
    assert titles(IsLatestOrPublished="true") == ["A", "B", "B2"]
    assert titles(AllVersions="true") == ["A", "B", "B2"]
    for term in ("b", "ren", "HOUSE"):
        assert titles(IsPublished="true", searchTerm=term) == ["B"], term


def test_the_order_of_instances_and_what_a_search_finds(flows: V1) -> None:
    """Rule 4.4.15."""
    newest, oldest = flows.listed()
    assert newest["createdAt"] >= oldest["createdAt"]
    assert [one["id"] for one in flows.listed(orderby="Started")] == [newest["id"], oldest["id"]]
    for order in ("LastExecuted", "Finished"):
        assert [one["id"] for one in flows.listed(orderby=order)] == [oldest["id"], newest["id"]], order
    assert [one["id"] for one in flows.listed(searchTerm=oldest["id"][4:20])] == [oldest["id"]]
    assert [one["id"] for one in flows.listed(searchTerm="c-1")] == [oldest["id"]]


def test_whether_saving_publishes(mint: Mint) -> None:
    """Rule 4.4.16."""
    assert mint.create(flow())["isPublished"]
    mint.switch("mint.auto-publish", "off")
    assert not mint.create(flow())["isPublished"]


def test_a_journey_without_a_step_that_waits_is_finished(bench: Bench) -> None:
    """Rule 4.1.4."""
    journey = bench.start(flow(step("a"), step("b")))
    assert (journey.state, journey.finished_at) == (FINISHED, journey.last_executed_at)


def test_branches_that_meet_at_a_step_that_waits_in_a_scope_do_not_keep_it_open(bench: Bench) -> None:
    """Rules 4.2.13 and 4.2.18."""
    steps = [step("if", "If", condition=True), step("a"), step("b"), WAIT, step("after")]
    links = [
        link("if", "a", "True"),
        link("if", "b", "True"),
        link("a", "wait"),
        link("b", "wait"),
        link("if", "after"),
    ]
    journey = bench.resume(bench.start(flow(*steps, links=links)), "wait")
    assert (bench.order(journey)[-2:], journey.state, bench.place(journey).scopes) == (["if", "after"], FINISHED, {})
