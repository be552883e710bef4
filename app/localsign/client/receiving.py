"""A real receiver of webhooks, in threads of its own: it verifies what comes, and answers as a test tells it to."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, cast

from localsign.client.errors import WaitTimeoutError
from localsign.core.clock import wall
from localsign.version import VERSION
from localsign.webhooks import SIGNATURE_HEADER, is_fresh, verify

SIGNICAT, SIGNING_TODAY = "/signicat", "/signing-today"  # the paths of the two dialects
ROBOT_HEADER = "X-Localsign-Secret"  # by it a robot's webhooks are known, which have no signature
TAKEN, NOT_GENUINE = 204, 401
MOST_NEAR = 3


@dataclass(frozen=True)
class Received:
    """A webhook that came. Names of headers are in lower case; `body` has the bytes as they were sent.

    `flaw` says why it is not genuine, None if it is; `answered` is the status that it got.
    """

    dialect: Literal["signicat", "signing-today"]
    headers: dict[str, str]
    body: bytes
    flaw: str | None
    answered: int = TAKEN

    @property
    def is_genuine(self) -> bool:
        return self.flaw is None

    @property
    def json(self) -> dict[str, Any]:
        """The body, read as JSON."""
        return cast(dict[str, Any], json.loads(self.body))

    @property
    def event(self) -> str:
        """The name of the event: `signing-session.completed`, `DST_STATUS_CHANGED`."""
        return str(self.json["eventName" if self.dialect == "signicat" else "message"])

    @property
    def data(self) -> dict[str, Any]:
        """What the event carries."""
        return cast(dict[str, Any], self.json["eventData" if self.dialect == "signicat" else "data"])


Answer = int | Callable[[Received], int]


@dataclass
class Post:
    """The server behind a receiver, from `start` to `stop`."""

    secret: str
    host: str = "127.0.0.1"
    tolerance: timedelta | None = timedelta(minutes=5)
    signature_header: str = SIGNATURE_HEADER
    received: list[Received] = field(default_factory=list)
    refused: list[Received] = field(default_factory=list)
    port: int = 0
    _answers: deque[Answer] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        self._server = _Server((self.host, 0), self)
        self.port = self._server.server_port
        threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="localsign-receiver", daemon=True
        ).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer_with(self, answers: Iterable[Answer]) -> None:
        with self._changed:
            self._answers.extend(answers)

    def clear(self) -> None:
        """Forget what came."""
        with self._changed:
            self.received.clear()
            self.refused.clear()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status for a webhook that has come."""
        dialect: Literal["signicat", "signing-today"] = "signing-today" if path == SIGNING_TODAY else "signicat"
        flaw = self._flaw_of_robot(headers) if path == SIGNING_TODAY else self._flaw_of_event(headers, body)
        came = Received(dialect, headers, body, flaw)
        status = NOT_GENUINE
        if came.is_genuine:
            with self._changed:
                answer = self._answers.popleft() if self._answers else TAKEN
            status = answer(came) if callable(answer) else answer
        came = Received(dialect, headers, body, flaw, status)
        with self._changed:
            (self.received if came.is_genuine else self.refused).append(came)
            self._changed.notify_all()
        return status

    def wait(
        self, wanted: Callable[[Received], Sequence[str]], count: int, timeout: float, words: str
    ) -> list[Received]:
        """Every genuine one of which `wanted` says that nothing is missed, as soon as there are `count`."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                missed = [(wanted(one), one) for one in self.received]
                found = [one for flaws, one in missed if not flaws]
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            near = [{**_told(one), "missed": list(flaws)} for flaws, one in reversed(missed) if flaws]
            near += [{**_told(one), "missed": [str(one.flaw)]} for one in reversed(self.refused)]
        lines = [f"  came: {one['event']} (missed: {', '.join(one['missed'])})" for one in near[:MOST_NEAR]]
        said = f"{len(found)} of {count} webhooks {words} came within {timeout:g} seconds."
        raise WaitTimeoutError("\n".join([said, *lines]), found=len(found), nearest=near[:MOST_NEAR])

    def _flaw_of_event(self, headers: dict[str, str], body: bytes) -> str | None:
        header = headers.get(self.signature_header.lower())
        if header is None:
            return f"it has no {self.signature_header}"
        if not verify(body, header, self.secret):
            return "its signature is not that of its body under the secret"
        try:
            if self.tolerance is not None and not is_fresh(body, wall(), self.tolerance):
                return f"it is not of the last {self.tolerance}"
        except ValueError as error:
            return str(error)
        return None

    def _flaw_of_robot(self, headers: dict[str, str]) -> str | None:
        return None if headers.get(ROBOT_HEADER.lower()) == self.secret else f"it has not the {ROBOT_HEADER}"


def _told(one: Received) -> dict[str, Any]:
    try:
        return {"event": one.event}
    except (ValueError, KeyError, TypeError):
        return {"event": "no event"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], post: Post) -> None:
        super().__init__(address, _Handler)
        self.post = post

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = f"localsign/{VERSION}", "(tests)"  # by which linting knows that it is no application

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = cast(_Server, self.server).post.take(self.path, headers, body)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `received`, not lines."""
