"""A server in a process of its own, which ends with this one, however that ends."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import IO

from localsign.client.errors import CannotStartError
from localsign.client.servers.server import Server, wait_until_ready
from localsign.settings import PREFIX, Settings

SECONDS_TO_END = 10
LAST_WORDS = 2000


class Process(Server):
    """`localsign serve` under this Python, on a free port unless the settings say otherwise."""

    def __init__(self, settings: Settings, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None
        self._said = ""

    def start(self) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        # A file, as nobody reads it while the server runs: a pipe would fill up and stop it.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "localsign.client.servers.child"],
            env={**others, **self._settings.environment()},
            stdin=subprocess.PIPE,  # it ends when this is closed
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )
        line = self._first_line(self._process)
        try:
            announced = json.loads(line)
        except ValueError:
            self.stop()
            raise CannotStartError(f"localsign did not start: {self._said or 'it said nothing'}") from None
        self.url = announced["url"]
        self.control_token = announced["control_token"]
        try:
            wait_until_ready(self.url, self._timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        if self._errors is not None:
            self._said = _end_of(self._errors)
            self._errors.close()

    def _first_line(self, process: "subprocess.Popen[str]") -> str:
        """What it announces; it is ended if that takes too long."""
        assert process.stdout is not None
        impatience = threading.Timer(self._timeout, process.kill)
        impatience.start()
        try:
            return process.stdout.readline()
        finally:
            impatience.cancel()


def _end_of(file: IO[str]) -> str:
    file.seek(0)
    return file.read()[-LAST_WORDS:].strip()
