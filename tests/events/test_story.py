"""The whole way: signed, packaged after a lag, told of at the third attempt, told again."""

import json
import time

from tests.events.receiver import SECRET, Receiver, deliver, deliveries, statuses, subscribe
from tests.world import World

from localsign.webhooks import verify


def test_a_webhook_that_fails_twice_is_taken_at_the_third_attempt(world: World, receiver: Receiver) -> None:
    began = time.monotonic()
    world.freeze("2030-01-01T00:00:00Z")
    world.lag("after:PT5S")
    subscribe(world, receiver.url, "signature-api:package.completed")
    session = world.session(packageTo=["PADES_CONTAINER"])
    world.sign(session)
    assert statuses(world) == []
    receiver.answers = [500, 503]

    [fired] = world.advance("PT5S")
    queued = [one for one in fired["followed"] if "queued" in one]
    assert [one["queued"] for one in queued] == ["package.completed"]
    assert statuses(world) == [500]
    assert world.advance("PT9S") == []
    assert statuses(world) == []
    world.advance("PT1S")
    assert statuses(world) == [503]
    world.advance("PT1M")
    last = deliver(world)
    assert [(one["number"], one["status"], one["state"]) for one in last["attempts"]] == [(3, 200, "DELIVERED")]
    assert (last["waiting"], last["next_due"]) == (0, None)

    assert len(set(receiver.bodies)) == 1
    for one in receiver.received:
        assert verify(one.body, one.headers["x-signicat-signature"], SECRET)
    envelope = json.loads(receiver.bodies[0])
    assert envelope["eventName"] == "package.completed"
    [delivery] = deliveries(world)
    assert delivery["id"] == queued[0]["id"]
    assert [one["at"] for one in delivery["attempts"]] == [
        "2030-01-01T00:00:05Z",
        "2030-01-01T00:00:15Z",
        "2030-01-01T00:01:15Z",
    ]

    again = world.control("POST", f"webhooks/deliveries/{delivery['id']}/replay")
    assert again.status_code == 201, again.text
    assert statuses(world) == [200]
    replayed = receiver.received[-1]
    assert verify(replayed.body, replayed.headers["x-signicat-signature"], SECRET)
    assert replayed.body != receiver.bodies[0]
    assert {**json.loads(replayed.body), "timestamp": 0, "expiresAt": 0} == {**envelope, "timestamp": 0, "expiresAt": 0}
    assert json.loads(replayed.body)["timestamp"] > envelope["timestamp"]
    assert time.monotonic() - began < 30, "1.4 s on an idle machine; the waits would take 75"
