"""The life of a journey as the engine has it: made, begun, woken, cancelled, forgotten."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from localsign.core import decisions, timers
from localsign.core.errors import ConflictError
from localsign.core.work import Work
from localsign.mint.engine.expressions import weight_of
from localsign.mint.engine.graph import Routes
from localsign.mint.engine.memory import MOST_VARIABLES
from localsign.mint.engine.runner import RESUME, RUN, Outcome, go_on
from localsign.mint.lifecycle import JOURNEY, JourneyEvent, JourneyState
from localsign.mint.models import (
    Alert,
    Graph,
    Journey,
    JourneyLink,
    JourneyRun,
    JourneyUser,
    JourneyWait,
    LogRecord,
    LoopItem,
    LoopRecord,
    MintFile,
    Note,
    SignOrder,
    StepOutput,
    WorkflowVersion,
    files_of,
    run_of,
    waits_of,
)

KEPT_MONTHS = 6  # documented: after the start, whatever the state


def make(work: Work, version: WorkflowVersion, given: Mapping[str, Any], home: str = "") -> Journey:
    """A journey of a version that has not begun. `home` is where its links begin."""
    graph = work.get(Graph, version.graph_id)
    journey = Journey(
        id=work.new_id(),
        workflow_id=version.workflow_id,
        version=version.number,
        graph_id=graph.id,
        state=JourneyState.IDLE,
        correlation_id=correlation_of(given),
        workflow_name=version.name,
        folded="",
        input=_known_inputs(version, given),
        created_at=work.now,
        home=home,
    )
    journey.folded = folded_of(journey)
    start = Routes(graph.steps, graph.connections).start
    stack = [] if start is None else [[start, None, RUN, None]]
    work.db.add(journey)
    variables = dict(graph.variables or {})
    weight = weight_of(variables, MOST_VARIABLES)
    work.db.add(JourneyRun(journey_id=journey.id, stack=stack, scopes={}, variables=variables, weight=weight))
    work.db.flush()
    work.schedule_new("mint.forget", journey.id, months_after(work.now, KEPT_MONTHS))
    return journey


def _known_inputs(version: WorkflowVersion, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inferred: where a workflow declares its inputs, others are ignored; where it declares none, all are taken."""
    declared = version.parameters
    return {name: value for name, value in given.items() if not declared or name in declared}


def correlation_of(given: Mapping[str, Any]) -> str | None:
    """Inferred, for v1, which filters by it and has no member for it: the input `correlationId`."""
    found = given.get("correlationId")
    return found if isinstance(found, str) else None


def folded_of(journey: Journey) -> str:
    """What a search looks in: name, id, name of the workflow, correlation id (inferred from Elsa 2)."""
    return "\n".join(
        (journey.name or "", journey.id.hex, journey.workflow_name, journey.correlation_id or "")
    ).casefold()


def launch(work: Work, journey: Journey) -> Outcome:
    work.fire(JOURNEY, journey, JourneyEvent.BEGIN)
    return go_on(work, journey)


def launch_soon(work: Work, journey: Journey) -> None:
    """Begin as soon as this transaction is over, in one of its own."""
    work.fire(JOURNEY, journey, JourneyEvent.BEGIN)
    work.schedule("mint.run", journey.id, work.now)


def waiting_at(work: Work, journey: Journey, step_id: str) -> JourneyWait:
    """The wait of a step; ConflictError where the journey does not wait there."""
    JOURNEY.check(journey, JourneyEvent.RESUME)
    for wait in waits_of(work, journey):
        if wait.step_id == step_id:
            return wait
    waiting = ", ".join(one.step_id for one in waits_of(work, journey))
    raise ConflictError(f"The journey does not wait at the step '{step_id}'. It waits at: {waiting}.")


def wake(work: Work, wait: JourneyWait, came: Mapping[str, Any]) -> Outcome:
    """What a step waited for has come: it ends its wait, and the journey goes on."""
    journey, is_running = _woken(work, wait, came)
    return journey if is_running else go_on(work, journey)


def wake_soon(work: Work, wait: JourneyWait, came: Mapping[str, Any]) -> None:
    """`wake` as soon as this transaction is over, in one of its own."""
    journey, is_running = _woken(work, wait, came)
    if not is_running:
        work.schedule("mint.run", journey.id, work.now)


def _woken(work: Work, wait: JourneyWait, came: Mapping[str, Any]) -> tuple[Journey, bool]:
    """The journey, and whether it is running already, so that whoever runs it will come to this as well."""
    journey = work.get(Journey, wait.journey_id)
    is_running = journey.state is JourneyState.RUNNING
    if not is_running:
        work.fire(JOURNEY, journey, JourneyEvent.RESUME)
        _stop(work, "mint.cancel", journey)
    run = run_of(work, journey)
    # At the bottom: what is on top may be under way at this moment.
    run.stack = [[wait.step_id, wait.frame, RESUME, {"came": dict(came), "facts": wait.facts}], *run.stack]
    decisions.command(work, wait.id, "complete")
    work.db.delete(wait)
    work.db.flush()
    return journey, is_running


def cancel(work: Work, journey: Journey) -> None:
    """End a journey that has not ended; what waits is cleared."""
    work.fire(JOURNEY, journey, JourneyEvent.CANCEL)
    journey.cancelled_at = work.now
    for wait in waits_of(work, journey):
        decisions.withdraw(work, wait.id)
        work.db.delete(wait)
    _stop(work, "mint.cancel", journey)
    _stop(work, "mint.run", journey)


def _stop(work: Work, kind: str, journey: Journey) -> None:
    timer = timers.scheduled(work.db, kind, str(journey.id))
    if timer is not None:
        work.db.delete(timer)


def cancel_due(work: Work, subject: str) -> None:
    """The journey was active too long (documented: it is then cancelled)."""
    journey = work.find(Journey, UUID(subject))
    if journey is not None and journey.state is JourneyState.SUSPENDED:
        cancel(work, journey)


def forget_due(work: Work, subject: str) -> None:
    """Six months have passed since the journey was made: all of it goes."""
    journey = work.find(Journey, UUID(subject))
    if journey is not None:
        forget(work, journey)


def forget(work: Work, journey: Journey) -> None:
    """Remove a journey and everything that is its own."""
    digests = {one.digest for one in files_of(work, journey_id=journey.id)}
    for wait in waits_of(work, journey):
        decisions.withdraw(work, wait.id)
    owned = (Alert, JourneyLink, JourneyRun, JourneyUser, JourneyWait, LogRecord, LoopItem, LoopRecord, MintFile)
    work.db.flush()
    for model in (*owned, Note, SignOrder, StepOutput):  # in one statement each: a log may have very many lines
        work.db.execute(delete(model).where(col(model.journey_id) == journey.id))
        work.touched.add(str(model.__tablename__))
    work.cancel_timers(journey.id)
    work.db.delete(journey)
    work.db.flush()
    for digest in sorted(digests):
        work.drop_unused(digest)


def months_after(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last day of that month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
