"""The processes that serve: one, or several workers under one that starts them anew."""

import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.supervisors import multiprocess

from localsign.core.tls import TlsError

if TYPE_CHECKING:
    from localsign.asgi import Localsign
    from localsign.core.tls import Tls

# Seconds, together less than the ten that container engines give before they kill: all of it, and of it the requests.
_TO_STOP = 6.5
TO_ANSWER = 6
MOST_SILENT = (
    30  # seconds after which a worker that does not answer its supervisor is killed; a busy machine takes some
)


class Server(uvicorn.Server):
    """Says when it listens, and ends with 0, and in time, when it is asked to."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    def handle_exit(self, sig: int, _: FrameType | None) -> None:
        """Being asked to stop is no error: uvicorn would raise the signal again after stopping."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    @property
    def _app(self) -> "Localsign | None":
        from localsign.asgi import Localsign

        app: Any = self.config.loaded_app
        while app is not None and not isinstance(app, Localsign):
            app = getattr(app, "app", None)  # uvicorn's own layers
        return app

    @property
    def _tls(self) -> "Tls | None":
        house = self._app.sandbox.house if self._app is not None else None
        return house.tls if house is not None and house.settings.has_tls else None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._tls is not None:
            self._tls.refresh()
            self.config.ssl = self._tls.context
        await super().startup(sockets)
        if not self.should_exit and self._when_ready is not None:
            self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._app is not None:
            self._app.ends_at = time.monotonic() + _TO_STOP
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        if counter % 5 == 0 and self.config.workers > 1 and self._tls is not None:
            with suppress(TlsError):  # what is let in already stays so
                self._tls.refresh()
        return await super().on_tick(counter)


class _Worker(multiprocess.Process):
    """One process of several, with a server as a single one has it."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = Server(self.config)
        return self._server


class Workers(multiprocess.Multiprocess):
    """Keeps so many of them running; one that dies is started anew."""

    def run(self) -> None:
        # By this name it makes the first ones as well as those in the place of others.
        multiprocess.Process = _Worker  # type: ignore[misc]
        super().run()
