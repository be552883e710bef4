"""A workspace for asynchronous tests, on any event loop, without a connection that belongs to one."""

from typing import TYPE_CHECKING

import anyio.to_thread
import httpx

from localsign.client.aio.control import AsyncControl
from localsign.client.aio.sandbox import AsyncSandbox
from localsign.client.aio.workspace import AsyncWorkspace
from localsign.client.tokens import Secret
from localsign.client.transports import AsyncPool

if TYPE_CHECKING:
    from localsign import Sandbox, Workspace


def async_twin(workspace: "Workspace") -> AsyncWorkspace:
    """The same workspace, for coroutines. Whoever made `workspace` ends it."""
    return Twin(workspace.sandbox).twin_of(workspace)


class Twin(AsyncSandbox):
    """A sandbox that runs already, for coroutines."""

    def __init__(self, sandbox: "Sandbox") -> None:
        super().__init__(sandbox.url, control_token=sandbox.control_token)
        self._pool = Bridge(sandbox.pool)
        self._http = httpx.AsyncClient(
            transport=self._pool, base_url=sandbox.url, auth=Secret(sandbox.control_token), trust_env=False
        )
        self._default = self.twin_of(sandbox.default)

    def twin_of(self, workspace: "Workspace") -> AsyncWorkspace:
        """The same workspace; it is kept in the end."""
        control = AsyncControl(self._started(), f"/w/{workspace.name}")
        return AsyncWorkspace(self, control, workspace.credentials, workspace.name, keep=True)


class Bridge(AsyncPool):
    """Sends requests through a transport that blocks, in threads, so that nothing in it belongs to an event loop."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._blocking = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return await anyio.to_thread.run_sync(self._answer, request, abandon_on_cancel=True)

    async def end(self) -> None:
        """Nothing is open."""

    def _answer(self, request: httpx.Request) -> httpx.Response:
        given = self._blocking.handle_request(request)
        try:
            content = given.read()
        finally:
            given.close()
        headers = [(name, value) for name, value in given.headers.raw if name.lower() != b"content-encoding"]
        return httpx.Response(given.status_code, headers=headers, content=content, request=request)
