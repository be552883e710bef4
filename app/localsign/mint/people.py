"""Whom a waiting step asks, and what that person can do by a decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from localsign.core.asking import Asking, Person
from localsign.core.people import Persona
from localsign.core.work import Work
from localsign.mint import actions, forms
from localsign.mint.actions import Action, Outcome
from localsign.mint.engine.turn import as_text
from localsign.mint.models import Journey, JourneyWait


class StepDetails(BaseModel):
    """What a queued decision may say beside its word, for a step of a workflow."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] | None = Field(None, description="What the step gets: the answers to a form, or a person.")


def person(work: Work, wait_id: UUID) -> Person:
    """Who is asked, as far as the step and the journey's input say."""
    wait = work.glance(JourneyWait, wait_id)
    given = work.glance(Journey, wait.journey_id).input
    known = {name: given.get(name) for name in ("name", "email", "phone")}
    email = wait.facts.get("approver") or known["email"]
    return Person(
        name=as_text(known["name"]) or None,
        email=as_text(email) or None,
        phone=as_text(known["phone"]) or None,
        national_id=as_text(wait.facts.get("expected")) or None,
    )


def about(work: Work, wait_id: UUID) -> Mapping[str, str | None]:
    wait = work.glance(JourneyWait, wait_id)
    journey = work.glance(Journey, wait.journey_id)
    return {"journeyId": journey.id.hex, "stepId": wait.step_id, "workflowName": journey.workflow_name}


def _complete(work: Work, wait_id: UUID, told: Mapping[str, Any]) -> Outcome:
    wait = actions.open_wait(work, wait_id)
    persona: Persona | None = told.get("persona")
    data = told.get("data") or forms.willing(wait, persona)
    return actions.act_at(work, wait, "complete", data)


def _deciding(action: Action) -> Any:
    def verb(work: Work, wait_id: UUID, told: Mapping[str, Any]) -> Outcome:
        data = {"message": told.get("reason"), "reason": told.get("reason")}
        return actions.act_at(work, actions.open_wait(work, wait_id), action, data)

    return verb


def _asking(**verbs: Any) -> Asking:
    return Asking(
        actions=verbs,
        person=person,
        attributes=("journeyId", "stepId", "workflowName"),
        about=about,
        details=StepDetails,
    )


PEOPLE = {
    "approval": _asking(sign=_deciding("approve"), reject=_deciding("reject")),
    "form": _asking(sign=_complete),
    "identification": _asking(sign=_complete, reject=_deciding("fail"), error=_deciding("fail")),
    "capture": _asking(sign=_complete, reject=_deciding("fail"), error=_deciding("fail")),
    "registration": _asking(sign=_complete, error=_deciding("fail")),
}
