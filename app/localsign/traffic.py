"""One request and its answer as they pass: limited, signed, measured, written to the journal and the log.

It is in the way of every request, so it keeps references to what passes and leaves reading them to who asks.
"""

import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from localsign.apis import links
from localsign.core.causes import Caused
from localsign.core.errors import TooLargeError
from localsign.core.journal import Body, Entry, Kind, Refusal
from localsign.version import VERSION
from localsign.workspace import Workspace

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NO_CONTENT = 204
_SERVER = f"localsign/{VERSION}".encode()
_SANE_ID = re.compile(r"(?!eyJ)[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
_log = logging.getLogger("localsign.access")


def sane_id(asked: str) -> str | None:
    """The caller's `X-Request-Id` if it may be repeated: short, of harmless letters, and no token."""
    return asked if _SANE_ID.fullmatch(asked) else None


class Exchange:
    """A request under way. `receive` and `send` stand between the server and whatever answers.

    The entry is written right before the last piece of the answer leaves, so that who has an answer finds it there.
    """

    __slots__ = (
        "_receive",
        "_send",
        "caused",
        "entry",
        "is_over",
        "is_quiet",
        "operations",
        "scope",
        "started",
        "state",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, state: dict[str, Any]) -> None:
        self.started = perf_counter()
        self.scope = scope
        self.state = state
        self.entry = Entry(Kind.REQUEST, scope["method"], scope["path"], scope["query_string"])
        self.caused = Caused()
        self.operations: dict[str, bytes] = {}  # of the API that was found: the value of X-Sandbox-Operation
        self.is_quiet = False  # neither measured nor written anywhere
        self.is_over = False
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """The next piece of the body; refuses one longer than `body_limit`, which a route may raise before reading."""
        message = await self._receive()
        chunk = message.get("body", b"")
        if chunk:
            body = self.entry.body
            if body is None:
                body = self.entry.body = Body()
            body.add(chunk)
            if body.size > self.state["body_limit"]:
                raise TooLargeError(f"The body is larger than {self.state['body_limit']} bytes.")
        return message

    async def send(self, message: Message) -> None:
        kind, entry = message["type"], self.entry
        if kind == "http.response.start":
            entry.status = message["status"]
            headers = message.get("headers", ())
            if entry.status == _NO_CONTENT:  # FastAPI names a kind of body also where there is none
                headers = [one for one in headers if one[0].lower() != b"content-type"]
            message["headers"] = entry.answer_headers = [*headers, *self._signature()]
        elif kind == "http.response.body":
            chunk = message.get("body", b"")
            if chunk:
                if entry.answer_body is None:
                    entry.answer_body = Body()
                entry.answer_body.add(chunk)
            if not message.get("more_body"):
                self.end()
        await self._send(message)

    def _signature(self) -> list[tuple[bytes, bytes]]:
        state = self.state
        trace_id = state["trace_id"]
        signature = [
            (b"x-sandbox", _SERVER),
            (b"x-trace-id", trace_id.encode()),
            (b"x-request-id", state.get("request_id", trace_id).encode()),
        ]
        if state.get("faults"):
            signature.append((b"x-sandbox-fault", ",".join(map(str, state["faults"])).encode()))
        self._find_operation()
        if self.entry.operation:
            signature.append((b"x-sandbox-operation", self.entry.operation))
        return signature

    def _find_operation(self) -> None:
        entry = self.entry
        route: Any = self.scope.get("route")
        operation = self.operations.get(getattr(route, "operation_id", None) or "")
        if operation and entry.method in route.methods:  # a wrong method meets the route, but is not its operation
            entry.operation = operation
            entry.takes_members = getattr(route, "body_field", None) is not None

    def end(self) -> None:
        """It is over: measure and write it. Once; the answer may have been cut off."""
        if self.is_over:
            return
        self.is_over = True
        entry = self.entry
        entry.seconds = perf_counter() - self.started
        if self.is_quiet:
            return
        if entry.status is None:
            self._find_operation()
        entry.prefix = self.state.get("prefix", "")
        entry.path = entry.path.removeprefix(entry.prefix)
        workspace: Workspace | None = self.state.get("workspace")
        status = entry.status or 0
        self.state["app"].sandbox.house.meter.observe(entry.operation, status, entry.seconds)
        if workspace is not None:
            workspace.meter.observe(entry.operation, status, entry.seconds)
            if entry.api != "sandbox" or self._is_act():
                self._keep(workspace)
        if _log.isEnabledFor(logging.INFO):
            self._tell(workspace)

    def _is_act(self) -> bool:
        """Whether a call of the control plane changed the world, or came too late to."""
        return self.entry.method != "GET" and (self.caused.wrote or self.entry.status == 409)

    def _keep(self, workspace: Workspace) -> None:
        entry, state = self.entry, self.state
        entry.at = workspace.clock.now()
        entry.trace_id = state["trace_id"]
        entry.request_id = state["request_id"]
        entry.origin = state["api_origin"]
        entry.caused = self.caused.entries
        entry.rests_on = tuple(sorted(self.caused.rests_on))
        entry.fired = tuple(sorted(self.caused.timers))
        entry.faults = tuple(map(str, state.get("faults", ())))
        refused: BaseException | None = state.get("refusal")
        if refused is not None:
            entry.refusal = Refusal(refused)
        entry.headers = self.scope["headers"]
        if entry.api == "sandbox":
            entry.kind = Kind.CONTROL
        workspace.journal.add(entry)

    def _tell(self, workspace: Workspace | None) -> None:
        entry, state = self.entry, self.state
        told = {
            "api": entry.api,
            "operation": entry.name,
            "method": entry.method,
            "path": links().path(entry.path, is_known=bool(entry.operation)),
            "status": entry.status,
            "ms": round(entry.seconds * 1000, 1),
            "workspace": workspace and workspace.name,
            "trace_id": state["trace_id"],
            "request_id": state.get("request_id", state["trace_id"]),
        }
        _log.info("%s %s %s", entry.method, told["path"], entry.status, extra={"told": told})
