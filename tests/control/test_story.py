"""One walk through everything that a tester can do to a world, without a moment of waiting."""

import json
import time
from collections.abc import Iterator

import pytest
from tests.conftest import Server
from tests.events.receiver import SECRET, Receiver, deliver, receiving, statuses, subscribe
from tests.secure_share.sharing import Sender
from tests.world import World, refused

from localsign.webhooks import verify

DUE = "2030-02-14T00:00:00Z"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def warm(server: Server) -> None:
    """The libraries that seal documents are loaded at the first signature of a process."""
    world = server.world()
    world.sign(world.session(packageTo=["PADES_CONTAINER"]))
    world.close()


@pytest.mark.usefixtures("warm")
def test_two_months_in_two_seconds(server: Server, world: World, receiver: Receiver) -> None:
    began, used = time.monotonic(), time.process_time()
    world.freeze("2030-01-01T00:00:00Z")
    world.lag("after:PT5S")
    subscribe(world, receiver.url, "signature-api:package.completed")
    receiver.answers = [500, 503]

    # created, and a reminder for who has to read the papers first
    session = world.session(packageTo=["PADES_CONTAINER"], signatureUrlTTL=30, dueDate=DUE)
    sender = Sender(server, world)
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, notification={"sendEmail": True})
    assert sender.remind(share, recipient).status_code == 204
    told = [one["kind"] for one in world.control("GET", "outbox").json()["messages"]]
    assert told == ["share.reminder", "share.invitation"]

    # the link expires, and a read gives a new one
    first = session["signatureUrl"]
    world.advance("PT31M")
    renewed = world.read(session)["signatureUrl"]
    assert renewed != first
    assert world.anonymous.get(first).status_code == 404
    assert world.anonymous.get(renewed).status_code == 200

    # signed; the package lags behind
    signed = world.sign(session)
    assert signed["lifecycle"]["state"] == "SIGNED"
    assert "packages" not in signed["output"] or not signed["output"]["packages"]
    world.advance("PT5S")
    assert world.read(session)["output"]["packages"][0]["resultDocumentId"]

    # the webhook fails twice, and is taken at the third attempt
    assert statuses(world) == [500]
    world.advance("PT10S")
    assert statuses(world) == [503]
    world.advance("PT1M")
    [third] = deliver(world)["attempts"]
    assert (third["number"], third["state"]) == (3, "DELIVERED")
    assert len(receiver.received) == 3
    assert all(verify(one.body, one.headers["x-signicat-signature"], SECRET) for one in receiver.received)

    # again, fresh
    again = world.control("POST", f"webhooks/deliveries/{third['delivery']}/replay")
    assert again.status_code == 201, again.text
    assert statuses(world) == [200]
    assert json.loads(receiver.bodies[3])["id"] == json.loads(receiver.bodies[0])["id"]

    # an orphan goes, and a week later its bytes
    orphan = world.upload()
    world.advance("PT30M")
    refused(world.api.get(f"/sign/documents/{orphan}"), 404)
    fired = world.advance("P7D")
    assert "sign.purge" in {one["kind"] for one in fired}

    # two halves go on apart
    waiting = world.session(dueDate=DUE)
    copy = World(world.control("POST", f"workspaces/{world.name}/fork").json())
    world.sign(waiting)
    assert copy.read(waiting)["lifecycle"]["state"] == "READY"
    copy.advance("P41D")
    refused(copy.api.get(f"/sign/signing-sessions/{waiting['id']}"), 404)
    assert world.read(waiting)["lifecycle"]["state"] == "SIGNED"
    copy.close()
    assert time.process_time() - used < 2, f"{time.monotonic() - began} s by the wall"
