"""Steps that call other systems: what they send, what their failures are, and that nobody waits for them."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from tests.mint.flows import Mint, flow, id_of, link, step
from tests.mint.receiver import Receiver, listening
from tests.mint.samples import sample
from tests.world import Json


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def secret(mint: Mint, value: str, name: str = "delivery") -> None:
    assert mint.api.post("/mint/secrets", json={"name": name, "value": value}).status_code == 201


def test_a_request_and_its_answer(mint: Mint, receiver: Receiver) -> None:
    receiver.answers["/x?a=1"] = (201, {"id": 7, "list": [1]})
    call = step(
        "call",
        "SendHttpRequest",
        url=f"{receiver.url}/x?a=1",
        method="put",
        body={"n": "{{ n }}"},
        headers={"X-A": "b"},
    )
    journey = mint.run(call, step("a", variables={"id": "{{ call.body.id }}"}), variables={"n": 5})
    [asked] = receiver.asked
    assert (asked["method"], asked["path"], json.loads(asked["body"])) == ("PUT", "/x?a=1", {"n": 5})
    assert (asked["headers"]["x-a"], asked["headers"]["content-type"]) == ("b", "application/json")
    data = journey["stepData"]["call"]
    assert (data["statusCode"], data["body"]) == (201, {"id": 7, "list": [1]})
    assert data["headers"]["content-type"] == "application/json"
    assert "https" in data["warning"]
    assert mint.events(journey, "call")[-1] == ("Executed", ["Done", "201"])


def test_text_and_a_signature(mint: Mint, receiver: Receiver) -> None:
    secret(mint, "signing-key", "k")
    receiver.answers["/"] = (200, b"plain \xff")
    call = step("call", "SendHttpRequest", url=f"{receiver.url}/", body="hello", signingKey="{{ Secrets.k }}")
    journey = mint.run(call)
    [asked] = receiver.asked
    assert (asked["method"], asked["body"], asked["headers"]["content-type"]) == ("POST", b"hello", "text/plain")
    expected = base64.b64encode(hmac.digest(b"signing-key", b"hello", "sha256")).decode()
    assert asked["headers"]["x-signature"] == expected
    assert journey["stepData"]["call"]["body"] == "plain \ufffd"


@pytest.mark.parametrize(("status", "outcome"), [(404, "Failed"), (404, "404"), (500, "Failed")])
def test_a_failure_is_an_outcome(mint: Mint, receiver: Receiver, status: int, outcome: str) -> None:
    receiver.answers["/"] = (status, {"why": "no"})
    call = step("call", "SendHttpRequest", url=f"{receiver.url}/")
    journey = mint.run(call, step("after"), links=[link("call", "after", outcome)])
    assert journey["status"] == "finished"
    assert [one["stepId"] for one in mint.log(journey)["steps"]] == ["call", "after"]


def test_a_failure_that_leads_nowhere_faults(mint: Mint, receiver: Receiver) -> None:
    receiver.answers["/"] = (503, {"why": "no"})
    journey = mint.run(step("call", "SendHttpRequest", url=f"{receiver.url}/"), step("after"))
    assert journey["status"] == "faulted"
    assert journey["stepData"]["call"]["body"] == {"why": "no"}
    assert mint.events(journey, "call")[1] == ("Faulted", "The answer was 503.")


@pytest.mark.parametrize(
    "properties",
    [
        {"url": "http://example.com/"},
        {"url": "http://127.0.0.1:1/"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "nonsense"},
        {"url": "http://[::1"},
        {"url": "http://\U0001f600.test/"},
    ],
)
def test_what_cannot_be_called_has_failed(mint: Mint, properties: Json) -> None:
    journey = mint.run(step("call", "SendHttpRequest", **properties), step("a"), links=[link("call", "a", "Failed")])
    assert journey["status"] == "finished", mint.log(journey)
    assert journey["stepData"]["call"]["statusCode"] is None
    assert journey["stepData"]["call"]["error"]


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"url": "http://127.0.0.1/", "method": "BREW"},
        {"url": "http://127.0.0.1/", "headers": {"a\nb": "c"}},
        {"url": "http://127.0.0.1/", "headers": "x"},
        {"url": "http://127.0.0.1/", "timeout": "soon"},
        {"url": "http://127.0.0.1/", "headers": {"A": "{{ Secrets.none }}"}},
    ],
)
def test_a_wrong_step_faults_with_a_sentence(mint: Mint, properties: Json) -> None:
    journey = mint.run(step("call", "SendHttpRequest", **properties))
    assert journey["status"] == "faulted"
    assert "step failed" not in mint.events(journey, "call")[1][1]


def test_secrets_are_masked_wherever_they_come_back(mint: Mint, receiver: Receiver) -> None:
    secret(mint, "tops3cret")
    receiver.answers["/tops3cret"] = (200, {"echo": "Bearer tops3cret", "tops3cret": ["tops3cret"]})
    call = step(
        "call",
        "SendHttpRequest",
        url=f"{receiver.url}/{{{{ Secrets.delivery }}}}",
        headers={"A": "{{ Secrets.delivery }}"},
    )
    journey = mint.run(call)
    assert receiver.asked[0]["headers"]["a"] == "tops3cret"
    assert journey["stepData"]["call"]["body"] == {"echo": "Bearer ***", "***": ["***"]}
    bad = mint.run(step("call", "SendHttpRequest", url="http://{{ Secrets.delivery }}.test/"))
    assert bad["status"] == "faulted"
    for one in (journey, bad):
        everything = json.dumps([mint.read(one), mint.log(one)])
        assert "tops3cret" not in everything


def test_secrets_are_for_some_steps_only(mint: Mint) -> None:
    secret(mint, "tops3cret")
    journey = mint.run(step("a", variables={"x": "{{ Secrets.delivery }}"}))
    assert "Secrets can be used in connection steps" in mint.events(journey, "a")[1][1]


def test_files_are_sent_as_a_form(mint: Mint, receiver: Receiver) -> None:
    pdf = step("pdf", "CreatePdfFromTemplate", content="Hello", filename='a"b.pdf')
    upload = step(
        "up",
        "SendHttpFileUploadRequest",
        url=f"{receiver.url}/",
        files="{{ pdf.file }}",
        fields={"kind": "x"},
        fieldName="doc",
    )
    journey = mint.run(pdf, upload)
    assert journey["status"] == "finished", mint.log(journey)
    [asked] = receiver.asked
    request = httpx.Request("POST", "http://x/", content=asked["body"], headers=asked["headers"])
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="doc"; filename="a%22b.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF' in asked["body"]
    assert b'name="kind"\r\n\r\nx\r\n' in asked["body"]


def test_the_loop_of_the_fixtures(mint: Mint, receiver: Receiver) -> None:
    secret(mint, "token-of-mine")
    receiver.answers["/orders/1"] = (422, {"why": "sold out"})
    workflow = mint.create(sample("loop-http"))
    orders = [{"item": "desk"}, {"item": "lamp"}, {"item": "chair"}]
    journey = mint.read(mint.start(workflow, input={"orders": orders, "url": receiver.url}))
    assert (journey["status"], journey["name"]) == ("finished", "1 failed")
    assert [(one["path"], json.loads(one["body"])["order"]) for one in receiver.asked] == [
        (f"/orders/{index}", order) for index, order in enumerate(orders)
    ]
    assert {one["headers"]["authorization"] for one in receiver.asked} == {"Bearer token-of-mine"}
    assert [(one["index"], one["stepData"]["send"]["statusCode"]) for one in journey["loops"]["orders"]] == [
        (0, 200),
        (2, 200),
    ]


def test_nobody_waits_while_a_step_calls(mint: Mint, receiver: Receiver) -> None:
    """The one that is called calls localsign: it would wait for itself if the workspace, or its timers, were held."""
    seen: list[Any] = []

    def call_back() -> None:
        answer = mint.world.anonymous.get("/mint/journeys", headers=dict(mint.api.headers), timeout=5)
        seen.append([one["status"] for one in answer.json()["data"]])

    receiver.hook = call_back
    workflow = mint.create(flow(step("wait", "SuspendWorkflow"), step("call", "SendHttpRequest", url=receiver.url)))
    started = mint.start(workflow)
    journey = mint.resume(started, "wait")
    assert (journey["status"], seen) == ("finished", [["running"]])


def test_nobody_waits_either_when_a_timer_runs_the_step(mint: Mint, receiver: Receiver) -> None:
    seen: list[Any] = []

    def call_back() -> None:
        answer = mint.world.anonymous.get("/mint/journeys", headers=dict(mint.api.headers), timeout=5)
        seen.append(sorted(one["status"] for one in answer.json()["data"]))

    receiver.hook = call_back
    inner = mint.create(flow(step("call", "SendHttpRequest", url=receiver.url), name="Inner"))
    outer = mint.start(mint.create(flow(step("start", "StartJourney", workflowId=inner["id"]))))
    started = mint.read(outer)["stepData"]["start"]["journeyId"]
    assert mint.read(started)["status"] == "finished"
    assert seen == [["finished", "running"]]


def test_a_journey_that_is_cancelled_while_it_calls_stays_so(mint: Mint, receiver: Receiver) -> None:
    arrived, leave = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        leave.wait(10)

    receiver.hook = hold
    workflow = mint.create(flow(step("call", "SendHttpRequest", url=receiver.url), step("after")))
    thread = threading.Thread(target=mint.start, args=[workflow])
    thread.start()
    assert arrived.wait(10)
    with httpx.Client(base_url=mint.world.url, headers=dict(mint.api.headers)) as other:
        [running] = other.get("/mint/journeys", params={"status": "running"}).json()["data"]
        assert other.post(f"/mint/journeys/{running['id']}/cancel").status_code == 200
    leave.set()
    thread.join(10)
    assert mint.read(running)["status"] == "cancelled"
    assert [one["stepId"] for one in mint.log(running)["steps"]] == ["call"]
    assert id_of(running)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\\ud800"}',
        b'{"a": 1e999}',
        b'{"a": NaN}',
        b"[" * 500 + b"]" * 500,
        b"[" * 9000 + b"]" * 9000,
        b"{",
        b"9" * 5000,
    ],
)
def test_odd_answers_are_kept_as_text(mint: Mint, receiver: Receiver, body: bytes) -> None:
    receiver.kind = "application/json"
    receiver.answers["/"] = (200, body)
    journey = mint.run(step("call", "SendHttpRequest", url=f"{receiver.url}/"))
    assert journey["stepData"]["call"]["body"] == body.decode()


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"a": Infinity}', "[" * 99 + "]" * 99, "{"])
def test_odd_json_in_a_property_faults(mint: Mint, text: str) -> None:
    assert mint.run(step("a", variables=text))["status"] == "faulted"


def test_many_journeys_that_call_leave_room_for_what_they_call(mint: Mint, receiver: Receiver) -> None:
    """Each call starts another journey in localsign before it answers: threads that wait must not be all there are."""
    inner = mint.create(flow(step("a"), name="Inner"))
    outer = mint.create(flow(step("call", "SendHttpRequest", url=receiver.url), name="Outer"))

    def start_another() -> None:
        headers = dict(mint.api.headers)
        answer = httpx.post(f"{mint.world.url}/mint/workflows/{inner['id']}/start", headers=headers, timeout=8)
        assert answer.status_code == 201

    receiver.hook = start_another
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: start_alone(mint, outer), range(6)))
    assert [mint.read(one)["status"] for one in answers] == ["finished"] * 6
    assert mint.api.get("/mint/journeys", params={"workflowId": inner["id"]}).json()["totalCount"] == 6


def start_alone(mint: Mint, workflow: Json) -> Json:
    """Start with a connection of one's own."""
    address = f"{mint.world.url}/mint/workflows/{workflow['id']}/start"
    answer = httpx.post(address, headers=dict(mint.api.headers), timeout=30)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
