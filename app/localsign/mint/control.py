"""Act for people in journeys: `/_sandbox/v1/mint/…`, through the same verbs as the pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from localsign.core.http import base_url, perform
from localsign.core.work import Work
from localsign.mint import actions, ids
from localsign.mint.commands import JourneyCommand
from localsign.mint.current import shown
from localsign.mint.current.schemas import JourneyResponse
from localsign.mint.engine import links
from localsign.mint.models import Journey

router = APIRouter(tags=["mint"])


class JourneyActed(BaseModel):
    """The journey after the act, an address that opens it, and what followed, in order."""

    journey: JourneyResponse
    journeyUrl: str  # noqa: N815
    followed: list[dict[str, Any]]


@router.post("/mint/journeys/{journeyId}/act", operation_id="act_on_journey")
async def act_on_journey(
    request: Request, journey_id: Annotated[str, Path(alias="journeyId")], command: JourneyCommand
) -> JourneyActed:
    """Do what a person would do at a step: complete, approve, reject, fail, open it; or cancel the journey."""
    found = ids.find(journey_id, "journey")
    _, followed = await perform(
        request,
        lambda work: actions.act(work, found, command.action, command.stepId, command.data),
        is_patient=True,
    )

    def answer(work: Work) -> JourneyActed:
        journey = work.get(Journey, found)
        url = links.url(base_url(request), links.make(work, journey, None))
        return JourneyActed(journey=shown.journey(work, journey), journeyUrl=url, followed=followed)

    acted, _ = await perform(request, answer, is_patient=True)
    return acted
