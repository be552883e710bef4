"""Resets, forks, restarts and kills while something is being sent: at least once, and never into another world."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server, serve
from tests.events.receiver import Received, Receiver, deliver, deliveries, statuses, subscribe
from tests.world import NO_TLS, Json, World

from localsign.core import attempts
from localsign.core import deliveries as deliveries_module
from localsign.core.errors import StorageFullError
from localsign.core.work import Work
from localsign.folders import Folders
from localsign.sandbox import Sandbox
from localsign.settings import Settings


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    serving = serve(settings)
    yield next(serving)
    next(serving, None)


class Gate:
    """A receiver's answer that takes until it is opened."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _: Received) -> int:
        self.is_reached.set()
        self.opened.wait(20)
        return 200


@pytest.fixture
def gate(receiver: Receiver) -> Iterator[Gate]:
    gate = Gate()
    receiver.answers = [gate]
    yield gate
    gate.opened.set()


def under_way(world: World, receiver: Receiver, gate: Gate) -> None:
    """Let a webhook be sent up to the gate."""
    subscribe(world, receiver.url)
    assert world.act(world.session(), "open").status_code == 200
    assert gate.is_reached.wait(20)


def test_a_receiver_that_does_not_answer_in_time_has_failed(
    world: World, receiver: Receiver, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "TIMEOUT", 0.2)
    world.freeze("2030-01-01T00:00:00Z")
    under_way(world, receiver, gate)
    [attempt] = deliver(world)["attempts"]
    assert (attempt["status"], attempt["state"]) == (None, "QUEUED")
    assert attempt["error"]
    gate.opened.set()
    world.advance("PT10S")
    assert statuses(world) == [200]


def test_what_comes_back_after_a_reset_is_dropped(world: World, receiver: Receiver, gate: Gate) -> None:
    under_way(world, receiver, gate)
    assert world.control("POST", "reset").status_code == 204
    gate.opened.set()
    assert world.control("GET", "webhooks/subscriptions").json() == []
    assert statuses(world) == []
    assert deliveries(world) == []
    subscribe(world, receiver.url)
    world.act(world.session(), "open")
    assert statuses(world) == [200]


def test_a_workspace_may_be_deleted_while_it_sends(server: Server, receiver: Receiver, gate: Gate) -> None:
    world = server.world()
    under_way(world, receiver, gate)
    httpx.delete(f"{server.url}/_sandbox/v1/workspaces/{world.name}", verify=NO_TLS)
    gate.opened.set()
    world.close()
    other = server.world()
    subscribe(other, receiver.url)
    other.act(other.session(), "open")
    assert statuses(other) == [200]
    other.close()


def test_a_fork_leaves_to_the_original_what_is_under_way(
    server: Server, world: World, receiver: Receiver, gate: Gate
) -> None:
    under_way(world, receiver, gate)
    made = world.control("POST", f"workspaces/{world.name}/fork")
    copy = World(made.json())
    assert deliver(copy)["attempts"] == []
    gate.opened.set()
    [attempt] = deliver(world)["attempts"]
    assert attempt["state"] == "DELIVERED"
    assert len(receiver.bodies) == 1
    httpx.delete(f"{server.url}/_sandbox/v1/workspaces/{copy.name}", verify=NO_TLS)
    copy.close()


def test_a_server_ends_soon_and_sends_again_what_was_under_way(tmp_path: Path, receiver: Receiver, gate: Gate) -> None:
    settings = Settings(data_dir=tmp_path)
    with running(settings) as server:
        world = server.world("kept")
        under_way(world, receiver, gate)
        world.close()
        began = time.monotonic()
    assert time.monotonic() - began < 8

    came = threading.Event()

    def arrive(_: Received) -> int:
        came.set()
        return 200

    receiver.answers = [arrive]
    with running(settings) as server:
        assert came.wait(20), "without any request to that workspace"
        answer = httpx.post(
            f"{server.url}/w/kept/_sandbox/v1/webhooks/wait", json={"state": "DELIVERED"}, verify=NO_TLS
        )
        assert answer.status_code == 200, answer.text
    assert receiver.bodies[0] == receiver.bodies[1]


def test_what_was_under_way_at_a_kill_is_sent_after_it(tmp_path: Path, receiver: Receiver, gate: Gate) -> None:
    environment = {**os.environ, "LOCALSIGN_DATA_DIR": str(tmp_path), "LOCALSIGN_PORT": "0"}
    command = [sys.executable, "-m", "localsign", "serve", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            world = Server(url, None).world("kept")  # type: ignore[arg-type]
            under_way(world, receiver, gate)
            world.close()
        finally:
            process.send_signal(signal.SIGKILL)
    with running(Settings(data_dir=tmp_path)) as server:
        answer = httpx.post(
            f"{server.url}/w/kept/_sandbox/v1/webhooks/wait", json={"state": "DELIVERED", "timeout": 20}, verify=NO_TLS
        )
        assert answer.status_code == 200, answer.text
    assert receiver.bodies[0] == receiver.bodies[1]


def test_an_attempt_is_made_once_though_its_outcome_cannot_be_written_at_once(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[attempts.Taken] = []
    settle = attempts.settle

    def settle_late(work: Work, taken: attempts.Taken, outcome: attempts.Outcome) -> None:
        if not refused:
            refused.append(taken)
            raise StorageFullError("There is no space left.")
        settle(work, taken, outcome)

    monkeypatch.setattr(attempts, "settle", settle_late)
    subscribe(world, receiver.url)
    world.act(world.session(), "open")
    assert statuses(world) == [200]
    assert (len(refused), len(receiver.bodies)) == (1, 1)


def test_what_a_killed_server_was_sending_waits_for_no_lease(tmp_path: Path, receiver: Receiver) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    before = Sandbox(settings)
    with before.default.work() as work:
        deliveries_module.queue(work, api="sign", event="e", reference="x", url=receiver.url, body=b"{}")
        assert attempts.look(work, 1, lambda _: True).taken
    before.close()
    Folders(tmp_path).mark_left()
    with running(settings) as server:
        world = World(httpx.get(f"{server.url}/_sandbox/v1/workspaces/default", verify=NO_TLS).json())
        answer = world.control("POST", "webhooks/wait", {"state": "DELIVERED", "timeout": 20})
        assert answer.status_code == 200, answer.text
        assert receiver.bodies == [b"{}"]
        world.close()


def test_two_processes_on_one_folder_send_each_webhook_once(tmp_path: Path, receiver: Receiver) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    with running(settings) as one, running(settings) as other:
        here = one.world("shared")
        there = World(httpx.get(f"{other.url}/_sandbox/v1/workspaces/shared", verify=NO_TLS).json())
        subscribe(here, receiver.url)
        sessions = [here.session() for _ in range(8)]

        def sign_half(world: World, some: list[Json]) -> None:
            for session in some:
                assert world.act(session, "open").status_code == 200

        threads = [
            threading.Thread(target=sign_half, args=(world, sessions[number::2]))
            for number, world in enumerate((here, there))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        answer = here.control("POST", "webhooks/wait", {"state": "DELIVERED", "count": 8, "timeout": 30})
        assert answer.status_code == 200, answer.text
        deliver(there)
        assert len(receiver.bodies) == len(set(receiver.bodies)) == 8
        assert len(deliveries(there)) == 8
        here.close()
        there.close()


def test_the_lease_of_another_process_is_respected_until_it_ends(
    tmp_path: Path, receiver: Receiver, gate: Gate
) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    with running(settings) as one, running(settings) as other:
        here = one.world("shared")
        there = World(httpx.get(f"{other.url}/_sandbox/v1/workspaces/shared", verify=NO_TLS).json())
        under_way(here, receiver, gate)
        assert there.control("POST", "webhooks/deliver", {"timeout": 0.2}).json()["is_settled"] is False
        assert len(receiver.bodies) == 1
        gate.opened.set()
        assert deliver(there)["is_settled"]
        assert attempts.LEASE.total_seconds() > 2 * 10
        here.close()
        there.close()
