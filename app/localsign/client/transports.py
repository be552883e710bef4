"""How requests travel: over the network or into this process, through one pool for all clients of a sandbox."""

import asyncio
import concurrent.futures
import ssl
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import httpx

from localsign.client.portal import Portal
from localsign.probe import context_for

CALLER = ("127.0.0.1", 0)


def network(url: str, ca: Path | str | None = None) -> ssl.SSLContext:
    """The `verify` of httpx for `url`, which trusts `ca`. Without TLS no root certificates are read: it takes 30 ms."""
    return context_for(url, ca) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Pool(httpx.BaseTransport):
    """What all clients of a sandbox share; closing one of them leaves it open."""

    def __init__(self, url: str, portal: Portal | None, ca: Path | str | None = None) -> None:
        self._inner = InProcess(portal) if portal else httpx.HTTPTransport(verify=network(url, ca))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)

    def end(self) -> None:
        self._inner.close()


class AsyncPool(httpx.AsyncBaseTransport):
    """What all clients of a sandbox share; closing one of them leaves it open."""

    def __init__(self, url: str, portal: Portal | None, ca: Path | str | None = None) -> None:
        self._inner = AsyncInProcess(portal) if portal else httpx.AsyncHTTPTransport(verify=network(url, ca))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)

    async def end(self) -> None:
        await self._inner.aclose()


class InProcess(httpx.BaseTransport):
    """Calls the application of a portal, and waits for it."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        future = self._portal.ask(scope_of(request), request.read(), request)
        try:
            return future.result(patience_of(request))
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise httpx.ReadTimeout("no answer came in time", request=request) from None


class AsyncInProcess(httpx.AsyncBaseTransport):
    """Calls the application of a portal from any event loop of asyncio."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        future = asyncio.wrap_future(self._portal.ask(scope_of(request), await request.aread(), request))
        try:
            return await asyncio.wait_for(future, patience_of(request))
        except TimeoutError:
            raise httpx.ReadTimeout("no answer came in time", request=request) from None


def patience_of(request: httpx.Request) -> float | None:
    """Seconds after which a client gives up reading."""
    patience: float | None = request.extensions.get("timeout", {}).get("read")
    return patience


def scope_of(request: httpx.Request) -> MutableMapping[str, Any]:
    """The request as an ASGI server would hand it on."""
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (url.host, url.port or (443 if url.scheme == "https" else 80)),
        "client": CALLER,
    }
