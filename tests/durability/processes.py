"""A server of several workers, real processes all of them, any of which a test may kill."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from tests.faces.processes import serving
from tests.world import World


class Workers:
    """What a server of several workers announced, and who they are."""

    def __init__(self, announced: dict[str, Any]) -> None:
        self.url: str = announced["url"]
        self._parent: int = announced["pid"]

    def pids(self) -> set[int]:
        """The workers that live at this moment."""
        found = set()
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                command = path.with_name("cmdline").read_bytes()
                if int(path.read_text().rpartition(")")[2].split()[1]) == self._parent and b"spawn_main" in command:
                    found.add(int(path.parent.name))
            except (FileNotFoundError, ProcessLookupError):  # it has just ended
                continue
        return found

    def kill(self, *pids: int) -> None:
        """End workers, all unless told which, and wait until others are in their places."""
        gone, count = set(pids) or self.pids(), len(self.pids())
        for pid in gone:
            os.kill(pid, signal.SIGKILL)
        latest = monotonic() + 60
        while len(self.pids() - gone) < count:
            assert monotonic() < latest, "no worker came in the place of one that was killed"
            sleep(0.05)
        assert self.call("GET", "/_sandbox/health/ready").json() == {"status": "ready"}

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A call on a connection of its own, so that any of the workers may take it; it must succeed."""
        answer = httpx.request(method, f"{self.url}{path}", json=body, timeout=60, verify=False, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def world(self, name: str = "default") -> World:
        """Clients of a workspace that is there."""
        return World(self.call("GET", f"/_sandbox/v1/workspaces/{name}").json())


@contextmanager
def workers(folder: Path, count: int = 2, *arguments: str, **settings: str) -> Iterator[Workers]:
    """A server with `count` workers on `folder`. It must end well when it is asked to."""
    with serving("--workers", str(count), "--data-dir", str(folder), *arguments, **settings) as announced:
        yield Workers(announced)
