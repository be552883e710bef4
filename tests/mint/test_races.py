"""Several at once: clients on real connections, in real threads, at one journey or one workflow."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.mint.flows import Mint, flow, id_of, link, step
from tests.mint.receiver import Receiver, listening
from tests.world import World

MANY = 8


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def at_once(mint: Mint, ask: Callable[[httpx.Client, int], httpx.Response], many: int = MANY) -> list[httpx.Response]:
    """The answers to `many` who ask at the same moment, each on a connection of its own."""
    start = threading.Barrier(many)

    def one(number: int) -> httpx.Response:
        with httpx.Client(base_url=mint.world.url, headers=dict(mint.api.headers), timeout=30) as client:
            client.get("/mint/step-types")  # so that the connection is there
            start.wait(10)
            return ask(client, number)

    with ThreadPoolExecutor(many) as threads:
        return list(threads.map(one, range(many)))


class Held:
    """A request that starts a journey whose call is held until `leave`."""

    def __init__(self, mint: Mint, receiver: Receiver) -> None:
        self._arrived, self._leave = threading.Event(), threading.Event()
        self.answers: list[httpx.Response] = []
        receiver.hook = self._hold
        steps = step("call", "SendHttpRequest", url=receiver.url), step("after", "SuspendWorkflow")
        self.workflow = mint.create(flow(*steps))
        self._address = f"{mint.world.url}/mint/workflows/{self.workflow['id']}/start"
        self._headers = dict(mint.api.headers)
        self._thread = threading.Thread(target=self._start)
        self._thread.start()
        assert self._arrived.wait(10)

    def _hold(self) -> None:
        self._arrived.set()
        self._leave.wait(20)

    def _start(self) -> None:
        self.answers.append(httpx.post(self._address, headers=self._headers, timeout=30))

    def let_go(self) -> httpx.Response:
        self._leave.set()
        self._thread.join(20)
        return self.answers[0]


def test_of_many_who_resume_a_step_one_does(mint: Mint) -> None:
    started = mint.start(
        mint.create(flow(step("wait", "SuspendWorkflow"), step("after", variables={"by": "{{ wait.n }}"})))
    )
    address = f"/mint/journeys/{id_of(started)}/resume"
    answers = at_once(mint, lambda api, n: api.post(address, json={"stepId": "wait", "input": {"n": n}}))
    assert sorted(one.status_code for one in answers) == [204] + [409] * (MANY - 1)
    winner = [one.status_code for one in answers].index(204)
    assert mint.read(started)["stepData"]["wait"] == {"n": winner}
    assert [one["stepId"] for one in mint.log(started)["steps"]] == ["wait", "after"]
    assert mint.events(started, "after") == [("Executing", None), ("Executed", ["Done"])]


def test_of_many_who_decide_one_does(mint: Mint) -> None:
    steps = step("ok", "RequireApproval"), step("yes"), step("no")
    links = [link("ok", "yes", "Approved"), link("ok", "no", "Rejected")]
    started = mint.start(mint.create(flow(*steps, links=links)))
    address = f"/mint/journeys/{id_of(started)}/approve"

    def decide(api: httpx.Client, n: int) -> httpx.Response:
        return api.post(address, json={"stepId": "ok", "input": {"approved": n % 2 == 0, "message": str(n)}})

    answers = at_once(mint, decide)
    assert sorted(one.status_code for one in answers) == [204] + [409] * (MANY - 1)
    winner = [one.status_code for one in answers].index(204)
    decision = mint.read(started)["stepData"]["ok"]
    assert decision == {"approved": winner % 2 == 0, "message": str(winner)}
    assert [one["stepId"] for one in mint.log(started)["steps"]] == ["ok", "yes" if winner % 2 == 0 else "no"]


def test_branches_that_are_resumed_at_once_all_go_on(mint: Mint, receiver: Receiver) -> None:
    """Each calls somebody, so that the others come while the journey is running."""
    waits = [step(f"w{n}", "SuspendWorkflow") for n in range(MANY)]
    calls = [step(f"c{n}", "SendHttpRequest", url=receiver.url) for n in range(MANY)]
    links = [link("a", one["id"]) for one in waits] + [link(f"w{n}", f"c{n}") for n in range(MANY)]
    started = mint.start(mint.create(flow(step("a"), *waits, *calls, links=links)))
    address = f"/mint/journeys/{id_of(started)}/resume"

    def resume(api: httpx.Client, n: int) -> httpx.Response:
        while True:
            answer = api.post(address, json={"stepId": f"w{n}"})
            if answer.status_code != 409:  # while it runs, it waits at nothing
                return answer

    answers = at_once(mint, resume)
    assert {one.status_code for one in answers} == {204}
    assert mint.read(started)["status"] == "finished"
    assert len(receiver.asked) == MANY


def test_many_who_save_make_one_version_each(mint: Mint) -> None:
    workflow = mint.create(flow(step("a")))
    address = f"/mint/workflows/{workflow['id']}"
    answers = at_once(mint, lambda api, n: api.put(address, json=flow(step("a"), name=f"Name {n}")))
    assert sorted(one.json()["version"] for one in answers) == list(range(2, MANY + 2))
    versions = mint.api.get(f"{address}/versions?limit=100").json()["data"]
    assert sum(one["isLatest"] for one in versions) == sum(one["isPublished"] for one in versions) == 1


def test_who_publishes_and_takes_back_at_once_leaves_one_version_or_none(mint: Mint) -> None:
    workflow = mint.create(flow(step("a")))
    address = f"/mint/workflows/{workflow['id']}"
    verbs = ("publish", "unpublish")
    answers = at_once(mint, lambda api, n: api.post(f"{address}/{verbs[n % 2]}"))
    assert {one.status_code for one in answers} <= {200, 404}
    versions = mint.api.get(f"{address}/versions?limit=100").json()["data"]
    assert sum(one["isLatest"] for one in versions) == 1
    assert sum(one["isPublished"] for one in versions) <= 1


# ---- while a step is slow


def world_changed(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json()["code"] == "world_changed"


def test_a_reset_while_a_step_calls(mint: Mint, receiver: Receiver) -> None:
    held = Held(mint, receiver)
    assert mint.world.control("POST", "reset").status_code in (200, 204)
    assert world_changed(held.let_go())
    mint.world.log_in()
    assert mint.api.get("/mint/journeys").json()["totalCount"] == 0
    mint.world.advance("PT1H")
    assert len(receiver.asked) == 1


def test_a_deleted_workflow_while_a_step_calls(mint: Mint, receiver: Receiver) -> None:
    held = Held(mint, receiver)
    with httpx.Client(base_url=mint.world.url, headers=dict(mint.api.headers)) as other:
        assert other.delete(f"/mint/workflows/{held.workflow['id']}").status_code == 204
    assert held.let_go().status_code == 409
    assert mint.api.get("/mint/journeys").json()["totalCount"] == 0
    assert len(receiver.asked) == 1


def test_a_deleted_workspace_while_a_step_calls(server: Server, receiver: Receiver) -> None:
    world = server.world()
    try:
        held = Held(Mint(world), receiver)
        server.sandbox.delete(world.name)
        assert held.let_go().status_code in (404, 409)
    finally:
        world.close()


def test_a_fork_while_a_step_calls(mint: Mint, receiver: Receiver, server: Server) -> None:
    """The original goes on as if nothing had been, and gets the answer. In the fork the call has failed at once."""
    held = Held(mint, receiver)
    fork = server.sandbox.fork(server.sandbox.find(mint.world.name))
    address = f"{server.url}/_sandbox/v1/workspaces/{fork.name}"
    copy = World(httpx.get(address).json())
    try:
        [journey] = copy.api.get("/mint/journeys").json()["data"]
        there = Mint(copy)
        assert there.read(journey)["status"] == "faulted"
        assert f"under way in the workspace '{mint.world.name}'" in str(there.read(journey))
        started = held.let_go()
        assert started.status_code == 201
        assert mint.read(started.json())["status"] == "active"
        assert len(receiver.asked) == 1
    finally:
        copy.close()
        server.sandbox.delete(fork.name)


def test_a_clock_that_is_moved_while_a_step_calls(mint: Mint, receiver: Receiver) -> None:
    held = Held(mint, receiver)
    mint.world.advance("P20D")
    started = held.let_go()
    assert started.status_code == 201
    assert mint.read(started.json())["status"] == "active"
    assert len(receiver.asked) == 1
    assert mint.events(started.json(), "call") == [("Executing", None), ("Executed", ["Done", "200"])]


def test_many_who_open_the_public_address_get_a_journey_each(mint: Mint) -> None:
    workflow = mint.create(flow(step("form", "Form")))
    answers: list[Any] = at_once(mint, lambda api, _: api.get(workflow["workflowUrl"]))
    assert {one.status_code for one in answers} == {303}
    assert len({one.headers["location"] for one in answers}) == MANY
    assert mint.api.get("/mint/journeys").json()["totalCount"] == MANY


def test_a_form_that_is_sent_twice_at_once_counts_once(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("form", "Form", fields=[{"name": "n"}]), step("after"))))
    page = mint.world.anonymous.get(started["journeyUrl"], follow_redirects=True)
    sent = {"step": "form", "action": "complete"}
    answers = at_once(mint, lambda api, n: api.post(str(page.url), data={**sent, "field:n": str(n)}))
    assert {one.status_code for one in answers} == {303}
    assert sum("late=1" not in one.headers["location"] for one in answers) == 1
    assert mint.events(started, "after") == [("Executing", None), ("Executed", ["Done"])]
