"""The one server: finds the workspace of a request, hands it to its API, and says in the answer who answered.

Plain ASGI, because it is in the way of every request: a framework's middleware would cost more than all of it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic
from typing import Any

from fastapi import FastAPI, Response

from localsign import faulting, gate, travel
from localsign.addresses import origins
from localsign.apis import links
from localsign.control.errors import render
from localsign.core.causes import CAUSED
from localsign.core.errors import (
    ApiError,
    BadInputError,
    NotFoundError,
    StorageError,
    UnexpectedError,
)
from localsign.core.http import RenderError
from localsign.core.ids import trace_id
from localsign.core.opaque import tag_in
from localsign.delivery import TO_END
from localsign.mounts import HEALTH, Mounted, Mounts
from localsign.sandbox import DEFAULT, Sandbox
from localsign.traffic import Exchange, Receive, Scope, Send, sane_id
from localsign.workspace import Workspace

_HEADERS = (
    "authorization",
    "x-sandbox-workspace",
    "x-sandbox-token",
    "x-request-id",
    "host",
    "sec-fetch-site",
    "origin",
    "accept",
)
_MOST_TOKENS = 2000
_MOST_PATIENT = 32
_log = logging.getLogger("localsign.http")


class Localsign:
    """The ASGI application over one Sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.is_ready = False
        self.ends_at: float | None = None  # by `monotonic`, when all has to be over; set when it is asked to stop
        self.mounts = Mounts()
        # Two threads: signing holds the interpreter most of the time, so more would only take turns.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="localsign-slow")
        # What waits for other systems, as a workflow's HTTP step, must not keep those waiting that could go on.
        self._patient_threads = ThreadPoolExecutor(_MOST_PATIENT, thread_name_prefix="localsign-patient")
        self._due_threads = ThreadPoolExecutor(_MOST_PATIENT, thread_name_prefix="localsign-due")
        self._tags: dict[str, str | None] = {}
        self._catching: dict[Workspace, asyncio.Future[Any]] = {}
        sandbox.courier.allow()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise RuntimeError(f"localsign does not speak {scope['type']}")

    # ---- requests

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = {"trace_id": trace_id(), "app": self, "connection": send}
        scope["state"] = state
        exchange = Exchange(scope, receive, send, state)
        cause = CAUSED.set(exchange.caused)
        refusal: ApiError
        dialect: RenderError = render
        try:
            try:
                mounted = await self._enter(scope, state, exchange)
                app = await self._built(mounted)
                exchange.operations = mounted.operations
            except ApiError as error:
                refusal = error
                asked: Mounted | None = state.get("mounted")
                if isinstance(error, StorageError) and asked is not None:  # of a world: in the words of the API
                    await self._built(asked)
                    dialect = asked.render
                elif asked is None and state.get("is_for_people"):
                    from localsign.control.front import front

                    dialect = await self._in_thread(front, state, scope["path"])
            except Exception:
                _log.exception(
                    "%s %s failed on its way in", scope["method"], links().path(scope["path"], is_known=False)
                )
                refusal = UnexpectedError()
            else:
                try:
                    await self._answer(app, mounted, exchange, receive, send)
                except faulting.ConnectionFault:
                    raise
                except Exception:  # it has answered; raised on, it would cost the client its connection as well
                    if isinstance(state.get("refusal"), StorageError):
                        _log.warning("%s", state["refusal"])
                        return
                    _log.exception("%s %s failed", scope["method"], links().path(scope["path"], is_known=False))
                return
            state["refusal"] = refusal
            await dialect(refusal, state["trace_id"])(scope, receive, exchange.send)
        finally:
            exchange.end()
            CAUSED.reset(cause)

    async def _answer(self, app: FastAPI, mounted: Mounted, exchange: Exchange, receive: Receive, send: Send) -> None:
        scope, state = exchange.scope, exchange.state
        struck = await faulting.strike(state["workspace"], mounted.name, app, scope) if mounted.is_vendor else None
        if struck is None:
            await app(scope, exchange.receive, exchange.send)
            return
        state["faults"] = struck.ids

        def refused(error: ApiError, trace: str) -> Response:
            state["refusal"] = error
            return mounted.render(error, trace)

        answer = await faulting.meddle(
            struck,
            lambda to: app(scope, exchange.receive, to),
            receive,
            exchange.send,
            send,
            refused,
            state["trace_id"],
        )
        if answer is not None:
            await answer(scope, receive, exchange.send)

    async def _enter(self, scope: Scope, state: dict[str, Any], exchange: Exchange) -> Mounted:
        """Find the API and the world, let what is due in that world happen, and tell both to the request."""
        found = dict.fromkeys(_HEADERS, "")
        for name, value in scope["headers"]:
            text = name.decode("latin-1")
            if text in found:
                found[text] = value.decode("latin-1")
        state["request_id"] = sane_id(found["x-request-id"]) or state["trace_id"]
        path, prefix = scope["path"], ""
        if path.startswith("/w/"):
            prefix = "/w/" + path[3:].partition("/")[0]
        mounted = self.mounts.find(path.removeprefix(prefix))
        if mounted is not None:
            state["mounted"] = mounted
        if mounted is not None and mounted.is_control:
            gate.check(self.sandbox.settings, scope, path.removeprefix(prefix), found)
        is_vendor = mounted is None or mounted.is_vendor
        workspace = self._workspace(prefix[3:], found["x-sandbox-workspace"], found["authorization"], is_vendor)
        known = origins(self.sandbox.settings, scope["scheme"], found["host"])
        state["origin"], state["api_origin"] = known.people, known.apis
        state["prefix"] = prefix
        inside = "" if workspace.name == DEFAULT else f"/w/{workspace.name}"
        state["base_url"], state["api_base_url"] = known.people + inside, known.apis + inside
        state["is_named"] = bool(prefix or found["x-sandbox-workspace"])
        state["workspace"] = exchange.caused.world = workspace
        if mounted is None:
            state["is_for_people"] = scope["method"] == "GET" and "text/html" in found["accept"].lower()
            there = ", ".join(self.mounts.prefixes())
            raise NotFoundError(f"There is no API at {path.removeprefix(prefix)}. localsign serves {there}.")
        scope["root_path"] = prefix + mounted.prefix
        exchange.entry.api = mounted.name
        state["sandbox"] = self.sandbox
        state["perform"] = self._perform
        state["catch_up"] = self._catch_up
        state["body_limit"] = self.sandbox.settings.max_body_bytes
        exchange.is_quiet = mounted.prefix == HEALTH
        if workspace.is_due() and not exchange.is_quiet:
            await self._catch_up(workspace)
        return mounted

    def _workspace(self, named: str, header: str, authorization: str, is_vendor: bool) -> Workspace:
        if named and header and named != header:
            raise BadInputError.of("X-Sandbox-Workspace", f"is '{header}', but the path says '{named}'")
        name = named or header
        if not name and is_vendor and authorization:
            tag = self._tag_of(authorization)
            name = (tag and self.sandbox.find_by_tag(tag)) or DEFAULT
        return self.sandbox.find(name or DEFAULT)

    def _tag_of(self, authorization: str) -> str | None:
        """The workspace that credentials say they are of; clients send the same ones many times."""
        if authorization not in self._tags:
            from localsign.signicat.tokens import account_tag_of

            if len(self._tags) >= _MOST_TOKENS:
                self._tags.clear()
            scheme, _, token = authorization.partition(" ")
            is_bearer = scheme.lower() == "bearer"
            self._tags[authorization] = tag_in(authorization) or (account_tag_of(token.strip()) if is_bearer else None)
        return self._tags[authorization]

    # ---- threads

    async def _catch_up(self, workspace: Workspace) -> None:
        """Let what is due happen; requests that come meanwhile wait for the same thread, and take none."""
        under_way = self._catching.get(workspace)
        if under_way is None:
            under_way = asyncio.ensure_future(self._run_due(workspace))
            self._catching[workspace] = under_way
            under_way.add_done_callback(lambda _: self._catching.pop(workspace, None))
        await asyncio.shield(under_way)

    async def _run_due(self, workspace: Workspace) -> None:
        while not workspace.travelling.acquire(blocking=False):  # waiting must hold no thread
            await asyncio.sleep(0.002)
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._due_threads, travel.run_due, workspace)
        finally:
            workspace.travelling.release()

    async def _built(self, mounted: Mounted) -> FastAPI:
        return mounted.app or await self._in_thread(mounted.build)

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    async def _perform(self, workspace: Workspace, verb: Any, *, is_patient: bool = False) -> Any:
        # In the request's context, so that what follows is known to be caused by it.
        threads = self._patient_threads if is_patient else self._threads
        run = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(threads, run, self.sandbox.perform, workspace, verb)

    # ---- starting and ending

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._in_thread(self._start)
                except Exception as error:  # left alone, servers take it for an application without a lifespan
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._end()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        self.sandbox.find(DEFAULT)
        if self.sandbox.settings.init_dir is not None:
            from localsign.seeding import load_folder

            load_folder(self.sandbox)
        self.is_ready = True
        threading.Thread(target=self._warm, name="localsign-warm", daemon=True).start()

    def _end(self) -> None:
        """Let what is under way end, for as long as there is time; what is not begun is left."""
        latest = self.ends_at or monotonic() + TO_END
        pools = (self._threads, self._patient_threads, self._due_threads)
        ending = threading.Thread(target=_shut, args=(pools,), daemon=True)
        ending.start()
        ending.join(max(0.0, latest - monotonic()))
        self.sandbox.close(max(0.1, latest - monotonic()))

    def build(self) -> None:
        """Build every API now; left alone, each is built when it is first asked, or soon after the start."""
        for one in self.mounts:
            one.build()

    def _warm(self) -> None:
        """Make what the first requests would otherwise wait for."""
        self.build()
        self.sandbox.house.rsa_key(0)
        self.sandbox.resume()


def _shut(pools: Iterable[ThreadPoolExecutor]) -> None:
    for one in pools:
        one.shutdown(cancel_futures=True)


def create_app(sandbox: Sandbox) -> Localsign:
    """The application to serve."""
    return Localsign(sandbox)
