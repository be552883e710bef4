"""Sending again, as it was, anew, or forged; and waiting for what was sent."""

import json
from datetime import datetime, timedelta

import pytest
from tests.events.receiver import SECRET, Received, Receiver, deliver, deliveries, statuses, subscribe
from tests.world import Json, World, names, refused, unknown_id

from localsign.core.clock import wall
from localsign.webhooks import is_fresh, sign, verify


@pytest.fixture
def sent(world: World, receiver: Receiver) -> Json:
    """A delivery that was taken."""
    subscribe(world, receiver.url)
    assert world.act(world.session(externalReference="order 7"), "open").status_code == 200
    deliver(world)
    return deliveries(world)[0]


def again(world: World, delivery: Json, verb: str, body: object = None) -> Json:
    answer = world.control("POST", f"webhooks/deliveries/{delivery['id']}/{verb}", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "QUEUED"
    assert answer.json()["original"] == delivery["id"]
    deliver(world)
    return dict(world.control("GET", f"webhooks/deliveries/{answer.json()['id']}").json())


def signature(call: Received) -> str | None:
    return call.headers.get("x-signicat-signature")


def test_a_duplicate_has_the_same_bytes(world: World, receiver: Receiver, sent: Json) -> None:
    made = again(world, sent, "duplicate")
    assert (made["kind"], made["state"], made["reference"]) == ("duplicate", "DELIVERED", sent["reference"])
    first, second = receiver.received
    assert (first.body, signature(first)) == (second.body, signature(second))


def test_a_replay_is_the_same_event_with_fresh_moments(world: World, receiver: Receiver, sent: Json) -> None:
    again(world, sent, "replay")
    first, second = (json.loads(body) for body in receiver.bodies)
    assert first["id"] == second["id"]
    assert first["timestamp"] < second["timestamp"]
    assert first["expiresAt"] < second["expiresAt"]
    assert verify(receiver.bodies[1], signature(receiver.received[1]), SECRET)


def test_what_is_repeated_is_sent_once(world: World, receiver: Receiver, sent: Json) -> None:
    receiver.answers = [500]
    made = again(world, sent, "replay")
    assert (made["state"], len(made["attempts"])) == ("FAILED", 1)


def test_forged_with_a_bad_key(world: World, receiver: Receiver, sent: Json) -> None:
    receiver.answers = [401]
    made = again(world, sent, "forge", {"how": "bad_key"})
    assert (made["kind"], made["state"], made["attempts"][0]["status"]) == ("forgery", "FAILED", 401)
    call = receiver.received[-1]
    assert len(signature(call) or "") == 64
    assert not verify(call.body, signature(call), SECRET)
    assert json.loads(call.body)["eventData"] == json.loads(receiver.bodies[0])["eventData"]


def test_forged_without_a_signature(world: World, receiver: Receiver, sent: Json) -> None:
    again(world, sent, "forge", {"how": "unsigned"})
    assert signature(receiver.received[-1]) is None
    assert not verify(receiver.bodies[-1], None, SECRET)


def test_forged_by_altering_what_was_signed(world: World, receiver: Receiver, sent: Json) -> None:
    again(world, sent, "forge", {"how": "altered"})
    call = receiver.received[-1]
    changed = json.loads(call.body)
    assert changed["eventData"]["id"] != sent["reference"]
    assert not verify(call.body, signature(call), SECRET)
    original = call.body.replace(changed["eventData"]["id"].encode(), sent["reference"].encode())
    assert sign(original, SECRET) == signature(call)


def test_forged_by_being_stale(world: World, receiver: Receiver, sent: Json) -> None:
    again(world, sent, "forge", {"how": "stale", "age": "P1D"})
    call = receiver.received[-1]
    assert verify(call.body, signature(call), SECRET), "the signature is right: only its age betrays it"
    assert is_fresh(receiver.bodies[0], wall())
    assert not is_fresh(call.body, wall())
    assert is_fresh(call.body, wall() - timedelta(days=1))


def test_what_is_repeated_can_be_repeated(world: World, receiver: Receiver, sent: Json) -> None:
    made = world.control("POST", f"webhooks/deliveries/{sent['id']}/replay").json()
    assert world.control("POST", f"webhooks/deliveries/{made['id']}/duplicate").json()["original"] == sent["id"]
    assert statuses(world) == [200, 200]
    assert receiver.bodies[1] == receiver.bodies[2]


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({}, ["how"]),
        ({"how": "badly"}, ["how"]),
        ({"how": "stale", "age": 5}, ["age"]),
        ({"how": "stale", "age": "P1000000D"}, ["age"]),
        ({"how": "stale", "more": 1}, ["more"]),
    ],
)
def test_what_cannot_be_forged_is_refused(world: World, sent: Json, body: Json, flawed: list[str]) -> None:
    refused(world.control("POST", f"webhooks/deliveries/{sent['id']}/forge", body), 400, *flawed)
    assert statuses(world) == []


def test_what_was_not_sent_cannot_be_repeated(world: World) -> None:
    for verb, body in (("replay", None), ("duplicate", None), ("forge", {"how": "stale"})):
        refused(world.control("POST", f"webhooks/deliveries/{unknown_id()}/{verb}", body), 404)


# ---- waiting


def wait(world: World, **conditions: object) -> Json:
    answer = world.control("POST", "webhooks/wait", conditions)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"event": "signing-session.opened"},
        {"state": "DELIVERED", "kind": "event", "attempts": 1},
        {"contains": "order 7"},
        {"pointer": "/eventData/externalReference", "equals": "order 7"},
        {"pointer": "/organizationId", "equals": None},
        {"pointer": "/tags", "equals": []},
    ],
)
def test_waiting_ends_at_once_when_it_is_there(world: World, sent: Json, conditions: Json) -> None:
    answer = wait(world, **conditions)
    assert answer["total"] == 1
    assert [one["id"] for one in answer["deliveries"]] == [sent["id"]]


@pytest.mark.parametrize(
    "conditions",
    [
        {"event": "package.completed"},
        {"reference": "x"},
        {"state": "FAILED"},
        {"kind": "test"},
        {"attempts": 2},
        {"contains": "order 8"},
        {"pointer": "/eventData/externalReference", "equals": "order 8"},
        {"pointer": "/nothing/0", "equals": None},
        {"pointer": "/tags/0", "equals": None},
        {"pointer": "", "equals": 1},
        {"count": 2},
    ],
)
def test_waiting_in_vain_tells_what_there_was(world: World, sent: Json, conditions: Json) -> None:
    answer = world.control("POST", "webhooks/wait", {**conditions, "timeout": 0.01})
    assert answer.status_code == 408, answer.text
    body = answer.json()
    assert (body["code"], body["found"]) == ("timed_out", int("count" in conditions))
    [near] = body["nearest"] or [{"id": sent["id"], "missed": []}]
    assert near["id"] == sent["id"]
    assert near["missed"] == [name for name in conditions if name not in ("pointer", "count")]


def test_waiting_where_nothing_was_ever_sent(world: World) -> None:
    body = world.control("POST", "webhooks/wait", {"timeout": 0.01}).json()
    assert body["detail"] == "0 of 1 deliveries that match anything came within 0.01 seconds."
    assert body["nearest"] == []


def test_waiting_for_what_comes_later(world: World, receiver: Receiver) -> None:
    receiver.answers = [500]
    world.freeze("2030-01-01T00:00:00Z")
    subscribe(world, receiver.url)
    session = world.session()

    def come(call: Received) -> int:
        world.advance("PT10S")
        return 503

    receiver.answers = [come]
    world.act(session, "open")
    answer = wait(world, reference=session["id"], state="DELIVERED", attempts=2)
    assert [one["status"] for one in answer["deliveries"][0]["attempts"]] == [503, 200]


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({"state": "GONE"}, {"state"}),
        ({"attempts": True}, {"attempts"}),
        ({"pointer": "/a"}, {"body"}),
        ({"equals": 1}, {"body"}),
        ({"pointer": "a", "equals": 1}, {"pointer"}),
        ({"event": "x" * 501}, {"event"}),
        ({"event": 1, "more": 2}, {"event", "more"}),
    ],
)
def test_conditions_that_make_no_sense_are_refused(world: World, body: Json, flawed: set[str]) -> None:
    answer = world.control("POST", "webhooks/wait", body)
    assert answer.status_code == 400, answer.text
    assert names(answer) == flawed


def test_waiting_for_no_number_of_seconds_is_refused(world: World) -> None:
    for path in ("wait", "deliver"):
        answer = world.anonymous.post(
            f"/_sandbox/v1/webhooks/{path}", content=b'{"timeout": NaN}', headers={"Content-Type": "application/json"}
        )
        refused(answer, 400, "timeout")


def test_deliveries_are_filtered_and_cut_into_pages(world: World, receiver: Receiver, sent: Json) -> None:
    world.act(world.session(), "reject")
    deliver(world)
    whole = world.anonymous.get("/_sandbox/v1/webhooks/deliveries").json()
    assert (whole["total"], len(whole["deliveries"])) == (2, 2)
    assert [one["event"] for one in whole["deliveries"]] == ["signing-session.rejected", "signing-session.opened"]
    assert deliveries(world, limit=1, offset=1)[0]["id"] == sent["id"]
    assert deliveries(world, event="signing-session.opened")[0]["id"] == sent["id"]
    assert deliveries(world, reference="x") == []
    for query in ({"limit": 201}, {"offset": -1}, {"state": "GONE"}):
        assert world.anonymous.get("/_sandbox/v1/webhooks/deliveries", params=query).status_code == 400
    refused(world.control("GET", f"webhooks/deliveries/{unknown_id()}"), 404)


def test_every_event_says_how_its_name_is_known(world: World) -> None:
    events = {one["id"]: one for one in world.control("GET", "events").json()}
    assert events["signature-api:package.completed"]["mark"] == "client"
    assert events["signature-api:signing-session.rejected"]["mark"] == "invented"
    assert all(one["source"] for one in events.values())


def test_moments_of_a_delivery_are_this_worlds(world: World, receiver: Receiver) -> None:
    world.freeze("2030-01-01T00:00:00Z")
    subscribe(world, receiver.url)
    world.act(world.session(), "open")
    deliver(world)
    [one] = deliveries(world)
    assert one["queued_at"] == one["ended_at"] == one["attempts"][0]["at"] == "2030-01-01T00:00:00Z"
    assert datetime.fromisoformat(one["expires_at"]).year == 2030
