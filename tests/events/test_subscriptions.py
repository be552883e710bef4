"""The Events service: subscriptions, and what is refused."""

import json
from typing import Any

import pytest
from tests.events.receiver import Receiver, deliver, deliveries
from tests.world import Json, World, names, refused, unknown_id

PATH = "/events-management/subscriptions"


def a_subscription(**but: Any) -> Json:
    return {"events": ["*"], "config": {"url": "http://127.0.0.1:9/hook"}, **but}


def create(world: World, **but: Any) -> Json:
    answer = world.api.post(PATH, json=a_subscription(**but))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_subscription_is_made_read_changed_and_ended(world: World) -> None:
    world.freeze("2030-01-01T00:00:00Z")
    made = create(world, name="orders", events=["signature-api:package.completed"], tags=["a"])
    secret = made["config"].pop("secret")
    assert len(secret) == 40
    assert made == {
        "id": made["id"],
        "name": "orders",
        "type": "webhook",
        "active": True,
        "events": ["signature-api:package.completed"],
        "tags": ["a"],
        "config": {
            "url": "http://127.0.0.1:9/hook",
            "signatureHeader": "X-Signicat-Signature",
            "retries": ["PT10S", "PT1M", "PT5M", "PT30M", "PT2H"],
            "lifetime": "P1D",
        },
        "createdAt": "2030-01-01T00:00:00Z",
        "updatedAt": "2030-01-01T00:00:00Z",
        "lastResponse": None,
    }
    url = f"{PATH}/{made['id']}"
    without = {**made, "config": {**made["config"], "secret": None}}
    assert world.api.get(url).json() == without
    [in_control] = world.control("GET", "webhooks/subscriptions").json()
    assert in_control["config"]["secret"] == secret

    world.advance("PT1H")
    changed = world.api.patch(url, json={"name": None, "config": {"lifetime": "PT90M", "retries": ["PT1.5S"]}}).json()
    assert (changed["name"], changed["updatedAt"]) == (None, "2030-01-01T01:00:00Z")
    assert (changed["config"]["lifetime"], changed["config"]["retries"]) == ("PT90M", ["PT1.5S"])
    assert (changed["config"]["url"], changed["config"]["secret"]) == (made["config"]["url"], None)
    rotated = world.api.patch(url, json={"config": {"secret": "new"}}).json()
    assert rotated["config"]["secret"] == "new"

    assert world.api.delete(url).status_code == 204
    for answer in (world.api.get(url), world.api.patch(url, json={}), world.api.delete(url)):
        refused(answer, 404)


def test_subscriptions_are_listed_oldest_first_in_pages(world: World) -> None:
    ids = [create(world, name=str(number))["id"] for number in range(3)]
    whole = world.api.get(PATH).json()
    assert {name: whole[name] for name in ("limit", "offset", "count", "total")} == {
        "limit": 100,
        "offset": 0,
        "count": 3,
        "total": 3,
    }
    assert [one["id"] for one in whole["data"]] == ids
    assert [one["id"] for one in world.api.get(PATH, params={"offset": 1, "limit": 1}).json()["data"]] == [ids[1]]
    assert names(world.api.get(PATH, params={"limit": 0, "offset": -1})) == {"limit", "offset"}


def test_the_service_wants_a_token_and_a_permission(world: World) -> None:
    refused(world.anonymous.post(PATH, json=a_subscription()), 401)
    poor = world.control("POST", "clients", {"permissions": ["Signature API"]}).json()
    token = world.token(poor).json()["access_token"]
    refused(world.anonymous.get(PATH, headers={"Authorization": f"Bearer {token}"}), 403)


def test_the_last_answer_of_the_receiver_is_shown(world: World, receiver: Receiver) -> None:
    made = create(world, config={"url": receiver.url})
    receiver.answers = [500]
    world.api.post(f"{PATH}/{made['id']}/test")
    deliver(world)
    last = world.api.get(f"{PATH}/{made['id']}").json()["lastResponse"]
    assert (last["code"], last["message"]) == (500, "The receiver answered 500, not 2xx.")


# ---- test events


def test_a_test_event_is_tagged_and_lives_thirty_seconds(world: World, receiver: Receiver) -> None:
    made = create(world, events=["package.*"], active=False, config={"url": receiver.url})
    answer = world.api.post(f"{PATH}/{made['id']}/test")
    assert answer.status_code == 202, answer.text
    deliver(world)
    [body] = receiver.bodies
    envelope = json.loads(body)
    assert (envelope["id"], envelope["eventName"]) == (answer.json()["eventId"], "package.completed")
    assert envelope["tags"] == ["mock"]
    [one] = deliveries(world, kind="test")
    assert one["id"] == answer.json()["deliveryId"]


def test_a_test_event_can_be_named_and_filled(world: World, receiver: Receiver) -> None:
    made = create(world, config={"url": receiver.url})
    wanted = {"eventName": "signing-session.rejected", "eventData": {"id": "7", "more": [None, 1.5, "é"]}}
    assert world.control("POST", f"webhooks/subscriptions/{made['id']}/test", wanted).status_code == 202
    deliver(world)
    envelope = json.loads(receiver.bodies[0])
    assert (envelope["eventName"], envelope["eventData"]) == (wanted["eventName"], wanted["eventData"])
    assert deliveries(world)[0]["reference"] == "7"


@pytest.mark.parametrize(
    ("content", "flawed"),
    [
        (b'{"eventName": "nothing"}', {"eventName"}),
        (b'{"eventName": "*"}', {"eventName"}),
        (b'{"eventData": []}', {"eventData"}),
        (b'{"eventData": {"a": NaN}}', {"eventData"}),
        (b'{"eventData": {"a": "\\ud800"}}', {"eventData"}),
        (b'{"eventData": {"a": "' + b"x" * 70_000 + b'"}}', {"eventData"}),
        (b'{"more": 1}', {"more"}),
    ],
)
def test_test_events_that_cannot_be_sent_are_refused(world: World, content: bytes, flawed: set[str]) -> None:
    made = create(world)
    url = f"{PATH}/{made['id']}/test"
    answer = world.api.post(url, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert names(answer) == flawed
    assert deliveries(world) == []


# ---- refusals

URL = "http://127.0.0.1/"
REFUSED: list[tuple[Json, set[str]]] = [
    ({"events": []}, {"events"}),
    ({"events": "x"}, {"events"}),
    ({"events": ["*", "signing-session.complete"]}, {"events[1]"}),
    ({"events": ["other:package.completed"]}, {"events[0]"}),
    ({"events": ["*"] * 101}, {"events"}),
    ({"events": [""]}, {"events[0]"}),
    ({"events": ["a\u0000"]}, {"events[0]"}),
    ({"tags": ["x"] * 21}, {"tags"}),
    ({"name": "x" * 201}, {"name"}),
    ({"name": "a\nb"}, {"name"}),
    ({"active": "yes"}, {"active"}),
    ({"type": "pigeon"}, {"type"}),
    ({"more": 1, "config": {"url": URL, "other": 2}}, {"more", "config.other"}),
    ({"config": {}}, {"config.url"}),
    ({"config": {"url": "ftp://127.0.0.1/"}}, {"config.url"}),
    ({"config": {"url": "http:///a"}}, {"config.url"}),
    ({"config": {"url": "http://[::1"}}, {"config.url"}),
    ({"config": {"url": "http://127.0.0.1:99999/"}}, {"config.url"}),
    ({"config": {"url": "http://a:b@127.0.0.1/"}}, {"config.url"}),
    ({"config": {"url": "http://127.0.0.1\\@example.com/"}}, {"config.url"}),
    ({"config": {"url": "http://127.0.0.1/\r\nX: y"}}, {"config.url"}),
    ({"config": {"url": URL + "x" * 2048}}, {"config.url"}),
    ({"config": {"url": URL, "secret": ""}}, {"config.secret"}),
    ({"config": {"url": URL, "secret": "x" * 201}}, {"config.secret"}),
    ({"config": {"url": URL, "secret": "a\u0000"}}, {"config.secret"}),
    ({"config": {"url": URL, "signatureHeader": "Content-Type"}}, {"config.signatureHeader"}),
    ({"config": {"url": URL, "signatureHeader": "X: y\r\n"}}, {"config.signatureHeader"}),
    ({"config": {"url": URL, "lifetime": "PT0S"}}, {"config.lifetime"}),
    ({"config": {"url": URL, "lifetime": "P31D"}}, {"config.lifetime"}),
    ({"config": {"url": URL, "lifetime": 60}}, {"config.lifetime"}),
    ({"config": {"url": URL, "retries": ["soon"]}}, {"config.retries[0]"}),
    ({"config": {"url": URL, "retries": ["PT1S"] * 101}}, {"config.retries"}),
]


@pytest.mark.parametrize(("but", "flawed"), REFUSED, ids=lambda one: str(sorted(one) if isinstance(one, set) else one))
def test_what_is_no_subscription_is_refused(world: World, but: Json, flawed: set[str]) -> None:
    for answer in (
        world.api.post(PATH, json=a_subscription(**but)),
        world.control("POST", "webhooks/subscriptions", a_subscription(**but)),
    ):
        assert answer.status_code == 400, answer.text
        assert names(answer) == flawed
    assert world.api.get(PATH).json()["total"] == 0


def test_an_unknown_event_is_answered_with_the_nearest(world: World) -> None:
    refusal = refused(world.api.post(PATH, json=a_subscription(events=["signing-session.complete"])), 400, "events[0]")
    assert "did you mean signing-session.completed?" in refusal["detail"]


@pytest.mark.parametrize("member", ["active", "events", "tags", "config"])
def test_a_change_cannot_take_away_what_is_needed(world: World, member: str) -> None:
    made = create(world)
    answer = world.api.patch(f"{PATH}/{made['id']}", json={member: None})
    assert answer.status_code == 400, answer.text
    assert world.api.get(f"{PATH}/{made['id']}").json() == {**made, "config": {**made["config"], "secret": None}}


def test_other_ways_of_delivery_are_known_and_not_emulated(world: World) -> None:
    answer = world.api.post(PATH, json=a_subscription(type="azure_service_bus"))
    assert (answer.status_code, answer.json()["code"]) == (501, "not_implemented")


def test_there_is_a_limit(world: World) -> None:
    for _ in range(100):
        create(world)
    refused(world.api.post(PATH, json=a_subscription()), 409, code="too_many_subscriptions")


def test_nothing_is_where_nothing_was_made(world: World) -> None:
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        body: Json | None = {} if method == "PATCH" else None
        refused(world.api.request(method, f"{PATH}/{unknown_id()}{path}", json=body), 404)
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        body = {} if method == "PATCH" else None
        refused(world.control(method, f"webhooks/subscriptions/{unknown_id()}{path}", body), 404)
