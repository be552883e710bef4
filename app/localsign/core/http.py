"""Where FastAPI meets the kernel: the transaction of a request, routes with a gate, errors in a dialect."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, BinaryIO, Protocol, TypeVar

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from localsign.core.changes import Changes
from localsign.core.errors import (
    ApiError,
    BadInputError,
    MethodNotAllowedError,
    NotFoundError,
    UnexpectedError,
)
from localsign.core.failures import failure_of
from localsign.core.flaws import flaw_of
from localsign.core.work import Slow, Work

Made = TypeVar("Made")

_SHORTEST_WAIT = 0.02  # so that a timer which cannot run yet is not tried without pause
_HAS_FDS = Path("/dev/fd").is_dir()
RenderError = Callable[[ApiError, str], Response]
Gate = Callable[[Request], Coroutine[Any, Any, None]]


class Turns(Protocol):
    """The world of a request, as far as this module knows it."""

    name: str
    folder: Path
    changed: Changes

    async def turn(self) -> None: ...
    def is_due(self) -> bool: ...
    def due_in(self) -> float | None: ...
    def held(self) -> AbstractContextManager[Work]: ...


async def _work(request: Request) -> AsyncIterator[Work]:
    workspace: Turns = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        yield work


# "function" commits before the answer leaves; the default scope would commit after it.
InWork = Annotated[Work, Depends(_work, scope="function")]


def gated(gate: Gate) -> type[APIRoute]:
    """A route class whose routes pass `gate` before the body is read and anything else is looked at."""

    class GatedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_behind_gate(request: Request) -> Response:
                await gate(request)
                return await handle(request)

            return handle_behind_gate

    return GatedRoute


async def perform(
    request: Request, verb: Callable[[Work], Made | Slow[Any, Made]], *, is_patient: bool = False
) -> tuple[Made, list[dict[str, Any]]]:
    """Run a verb that may be slow on the request's world, off the event loop.

    `is_patient` tells that it may wait for other systems, which may themselves call this server meanwhile.
    Returns its result and everything that followed, in order, timers that became due by it included.
    """
    run: Callable[..., Any] = request.scope["state"]["perform"]
    result, followed = await run(request.scope["state"]["workspace"], verb, is_patient=is_patient)
    return result, followed


async def await_in_work(request: Request, look: Callable[[Work], Made | None], seconds: float) -> Made | None:
    """`await_found` for what is in the world itself."""
    workspace: Turns = request.scope["state"]["workspace"]

    async def look_in_work() -> Made | None:
        await workspace.turn()
        with workspace.held() as work:
            return look(work)

    return await await_found(request, workspace.changed, look_in_work, seconds)


async def await_found(
    request: Request, changed: Changes, look: Callable[[], Awaitable[Made | None]], seconds: float
) -> Made | None:
    """What `look` finds, now or as soon as something has `changed`; None when `seconds` of real time have passed.

    Meanwhile nothing is held, neither a thread nor the world's turn, and what becomes due in it happens.
    """
    workspace: Turns = request.scope["state"]["workspace"]
    latest = monotonic() + seconds
    while True:
        if workspace.is_due():
            await request.scope["state"]["catch_up"](workspace)
        count = changed.count
        found = await look()
        left = latest - monotonic()
        if found is not None or left <= 0:
            return found
        due_in = workspace.due_in()
        await changed.after(count, left if due_in is None else min(left, max(due_in, _SHORTEST_WAIT)))


def base_url(request: Request) -> str:
    """Scheme, host and workspace prefix of links into this world that people are to open."""
    state: dict[str, Any] = request.scope["state"]
    return str(state["base_url"])


def api_base_url(request: Request) -> str:
    """The same under which applications reach this world; it differs where people know it by another name."""
    state: dict[str, Any] = request.scope["state"]
    return str(state["api_base_url"])


def peer_certificate(request: Request) -> bytes | None:
    """The certificate that the other end of the connection has shown, as DER; its chain was checked by then."""
    connection = getattr(request.scope["state"]["connection"], "__self__", None)  # uvicorn's, which has the transport
    transport = getattr(connection, "transport", None)
    tls = None if transport is None else transport.get_extra_info("ssl_object")
    return None if tls is None else tls.getpeercert(binary_form=True)


class ProblemResponse(JSONResponse):
    """A refusal. It may quote what was sent, which need not be text: half a surrogate pair becomes a question mark."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Download(FileResponse):
    """Stored bytes. The file is open from the transaction on, so that nothing that happens later cuts the answer."""

    def __init__(
        self,
        content: BinaryIO,
        media_type: str,
        filename: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._content = content
        path = f"/dev/fd/{content.fileno()}" if _HAS_FDS else content.name
        found = os.fstat(content.fileno())
        super().__init__(path, media_type=media_type, filename=filename, headers=headers, stat_result=found)
        self.headers["Content-Type"] = media_type  # without the charset that Starlette adds to text

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with self._content:
            await super().__call__(scope, receive, send)


def problem(error: ApiError, trace_id: str, **members: object) -> JSONResponse:
    """`error` as application/problem+json, in the members the Signicat platform documents."""
    body: dict[str, object] = {
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "traceId": trace_id,
    }
    if error.flaws:
        body["invalidParams"] = [{"name": flaw.name, "reason": flaw.reason} for flaw in error.flaws]
    return ProblemResponse({**body, **error.facts, **members}, error.status, headers=error.headers)


def install_errors(app: FastAPI, render: RenderError) -> None:
    """Let every refusal of `app`, whoever raises it, leave in one dialect."""

    def answer(request: Request, error: ApiError) -> Response:
        request.scope["state"].setdefault("refusal", error)
        return render(error, str(request.scope["state"]["trace_id"]))

    async def api_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return answer(request, error)

    async def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        findings = error.errors()
        kind = request.headers.get("content-type", "")
        is_misread = any(one["loc"] == ("body",) and one["type"] != "missing" for one in findings)
        if is_misread and "json" not in kind.lower():
            return answer(request, BadInputError.of("Content-Type", f"must be application/json, is '{kind}'"))
        return answer(request, BadInputError.of_flaws([flaw_of(one, skip=1) for one in findings]))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, _of_framework(request, error))

    async def unexpected(request: Request, error: Exception) -> Response:
        world: Turns = request.scope["state"]["workspace"]
        failure = failure_of(error, world.folder, world.name)  # such as no room for a temporary file
        request.scope["state"]["refusal"] = failure or error
        return answer(request, failure or UnexpectedError())

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # nobody is there to read it

    app.add_exception_handler(ApiError, api_error)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, unexpected)


def _of_framework(request: Request, error: HTTPException) -> ApiError:
    if isinstance(error.__cause__, ApiError):  # raised while FastAPI read the body, which it wraps
        return error.__cause__
    match error.status_code:
        case 404:
            return NotFoundError(f"There is no {request.method} {request.url.path} here.")
        case 405:
            return MethodNotAllowedError(
                f"{request.method} is not possible on {request.url.path}.", headers=error.headers
            )
    if error.status_code == 400:  # FastAPI could not read the body at all
        return BadInputError.of("body", "cannot be read as JSON")
    return BadInputError(str(error.detail))
