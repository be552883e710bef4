"""Servers in this process: in a thread with a port, or behind a portal without one."""

import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from localsign.client.errors import CannotStartError
from localsign.client.portal import Portal
from localsign.client.servers.server import Server
from localsign.settings import Settings

if TYPE_CHECKING:
    from localsign.asgi import Localsign
    from localsign.sandbox import Sandbox

ORIGIN = "http://localhost"  # what links begin with where there is no port


class Hosted(Server):
    """A server whose workspaces are made and dropped without a request, which would take longer than they do."""

    _sandbox: "Sandbox | None" = None

    def _prepare(self, app: "Localsign") -> None:
        app.build()  # in a thread beside, it would meddle with the warning filters of whatever runs by then
        self._sandbox = app.sandbox

    def make(self, name: str | None) -> dict[str, Any] | None:
        from localsign.core.errors import ApiError

        assert self._sandbox is not None
        try:
            workspace = self._sandbox.create(name)
        except ApiError:
            return None
        return self._sandbox.describe(workspace, f"{self.url}/w/{workspace.name}")

    def drop(self, name: str) -> bool:
        from localsign.core.errors import ApiError

        assert self._sandbox is not None
        try:
            self._sandbox.delete(name)
        except ApiError:
            return False
        return True


class Threaded(Hosted):
    """A server in a thread, on a free port of loopback unless the settings say otherwise."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: AbstractContextManager[str] | None = None

    def start(self) -> None:
        with _starting():
            from localsign.serving import PortInUseError, serving

            running = serving(self._settings, self._prepare)
            try:
                self.url = running.__enter__()
            except PortInUseError:
                raise CannotStartError(f"port {self._settings.port} of {self._settings.host} is in use") from None
        self._running = running
        self.control_token = self._settings.control_token

    def stop(self) -> None:
        if self._running is not None:
            self._running.__exit__(None, None, None)
            self._running = None


class InProcess(Hosted):
    """The application itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.url = settings.public_url or ORIGIN
        self.control_token = settings.control_token

    def start(self) -> None:
        with _starting():
            from localsign.asgi import create_app
            from localsign.sandbox import Sandbox

            sandbox = Sandbox(self._settings)
            try:
                app = create_app(sandbox)
                self._prepare(app)
                portal = Portal(app)
                portal.start()
            except BaseException:
                sandbox.close()
                raise
        self.portal = portal

    def stop(self) -> None:
        if self.portal is not None:
            self.portal.stop()
            self.portal = None


@contextmanager
def _starting() -> Iterator[None]:
    """Import and build fast, and say why it did not work."""
    was_on = gc.isenabled()
    gc.disable()  # while everything is imported there is nothing to collect
    try:
        yield
    except CannotStartError:
        raise
    except Exception as error:
        raise CannotStartError(f"localsign did not start: {error}") from error
    finally:
        if was_on:
            gc.enable()
