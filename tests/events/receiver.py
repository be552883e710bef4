"""A receiver of webhooks on loopback, which answers as a test tells it to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.world import Json, World


@dataclass(frozen=True)
class Received:
    """One call; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, in order. `answers` are used up one after the other, a status or a function; then it is 200."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: list[int | Callable[[Received], int]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b"thanks"
    most_at_once: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def bodies(self) -> list[bytes]:
        return [one.body for one in self.received]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver in threads of its own."""

    class Handler(BaseHTTPRequestHandler):
        under_way = 0

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            call = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with receiver.guard:
                receiver.received.append(call)
                step = receiver.answers.pop(0) if receiver.answers else 200
                Handler.under_way += 1
                receiver.most_at_once = max(receiver.most_at_once, Handler.under_way)
            status = step if isinstance(step, int) else step(call)
            with receiver.guard:
                Handler.under_way -= 1
            self.send_response(status)
            for name, value in {**receiver.headers, "Content-Length": str(len(receiver.answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.answer)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:  # a caller that went away
            pass

    server = Server(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join(5)


SECRET = "a-shared-secret"


def subscribe(world: World, url: str, *events: str, **config: Any) -> Json:
    """A subscription to `events`, or to all."""
    wanted = {"events": list(events) or ["*"], "config": {"url": url, "secret": SECRET, **config}}
    answer = world.control("POST", "webhooks/subscriptions", wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def deliver(world: World) -> Json:
    """Wait until nothing is due; the attempts that were made."""
    answer = world.control("POST", "webhooks/deliver")
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_settled"]
    return dict(answer.json())


def statuses(world: World) -> list[int | None]:
    """`deliver`, and what the receiver answered to each new attempt."""
    return [one["status"] for one in deliver(world)["attempts"]]


def deliveries(world: World, **query: Any) -> list[Json]:
    """Deliveries, the newest first."""
    answer = world.anonymous.get("/_sandbox/v1/webhooks/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["deliveries"])
