"""Act for the recipient: `/_sandbox/v1/secure-share/…`, through the same verbs as the recipient's site."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request

from localsign.core.errors import ConflictError
from localsign.core.http import base_url, perform
from localsign.core.work import Work
from localsign.secure_share import actions
from localsign.secure_share.actions import Refusal
from localsign.secure_share.commands import RecipientActed, RecipientCommand
from localsign.secure_share.models import Recipient
from localsign.secure_share.schemas import recipient_shown
from localsign.secure_share.service import recipients

router = APIRouter(tags=["secure share"])


@router.post("/secure-share/shares/{shareId}/recipients/{recipientId}/act", operation_id="act_on_share_recipient")
async def act_on_share_recipient(
    request: Request,
    share_id: Annotated[UUID, Path(alias="shareId")],
    recipient_id: Annotated[UUID, Path(alias="recipientId")],
    command: RecipientCommand,
) -> RecipientActed:
    """Do what the recipient would do. 409 with the reason when they are not let in, or when it is too late."""

    def act(work: Work) -> Refusal | None:
        recipients.of_share(work.get(Recipient, recipient_id), share_id)
        return actions.act(work, recipient_id, command)

    def shown(work: Work) -> RecipientActed:
        recipient = work.get(Recipient, recipient_id)
        answer = recipient_shown(work, recipient, base_url(request))
        return RecipientActed(recipient=answer, state=recipient.state.value, followed=followed)

    refusal, followed = await perform(request, act)
    if refusal is not None:
        raise ConflictError(refusal.detail, code=refusal.code)
    acted, _ = await perform(request, shown)
    return acted
