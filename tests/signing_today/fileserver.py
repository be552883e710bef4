"""A server with files, which remembers the headers of those who asked."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Files:
    """What is served, where, and who asked for it: header names in lower case."""

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self.content = content
        self.asked: list[dict[str, str]] = []
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving(content: Mapping[str, bytes]) -> Iterator[Files]:
    """Serve `content` by path while it lasts."""
    files = Files(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.asked.append({name.lower(): value for name, value in self.headers.items()})
            found = files.content.get(self.path.partition("?")[0])
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        files.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield files
        server.shutdown()
        thread.join()
