"""The manifest of the control plane: its own routes, and what each API adds to it."""

from fastapi import APIRouter

from localsign.apis import APIS
from localsign.control import clock, faults, installation, lags, machines, switches, webhooks, workspaces
from localsign.control.errors import render
from localsign.core.api import Api

_of_apis = APIRouter(prefix="/v1")
for _entry in APIS:
    if _entry.api.control is not None:
        _of_apis.include_router(_entry.api.control)

API = Api(
    name="sandbox",
    mount="/_sandbox",
    title="localsign: control plane",
    version="1",
    routers=(
        workspaces.router,
        clock.router,
        lags.router,
        switches.router,
        machines.router,
        faults.router,
        webhooks.router,
        installation.router,
        _of_apis,
    ),
    render_error=render,
)
