"""Letting time pass: due timers run in order, each at its own moment."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from localsign.apis import timer_handler
from localsign.core import clock as clock_module
from localsign.core import timers
from localsign.core.causes import CAUSED
from localsign.core.clock import Clock, show
from localsign.core.errors import BadInputError, ConflictError, StorageError, WorldChangedError
from localsign.core.tables import Timer
from localsign.core.timers import Fired
from localsign.core.work import Slow, Work
from localsign.workspace import Workspace

_log = logging.getLogger("localsign.timers")
_TOO_FAR = "leads past the year 8999"
_END = datetime(9000, 1, 1, tzinfo=UTC)  # what is then set for centuries later still has a date


def catch_up(workspace: Workspace) -> list[Fired]:
    """Run what is due by the workspace's clock. Blocks; several callers wait for one another."""
    with workspace.travelling:
        return run_due(workspace)


def run_due(workspace: Workspace) -> list[Fired]:
    """`catch_up` for a caller that holds `workspace.travelling`."""
    return _run_until(workspace, workspace.clock.now(), moves_clock=False)


def advance(
    workspace: Workspace,
    *,
    by: timedelta | None = None,
    to: datetime | None = None,
    to_next: bool = False,
    member: str = "to",
    freezes: bool = False,
) -> list[Fired]:
    """Move the clock forward, stopping at each due timer. Exactly one of the three says how far.

    `member` is what the caller calls `to`; with `freezes` the clock stands still from there on.
    """
    with workspace.travelling:
        now = workspace.clock.now()
        target = _target(workspace, now, by, to, to_next=to_next)
        if target < now:
            raise BadInputError.of(member, f"is before the workspace's time, {show(now)}; time only goes forward")
        if target >= _END:
            raise BadInputError.of("by" if by is not None else "next" if to_next else member, _TOO_FAR)
        fired = _run_until(workspace, target, moves_clock=True)
        with workspace.work() as work:
            arrived = max(target, work.clock.now())
            work.clock = work.clock.frozen(target) if freezes else work.clock.moved_to(arrived)
        return fired


def real(workspace: Workspace) -> list[Fired]:
    """Let the clock show the time of the machine again. ConflictError where it is ahead: time only goes forward."""
    with workspace.travelling:
        now, machine = workspace.clock.now(), clock_module.wall()
        if now > machine:
            raise ConflictError(
                f"The workspace's time, {show(now)}, is ahead of the machine's, {show(machine)}, and time only goes "
                "forward. Let it run on from where it stands (clock/run), or reset the workspace.",
                code="clock_ahead",
            )
        fired = _run_until(workspace, machine, moves_clock=True)
        with workspace.work() as work:
            work.clock = Clock()
        return fired


def freeze(workspace: Workspace, at: datetime | None) -> list[Fired]:
    """Let the clock stand at `at`, which must not lie in the past, or now."""
    if at is not None:
        return advance(workspace, to=at, member="at", freezes=True)
    with workspace.travelling, workspace.work() as work:
        work.clock = work.clock.frozen(work.clock.now())
    return []


def run(workspace: Workspace) -> None:
    """Let the clock run on."""
    with workspace.travelling, workspace.work() as work:
        work.clock = work.clock.running()


def _target(
    workspace: Workspace, now: datetime, by: timedelta | None, to: datetime | None, *, to_next: bool
) -> datetime:
    if by is not None:
        try:
            return now + by
        except OverflowError:
            raise BadInputError.of("by", _TOO_FAR) from None
    if to is not None:
        return to
    with workspace.work() as work:
        first = timers.next_due(work.db) if to_next else None
    if first is None or first.due is None:
        raise ConflictError("Nothing is due: no timer of this workspace is set.", code="nothing_due")
    return max(first.due, now)


def _run_until(workspace: Workspace, until: datetime, *, moves_clock: bool) -> list[Fired]:
    fired = []
    while (one := _run_next(workspace, until, moves_clock=moves_clock)) is not None:
        fired.append(one)
    return fired


def _run_next(workspace: Workspace, until: datetime, *, moves_clock: bool) -> Fired | None:
    with workspace.work() as work:
        timer = timers.next_due(work.db, until)
    if timer is None or timer.due is None:
        return None
    timer_id, due = timer.id, timer.due

    def run(work: Work) -> Slow[Any, None] | None:
        still = work.db.get(Timer, timer_id)
        if still is None or still.due != due:  # another process of this server was faster
            return None
        if moves_clock and due > work.clock.now():
            work.clock = work.clock.moved_to(due)
        return _ended(work, timer_id, due, timer_handler(timer.kind)(work, timer.subject))

    try:
        _, followed = workspace.perform_at(due, run)
    except StorageError as error:  # the timer is still due, and is tried again
        _log.warning("the timer %s of %s has to wait: %s", timer.kind, timer.subject, error)
        return None
    except WorldChangedError:  # deleted: there is nothing more to do
        raise
    except Exception as error:
        # Work that cannot be done must not stand in the way of all that is due after it.
        _log.exception("the timer %s of %s failed", timer.kind, timer.subject)
        _park(workspace, timer_id, error)
        return _noted(workspace, Fired(timer.kind, timer.subject, due, [{"failed": str(error)}]), has_failed=True)
    return _noted(workspace, Fired(timer.kind, timer.subject, due, followed.entries))


def _noted(workspace: Workspace, fired: Fired, *, has_failed: bool = False) -> Fired:
    """Into the journal with it, unless a request caused it: then it is among what that caused."""
    caused = CAUSED.get()
    if caused is None:
        workspace.journal.note_timer(fired.kind, fired.subject, fired.due, fired.followed)
        return fired
    if caused.world is workspace:
        caused.timers.add(fired.kind)
    if has_failed:  # what succeeded, its transaction has told
        caused.take(workspace, fired.followed)
    return fired


def _ended(work: Work, timer_id: int | None, due: datetime, outcome: Slow[Any, None] | None) -> Slow[Any, None] | None:
    """Remove the timer together with the last change it led to, so that a crash before runs it again."""
    if isinstance(outcome, Slow):
        settle, discard = outcome.settle, outcome.discard
        return Slow(outcome.make, lambda later, made: _ended(later, timer_id, due, settle(later, made)), discard)
    timer = work.db.get(Timer, timer_id)
    if timer is not None and timer.due == due:  # a verb may have set it anew
        work.db.delete(timer)
    return None


def _park(workspace: Workspace, timer_id: int | None, error: Exception) -> None:
    with workspace.work() as work:
        timer = work.db.get(Timer, timer_id)
        if timer is not None:
            timer.due, timer.failure = None, f"{type(error).__name__}: {error}"
