"""What is sent, when it is sent again, and when not."""

import json
import re
import threading
from datetime import datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from tests.conftest import Server, serve
from tests.events.receiver import SECRET, Received, Receiver, deliver, deliveries, receiving, statuses, subscribe
from tests.world import Json, World

from localsign.core.clock import wall
from localsign.settings import Settings
from localsign.webhooks import sign

START = "2030-01-01T00:00:00Z"
MEMBERS = ["id", "timestamp", "sender", "eventName", "eventData", "accountId", "organizationId", "expiresAt", "tags"]


def opened(world: World, **but: Any) -> Json:
    """A session that its signer has opened, which is an event."""
    session = world.session(**but)
    assert world.act(session, "open").status_code == 200
    return session


def test_an_envelope_has_its_nine_members_and_its_signature(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    session = opened(world, externalReference="order 7")
    assert statuses(world) == [200]
    [call] = receiver.received
    envelope = json.loads(call.body)
    assert list(envelope) == MEMBERS
    assert re.fullmatch("[0-9a-f]{32}", envelope["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", envelope["timestamp"])
    assert (envelope["sender"], envelope["eventName"]) == ("signature-api", "signing-session.opened")
    assert envelope["eventData"] == {"id": session["id"], "externalReference": "order 7"}
    assert envelope["accountId"].startswith("a-spge-")
    assert (envelope["organizationId"], envelope["tags"]) == (None, [])
    assert call.headers["x-signicat-signature"] == sign(call.body, SECRET)
    assert call.headers["content-type"] == "application/json"
    assert call.headers["user-agent"].startswith("localsign/")


def test_only_what_was_subscribed_to_is_sent(world: World, receiver: Receiver) -> None:
    names = ["signing-session.completed", "signature-api:signing-session.rej*", "signature-api:*", "signing-session.*"]
    ids = [subscribe(world, f"{receiver.url}/{number}", name)["id"] for number, name in enumerate(names)]
    world.act(world.session(), "reject")
    deliver(world)
    assert sorted(one.path for one in receiver.received) == ["/hook/1", "/hook/2", "/hook/3"]
    [listed] = deliveries(world, subscription=ids[1])
    assert listed["event"] == "signing-session.rejected"
    world.control("PATCH", f"webhooks/subscriptions/{ids[1]}", {"active": False})
    world.control("DELETE", f"webhooks/subscriptions/{ids[2]}")
    world.act(world.session(), "reject")
    assert len(deliver(world)["attempts"]) == 1


def test_events_of_before_a_subscription_and_of_a_failed_request_are_not_sent(world: World, receiver: Receiver) -> None:
    session = opened(world)
    subscribe(world, receiver.url)
    assert world.act(session, "sign", signer={"name": ""}).status_code == 400
    assert statuses(world) == []


def test_the_header_and_the_secret_are_the_subscriptions(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url, signatureHeader="X-Hub-Signature", secret="other")
    opened(world)
    deliver(world)
    [call] = receiver.received
    assert call.headers["x-hub-signature"] == sign(call.body, "other")
    assert "x-signicat-signature" not in call.headers


@pytest.mark.parametrize("status", [199 + 1, 201, 204, 299])
def test_every_2xx_is_a_success(world: World, receiver: Receiver, status: int) -> None:
    receiver.answers, receiver.answer = [status], b""
    subscribe(world, receiver.url)
    opened(world)
    assert statuses(world) == [status]
    assert deliveries(world)[0]["state"] == "DELIVERED"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 500, 503])
def test_everything_else_is_tried_again_and_redirects_are_not_followed(
    world: World, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    receiver.headers = {"Location": receiver.url + "/elsewhere"}
    world.freeze(START)
    subscribe(world, receiver.url)
    opened(world)
    assert statuses(world) == [status]
    [one] = deliveries(world)
    assert (one["state"], one["due"]) == ("QUEUED", "2030-01-01T00:00:10Z")
    assert one["failure"] == f"The receiver answered {status}, not 2xx."
    assert one["attempts"][0]["answer"] == "thanks"
    assert one["attempts"][0]["answer_headers"]["location"] == receiver.url + "/elsewhere"
    world.advance("PT10S")
    assert statuses(world) == [200]
    assert [call.path for call in receiver.received] == ["/hook", "/hook"]


def test_a_receiver_that_is_not_there_is_tried_again(world: World) -> None:
    with receiving() as gone:
        url = gone.url
    world.freeze(START)
    subscribe(world, url)
    opened(world)
    [attempt] = deliver(world)["attempts"]
    assert (attempt["status"], attempt["answer"], attempt["state"]) == (None, "", "QUEUED")
    assert "got no answer" in attempt["error"]


def test_long_answers_are_cut(world: World, receiver: Receiver) -> None:
    receiver.answer = b"\xff" + b"x" * 20_000
    subscribe(world, receiver.url)
    opened(world)
    [attempt] = deliver(world)["attempts"]
    assert attempt["is_answer_cut"] is True
    assert attempt["answer"] == "�" + "x" * (16 * 1024 - 1)


def test_attempts_go_on_until_the_event_expires(world: World, receiver: Receiver) -> None:
    receiver.answers = [500] * 99
    world.freeze(START)
    subscribe(world, receiver.url, retries=["PT10S", "PT1M"], lifetime="PT4M")
    opened(world)
    assert statuses(world) == [500]
    for by in ("PT10S", "PT1M", "PT1M", "PT1M", "PT10M"):
        world.advance(by)
        deliver(world)
    [one] = deliveries(world)
    assert (one["state"], one["expires_at"]) == ("FAILED", "2030-01-01T00:04:00Z")
    assert [at["at"][14:19] for at in one["attempts"]] == ["00:00", "00:10", "01:10", "02:10", "03:10"]
    assert one["ended_at"] == "2030-01-01T00:03:10Z"


def test_a_jump_over_many_attempts_makes_each_at_its_moment(world: World, receiver: Receiver) -> None:
    receiver.answers = [500] * 99
    world.freeze(START)
    subscribe(world, receiver.url)
    opened(world)
    world.advance("P2D")
    attempts = deliver(world)["attempts"]
    moments = [datetime.fromisoformat(one["at"]) for one in attempts]
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert waits[:6] == [10, 60, 300, 1800, 7200, 7200]
    assert set(waits[6:]) == {7200}
    assert deliveries(world)[0]["state"] == "FAILED"
    assert str(moments[-1])[:13] == "2030-01-01 22"


def test_without_retries_there_is_one_attempt(world: World, receiver: Receiver) -> None:
    receiver.answers = [500]
    subscribe(world, receiver.url, retries=[])
    opened(world)
    assert statuses(world) == [500]
    assert deliveries(world)[0]["state"] == "FAILED"


def test_a_running_clock_sends_again_by_itself(world: World, receiver: Receiver) -> None:
    receiver.answers = [500]
    subscribe(world, receiver.url, retries=["PT1S"])
    opened(world)
    answer = world.control("POST", "webhooks/wait", {"state": "DELIVERED", "attempts": 2, "timeout": 20})
    assert answer.status_code == 200, answer.text


def test_a_lag_that_ends_while_nobody_asks_is_told_of(world: World, receiver: Receiver) -> None:
    world.lag("after:PT0.3S")
    subscribe(world, receiver.url, "package.completed")
    world.sign(world.session(packageTo=["PADES_CONTAINER"]))
    answer = world.control("POST", "webhooks/wait", {"event": "package.completed", "state": "DELIVERED", "timeout": 20})
    assert answer.status_code == 200, answer.text


def test_a_deleted_subscription_gets_nothing_more(world: World, receiver: Receiver) -> None:
    receiver.answers = [500]
    world.freeze(START)
    subscription = subscribe(world, receiver.url)
    opened(world)
    assert statuses(world) == [500]
    assert world.control("DELETE", f"webhooks/subscriptions/{subscription['id']}").status_code == 204
    world.advance("P1D")
    assert statuses(world) == []
    assert deliveries(world)[0]["state"] == "CANCELLED"


def test_an_address_that_may_not_be_called_is_recorded(world: World) -> None:
    subscribe(world, "http://hooks.example.com/a")
    opened(world)
    [attempt] = deliver(world)["attempts"]
    assert (attempt["state"], attempt["status"]) == ("REFUSED", None)
    assert "LOCALSIGN_EGRESS_ALLOW" in attempt["error"]
    [one] = deliveries(world, state="REFUSED")
    assert "LOCALSIGN_EGRESS_ALLOW" in one["failure"]


def test_an_allowed_host_is_called() -> None:
    for server in serve(Settings(egress_allow=("hooks.test",))):
        world = server.world()
        subscribe(world, "http://hooks.test:9/a")
        opened(world)
        [attempt] = deliver(world)["attempts"]
        assert attempt["state"] == "QUEUED", "tried, though there is no such host"
        world.close()


def test_tags_of_an_event_reach_the_envelope_and_choose_the_subscription(
    world: World, server: Server, receiver: Receiver
) -> None:
    for tags in (["a", "b"], ["c"], []):
        wanted = {"events": ["*"], "tags": tags, "config": {"url": f"{receiver.url}/{len(tags)}"}}
        assert world.control("POST", "webhooks/subscriptions", wanted).status_code == 201
    thing = SimpleNamespace(api="sign", id=UUID(int=7), event_data=lambda: {"id": "7", "tags": ["b", "z"]})
    with server.sandbox.find(world.name).work() as work:
        work.announce(thing, "package.completed")  # type: ignore[arg-type]
    deliver(world)
    assert sorted(call.path for call in receiver.received) == ["/hook/0", "/hook/2"]
    envelopes = [json.loads(body) for body in receiver.bodies]
    assert envelopes[0] == envelopes[1], "one event has one id, whomever it goes to"
    assert (envelopes[0]["tags"], envelopes[0]["eventData"]) == (["b", "z"], {"id": "7"})


def test_the_timestamp_follows_the_machine_unless_switched(world: World, receiver: Receiver) -> None:
    world.freeze(START)
    subscribe(world, receiver.url)
    opened(world)
    deliver(world)
    timestamp = datetime.fromisoformat(json.loads(receiver.bodies[0])["timestamp"])
    assert abs((wall() - timestamp).total_seconds()) < 60
    expires = datetime.fromisoformat(json.loads(receiver.bodies[0])["expiresAt"])
    assert (expires - timestamp).total_seconds() == 86400


def test_the_timestamp_follows_the_workspace_where_that_is_chosen(receiver: Receiver) -> None:
    for server in serve(Settings(switches={"tokens.clock": "workspace"})):
        world = server.world()
        world.freeze(START)
        world.log_in()
        subscribe(world, receiver.url)
        opened(world)
        deliver(world)
        assert json.loads(receiver.bodies[0])["timestamp"] == "2030-01-01T00:00:00.0000000Z"
        world.close()


def test_deliveries_of_one_subscription_go_one_after_the_other_in_order(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    sessions = [world.session() for _ in range(6)]
    for session in sessions:
        world.act(session, "open")
    assert len(statuses(world)) == 6
    assert [json.loads(body)["eventData"]["id"] for body in receiver.bodies] == [one["id"] for one in sessions]
    assert receiver.most_at_once == 1


def test_a_receiver_may_call_back_while_it_is_called(world: World, receiver: Receiver) -> None:
    other = world.session()
    answers: list[int] = []

    def call_back(call: Received) -> int:
        session = json.loads(call.body)["eventData"]["id"]
        answers.append(world.api.get(f"/sign/signing-sessions/{session}").status_code)
        answers.append(world.act(other, "open").status_code)
        answers.append(world.control("POST", "clock/advance", {"by": "PT1M"}).status_code)
        return 200

    receiver.answers = [call_back]
    subscribe(world, receiver.url)
    opened(world)
    attempts = deliver(world)["attempts"]
    assert [one["status"] for one in attempts] == [200, 200]
    assert answers == [200, 200, 200]
    assert attempts[0]["milliseconds"] < 5000


def test_a_slow_receiver_holds_up_nobody(world: World, server: Server, receiver: Receiver) -> None:
    released = threading.Event()
    receiver.answers = [lambda _: 200 if released.wait(20) else 500]
    subscribe(world, receiver.url)
    opened(world)
    other = server.world()
    with receiving() as quick:
        subscribe(world, quick.url)
        subscribe(other, quick.url)
        opened(world)
        opened(other)
        answer = world.control("POST", "webhooks/wait", {"state": "DELIVERED"})
        assert answer.status_code == 200, answer.text
        assert statuses(other) == [200]
    unsettled = world.control("POST", "webhooks/deliver", {"timeout": 0.01}).json()
    assert unsettled["is_settled"] is False
    released.set()
    assert deliver(world)["is_settled"]
    other.close()
