"""A tester scripts failures: which requests fail, how often, and what the client sees."""

import socket
from typing import Any

import httpx
import pytest
from tests.world import Json, World, refused

OPERATION = "sign.list_signing_sessions"


def add(world: World, **wanted: Any) -> Json:
    answer = world.control("POST", "faults", {"operation": OPERATION, **wanted})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def ask(world: World) -> httpx.Response:
    return world.api.get("/sign/signing-sessions")


def statuses(world: World, count: int) -> list[int]:
    return [ask(world).status_code for _ in range(count)]


def sessions(world: World) -> int:
    return int(ask(world).json()["total"])


def test_an_operation_fails_in_the_vendors_own_words(world: World) -> None:
    fault = add(world, status=503)
    answer = ask(world)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json().keys() == {"title", "status", "code", "detail", "traceId"}
    assert answer.json()["title"] == "Service unavailable"
    assert answer.headers["x-sandbox-fault"] == fault["id"]
    world.upload()  # other operations go on


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 429, 418, 500, 502, 599])
def test_any_status_can_be_asked_for(world: World, status: int) -> None:
    add(world, status=status, detail="Out of order.", code="my_code", retry_after=7)
    answer = ask(world)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert (answer.json()["detail"], answer.json()["code"]) == ("Out of order.", "my_code")
    assert answer.headers["retry-after"] == "7"


def test_the_platform_fails_in_its_own_words_too(world: World) -> None:
    add(world, operation="platform.*", status=500)
    assert world.token().status_code == 500


def test_a_body_of_ones_own(world: World) -> None:
    add(world, status=502, body={"html": ["<bad>"]})
    assert ask(world).json() == {"html": ["<bad>"]}


def test_which_requests_fail_is_counted(world: World) -> None:
    fault = add(world, status=500, after=2, every=2, times=2)
    assert statuses(world, 9) == [200, 200, 200, 500, 200, 500, 200, 200, 200]
    seen = world.control("GET", f"faults/{fault['id']}").json()
    assert (seen["seen"], seen["hits"]) == (9, 2)


def test_a_draw_is_the_same_every_time(world: World) -> None:
    add(world, status=500, probability=0.5, seed="a")
    first = statuses(world, 20)
    world.control("DELETE", "faults")
    add(world, status=500, probability=0.5, seed="a")
    assert statuses(world, 20) == first
    assert {200, 500} == set(first)


def test_faults_are_tried_in_their_order_and_waits_add_up(world: World) -> None:
    slow = add(world, kind="latency", latency="PT0.01S")
    add(world, kind="latency", latency="PT0.01S")
    down = add(world, status=503, times=1)
    add(world, status=500)
    answer = ask(world)
    assert answer.status_code == 503
    assert answer.headers["x-sandbox-fault"].split(",")[0] == slow["id"]
    assert answer.headers["x-sandbox-fault"].split(",")[2] == down["id"]
    assert answer.elapsed.total_seconds() >= 0.02
    assert ask(world).status_code == 500
    assert len(world.control("GET", "faults").json()) == 4


def test_a_slow_answer_is_a_whole_answer(world: World) -> None:
    add(world, kind="latency", latency="PT0.05S")
    answer = ask(world)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.05


def test_a_connection_is_reset_before_anything_is_done(world: World) -> None:
    add(world, operation="sign.create_signing_session", kind="reset", times=1)
    wanted = [world.a_session()]
    with pytest.raises(httpx.TransportError):
        world.api.post("/sign/signing-sessions", json=wanted)
    assert sessions(world) == 0
    assert world.api.post("/sign/signing-sessions", json=wanted).status_code == 201


def test_a_reset_is_a_reset_and_not_an_end(world: World) -> None:
    add(world, kind="reset")
    host, _, port = world.url.removeprefix("http://").partition("/")[0].partition(":")
    request = f"GET /w/{world.name}/sign/signing-sessions HTTP/1.1\r\nHost: {host}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1000)


def test_an_answer_is_lost_after_everything_was_done(world: World) -> None:
    add(world, operation="sign.create_signing_session", kind="lost_answer", times=1)
    with pytest.raises(httpx.ReadError):
        world.api.post("/sign/signing-sessions", json=[world.a_session()])
    assert sessions(world) == 1


def test_an_answer_breaks_off_in_the_middle(world: World) -> None:
    document = world.upload()
    add(world, operation="sign.get_document", kind="truncate", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        world.api.get(f"/sign/documents/{document}")
    assert world.download(document).startswith(b"%PDF")


def test_a_fault_is_of_one_world(world: World, server: Any) -> None:
    other = server.world()
    add(world, operation="*", status=500)
    assert ask(world).status_code == 500
    assert ask(other).status_code == 200
    other.close()


def test_control_never_fails_by_a_fault(world: World) -> None:
    add(world, operation="*", status=500)
    assert world.control("GET", "clock").status_code == 200


def test_faults_are_taken_back(world: World) -> None:
    fault = add(world, status=500)
    assert world.control("DELETE", f"faults/{fault['id']}").status_code == 204
    assert ask(world).status_code == 200
    refused(world.control("DELETE", f"faults/{fault['id']}"), 404)
    add(world, status=500)
    assert world.control("POST", "reset").status_code == 204
    assert ask(world).status_code == 200


@pytest.mark.parametrize(
    ("operation", "hint"),
    [
        ("sign.list_signing_session", "sign.list_signing_sessions"),
        ("list_signing_sessions", "sign.list_signing_sessions"),
        ("sing.*", "sign.*"),
        ("sign.create_sesions", "nearest are sign.create_signing_session"),
        ("", "is no operation"),
        ("zzzzzzzz", "is no operation"),
    ],
)
def test_an_unknown_operation_is_refused_with_the_nearest(world: World, operation: str, hint: str) -> None:
    body = refused(world.control("POST", "faults", {"operation": operation}), 400, "operation")
    assert hint in body["detail"]


@pytest.mark.parametrize(
    ("wanted", "member"),
    [
        ({"kind": "explode"}, "kind"),
        ({"status": 200}, "status"),
        ({"status": 600}, "status"),
        ({"status": "503"}, "status"),
        ({"kind": "latency"}, "body"),
        ({"latency": "PT1S"}, "body"),
        ({"kind": "latency", "latency": "PT2M"}, "body"),
        ({"kind": "latency", "latency": "soon"}, "latency"),
        ({"kind": "reset", "status": 500}, "body"),
        ({"times": 0}, "times"),
        ({"every": 0}, "every"),
        ({"after": -1}, "after"),
        ({"after": 2**70}, "after"),
        ({"probability": 0}, "probability"),
        ({"probability": 1.1}, "probability"),
        ({"retry_after": -1}, "retry_after"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(world: World, wanted: Json, member: str) -> None:
    refused(world.control("POST", "faults", {"operation": OPERATION, **wanted}), 400, member)
    assert world.control("GET", "faults").json() == []


@pytest.mark.parametrize(
    "body",
    ['"\\ud800"', '{"\\ud800": 1}', "1e999", "NaN", "[" * 500 + "]" * 500, '"' + "a" * 70_000 + '"'],
    ids=["half a letter", "such a name", "too large", "no number", "deep", "long"],
)
def test_a_body_that_cannot_be_answered_is_refused(world: World, body: str) -> None:
    answer = world.anonymous.post(
        "/_sandbox/v1/faults",
        content=f'{{"operation": "{OPERATION}", "body": {body}}}',
        headers={"Content-Type": "application/json"},
    )
    refused(answer, 400, "body")
    assert world.control("GET", "faults").json() == []


def limit(world: World, requests: int, per: str, operation: str = OPERATION) -> httpx.Response:
    return world.control("PUT", f"rate-limits/{operation}", {"requests": requests, "per": per})


def test_a_rate_limit_is_by_the_worlds_clock(world: World) -> None:
    world.freeze()
    assert limit(world, 2, "PT10S").status_code == 200
    assert statuses(world, 3) == [200, 200, 429]
    world.advance("PT4.5S")
    answer = ask(world)
    assert answer.headers["retry-after"] == "6"
    assert answer.json()["code"] == "too_many_requests"
    world.advance("PT6S")
    assert statuses(world, 3) == [200, 200, 429]
    [shown] = world.control("GET", "rate-limits").json()
    assert shown == {"operation": OPERATION, "requests": 2, "per": 10.0, "used": 2, "refused": 3}


def test_the_strictest_rate_limit_counts(world: World) -> None:
    world.freeze()
    limit(world, 5, "PT1M", "*")
    limit(world, 1, "PT1H", "sign.*")
    assert statuses(world, 2) == [200, 429]
    assert ask(world).headers["retry-after"] == "3600"
    assert world.control("DELETE", "rate-limits/sign.*").status_code == 204
    assert ask(world).status_code == 200
    refused(world.control("DELETE", "rate-limits/sign.*"), 404)


@pytest.mark.parametrize(
    ("wanted", "member"),
    [({"requests": -1}, "requests"), ({"requests": 1, "per": "PT0S"}, "body"), ({"requests": 1, "per": 5}, "per")],
)
def test_a_rate_limit_that_makes_no_sense_is_refused(world: World, wanted: Json, member: str) -> None:
    refused(world.control("PUT", f"rate-limits/{OPERATION}", wanted), 400, member)
    refused(world.control("PUT", "rate-limits/sign.nothing", {"requests": 1}), 400, "operation")


def test_there_is_an_end_to_faults(world: World) -> None:
    for _ in range(200):
        add(world, status=500, after=1)
    refused(world.control("POST", "faults", {"operation": OPERATION}), 409, code="too_many_faults")
