"""Journeys that nobody runs: those that a process left in the middle, or that came with a copy of a world."""

from sqlmodel import col, select

from localsign.core.work import Work
from localsign.mint.engine import under_way
from localsign.mint.engine.catalog import find
from localsign.mint.engine.runner import LEAVE
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, LogRecord, run_of


def go_on_soon(work: Work, original: str | None = None) -> int:
    """Let every journey that is RUNNING, and that nobody runs, go on as soon as this transaction is over; how many.

    For the moment when a world is opened, or has become another one: whatever its clock shows. `original`: the name of
    the workspace that this is a copy of, which gets the answers to the calls that were under way.
    """
    found = 0
    for journey in work.db.exec(select(Journey).where(Journey.state == JourneyState.RUNNING)).all():
        if not under_way.is_marked(work, journey.id, run_of(work, journey).turn):
            if original is not None:
                _leave(work, journey, original)
            work.schedule("mint.run", journey.id, work.now)
            found += 1
    return found


def _leave(work: Work, journey: Journey, original: str) -> None:
    """End the step that `journey` is at, if it was calling somebody outside: a copy must not call a second time."""
    run = run_of(work, journey)
    newest = select(LogRecord).where(LogRecord.journey_id == journey.id).order_by(col(LogRecord.seq).desc()).limit(1)
    last = work.db.exec(newest).first()
    if not run.stack or last is None or last.event != "Executing" or last.step_id != run.stack[-1][0]:
        return  # its next step has not begun
    step_type = find(last.type)
    if step_type is not None and step_type.leave is not None:
        step_id, scope, *_ = run.stack[-1]
        reason = f"The call was under way in the workspace '{original}', which gets the answer; this is a copy."
        run.stack = [*run.stack[:-1], [step_id, scope, LEAVE, reason]]
