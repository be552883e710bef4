"""The events of Secure Share, sent as the Events service sends them."""

import json

from tests.events.receiver import SECRET, Receiver, receiving, statuses, subscribe
from tests.secure_share.sharing import Sender
from tests.world import Json

from localsign.secure_share.api import API
from localsign.secure_share.events import EVENTS
from localsign.webhooks import verify


def test_a_receiver_hears_the_life_of_a_share(sender: Sender) -> None:
    with receiving() as receiver:
        subscribe(sender.world, receiver.url)
        share = sender.share(externalReference="my-share", tags=["tax", "2026"])
        [file] = sender.upload(share)
        recipient = sender.invite(share, externalReference="my-kari")
        sender.does(share, recipient, "download")
        assert sender.call("DELETE", f"/{share['id']}").status_code == 204
        assert statuses(sender.world) == [200] * 5
        envelopes = heard(receiver)
    about = {"id": share["id"], "externalReference": "my-share"}
    whom = {"id": share["id"], "recipientId": recipient["id"], "recipientExternalReference": "my-kari"}
    assert {name: one["eventData"] for name, one in envelopes.items()} == {
        "share.created": about,
        "recipient.authenticated": whom,
        "recipient.downloaded": whom | {"fileIds": [file["id"]]},
        "share.completed": about,
        "share.deleted": about,
    }
    assert all(one["sender"] == "secure-share-api" for one in envelopes.values())
    assert all(one["tags"] == ["tax", "2026"] for one in envelopes.values())


def heard(receiver: Receiver) -> dict[str, Json]:
    """The envelopes that came, by the name of their event; each must be signed."""
    for call in receiver.received:
        assert verify(call.body, call.headers["x-signicat-signature"], SECRET)
    envelopes = [json.loads(body) for body in receiver.bodies]
    return {one["eventName"]: one for one in envelopes}


def test_a_subscription_can_ask_for_a_tag(sender: Sender) -> None:
    with receiving() as receiver:
        wanted = {"events": ["*"], "tags": ["tax"], "config": {"url": receiver.url, "secret": SECRET}}
        assert sender.world.control("POST", "webhooks/subscriptions", wanted).status_code == 201
        sender.share(tags=["other"])
        share = sender.share(tags=["tax"])
        assert statuses(sender.world) == [200]
        assert heard(receiver)["share.created"]["eventData"]["id"] == share["id"]


def test_every_event_is_in_the_manifest_and_invented(sender: Sender) -> None:
    announced = {row.announces for machine in API.machines for row in machine.rows if row.announces}
    assert announced | {"share.created", "recipient.downloaded"} == {one.name for one in EVENTS}
    listed = {one["id"]: one for one in sender.world.control("GET", "events").json()}
    for event in EVENTS:
        assert listed[f"secure-share-api:{event.name}"]["mark"] == "invented"


def test_no_event_tells_who_somebody_is(sender: Sender) -> None:
    share = sender.share(title="Secret title")
    sender.upload(share)
    sender.does(share, sender.invite(share), "download")
    told = json.dumps(sender.events())
    for personal in ("Kari", "Nordmann", "example.test", "+47", "Secret title", "report.pdf", "Acme"):
        assert personal not in told
