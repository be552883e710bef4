"""A system of the user's, as workflows call it: answers as it is told, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.world import Json


class Receiver:
    """`answers` maps a path to a status and a body; `asked` holds what came, in order."""

    def __init__(self) -> None:
        self.asked: list[Json] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self.hook: Any = None
        self.kind = ""  # the media type of answers; by default what fits them
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.asked.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
                if receiver.hook is not None:
                    receiver.hook()
                status, content = receiver.answers.get(self.path, (200, {"ok": True}))
                sent = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                plain = isinstance(content, bytes)
                self.send_header("Content-Type", receiver.kind or ("text/plain" if plain else "application/json"))
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PUT = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
