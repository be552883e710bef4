"""A real browser for tests of pages, and a site of an integrator to come back to. A plugin: see `conftest.py`."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Of a module, not of the whole run: its event loop would be in the way of tests that have one of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said."""
    return []


@pytest.fixture(params=[False, True], ids=["without scripts", "with scripts"])
def page(browser: "Browser", complaints: list[str], request: pytest.FixtureRequest) -> "Iterator[Page]":
    """An empty page, without scripts and with them."""
    context = browser.new_context(java_script_enabled=request.param)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


class Integrator(BaseHTTPRequestHandler):
    """Where the integrator sends the signer; remembers what was asked of it."""

    asked: list[str]
    referrers: list[str | None]

    def do_GET(self) -> None:
        if self.path != "/favicon.ico":
            self.asked.append(self.path)
            self.referrers.append(self.headers["Referer"])
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Back</title><h1>Back at the integrator</h1>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def integrator() -> Iterator[ThreadingHTTPServer]:
    Integrator.asked, Integrator.referrers = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Integrator) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
