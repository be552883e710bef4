"""SIGTERM: what is under way ends, everything is on disk, and the process ends with 0 within ten seconds."""

import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.events.receiver import Received, receiving
from tests.faces.processes import announced, start
from tests.world import World

MOST_SECONDS = 10


class Process:
    """`localsign serve` as a process of its own, with a folder."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        given = ("--port", "0", "--json", "--data-dir", str(folder), *arguments)
        self._process = start(*given, errors=subprocess.PIPE)
        self.url: str = announced(self._process)["url"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/v1/{path}", json=body, timeout=30)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def world(self) -> World:
        return World(self.control("GET", "workspaces/default"))

    def stop(self) -> float:
        """Ask it to stop; the seconds that it took. It must end with 0 and without a complaint."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        _, errors = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, errors
        assert "Traceback" not in errors
        return time.monotonic() - began

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=30)


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Process]:
    process = Process(folder, *arguments)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def meanwhile(function: Callable[[], Any]) -> Iterator[Any]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(function)


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    latest = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < latest
        time.sleep(0.02)


def is_checkpointed(database: Path) -> bool:
    """Whether all is in the file itself, also for who copies only that one."""
    log = database.with_name(database.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


@pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["one", "workers"])
def test_a_request_in_flight_is_answered(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with running(tmp_path, *arguments) as process:
        world = process.world()
        kept = world.upload(b"kept", "text/plain")
        process.control("POST", "faults", {"kind": "latency", "operation": "sign.get_document", "latency": "PT3S"})
        with meanwhile(lambda: world.api.get(f"/sign/documents/{kept}")) as answer:
            until(lambda: process.control("GET", "faults")[0]["hits"] == 1)
            seconds = process.stop()
            assert answer.result().status_code == 200
            assert answer.result().content == b"kept"
        assert seconds < MOST_SECONDS
        world.close()
    database = tmp_path / "workspaces" / "default" / "world.db"
    assert is_checkpointed(database)
    with sqlite3.connect(f"file:{database}?immutable=1", uri=True) as alone:
        assert alone.execute("SELECT count(*) FROM document").fetchone() == (1,)
    alone.close()


def subscribe(process: Process, url: str) -> str:
    hook = process.control("POST", "webhooks/subscriptions", {"events": ["*"], "config": {"url": url}})
    return str(process.control("POST", f"webhooks/subscriptions/{hook['id']}/test")["deliveryId"])


def test_a_webhook_in_flight_is_delivered_once_and_written_down(tmp_path: Path) -> None:
    def slowly(_: Received) -> int:
        time.sleep(3)
        return 200

    with receiving() as receiver:
        receiver.answers = [slowly]
        with running(tmp_path) as process:
            delivery = subscribe(process, receiver.url)
            until(lambda: len(receiver.received) == 1)
            assert 2 < process.stop() < MOST_SECONDS
        assert is_checkpointed(tmp_path / "workspaces" / "default" / "world.db")
        with running(tmp_path) as process:
            found = process.control("GET", f"webhooks/deliveries/{delivery}")
            assert (found["state"], len(found["attempts"])) == ("DELIVERED", 1)
            process.stop()
        assert len(receiver.received) == 1


def test_a_webhook_that_takes_too_long_is_sent_again_by_the_next(tmp_path: Path) -> None:
    ended = threading.Event()

    def never(_: Received) -> int:
        ended.wait(60)
        return 200

    with receiving() as receiver:
        receiver.answers = [never]
        with running(tmp_path) as process:
            delivery = subscribe(process, receiver.url)
            until(lambda: len(receiver.received) == 1)
            assert process.stop() < MOST_SECONDS
        ended.set()
        with running(tmp_path) as process:
            until(lambda: len(receiver.received) == 2)
            until(lambda: process.control("GET", f"webhooks/deliveries/{delivery}")["state"] == "DELIVERED")
            process.stop()


def test_what_waits_for_nothing_stops_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        idle = httpx.Client(base_url=process.url, timeout=60)
        assert idle.get("/_sandbox/health/ready").status_code == 200  # its connection stays open
        assert process.stop() < MOST_SECONDS
        idle.close()
