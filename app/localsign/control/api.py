"""The manifest of the control plane itself; `added.py` has what each API adds to it."""

from localsign.control import (
    clock,
    decisions,
    faults,
    installation,
    lags,
    machines,
    metrics,
    outbox,
    personas,
    seeds,
    snapshots,
    surface,
    switches,
    timers,
    webhooks,
    workspaces,
)
from localsign.control.errors import render
from localsign.control.journal import exports
from localsign.control.journal import routes as journal
from localsign.control.linting import routes as linting
from localsign.core.api import Api

API = Api(
    name="sandbox",
    mount="/_sandbox",
    title="localsign: control plane",
    version="1",
    routers=(
        workspaces.router,
        clock.router,
        timers.router,
        lags.router,
        switches.router,
        snapshots.router,
        seeds.router,
        machines.router,
        surface.router,
        faults.router,
        decisions.router,
        personas.router,
        outbox.router,
        exports.router,
        journal.router,
        linting.router,
        metrics.router,
        webhooks.router,
        installation.router,
    ),
    render_error=render,
)
