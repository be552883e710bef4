"""The application hears of what happens, believes only the vendor, and each event once."""

import hashlib
import hmac
import json
from typing import Any, Literal

import pytest
from app.hooks import Hooks
from app.leases import Leases, LeaseState
from tests.conftest import SECRET, Post
from tests.papers import a_pdf

from localsign import Workspace


def test_a_signature_is_heard_of(leases: Leases, localsign: Workspace, post: Post) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).sign()
    assert localsign.webhooks.deliver()["is_settled"]
    assert lease.state is LeaseState.SIGNED


def test_a_refusal_is_heard_of(leases: Leases, localsign: Workspace, post: Post) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).reject()
    localsign.webhooks.deliver()
    assert lease.state is LeaseState.REJECTED


def test_the_lease_is_signed_with_the_last_of_its_tenants(leases: Leases, localsign: Workspace, post: Post) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari", "ola"])
    states = []
    for session in lease.sessions:
        localsign.sign.session(session).sign()
        localsign.webhooks.deliver()
        states.append(lease.state)
    assert states == [LeaseState.OPEN, LeaseState.SIGNED]


Forgery = Literal["bad_key", "unsigned", "altered", "stale"]


@pytest.mark.parametrize("how", ["bad_key", "unsigned", "altered", "stale"])
def test_what_the_vendor_has_not_sent_is_refused(
    leases: Leases, localsign: Workspace, post: Post, how: Forgery
) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).sign()
    localsign.webhooks.deliver()
    taken = list(post.hooks.taken)
    sent = localsign.webhooks.list(event="signing-session.completed")[0]
    localsign.webhooks.forge(sent["id"], how)
    report = localsign.webhooks.deliver()
    assert [one["status"] for one in report["attempts"]] == [400 if how == "stale" else 401]
    assert post.hooks.taken == taken


def test_the_same_event_counts_once(leases: Leases, localsign: Workspace, post: Post) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).sign()
    localsign.webhooks.deliver()
    for sent in localsign.webhooks.list():
        localsign.webhooks.duplicate(sent["id"])
        localsign.webhooks.replay(sent["id"])
    report = localsign.webhooks.deliver()
    assert {one["status"] for one in report["attempts"]} == {200}
    assert post.hooks.taken.count("signing-session.completed") == 1


def test_what_could_not_be_handled_is_told_again_later(leases: Leases, localsign: Workspace, post: Post) -> None:
    localsign.clock.freeze()
    localsign.faults.add("sign.get_signing_session", times=4)  # as often as the application tries
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).sign()
    first = localsign.webhooks.deliver()
    assert [one["status"] for one in first["attempts"] if one["event"].endswith("completed")] == [500]
    states = [lease.state]
    localsign.clock.next()
    localsign.webhooks.deliver()
    assert [*states, lease.state] == [LeaseState.OPEN, LeaseState.SIGNED]


def test_a_subscription_can_be_tried_out(localsign: Workspace, post: Post) -> None:
    localsign.webhooks.send_test(post.subscription)
    report = localsign.webhooks.deliver()
    assert [one["status"] for one in report["attempts"]] == [200]


def test_a_receiver_of_localsign_hears_the_same(leases: Leases, localsign: Workspace) -> None:
    with localsign.webhooks.receiver("signature-api:signing-session.*") as receiver:
        lease = leases.send("A-1", a_pdf(), ["kari"])
        localsign.sign.session(lease.sessions[0]).sign()
        [heard] = receiver.wait("signing-session.completed")
    assert heard.data["id"] == lease.sessions[0]


def signed(event: dict[str, Any], secret: str = SECRET) -> tuple[bytes, str]:
    body = json.dumps(event).encode()
    return body, hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_an_event_from_another_time_is_refused() -> None:
    """Without a server: what needs none is tested directly."""
    seen: list[str] = []
    hooks = Hooks(SECRET, {"x": lambda event: seen.append(event["id"])})
    event = {"id": "1", "eventName": "x", "timestamp": "2031-05-01T12:00:00Z"}
    assert hooks.take(*signed(event)) == 400  # from the future
    assert hooks.take(*signed(event, "another")) == 401
    assert seen == []
