"""`/_sandbox/metrics`: figures for Prometheus, of the whole installation or of one workspace."""

from contextlib import suppress

import anyio.to_thread
from fastapi import APIRouter, Request, Response

from localsign.core import timers
from localsign.core.errors import ConflictError, WorldChangedError
from localsign.core.metrics import MEDIA_TYPE, Family, exposition, gauge
from localsign.sandbox import Sandbox
from localsign.version import VERSION
from localsign.workspace import Workspace

router = APIRouter(tags=["metrics"])


@router.get("/metrics", operation_id="get_metrics", response_class=Response)
async def get_metrics(request: Request) -> Response:
    """Requests, their durations, workspaces and timers, as Prometheus reads them.

    Of all workspaces; where the call names one, by path or header, of that one.
    """
    state = request.scope["state"]
    sandbox: Sandbox = state["sandbox"]
    if sandbox.house.is_shared:
        raise ConflictError(
            "Several processes serve, and each counts only its own requests: metrics need LOCALSIGN_WORKERS=1.",
            code="metrics_per_process",
        )
    named: Workspace | None = state["workspace"] if state["is_named"] else None
    families = await anyio.to_thread.run_sync(_of_workspace if named else _of_all, named or sandbox)  # type: ignore[arg-type]
    return Response(exposition(families), media_type=MEDIA_TYPE)


def _of_all(sandbox: Sandbox) -> list[Family]:
    opened = sandbox.opened()
    info = Family("localsign_info", "gauge", "The version that serves.")
    info.add(1, {"version": VERSION})
    return [
        info,
        *sandbox.house.meter.families(),
        gauge("localsign_workspaces", "Workspaces there are.", len(sandbox.names())),
        gauge("localsign_workspaces_open", "Workspaces whose database is open.", len(opened)),
        *_of_worlds(opened),
    ]


def _of_workspace(workspace: Workspace) -> list[Family]:
    return [*workspace.meter.families(), *_of_worlds([workspace])]


def _of_worlds(workspaces: list[Workspace]) -> list[Family]:
    counted = timers.Counts()
    for one in workspaces:
        with suppress(WorldChangedError), one.work() as work:  # deleted meanwhile
            counted += timers.counts(work.connection, work.now)
    timer = Family("localsign_timers", "gauge", "Timers: due and not yet run, failed and put aside, and waiting.")
    for state, count in (("waiting", counted.waiting), ("due", counted.due), ("failed", counted.failed)):
        timer.add(count, {"state": state})
    return [
        timer,
        gauge("localsign_journal_entries", "Entries of journals.", sum(len(one.journal) for one in workspaces)),
        gauge("localsign_journal_bytes", "Memory of journals, roughly.", sum(one.journal.size for one in workspaces)),
    ]
