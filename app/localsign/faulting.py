"""Faults at the edge: what a request meets instead of, or beside, its answer."""

import asyncio
import math
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from starlette.routing import Match

from localsign.core import faults
from localsign.core.errors import (
    ApiError,
    BadInputError,
    ConflictError,
    ForbiddenError,
    InjectedError,
    MethodNotAllowedError,
    NotFoundError,
    TooLargeError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from localsign.core.faults import Fault, FaultKind, Struck
from localsign.core.http import RenderError
from localsign.workspace import Workspace

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_MEMO = "faults are set"
_NATURAL: dict[int, type[ApiError]] = {
    kind.status: kind
    for kind in (
        BadInputError,
        UnauthenticatedError,
        ForbiddenError,
        NotFoundError,
        MethodNotAllowedError,
        ConflictError,
        TooLargeError,
        TooManyRequestsError,
    )
}


class ConnectionFault(ConnectionResetError):  # noqa: N818
    """What a client in this process gets where one on the network would see its connection reset."""


async def strike(workspace: Workspace, api: str, app: FastAPI, scope: Scope) -> Struck | None:
    """What this request of `api` meets; None, at next to no cost, where nothing is set."""
    are_set = workspace.memo.get(_MEMO)
    if are_set is False:
        return None
    await workspace.turn()
    with workspace.held() as work:
        if are_set is None:
            are_set = workspace.memo[_MEMO] = faults.are_set(work)
        operation = are_set and _operation(app, scope)
        return faults.strike(work, f"{api}.{operation}") if operation else None


def forget(workspace: Workspace) -> None:
    """Look anew whether faults are set; they were changed."""
    workspace.memo.pop(_MEMO, None)


def _operation(app: FastAPI, scope: Scope) -> str | None:
    for route in app.router.routes:
        if route.matches(scope)[0] is Match.FULL:
            scope["route"] = route  # what ends here is still a request of that operation
            return getattr(route, "operation_id", None)
    return None


async def meddle(
    struck: Struck,
    respond: Callable[[Send], Awaitable[None]],
    receive: Receive,
    send: Send,
    connection: Send,
    render: RenderError,
    trace_id: str,
) -> Response | None:
    """Let a request meet what it was struck by. `respond` does what the request asks and answers through a `send`.

    Returns an answer that is to be sent instead; `connection` is the server's own `send`, which knows the connection.
    """
    if struck.latency:
        await asyncio.sleep(struck.latency.total_seconds())
    if struck.retry_after is not None:
        return render(_over_limit(struck.retry_after), trace_id)
    match struck.fault and struck.fault.kind:
        case None:
            await respond(send)
        case FaultKind.ERROR:
            return _error(struck.fault, render, trace_id)
        case FaultKind.RESET:
            await _reset(receive, connection)
        case FaultKind.LOST_ANSWER:
            await respond(_into([]))
            await _reset(receive, connection)
        case FaultKind.TRUNCATE:
            answer: list[Message] = []
            await respond(_into(answer))
            await _break_off(answer, receive, send, connection)
    return None


def _over_limit(wait: timedelta) -> ApiError:
    seconds = max(1, math.ceil(wait.total_seconds()))
    return TooManyRequestsError(
        f"The rate limit of this operation is used up; the next request may come in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )


def _error(fault: Fault | None, render: RenderError, trace_id: str) -> Response:
    assert fault is not None
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.body is not None:
        return JSONResponse(fault.body, fault.status, headers=headers)
    detail = fault.detail or f"A fault of this workspace answers with {fault.status}."
    natural = _NATURAL.get(fault.status)
    if natural is not None:
        return render(natural(detail, code=fault.code, headers=headers), trace_id)
    title = HTTPStatus(fault.status).phrase.capitalize() if fault.status in set(HTTPStatus) else "Error"
    code = fault.code or title.lower().replace(" ", "_")
    return render(InjectedError(detail, status=fault.status, code=code, title=title, headers=headers), trace_id)


def _into(answer: list[Message]) -> Send:
    async def collect(message: Message) -> None:
        answer.append(message)

    return collect


async def _break_off(answer: list[Message], receive: Receive, send: Send, connection: Send) -> None:
    """Send the head, the first half of the body, and end the connection."""
    body = b"".join(one.get("body", b"") for one in answer if one["type"] == "http.response.body")
    if len(body) < 2 or answer[0]["type"] != "http.response.start":
        await _reset(receive, connection)
        return
    await send(answer[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    transport = _transport(connection)
    if transport is None:
        raise ConnectionFault("A fault of this workspace broke the answer off.")
    transport.close()
    await _until_gone(receive)


async def _reset(receive: Receive, connection: Send) -> None:
    transport = _transport(connection)
    if transport is None:
        raise ConnectionFault("A fault of this workspace reset the connection.")
    raw: Any = transport.get_extra_info("socket")
    if raw is not None:  # closed with this set, a TCP connection is reset, not ended
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    """Return when the server has seen that the connection is gone: before, it would answer for us."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(connection: Send) -> Any:
    """The connection's transport as uvicorn has it; None for a client in this process."""
    return getattr(getattr(connection, "__self__", None), "transport", None)
