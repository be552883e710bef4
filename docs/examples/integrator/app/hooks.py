"""Webhooks: only what the vendor really sent, once, and in any order."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Handle = Callable[[dict[str, Any]], None]
SIGNATURE = "X-Signicat-Signature"
OLDEST = timedelta(minutes=5)


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251


class Hooks:
    """What to do with each event, by its name. `take` answers the status that the vendor gets."""

    def __init__(self, secret: str, handlers: dict[str, Handle], clock: Callable[[], datetime] = now) -> None:
        self._secret = secret.encode()
        self._handlers = handlers
        self._clock = clock
        self._seen: set[str] = set()
        self._guard = threading.Lock()
        self.taken: list[str] = []
        self.refused = 0

    def take(self, body: bytes, signature: str | None) -> int:
        expected = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), (signature or "").encode()):
            self.refused += 1
            return 401
        event = json.loads(body)
        if abs(self._clock() - datetime.fromisoformat(event["timestamp"])) > OLDEST:
            self.refused += 1
            return 400
        with self._guard:
            if event["id"] in self._seen:
                return 200
            handle = self._handlers.get(event["eventName"])
            if handle is not None:
                handle(event)
            self._seen.add(event["id"])  # after it: who failed is told again
            self.taken.append(event["eventName"])
        return 200

    @contextmanager
    def listening(self, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
        """The port at which the vendor's calls are taken; 0 is a free one."""
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    status = hooks.take(body, self.headers.get(SIGNATURE))
                except Exception:
                    status = 500
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        with ThreadingHTTPServer((host, port), Handler) as server:
            thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
            thread.start()
            try:
                yield server.server_port
            finally:
                server.shutdown()
                thread.join(5)
