"""Just enough of Docker's daemon for a container of localsign: a process in its place, over Docker's HTTP API."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

API = "1.44"
ID = "c0ffee" * 10


class Daemon(ThreadingHTTPServer):
    """At most one container, which `created` describes."""

    daemon_threads = True
    created: dict[str, Any]
    process: "subprocess.Popen[str] | None" = None
    port = ""

    def run(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
        environment |= dict(one.split("=", 1) for one in self.created["Env"])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "localsign", "serve", "--json", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = json.loads(self.process.stdout.readline())["url"].rpartition(":")[2]

    def end(self) -> None:
        if self.process is not None:
            assert self.process.stdout is not None
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


class Handler(BaseHTTPRequestHandler):
    server: Daemon

    def do_GET(self) -> None:
        path = re.sub(r"^/v[\d.]+|\?.*", "", self.path)
        if path == "/version":
            self.answer(200, {"ApiVersion": API, "MinAPIVersion": "1.24", "Version": "25"})
        elif path == f"/containers/{ID}/json":
            ports = {"8480/tcp": [{"HostIp": "127.0.0.1", "HostPort": self.server.port}]}
            state = {"Status": "running", "Running": True}
            config = {"Image": "localsign", "Labels": {}}
            network = {"Ports": ports, "Networks": {}}
            self.answer(200, {"Id": ID, "State": state, "Config": config, "NetworkSettings": network, "Image": "i"})
        else:
            self.answer(200, [] if path == "/networks" else {"Id": "i"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "/containers/create" in self.path:
            self.server.created = json.loads(body)
            self.answer(201, {"Id": ID, "Warnings": []})
        else:
            self.server.run()
            self.answer(204, None)

    def do_DELETE(self) -> None:
        self.server.end()
        self.answer(204, None)

    def answer(self, status: int, body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Api-Version", API)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def daemon() -> Iterator[Daemon]:
    """A daemon on loopback."""
    server = Daemon(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.end()
    server.shutdown()
    server.server_close()
