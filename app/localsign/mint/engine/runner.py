"""Running a journey, in bursts: each is a transaction of so many steps, and slow steps happen between two.

Between bursts the place is kept in `JourneyRun`, and a timer stands by: whatever kills the process, the journey goes on
from the step it was at when that timer is due. Nothing is written that grows with what has run: log and loop records
are added, never read again.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from localsign.core import decisions, timers
from localsign.core.errors import ApiError, WorldChangedError
from localsign.core.work import Slow, Work
from localsign.mint.engine import plain, under_way
from localsign.mint.engine.catalog import StepType, find
from localsign.mint.engine.expressions import ExpressionError
from localsign.mint.engine.graph import Routes, Step
from localsign.mint.engine.memory import Memory, masked
from localsign.mint.engine.results import Done, End, Enter, Later, Result, StepError, Wait
from localsign.mint.engine.turn import Turn
from localsign.mint.lifecycle import JOURNEY, JourneyEvent, JourneyState
from localsign.mint.models import Graph, Journey, JourneyWait, LogRecord, run_of, waits_of
from localsign.mint.switches import AUTOMATIC_CANCEL, automatic_cancel

STEPS_PER_BURST = 250
MOST_LEFT = 10_000  # steps that are left to run at once
MOST_SCOPES = 1000  # loops and conditions that are open at once
STAND_BY = timedelta(minutes=1)  # after which a journey that nobody runs goes on
CUSTOM_FAULT = "Custom fault"
RUN, UNWIND, RESUME, LEAVE = "run", "unwind", "resume", "leave"

Outcome = Journey | Slow[Any, Journey]
_log = logging.getLogger("localsign.mint")


def go_on(work: Work, journey: Journey) -> Outcome:
    """Run a journey that is RUNNING until it waits, ends, meets something slow, or the burst is over."""
    return _Burst(work, journey).go()


def due(work: Work, subject: str) -> Slow[Any, None] | None:
    """The stand-by timer of a journey, or the moment at which it was told to go on."""
    journey = work.find(Journey, UUID(subject))
    if journey is None or journey.state is not JourneyState.RUNNING:
        return None
    if under_way.is_marked(work, journey.id, run_of(work, journey).turn):
        # Only the clock was moved. Look again, ever later: who lets years pass does not look every minute.
        since = work.now - (journey.last_executed_at or work.now)
        work.schedule("mint.run", journey.id, work.now + max(STAND_BY, since))
        return None
    return _without_result(go_on(work, journey))


def _without_result(outcome: Outcome) -> Slow[Any, None] | None:
    if isinstance(outcome, Slow):
        return Slow(outcome.make, lambda work, made: _without_result(outcome.settle(work, made)))
    return None


class _Burst:
    """Some steps of a journey in one transaction."""

    def __init__(self, work: Work, journey: Journey) -> None:
        self.work, self.journey = work, journey
        self.run = run_of(work, journey)
        self.run.turn += 1
        graph = work.get(Graph, journey.graph_id)
        self.routes = Routes(graph.steps, graph.connections)
        self.stack: list[list[Any]] = list(self.run.stack)  # the last one runs next: step, scope, kind, what it gets
        self.scopes: dict[str, Any] = _copied(self.run.scopes)
        self.memory = Memory(work, journey, self.run, self.routes, self.scopes)
        self.logged: list[dict[str, Any]] = []
        self.limit = work.house.settings.mint_most_steps

    # ---- the loop

    def go(self) -> Outcome:
        for _ in range(STEPS_PER_BURST):
            if self.journey.state is not JourneyState.RUNNING:
                break
            if not self.stack:
                self._settle()
                break
            later = self._step()
            if later is not None:
                return self._leave(later)
        else:
            if self.journey.state is JourneyState.RUNNING:
                return self._leave(None)
        self._save()
        timer = timers.scheduled(self.work.db, "mint.run", str(self.journey.id))
        if timer is not None:
            self.work.db.delete(timer)
        return self.journey

    def _leave(self, later: Later | None) -> Slow[Any, Journey]:
        """End this transaction with the journey still RUNNING; `later` is what comes before the next one."""
        self.work.schedule("mint.run", self.journey.id, self.work.now + STAND_BY)
        self._save()
        journey_id, turn = self.journey.id, self.run.turn
        marker = under_way.mark(self.work, journey_id, turn)

        def settle(_held: under_way.Marker, work: Work, made: Any) -> Outcome:
            journey = work.find(Journey, journey_id)
            if journey is None:
                raise WorldChangedError
            if journey.state is not JourneyState.RUNNING or run_of(work, journey).turn != turn:
                return journey  # it was cancelled, or the stand-by timer was faster
            burst = _Burst(work, journey)
            if later is not None:
                again = burst.end_slow(later, made)
                if again is not None:
                    return burst._leave(again)
            return burst.go()

        return Slow(_guarded(later.make) if later else _nothing, partial(settle, marker))

    def _save(self) -> None:
        self.run.stack = list(self.stack)
        self.run.scopes = _copied(self.scopes)
        self.memory.save()
        self.journey.last_executed_at = self.work.now
        if self.logged:
            self.work.insert(LogRecord, *self.logged)
            self.logged = []

    # ---- one step

    def _step(self) -> Later | None:
        """Run what lies on top of the stack. It stays there until it is over, so that a crash cannot lose it."""
        step_id, scope, kind, given = self.stack[-1]
        step = self.routes.steps[step_id]
        self.run.executed += 1
        self.log(step, "Resuming" if kind == RESUME else "Executing")
        if self.run.executed > self.limit:
            reason = f"The journey ran more than {self.limit} steps without waiting: this looks like an infinite loop."
            return self._fault(step, kind, reason)
        if len(self.stack) > MOST_LEFT:
            return self._fault(step, kind, f"More than {MOST_LEFT} steps are left to run at once.")
        if len(self.scopes) > MOST_SCOPES:
            return self._fault(step, kind, f"More than {MOST_SCOPES} loops and conditions are inside one another.")
        step_type = find(step.type)
        if step_type is None:
            return self._fault(step, kind, f"There is no step type '{step.type}'.")
        return self._run(step, step_type, scope, kind, lambda turn: _call(step_type, turn, kind, given), given)

    def end_slow(self, later: Later, made: Any) -> Later | None:
        """The step on top of the stack has what it needed."""
        step_id, scope, kind, given = self.stack[-1]
        step = self.routes.steps[step_id]
        step_type = find(step.type)
        assert step_type is not None
        if isinstance(made, _Failure):
            return self._fault(step, kind, masked(made.reason, set(later.secrets)))

        def end(turn: Turn) -> Result:
            turn.names.revealed.update(later.secrets)
            return later.then(turn, made)

        return self._run(step, step_type, scope, kind, end, given)

    def _run(
        self,
        step: Step,
        step_type: StepType,
        scope: int | None,
        kind: str,
        verb: Callable[[Turn], Result],
        given: Mapping[str, Any],
    ) -> Later | None:
        turn = Turn(self.work, self.journey, step, step_type, self.memory, scope)
        if kind == UNWIND:
            turn.kept = given
        elif kind == RESUME:
            turn.came, turn.facts = given["came"], given["facts"]
        try:
            with self.work.attempt() if step_type.is_atomic else nullcontext():
                result = verb(turn)
        except (StepError, ExpressionError) as error:
            return self._fault(step, kind, masked(str(error), turn.names.revealed))
        except WorldChangedError:
            raise
        except ApiError as error:  # of the service of another API
            return self._fault(step, kind, masked(error.detail, turn.names.revealed))
        except SQLAlchemyError:
            raise
        except Exception as error:
            _log.exception("the step %s of journey %s failed", step.id, self.journey.id)
            reason = f"The step failed: {type(error).__name__}: {error}"
            return self._fault(step, kind, masked(reason, turn.names.revealed))
        return self._follow(step, step_type, scope, kind, result, turn)

    def _follow(
        self, step: Step, step_type: StepType, scope: int | None, kind: str, result: Result, turn: Turn
    ) -> Later | None:
        if isinstance(result, Later):
            return replace(result, secrets=frozenset(turn.names.revealed))
        reason = plain.flaw_of(result.output)
        if reason is not None:
            return self._fault(step, kind, f"What the step gave cannot be kept: it {reason}.")
        if result.output is not None:
            try:
                self.memory.remember(step.id, masked(result.output, turn.names.revealed), scope)
            except StepError as error:
                return self._fault(step, kind, str(error))
        self.stack.pop()
        ended = "Resumed" if kind == RESUME else "Executed"
        match result:
            case Done(outcomes=outcomes):
                self.log(step, ended, outcomes=list(outcomes))
                self._push(self.routes.targets(step.id, outcomes), scope)
                self._one_less(scope)
            case Enter(outcome=outcome, keep=keep):
                self.log(step, ended, outcomes=[outcome])
                self._enter(step, scope, outcome, keep)
            case Wait():
                self.log(step, ended, outcomes=[])
                self._wait(step, step_type, scope, result)
            case End():
                self.log(step, ended, outcomes=["Done"])
                self._finish()
        return None

    # ---- scopes and the stack

    def _push(self, targets: list[str], scope: int | None) -> None:
        """Schedule; the last of them runs first."""
        for target in targets:
            self.stack.append([target, scope, RUN, None])
        if scope is not None:
            self.scopes[str(scope)]["live"] += len(targets)

    def _one_less(self, scope: int | None) -> None:
        """Something in a scope is over. When nothing runs or waits in it any more, its step runs again."""
        if scope is None:
            return
        frame = self.scopes[str(scope)]
        frame["live"] -= 1
        if frame["live"] == 0:
            del self.scopes[str(scope)]
            if frame["parent"] is not None:
                ran = self.scopes[str(frame["parent"])]["ran"]
                ran += [step_id for step_id in frame["ran"] if step_id not in ran]
            self.stack.append([frame["step"], frame["parent"], UNWIND, frame["keep"]])

    def _enter(self, step: Step, parent: int | None, outcome: str, keep: Mapping[str, Any]) -> None:
        self.run.scope_number += 1
        number = self.run.scope_number
        # Counted as one until its targets are in, so that a scope with nothing in it is over at once.
        # `ran`: the steps that gave something in it.
        self.scopes[str(number)] = {"step": step.id, "parent": parent, "live": 1, "keep": dict(keep), "ran": []}
        self._push(self.routes.targets(step.id, [outcome]), number)
        self._one_less(number)

    # ---- waiting and ending

    def _wait(self, step: Step, step_type: StepType, scope: int | None, result: Wait) -> None:
        waiting = {one.step_id for one in waits_of(self.work, self.journey)}
        if step.id in waiting:  # two branches met here: the step waits once
            self._one_less(scope)
            return
        wait = JourneyWait(
            id=self.work.new_id(),
            journey_id=self.journey.id,
            step_id=step.id,
            type=step_type.type,
            frame=scope,
            at=self.work.now,
            subject=result.subject,
            facts=dict(result.facts),
        )
        self.work.db.add(wait)
        self.work.db.flush()
        if step_type.asks:
            decisions.ask(self.work, "mint", step_type.asks, wait.id)

    def _settle(self) -> None:
        """Nothing is left to run."""
        waits = waits_of(self.work, self.journey)
        if not waits:
            self._end(JourneyEvent.FINISH)
            return
        self.work.fire(JOURNEY, self.journey, JourneyEvent.SUSPEND)
        self.run.executed = 0
        self.log(self.routes.steps[waits[0].step_id], "Suspended")
        limit = automatic_cancel(self.work.switched(AUTOMATIC_CANCEL))
        if limit is not None:
            self.work.schedule("mint.cancel", self.journey.id, self.work.now + limit)

    def _finish(self) -> None:
        """A Finish step: nothing waits and nothing is left to run."""
        self.stack.clear()
        self.scopes.clear()
        for wait in waits_of(self.work, self.journey):
            decisions.withdraw(self.work, wait.id)
            self.work.db.delete(wait)
        self._end(JourneyEvent.FINISH)

    def _end(self, happened: JourneyEvent) -> None:
        self.work.fire(JOURNEY, self.journey, happened)
        if happened is JourneyEvent.FINISH:
            self.journey.finished_at = self.work.now
        else:
            self.journey.faulted_at = self.work.now

    def _fault(self, step: Step, kind: str, reason: str) -> Later | None:
        """The run stops at once; what other branches had left to do stays as it is."""
        given = self.stack.pop()[3]
        is_resuming = kind == RESUME
        self.log(step, "Faulted", message=reason)
        self.log(step, "Resumed" if is_resuming else "Executed", outcomes=[])
        self.journey.fault = {
            "stepId": step.id,
            "message": reason,
            "resuming": is_resuming,
            "input": given["came"] if is_resuming else None,
        }
        self._end(JourneyEvent.FAIL)
        return None

    # ---- the log

    def log(self, step: Step, event: str, *, message: str | None = None, outcomes: list[str] | None = None) -> None:
        self.logged.append(
            {
                "id": self.work.new_id(),
                "journey_id": self.journey.id,
                "step_id": step.id,
                "type": step.type,
                "at": self.work.now,
                "event": event,
                "message": message,
                "outcomes": outcomes,
            }
        )


def _copied(scopes: Mapping[str, Any]) -> dict[str, Any]:
    """What the database holds is replaced, never changed."""
    return {key: {**frame, "ran": list(frame["ran"])} for key, frame in scopes.items()}


def _call(step_type: StepType, turn: Turn, kind: str, given: Any) -> Result:
    if kind == LEAVE and step_type.leave is not None:
        return step_type.leave(turn, str(given))
    if kind != RESUME:
        return step_type.run(turn)
    return step_type.resume(turn) if step_type.resume else Done(output=dict(turn.came or {}) or None)


class _Failure:
    """What came of something slow that failed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _guarded(make: Callable[[], Any]) -> Callable[[], Any]:
    def made() -> Any:
        try:
            return make()
        except Exception as error:
            if not isinstance(error, StepError):
                _log.exception("something slow in a journey failed")
            return _Failure(str(error) or type(error).__name__)

    return made


def _nothing() -> None:
    """Between two bursts there is only the chance for others to have their turn."""
