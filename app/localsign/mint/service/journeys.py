"""Journeys as clients see them: started, read, listed, resumed, approved."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from localsign.core.errors import BadInputError, ConflictError, Flaw
from localsign.core.paging import Page, Window, cut
from localsign.core.work import Work
from localsign.mint.engine import catalog, journeys
from localsign.mint.engine.runner import Outcome
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Alert, Journey, JourneyWait, LogRecord, LoopRecord, StepOutput
from localsign.mint.service import workflows

SORTABLE: Mapping[str, Any] = {
    "createdAt": Journey.created_at,
    "lastExecutedAt": Journey.last_executed_at,
    "finishedAt": Journey.finished_at,
    "status": Journey.state,
    "name": Journey.name,
}
_OPEN = (JourneyState.SUSPENDED, JourneyState.RUNNING)
APPROVAL = "RequireApproval"


def start(work: Work, workflow_id: UUID, given: Mapping[str, Any], home: str = "") -> Outcome:
    """A journey from the published version, run until it waits or ends. `home` is where its links begin."""
    version = workflows.startable(work, workflow_id)
    return journeys.launch(work, journeys.make(work, version, given, home))


def resume(work: Work, journey_id: UUID, step_id: str, given: Mapping[str, Any]) -> Outcome:
    """Let a waiting step go on with `given`; ConflictError where the journey does not wait there.

    Inferred: every step that waits can be resumed so, which lets a test do without a browser; but an approval needs
    its own operation, as `given` has no decision.
    """
    wait = journeys.waiting_at(work, work.get(Journey, journey_id), step_id)
    if wait.type == APPROVAL:
        raise ConflictError(f"The step '{step_id}' waits for an approval: use the approve operation.")
    check(work, wait, given, "input")
    return journeys.wake(work, wait, given)


def check(work: Work, wait: JourneyWait, given: Mapping[str, Any], member: str) -> None:
    """Refuse what a step cannot go on with; a flaw is called by its place in `member`."""
    step_type = catalog.find(wait.type)
    flaws = step_type.check(work, wait, given) if step_type is not None and step_type.check is not None else []
    if flaws:
        raise BadInputError.of_flaws([Flaw(f"{member}.{one.name}", one.reason) for one in flaws])


def approve(work: Work, journey_id: UUID, step_id: str, is_approved: bool, message: str | None) -> Outcome:
    """Decide at a Require approval step; ConflictError where the journey does not wait for that."""
    wait = journeys.waiting_at(work, work.get(Journey, journey_id), step_id)
    if wait.type != APPROVAL:
        raise ConflictError(f"The step '{step_id}' does not wait for an approval: it is a {wait.type} step.")
    return journeys.wake(work, wait, {"approved": is_approved, "message": message})


def cancel(work: Work, journey_id: UUID) -> Journey:
    journey = work.get(Journey, journey_id)
    journeys.cancel(work, journey)
    return journey


def listed(
    work: Work,
    window: Window,
    *,
    state: JourneyState | None,
    workflow_id: UUID | None,
    after: datetime | None,
    before: datetime | None,
    search: str | None,
) -> Page[Journey]:
    """The journeys that match every filter; inferred: the bounds in time are not included."""
    query = select(Journey)
    if state is not None:
        query = query.where(col(Journey.state) == state)
    if workflow_id is not None:
        query = query.where(Journey.workflow_id == workflow_id)
    if after is not None:
        query = query.where(col(Journey.last_executed_at) > after)
    if before is not None:
        query = query.where(col(Journey.last_executed_at) < before)
    if search:
        query = query.where(func.instr(Journey.folded, search.casefold()) > 0)
    filters = state, workflow_id, after, before, search
    return cut(work, Journey, query, window, SORTABLE, tie=Journey.seq, filters=filters)


def waits(work: Work, found: Sequence[Journey]) -> dict[UUID, list[JourneyWait]]:
    """Where each journey waits. What a journey that has faulted left waiting is not shown: nothing can resume it."""
    open_ids = [one.id for one in found if one.state in _OPEN]
    held: dict[UUID, list[JourneyWait]] = {one.id: [] for one in found}
    for wait in work.look_up(JourneyWait, "journey_id", open_ids):
        held[wait.journey_id].append(wait)
    return held


def alerts(work: Work, found: Sequence[Journey]) -> dict[UUID, list[Alert]]:
    held: dict[UUID, list[Alert]] = {one.id: [] for one in found}
    for alert in work.look_up(Alert, "journey_id", [one.id for one in found]):
        held[alert.journey_id].append(alert)
    return held


def outputs(work: Work, journey: Journey) -> list[StepOutput]:
    return work.look_up(StepOutput, "journey_id", [journey.id])


def loop_records(work: Work, journey: Journey) -> list[LoopRecord]:
    return work.look_up(LoopRecord, "journey_id", [journey.id])


def log(work: Work, journey_id: UUID) -> list[LogRecord]:
    """The execution log in the order in which things happened."""
    return work.look_up(LogRecord, "journey_id", [work.glance(Journey, journey_id).id])
