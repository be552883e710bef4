"""How the server logs: for people on a terminal, else one JSON object a line; never a secret."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from localsign.logs import Text, configuration
from localsign.settings import Settings

SECRET = "localsign-secret"


@contextmanager
def serving(log: Path, *, is_terminal: bool = False, **settings: str) -> Iterator[str]:
    """A server in a process of its own whose log goes to a file, or to a terminal."""
    environment = {**os.environ, "LOCALSIGN_LOG_LEVEL": "info", **settings}
    terminal, their_end = os.openpty() if is_terminal else (None, None)
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "localsign", "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=their_end or file,
            env=environment,
        )
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            process.stdout.close()
    if terminal is not None and their_end is not None:
        log.write_bytes(os.read(terminal, 65536))
        os.close(terminal)
        os.close(their_end)


def use(url: str) -> httpx.Response:
    """Log in, fetch something, and follow a link that carries a token."""
    token = httpx.post(
        f"{url}/auth/open/connect/token",
        data={"grant_type": "client_credentials"},
        auth=("localsign", SECRET),
    ).json()["access_token"]
    httpx.get(f"{url}/sign/?sessionId=6a2f41a3-c54c-4e6b-8d57-0e1b8c9f2a11")
    return httpx.get(
        f"{url}/sign/signing-sessions?token=hidden-one",
        headers={"Authorization": f"Bearer {token}", "X-Request-Id": "mine-1"},
    )


def test_a_file_gets_one_object_a_line(tmp_path: Path) -> None:
    with serving(tmp_path / "log") as url:
        answer = use(url)
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(line.keys() >= {"at", "level", "logger", "message"} for line in lines)
    assert {"uvicorn.error", "localsign.access"} <= {line["logger"] for line in lines}
    [told] = [line for line in lines if line.get("operation") == "sign.list_signing_sessions"]
    assert (told["api"], told["status"], told["workspace"], told["method"]) == ("sign", 200, "default", "GET")
    assert (told["request_id"], told["trace_id"]) == ("mine-1", answer.headers["x-trace-id"])
    assert told["ms"] > 0
    assert told["path"] == "/sign/signing-sessions"
    for hidden in (SECRET, "eyJ", "6a2f41a3", "hidden-one"):
        assert hidden not in text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_terminal_gets_lines_for_people(tmp_path: Path) -> None:
    with serving(tmp_path / "log", is_terminal=True) as url:
        use(url)
    text = (tmp_path / "log").read_text()
    said = r"info sign\.list_signing_sessions: GET /sign/signing-sessions 200 [\d.]+ ms \(default, mine-1\)"
    assert re.search(rf"\d\d:\d\d:\d\d\.\d{{3}} {said}", text)
    assert SECRET not in text


def test_the_format_can_be_chosen(tmp_path: Path) -> None:
    with serving(tmp_path / "log", LOCALSIGN_LOG_FORMAT="text") as url:
        use(url)
    assert " info sign.list_signing_sessions: GET " in (tmp_path / "log").read_text()


def test_by_default_only_what_is_wrong_is_logged(tmp_path: Path) -> None:
    with serving(tmp_path / "log", LOCALSIGN_LOG_LEVEL="warning") as url:
        use(url)
    assert (tmp_path / "log").read_text() == ""


@pytest.mark.parametrize(("chosen", "expected"), [("text", "Text"), ("json", "Json")])
def test_one_configuration_is_for_uvicorn_and_for_us(chosen: str, expected: str) -> None:
    made = configuration(Settings(log_format=chosen, log_level="debug"))
    assert made["formatters"]["lines"]["()"] == f"localsign.logs.{expected}"
    assert {name: one["level"] for name, one in made["loggers"].items()} == {"localsign": "DEBUG", "uvicorn": "DEBUG"}


def test_a_path_cannot_pretend_to_be_a_line_or_move_the_cursor() -> None:
    path = "/sign/\n12:00:00.000 critical forged \x1b[2J\x85\u2028\u202eä"
    record = logging.LogRecord("localsign.access", logging.INFO, "", 0, "GET %s", (path,), None)
    [line] = Text().format(record).splitlines()
    assert line.endswith(r": GET /sign/\n12:00:00.000 critical forged \x1b[2J\x85\u2028\u202eä")


def test_a_traceback_keeps_its_lines() -> None:
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        record = logging.LogRecord("localsign", logging.ERROR, "", 0, "it failed", (), sys.exc_info())
    lines = Text().format(record).splitlines()
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == r"ValueError: \x1b[2J"
