"""An ASGI application in a thread of its own, with one event loop: called from any thread or loop, without a port."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from localsign.client.errors import CannotStartError

Message = MutableMapping[str, Any]
Result = TypeVar("Result")
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


@dataclass
class Answered:
    """An answer; `is_broken_off` is where on a network the connection would have ended too early."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    is_broken_off: bool = False


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer, which may break off."""

    def __init__(self, answered: Answered, request: httpx.Request) -> None:
        self._answered = answered
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answered.parts
        if self._answered.is_broken_off:
            raise httpx.RemoteProtocolError("the connection was closed amid the body", request=self._request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


class Portal:
    """Runs `app` from `start` to `stop`; `ask` makes a request of it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="localsign-portal", daemon=True)
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._life: asyncio.Task[None] | None = None
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()

    def start(self) -> None:
        """CannotStartError where the application does not start."""
        self._thread.start()
        try:
            message = self._call(self._begin()).result()
        except BaseException:
            self._end_loop()
            raise
        if message["type"] != "lifespan.startup.complete":
            self._end_loop()
            raise CannotStartError(f"localsign did not start: {message.get('message', '')}")

    def stop(self) -> None:
        self._call(self._end()).result()
        self._end_loop()

    def ask(self, scope: Message, body: bytes, request: httpx.Request) -> "Future[httpx.Response]":
        """The answer to a request, made on the portal's loop. Cancelled, the request is."""
        return self._call(self._respond(scope, body, request))

    # ---- on the loop

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, coroutine: Coroutine[Any, Any, Result]) -> "Future[Result]":
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _begin(self) -> Message:
        async def live() -> None:
            await self.app({"type": "lifespan", "asgi": {"version": "3.0"}}, self._to_app.get, self._told.put)

        self._life = asyncio.ensure_future(live())
        await self._to_app.put({"type": "lifespan.startup"})
        return await self._told.get()

    async def _end(self) -> None:
        await self._to_app.put({"type": "lifespan.shutdown"})
        await self._told.get()
        assert self._life is not None
        await self._life

    async def _respond(self, scope: Message, body: bytes, request: httpx.Request) -> httpx.Response:
        answered = Answered()
        is_read = False
        is_over = asyncio.Event()

        async def receive() -> Message:
            nonlocal is_read
            if not is_read:
                is_read = True
                return {"type": "http.request", "body": body, "more_body": False}
            await is_over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                answered.headers = list(message.get("headers", ()))
            elif message["type"] == "http.response.body":
                answered.parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    is_over.set()

        try:
            await self.app(scope, receive, send)
        except ConnectionResetError as error:
            if not answered.status:
                raise httpx.ReadError(str(error), request=request) from error
            answered.is_broken_off = True
        if scope["method"] == "HEAD":
            answered.parts.clear()
        return httpx.Response(
            answered.status, headers=answered.headers, stream=Body(answered, request), request=request
        )
