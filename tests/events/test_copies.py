"""What is on its way is sent by one world: a copy leaves it to its original, a restore sends what was queued then."""

from pathlib import Path

import httpx
import pytest
from tests.conftest import Server, serve
from tests.control.smtp_server import mail_server
from tests.events.receiver import Receiver, deliver, deliveries, statuses, subscribe
from tests.world import Json, World

from localsign.core import outbox
from localsign.core.outbox import Channel
from localsign.settings import Settings

START = "2030-01-01T00:00:00Z"


@pytest.fixture
def waiting(world: World, receiver: Receiver) -> Json:
    """A delivery that failed once, and is due again in ten seconds."""
    receiver.answers = [500]
    world.freeze(START)
    subscribe(world, receiver.url)
    world.act(world.session(), "open")
    assert statuses(world) == [500]
    [one] = deliveries(world)
    return one


def fork(world: World) -> World:
    answer = world.control("POST", f"workspaces/{world.name}/fork")
    assert answer.status_code == 201, answer.text
    return World(answer.json())


def end(server: Server, world: World) -> None:
    server.sandbox.delete(world.name)
    world.close()


def test_a_fork_leaves_what_was_queued_to_its_original(
    server: Server, world: World, receiver: Receiver, waiting: Json
) -> None:
    copy = fork(world)
    [left] = deliveries(copy)
    assert (left["id"], left["state"], left["due"]) == (waiting["id"], "CANCELLED", None)
    assert left["failure"] == f"It was on its way in the workspace '{world.name}', which sends it; this is a copy."
    assert len(left["attempts"]) == 1
    for one in (copy, world):
        one.advance("PT10S")
        deliver(one)
    assert len(receiver.received) == 2
    assert deliveries(world)[0]["state"] == "DELIVERED"
    copy.control("POST", f"webhooks/deliveries/{left['id']}/replay")
    assert statuses(copy) == [200]  # as whoever wants it there can say
    end(server, copy)


def test_a_fork_sends_what_happens_in_it(server: Server, world: World, receiver: Receiver, waiting: Json) -> None:
    copy = fork(world)
    copy.act(copy.session(), "reject")
    assert statuses(copy) == [200]
    assert [one["state"] for one in deliveries(copy)] == ["DELIVERED", "CANCELLED"]
    end(server, copy)


def test_what_is_under_way_is_left_as_well(server: Server, world: World, receiver: Receiver) -> None:
    copies: list[World] = []

    def copy_meanwhile(_: object) -> int:
        copies.append(fork(world))
        return 200

    receiver.answers = [copy_meanwhile]
    subscribe(world, receiver.url)
    world.act(world.session(), "open")
    assert statuses(world) == [200]
    [copy] = copies
    assert statuses(copy) == []
    assert deliveries(copy)[0]["state"] == "CANCELLED"
    assert len(receiver.received) == 1
    end(server, copy)


def test_a_restore_sends_again_what_was_queued_at_the_snapshot(world: World, receiver: Receiver, waiting: Json) -> None:
    world.control("POST", "snapshots", {"name": "before"})
    world.advance("PT10S")
    assert statuses(world) == [200]
    assert world.control("POST", "snapshots/before/restore").status_code in (200, 204)
    [one] = deliveries(world)
    assert (one["id"], one["state"]) == (waiting["id"], "QUEUED")
    world.advance("PT10S")
    assert statuses(world) == [200]
    assert receiver.bodies[-1] == receiver.bodies[-2]


def test_a_snapshot_of_another_workspace_leaves_it_to_that(
    server: Server, world: World, receiver: Receiver, waiting: Json
) -> None:
    world.control("POST", "snapshots", {"name": "carried"})
    archive = world.control("GET", "snapshots/carried/archive").content
    other = server.world()
    headers = {"Content-Type": "application/zip"}
    answer = other.anonymous.put("/_sandbox/v1/snapshots/carried/archive", content=archive, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    assert other.control("POST", "snapshots/carried/restore").status_code in (200, 204)
    [left] = deliveries(other)
    assert left["state"] == "CANCELLED"
    assert world.name in left["failure"]
    end(server, other)


def test_a_fork_does_not_relay_what_its_original_relays(tmp_path: Path) -> None:
    with mail_server() as mails:
        for server in serve(Settings(data_dir=tmp_path, smtp_url=mails.url)):
            world = World(httpx.get(f"{server.url}/_sandbox/v1/workspaces/default").json())
            original = server.sandbox.default
            relay, original.house.relay = original.house.relay, None  # nothing goes out before the copy is there
            with original.work() as work:
                outbox.send(
                    work, api="sign", kind="t", channel=Channel.EMAIL, to="a@example.com", text="x", reference="r"
                )
            copy = fork(world)
            original.house.relay = relay
            [message] = copy.control("GET", "outbox").json()["messages"]
            assert message["state"] == "kept"
            [message] = world.control("GET", "outbox").json()["messages"]
            assert message["state"] == "pending"
            copy.close()
            world.close()
