"""The manifest of an emulated API, and the FastAPI application that it becomes."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from localsign.core.asking import Asking
from localsign.core.events import Event
from localsign.core.evidence import evidence_of
from localsign.core.http import RenderError, install_errors
from localsign.core.machine import Machine
from localsign.core.seeding import Seeder
from localsign.core.switches import Switch
from localsign.core.tables import Announcement
from localsign.core.work import Slow, Work

TimerHandler = Callable[[Work, str], Slow[Any, Any] | None]


@dataclass(frozen=True)
class Api:
    """What the kernel needs to know of one API.

    `timers` maps a timer's kind to the verb that runs when it is due, given its subject.
    `control` holds the routes that this API adds below `/_sandbox/v1`. `publish` queues the webhooks of an announcement
    of this API, at the end of the transaction that made it; `events` says what is known of their names, and `sender`
    under which name the Events service publishes them (empty for an API with webhooks of its own). `people` has each
    kind of object that asks a person for something, by the name that `decisions.ask` is given. `seeds` are
    its sections of a seed document, in the order in which they are made. `listens` has what this API does when another
    one announces something, by `<api>:<name>`, in the transaction that announces it.
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
    listens: Mapping[str, Callable[[Work, Announcement], None]] = field(default_factory=dict)

    def build(self, *more: APIRouter) -> FastAPI:
        """The application, with `more` routers behind its own."""
        app = FastAPI(
            title=self.title,
            version=self.version,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        install_errors(app, self.render_error)
        for router in (*self.routers, *more):
            # Not include_router: that puts one more look-up into the way of every request.
            app.router.routes.extend(router.routes)
        app.router.routes.extend(self._aliases())
        return app

    def _aliases(self) -> Iterator[APIRoute]:
        """Other methods and paths of an operation whose own are inferred: data in its evidence, not in the code.

        An alias is a method, a path below the API's mount, or both with a blank between.
        """
        routes = [route for router in self.routers for route in router.routes if isinstance(route, APIRoute)]
        rows = evidence_of(self.name)
        for route in routes:
            row = rows.get(str(route.operation_id))
            if row is None or not row.aliases:
                continue
            pairs = [one.split(" ", 1) for one in row.aliases if " " in one]
            methods = [row.method, *(one for one in row.aliases if "/" not in one)]
            paths = [row.path, *(one for one in row.aliases if one.startswith("/"))]
            both = dict.fromkeys([*product(methods, paths), *((method, path) for method, path in pairs)])
            both.pop((row.method, row.path))
            for method, path in both:
                yield _alias(route, method, path.removeprefix(self.mount))

    def operation_headers(self) -> dict[str, bytes]:
        """The value of `X-Sandbox-Operation` for each operation."""
        return {
            name: f"{self.name}.{name}; evidence={row.mark}".encode() for name, row in evidence_of(self.name).items()
        }


def _alias(route: APIRoute, method: str, path: str) -> APIRoute:
    """A route that does what another does, and is not in the document."""
    other = copy(route)
    other.path, other.methods, other.include_in_schema = path, {method}, False
    other.path_regex, other.path_format, other.param_convertors = compile_path(path)
    return other
