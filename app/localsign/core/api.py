"""The manifest of an emulated API, and the FastAPI application that it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from localsign.core.asking import Asking
from localsign.core.events import Event
from localsign.core.evidence import evidence_of
from localsign.core.http import RenderError, install_errors
from localsign.core.machine import Machine
from localsign.core.seeding import Seeder
from localsign.core.switches import Switch
from localsign.core.tables import Announcement
from localsign.core.work import Slow, Work

# Paths carry tokens, and the process may be that of an application with exporters of its own.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}

TimerHandler = Callable[[Work, str], Slow[Any, Any] | None]


@dataclass(frozen=True)
class Api:
    """What the kernel needs to know of one API.

    `timers` maps a timer's kind to the verb that runs when it is due, given its subject.
    `control` holds the routes that this API adds below `/_sandbox/v1`. `publish` queues the webhooks of an announcement
    of this API, at the end of the transaction that made it; `events` says what is known of their names, and `sender`
    under which name the Events service publishes them (empty for an API with webhooks of its own). `people` has each
    kind of object that asks a person for something, by the name that `decisions.ask` is given. `seeds` are
    its sections of a seed document, in the order in which they are made. `refusals` has the codes of errors that are
    this API's own, beside those that any operation may answer.
    """

    name: str
    mount: str
    title: str
    version: str
    routers: tuple[APIRouter, ...]
    render_error: RenderError
    machines: tuple[Machine, ...] = ()
    timers: Mapping[str, TimerHandler] = field(default_factory=dict)
    control: APIRouter | None = None
    switches: tuple[Switch, ...] = ()
    publish: Callable[[Work, Announcement], None] | None = None
    people: Mapping[str, Asking] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    sender: str = ""
    seeds: Mapping[str, Seeder] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()

    def build(self, *more: APIRouter) -> FastAPI:
        """The application, with `more` routers behind its own."""
        app = FastAPI(
            title=self.title,
            version=self.version,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            telemetry=_NO_TELEMETRY,
        )
        install_errors(app, self.render_error)
        for router in (*self.routers, *more):
            # Not include_router: that puts one more look-up into the way of every request.
            app.router.routes.extend(router.routes)
        return app

    def operation_headers(self) -> dict[str, bytes]:
        """The value of `X-Sandbox-Operation` for each operation."""
        return {
            name: f"{self.name}.{name}; evidence={row.mark}".encode() for name, row in evidence_of(self.name).items()
        }
