"""Who a share waits for, and what that person can do by a decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from localsign.core.asking import Asking, Person, Verb
from localsign.core.people import Persona
from localsign.core.work import Work
from localsign.secure_share import actions
from localsign.secure_share.actions import Refusal
from localsign.secure_share.commands import RecipientCommand, RecipientDetails
from localsign.secure_share.models import Recipient, Share


def person(work: Work, recipient_id: UUID) -> Person:
    recipient = work.glance(Recipient, recipient_id)
    names = [one for one in (recipient.first_name, recipient.last_name) if one]
    return Person(
        name=" ".join(names) or None,
        email=recipient.email,
        phone=recipient.mobile,
        national_id=next((one["nin"] for one in recipient.authentication if one["nin"]), None),
    )


def about(work: Work, recipient_id: UUID) -> Mapping[str, str | None]:
    recipient = work.glance(Recipient, recipient_id)
    share = work.glance(Share, recipient.share_id)
    return {
        "id": str(recipient.id),
        "externalReference": recipient.external_reference,
        "shareId": str(share.id),
        "shareTitle": share.title,
        "shareExternalReference": share.external_reference,
    }


_DETAILS = [field.alias or name for name, field in RecipientDetails.model_fields.items()]


def _verb(action: str) -> Verb:
    """The verb of `actions` for a word; a persona who is known comes as who they are."""

    def do(work: Work, recipient_id: UUID, told: Mapping[str, Any]) -> Refusal | None:
        details = {name: told[name] for name in _DETAILS if told.get(name) is not None}
        persona: Persona | None = told.get("persona")
        if persona is not None:
            details = {**_as(actions.methods(work, work.glance(Recipient, recipient_id)), persona), **details}
        command = RecipientCommand.model_validate({"action": action, **details})
        return actions.act(work, recipient_id, command)

    return do


def _as(offered: list[dict[str, Any]], persona: Persona) -> dict[str, Any]:
    """How a persona logs in: with an eID that they have, if one is offered, and then as themselves."""
    own = [one for one in offered if one["identityProvider"] in persona.eids]
    if not own:
        return {}
    return {"method": own[0]["identityProvider"], "nin": persona.national_id}


PEOPLE = {
    "recipient": Asking(
        actions={
            "download": _verb("download"),
            "authenticate": _verb("authenticate"),
            "open": _verb("open"),
            "fail": _verb("fail"),
            # The words that every kind knows: to do what is asked for, and to be failed by the eID.
            "sign": _verb("download"),
            "error": _verb("fail"),
        },
        person=person,
        attributes=("id", "externalReference", "shareId", "shareTitle", "shareExternalReference"),
        about=about,
        details=RecipientDetails,
    )
}
