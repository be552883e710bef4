"""Where each API is, and the applications that answer there: each is imported and built at its first request."""

import threading
from collections.abc import Callable, Iterator

from fastapi import FastAPI

from localsign.apis import APIS, Entry
from localsign.control.errors import render
from localsign.core.api import Api
from localsign.core.http import RenderError

HEALTH = "/_sandbox/health"
CONTROL = "/_sandbox"


class Mounted:
    """An API under its prefix, or under parts of it.

    `owns`: the paths that it answers, with everything below them; by default its prefix.
    """

    # One for all: FastAPI silences warnings while it builds, which two threads at once undo for each other.
    _guard = threading.Lock()

    def __init__(
        self, name: str, prefix: str, manifest: Callable[[], Api], *, is_vendor: bool = True, owns: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.prefix = prefix
        self.is_vendor = is_vendor
        self.is_control = not is_vendor and prefix != HEALTH
        self.owns = owns or (prefix,)
        self.app: FastAPI | None = None
        self.operations: dict[str, bytes] = {}
        self.render: RenderError = render
        self._manifest = manifest

    def build(self) -> FastAPI:
        """The application; also sets the value of X-Sandbox-Operation for each of its operations."""
        with self._guard:
            if self.app is None:
                api = self._manifest()
                self.render = api.render_error
                self.operations = api.operation_headers()
                self.app = api.build()
            return self.app


class Mounts:
    """All of them, to be found by path."""

    def __init__(self) -> None:
        self._all = (
            *(_vendor(entry) for entry in APIS),
            Mounted("sandbox", HEALTH, _health, is_vendor=False),
            *(_added(entry) for entry in APIS if entry.control),
            Mounted("sandbox", CONTROL, _control, is_vendor=False),
        )
        self._found: dict[str, list[tuple[str, Mounted]]] = {}  # by first segment, in the order in which to look
        for one in self._all:
            for path in one.owns:
                self._found.setdefault(path.split("/")[1], []).append((path, one))

    def __iter__(self) -> Iterator[Mounted]:
        return iter(self._all)

    def find(self, path: str) -> Mounted | None:
        """Who answers at `path`."""
        for start, one in self._found.get(path[1:].partition("/")[0], ()):
            if path.startswith(start) and path[len(start) : len(start) + 1] in ("", "/"):
                return one
        return None

    def prefixes(self) -> list[str]:
        """What there is, for who asks elsewhere."""
        return sorted({*(entry.mount for entry in APIS), HEALTH, CONTROL})


def _vendor(entry: Entry) -> Mounted:
    return Mounted(entry.name, entry.mount, lambda: entry.api)


def _added(entry: Entry) -> Mounted:
    """What an API adds to the control plane, of which the rest does not wait for it."""
    prefix = f"{CONTROL}/v1"

    def manifest() -> Api:
        from localsign.control.added import added_by

        return added_by(entry)

    return Mounted("sandbox", prefix, manifest, is_vendor=False, owns=tuple(prefix + path for path in entry.control))


def _control() -> Api:
    from localsign.control.api import API

    return API


def _health() -> Api:
    from localsign.control.health import API

    return API
