"""Calls leave for loopback and for allowed hosts only."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

import pytest

from localsign.core.egress import Egress, EgressFailedError, EgressRefusedError


class Receiver(BaseHTTPRequestHandler):
    """Echoes what it got; `/to?<url>` redirects, `/big` answers a lot, `/cookie` sets one."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        answer = b"x" * 100_000 if path == "/big" else self.command.encode() + b" " + body
        self.send_response(302 if path == "/to" else 200)
        if path == "/to":
            self.send_header("location", query)
        self.send_header("set-cookie", "a=b")
        self.send_header("x-seen", f"{self.headers.get('authorization')} {self.headers.get('cookie')}")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def egress() -> Iterator[Egress]:
    one = Egress()
    yield one
    one.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/a",
        "http://127.1.2.3/",
        "https://localhost/a?b",
        "http://LOCALHOST:80",
        "http://app.localhost/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_loopback_may_be_called(url: str) -> None:
    Egress().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http://",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "",
    ],
)
def test_nothing_else_may(url: str) -> None:
    with pytest.raises(EgressRefusedError, match=r"\.$"):
        Egress().check(url)


@pytest.mark.parametrize(
    ("allowed", "url", "may"),
    [
        ("hooks.test", "https://hooks.test/a", True),
        ("Hooks.test", "https://HOOKS.test:8443/a", True),
        ("hooks.test:8443", "https://hooks.test:8443/a", True),
        ("hooks.test:8443", "https://hooks.test/a", False),
        ("hooks.test:443", "https://hooks.test/a", True),
        ("*.hooks.test", "https://a.b.hooks.test/a", True),
        ("*.hooks.test", "https://hooks.test/a", False),
        ("*.hooks.test", "https://badhooks.test/a", False),
        ("*", "https://anything.test/a", True),
        ("*:443", "http://anything.test/a", False),
    ],
)
def test_the_settings_allow_more(allowed: str, url: str, may: bool) -> None:
    egress = Egress([allowed])
    if may:
        egress.check(url)
    else:
        with pytest.raises(EgressRefusedError, match="LOCALSIGN_EGRESS_ALLOW"):
            egress.check(url)


def test_an_answer_is_returned_whatever_it_is(egress: Egress, receiver: str) -> None:
    answer = egress.send("POST", f"{receiver}/a", content=b"hello", auth=("me", "secret"))
    assert (answer.status, answer.body) == (200, b"POST hello")
    assert answer.headers["x-seen"].startswith("Basic ")
    assert egress.send("GET", f"{receiver}/to?/a").status == 302


def test_cookies_do_not_go_from_one_call_to_the_next(egress: Egress, receiver: str) -> None:
    egress.send("GET", receiver)
    assert egress.send("GET", receiver).headers["x-seen"] == "None None"


def test_redirects_are_followed_and_checked(egress: Egress, receiver: str) -> None:
    answer = egress.send("POST", f"{receiver}/to?/a", content=b"hello", follow=True)
    assert (answer.status, answer.body) == (200, b"GET ")
    with pytest.raises(EgressRefusedError, match=r"example\.com"):
        egress.send("GET", f"{receiver}/to?http://example.com/", follow=True)
    with pytest.raises(EgressFailedError, match="more than 5 times"):
        egress.send("GET", f"{receiver}/to?/to?", follow=True)


def test_credentials_do_not_follow_to_another_host(egress: Egress, receiver: str) -> None:
    other = receiver.replace("127.0.0.1", "localhost")
    answer = egress.send("GET", f"{receiver}/to?{other}/a", auth=("me", "secret"), follow=True)
    assert answer.headers["x-seen"] == "None None"


def test_an_answer_that_is_too_large_is_not_read(egress: Egress, receiver: str) -> None:
    with pytest.raises(EgressFailedError, match="more than 1000 bytes"):
        egress.send("GET", f"{receiver}/big", max_bytes=1000)


def test_no_answer_is_said_in_a_sentence_without_secrets(egress: Egress) -> None:
    with pytest.raises(EgressFailedError) as failed:
        egress.send("GET", "http://user:word@127.0.0.1:1/path?token=abc")
    text = str(failed.value)
    assert text.startswith("GET to http://127.0.0.1:1/path got no answer:")
    assert "word" not in text
    assert "abc" not in text


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that never ends the head of its answer."""
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not is_over.wait(0.05):
                        connection.sendall(b"x-more: 1\r\n")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        is_over.set()
    thread.join(5)


def test_the_time_is_for_all_of_an_answer_its_head_included(egress: Egress, dripping: str, receiver: str) -> None:
    egress.prepare()
    began = monotonic()
    with pytest.raises(EgressFailedError, match="got no answer: timed out"):
        egress.send("POST", dripping, content=b"x", timeout=0.4)
    assert monotonic() - began < 5
    assert egress.send("POST", f"{receiver}/", content=b"x", timeout=5).status == 200


def test_a_name_of_this_machine_needs_no_dns(egress: Egress, receiver: str) -> None:
    port = receiver.rpartition(":")[2]
    assert egress.send("POST", f"http://any.name.localhost:{port}/", timeout=5).status == 200
