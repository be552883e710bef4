"""What a workspace may choose about its webhooks, and what comes out the same each time."""

import pytest
from tests.conftest import Server
from tests.events.receiver import Receiver, deliver, subscribe
from tests.world import World, names


def switch(world: World, name: str, value: str) -> None:
    answer = world.control("PUT", f"switches/{name}", {"value": value})
    assert answer.status_code == 200, answer.text


def test_the_header_can_be_switched_for_subscriptions_that_name_none(world: World, receiver: Receiver) -> None:
    before = subscribe(world, receiver.url)
    switch(world, "events.signature-header", "X-Idfy-Signature")
    after, named = subscribe(world, receiver.url), subscribe(world, receiver.url, signatureHeader="X-Mine")
    headers = [one["config"]["signatureHeader"] for one in (before, after, named)]
    assert headers == ["X-Signicat-Signature", "X-Idfy-Signature", "X-Mine"]
    world.act(world.session(), "open")
    deliver(world)
    sent = [name for call in receiver.received for name in call.headers if name.startswith("x-")]
    assert sorted(sent) == ["x-idfy-signature", "x-mine", "x-signicat-signature"]


def test_a_seeded_world_with_a_standing_clock_sends_the_same_bytes(server: Server, receiver: Receiver) -> None:
    for _ in range(2):
        world = server.world("webhooks-alike", seed="7")
        switch(world, "tokens.clock", "workspace")
        world.freeze("2030-01-01T00:00:00Z")
        world.log_in()
        subscribe(world, receiver.url)
        world.act(world.session(), "open")
        deliver(world)
        world.control("DELETE", "workspaces/webhooks-alike")
        world.close()
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["x-signicat-signature"] == second.headers["x-signicat-signature"]


@pytest.mark.parametrize(("path", "member"), [("wait", "contains"), ("wait", "event"), ("subscriptions", "name")])
def test_text_that_is_none_is_refused(world: World, path: str, member: str) -> None:
    content = b'{"%s": "\\ud800", "events": ["*"], "timeout": 0.01}' % member.encode()
    url = f"/_sandbox/v1/webhooks/{path}"
    answer = world.anonymous.post(url, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert member in names(answer)
