"""One way to wait, whatever for: `timeout` in seconds, 200 with what was found, 408 with what was nearest."""

import json

import httpx
import pytest
from tests.conftest import Server
from tests.world import World, refused

PLACES = ["journal", "outbox", "webhooks"]
WRONG = [
    ("timeout", 0),
    ("timeout", -1),
    ("timeout", 60.001),
    ("timeout", 10**400),
    ("timeout", float("nan")),
    ("timeout", "1"),
    ("timeout", True),
    ("timeout", None),
    ("count", 0),
    ("count", 1.5),
    ("count", 10**30),
    ("count", "1"),
    ("count", True),
]


def post(world: World, place: str, body: object) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return world.anonymous.post(f"/_sandbox/v1/{place}/wait", content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("member", "value"), WRONG, ids=lambda one: str(one)[:20])
def test_what_is_no_time_or_number_is_refused(world: World, place: str, member: str, value: object) -> None:
    refused(post(world, place, {member: value}), 400, member)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("timeout", [0.01, 1e-9])
def test_who_waits_in_vain_is_told_in_one_shape(world: World, place: str, timeout: float) -> None:
    answer = world.control("POST", f"{place}/wait", {"timeout": timeout, "count": 1000, "api": "sign"})
    if place == "webhooks":  # which has no such condition
        refused(answer, 400, "api")
        answer = world.control("POST", f"{place}/wait", {"timeout": timeout, "count": 1000, "event": "x"})
    assert answer.status_code == 408, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() == {"title", "status", "code", "detail", "traceId", "found", "nearest"}
    assert (body["status"], body["code"], body["found"]) == (408, "timed_out", 0)
    assert body["detail"].endswith(f"came within {timeout:g} seconds.")
    assert all("id" in one and one["missed"] for one in body["nearest"])


def test_the_documents_say_so(server: Server, world: World) -> None:
    document = world.anonymous.get("/_sandbox/openapi/sandbox.json").json()
    schemas = document["components"]["schemas"]
    for place in PLACES:
        operation = document["paths"][f"/_sandbox/v1/{place}/wait"]["post"]
        assert "408" in operation["responses"]
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        members = schemas[reference.rpartition("/")[2]]["properties"]
        assert (members["timeout"]["default"], members["timeout"]["exclusiveMinimum"]) == (10, 0)
        assert (members["timeout"]["maximum"], members["count"]["default"]) == (60, 1)


def test_what_becomes_due_happens_also_for_who_waits_for_traffic(world: World) -> None:
    world.control("POST", "decisions", {"action": "reject", "after": "PT0.3S"})
    world.session()
    answer = world.control("POST", "journal/wait", {"kind": "timer", "timeout": 20})
    assert answer.json()["entries"][0]["timer"]["kind"] == "decisions.act"
