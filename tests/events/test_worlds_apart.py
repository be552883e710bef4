"""What is tried out or made aside sends nothing; what it becomes sends everything once."""

import json

from tests.conftest import Server
from tests.events.receiver import Receiver, deliver, subscribe
from tests.world import World

DOCUMENT = """
sign:
  documents: [{name: note, text: I agree.}]
  collections: [{name: pile, documents: [note]}]
  sessions: [{name: refused, collection: pile, acts: [open, reject]}]
"""


def names(receiver: Receiver) -> list[str]:
    return [json.loads(body)["eventName"] for body in receiver.bodies]


def test_a_dry_run_tells_of_webhooks_and_sends_none(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    world.session()
    tried = world.control("POST", "clock/advance", {"by": "P46D", "dry_run": True}).json()
    followed = [entry for one in tried["fired"] for entry in one["followed"]]
    assert [one["queued"] for one in followed if "queued" in one] == ["signing-session.expired"]
    deliver(world)
    assert names(receiver) == []
    world.advance("P46D")
    deliver(world)
    assert names(receiver) == ["signing-session.expired"]


def test_what_a_seed_did_is_sent_once(server: Server, world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    headers = {"Content-Type": "application/yaml"}
    answer = world.anonymous.post("/_sandbox/v1/seeds", content=DOCUMENT, headers=headers)
    assert answer.status_code == 200, answer.text
    deliver(world)
    assert names(receiver) == ["signing-session.opened", "signing-session.rejected"]


def test_a_seed_that_fails_sends_nothing(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    headers = {"Content-Type": "application/yaml"}
    wrong = DOCUMENT.replace("[open, reject]", "[open, reject, sign]")
    assert world.anonymous.post("/_sandbox/v1/seeds", content=wrong, headers=headers).status_code == 400
    deliver(world)
    assert names(receiver) == []
