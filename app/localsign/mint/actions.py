"""What people do at the steps where a journey waits for them. No client can call these.

The pages, the control plane and decisions run the same verbs.
"""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from localsign.core.errors import ConflictError, IllegalTransitionError
from localsign.core.work import Slow, Work
from localsign.mint import forms
from localsign.mint.engine import journeys as engine
from localsign.mint.engine.catalog import StepType, find
from localsign.mint.engine.turn import as_text
from localsign.mint.lifecycle import JOURNEY, JourneyEvent
from localsign.mint.models import Journey, JourneyWait, waits_of
from localsign.mint.service import journeys
from localsign.mint.service.journeys import APPROVAL

Action = Literal["complete", "approve", "reject", "fail", "cancel", "open"]
Outcome = Slow[Any, Any] | Journey | None


def act(work: Work, journey_id: UUID, action: Action, step_id: str | None, data: Mapping[str, Any] | None) -> Outcome:
    """Do something at a step that waits: the one named, or the first. `cancel` is about the journey itself."""
    journey = work.get(Journey, journey_id)
    if action == "cancel":
        engine.cancel(work, journey)
        return journey
    if step_id is not None:
        return act_at(work, engine.waiting_at(work, journey, step_id), action, data)
    JOURNEY.check(journey, JourneyEvent.RESUME)
    return act_at(work, waits_of(work, journey)[0], action, data)


def act_at(work: Work, wait: JourneyWait, action: Action, data: Mapping[str, Any] | None) -> Outcome:
    """The same at one wait. Without `data`, `complete` gives what a willing person would.

    A file among `data` is an object with `base64` or `text`, and may have `filename` and `contentType`.
    """
    step_type = find(wait.type)
    assert step_type is not None  # it would not wait otherwise
    if step_type.act is not None:
        return step_type.act(work, wait, action, data or {})
    match action:
        case "open":
            return work.get(Journey, wait.journey_id)
        case "approve" | "reject" if wait.type != APPROVAL:
            raise ConflictError(f"The step '{wait.step_id}' does not wait for an approval: it is a {wait.type} step.")
        case "fail":
            return _fail(work, wait, step_type, as_text((data or {}).get("reason")) or "It was told to fail.")
    if wait.type == APPROVAL:
        decision = {"approved": action != "reject", "message": (data or {}).get("message")}
        return engine.wake(work, wait, decision)
    came = forms.willing(wait, None) if data is None else data
    journeys.check(work, wait, came, "data")
    return engine.wake(work, wait, forms.with_files(work, wait, came))


def _fail(work: Work, wait: JourneyWait, step_type: StepType, reason: str) -> Outcome:
    if "Failed" not in step_type.outcomes:
        raise ConflictError(f"A {wait.type} step cannot fail; complete it, or cancel the journey.")
    return engine.wake(work, wait, {"failed": reason})


def open_wait(work: Work, wait_id: UUID) -> JourneyWait:
    """The wait; IllegalTransitionError where it is over."""
    wait = work.find(JourneyWait, wait_id)
    if wait is None:
        raise IllegalTransitionError("waiting step", "over", JourneyEvent.RESUME.value)
    return wait
