"""`localsign health` and `localsign wait`: what a container engine, or a script, asks a server."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.conftest import Server
from tests.faces.processes import free_port, run

from localsign.probe import is_plain_health, is_ready_within, own_url, refusal, waited_for


def test_health_ends_with_0_where_a_server_is_ready(server: Server) -> None:
    ended = run("health", LOCALSIGN_PORT=server.url.rpartition(":")[2])
    assert (ended.returncode, ended.stdout) == (0, f"{server.url} is ready.\n")
    ended = run("health", "--url", server.url)
    assert (ended.returncode, ended.stdout) == (0, f"{server.url} is ready.\n")


def test_health_ends_with_4_where_nobody_is() -> None:
    port = str(free_port())
    for ended in (run("health", LOCALSIGN_PORT=port), run("health", "--url", f"http://127.0.0.1:{port}")):
        assert (ended.returncode, ended.stdout) == (4, "")
        assert f"http://127.0.0.1:{port} is not ready" in ended.stderr


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that says always the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (503, b'{"status": "starting", "detail": "Not yet."}', "Not yet."),
        (503, b'{"status": "starting"}', "it answered 503"),
        (502, b"<html>", "it answered 502"),
        (503, b"[]", "it answered 503"),
        (204, b"", "it answered 204"),
    ],
)
def test_the_reason_is_told(status: int, body: bytes, says: str) -> None:
    with answering(status, body) as url:
        assert refusal(url) == says
        assert waited_for(url, 0) == says
        assert not is_ready_within(url, 0)


def test_the_reason_is_shown_to_people() -> None:
    with answering(503, b'{"status": "starting", "detail": "Not yet."}') as url:
        for ended in (run("health", "--url", url), run("wait", "--url", url, "--timeout", "0")):
            assert ended.returncode == 4
            assert "Not yet." in ended.stderr


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8480"),
        ({"LOCALSIGN_HOST": "0.0.0.0", "LOCALSIGN_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"LOCALSIGN_HOST": "::"}, "http://[::1]:8480"),
        ({"LOCALSIGN_HOST": "192.0.2.7", "LOCALSIGN_PORT": ""}, "http://192.0.2.7:8480"),
        ({"LOCALSIGN_TLS": "self-signed"}, "https://127.0.0.1:8480"),
        ({"LOCALSIGN_TLS": "off"}, "http://127.0.0.1:8480"),
        ({"LOCALSIGN_TLS_CERT": "/tls/cert.pem"}, "https://127.0.0.1:8480"),
    ],
)
def test_where_a_configured_server_is_asked(environment: dict[str, str], url: str) -> None:
    assert own_url(environment) == url


def test_asking_for_health_imports_no_framework() -> None:
    assert is_plain_health(["localsign", "health"])
    assert not is_plain_health(["localsign", "health", "--help"])
    script = (
        "import sys, localsign.__main__ as m; sys.argv = ['localsign', 'health']\n"
        "try: m.main()\n"
        "except SystemExit: print([n for n in ('typer', 'pydantic', 'fastapi', 'httpx') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
