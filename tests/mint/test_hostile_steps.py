"""Steps with inputs that nobody means well with: the journey faults, waits or goes on; nothing fails, nothing hangs."""

import time
from typing import Any

import pytest
from tests.mint.bench import FAULTED, FINISHED, WAITS, Bench
from tests.mint.flows import Mint, flow, id_of, step
from tests.world import Json

from localsign.mint.engine import catalog
from localsign.mint.engine.turn import as_flag

KINDS = ("text", "number", "date", "email", "choice", "file")
WORDS = ("persona", "eid", "failed", "approved", "message", "firstName", "nationalId")
SLOWEST = 20.0  # seconds, on a busy machine

HOSTILE: dict[str, Any] = {
    "null": None,
    "a flag": True,
    "a number": -1,
    "a huge number": 10**300,
    "a tiny number": 1e-320,
    "a list": [[], {}, None, 1, "x"],
    "a list of lists": [[["x"]]],
    "an object": {"name": {"name": []}, "id": 5, "": None},
    "a list of objects": [{"name": "a", "value": 1}, {"name": ["b"]}],
    "long text": "x" * 150_000,
    "odd text": "\u0000\u202e\ufffe\r\n\t\u0000%s{}'\"<script>",
    "a file name": "../../../../etc/passwd",
    "an address": "http://[::1",
    "an id": "00000000-0000-0000-0000-000000000000",
}
EXPRESSIONS = {
    "unknown": "{{ none.none | none }}",
    "without end": "{% for i in (1..10000) %}{% for j in (1..10000) %}x{% endfor %}{% endfor %}",
    "growing": "{% assign a = 'x' %}{% for i in (1..50) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    "long": "{% for i in (1..9000) %}{{ '0123456789abcdefghijklmnopqrstuvwxyz0123456789' }}{% endfor %}",
    "an object": "{{ Journey }}",
    "itself": "{{ s }}",
    "others": "{{ Secrets.none }}{{ Variables }}{{ Input.x.y.z }}",
}


def check(mint: Mint, started: Json, title: str) -> None:
    journey = mint.read(started)
    assert journey["status"] in ("finished", "faulted", "active"), title
    if journey["status"] == "active":
        page = mint.world.anonymous.get(started["journeyUrl"], follow_redirects=True)
        assert page.status_code < 500, title
    for event, text in mint.events(started, "s"):
        assert event != "Faulted" or "The step failed:" not in text, (title, text)  # nobody thought of it


@pytest.mark.parametrize("name", catalog.known())
def test_no_input_of_a_step_does_harm(bench: Bench, name: str) -> None:
    inputs = dict.fromkeys(catalog.known()[name].inputs, "{{ Input.x }}")
    workflow_id = bench.save(flow(step("s", name, **inputs)))
    for title, value in HOSTILE.items():
        if name == "While" and as_flag(value):
            continue  # a loop without end, which another test stops
        begun = time.monotonic()
        journey = bench.start(workflow_id, {"x": value})
        assert journey.state in (FINISHED, FAULTED, WAITS), title
        assert "The step failed:" not in str(journey.fault), (title, journey.fault)  # nobody thought of it
        assert time.monotonic() - begun < SLOWEST, title


@pytest.mark.parametrize("name", ["SetVariable", "Form", "RequireApproval"])
def test_no_expression_does_harm(mint: Mint, name: str) -> None:
    for title, text in EXPRESSIONS.items():
        begun = time.monotonic()
        inputs = catalog.known()[name].inputs
        check(mint, mint.start(mint.create(flow(step("s", name, **dict.fromkeys(inputs, text))))), title)
        assert time.monotonic() - begun < SLOWEST, title


@pytest.mark.parametrize("name", [one for one in catalog.known() if catalog.known()[one].resume])
def test_no_answer_to_a_waiting_step_does_harm(mint: Mint, name: str) -> None:
    fields = [
        {"name": kind, "type": kind, "options": ["a"]} for kind in ("text", "number", "date", "email", "choice", "file")
    ]
    known = {"fields": fields, "registrationId": "r", "url": "http://127.0.0.1:9"}
    workflow = mint.create(flow(step("s", name, **known)))
    for title, value in list(HOSTILE.items())[::2]:
        started = mint.start(workflow)
        if mint.read(started)["status"] != "active":
            return  # it waits for something that this test does not make
        names = (
            "persona",
            "eid",
            "failed",
            "approved",
            "message",
            "firstName",
            "nationalId",
            "text",
            "number",
            "date",
            "file",
        )
        given: Json = dict.fromkeys(names, value)
        for path, body in (
            ("resume", {"stepId": "s", "input": given}),
            ("approve", {"stepId": "s", "input": {"approved": value, "message": value}}),
        ):
            answer = mint.api.post(f"/mint/journeys/{id_of(started)}/{path}", json=body)
            assert answer.status_code in (204, 400, 409), (title, path, answer.text[:300])
        acted = mint.world.control("POST", f"mint/journeys/{id_of(started)}/act", {"action": "complete", "data": given})
        assert acted.status_code in (200, 400, 409), (title, acted.text[:300])
        for event, text in mint.events(started, "s"):
            assert event != "Faulted" or "The step failed:" not in text, (title, text)
