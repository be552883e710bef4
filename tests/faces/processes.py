"""`localsign` in processes of its own, as a shell starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def environment(**more: str) -> dict[str, str]:
    """The environment of a shell in which nothing is configured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")} | more


def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`localsign …`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "localsign", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(**settings),
        check=False,
    )


def start(*arguments: str, errors: int | None = None, **settings: str) -> "subprocess.Popen[str]":
    """`localsign serve …`, whose output is read by whoever calls; `errors` is where its complaints go."""
    return subprocess.Popen(
        [sys.executable, "-m", "localsign", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env=environment(**settings),
    )


def announced(process: "subprocess.Popen[str]") -> Any:
    """What a server that was started with `--json` says first."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else "it said nothing"
    return json.loads(line)


def lines_until_ready(process: "subprocess.Popen[str]") -> list[str]:
    """What a server tells a person until it is ready."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "Ready.\n":
            break
    return lines


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[dict[str, Any]]:
    """`localsign serve --port 0 --json`; what it announced. It must end well when it is asked to."""
    process = start("--port", "0", "--json", *arguments, errors=subprocess.PIPE, **settings)
    try:
        yield announced(process)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
