"""Who a signing session waits for, and what that person can do by a decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from localsign.core.asking import Asking, Person
from localsign.core.people import Persona, magic_word
from localsign.core.work import Slow, Work
from localsign.sign import actions, artefacts
from localsign.sign.commands import ActingSigner
from localsign.sign.lifecycle import SessionEvent
from localsign.sign.models import SigningSession


class SessionDetails(BaseModel):
    """What a queued decision may say beside its word, for a signing session."""

    model_config = ConfigDict(extra="forbid")

    signer: ActingSigner | None = Field(None, description="Who signs; by default the person's persona.")


def person(work: Work, session_id: UUID) -> Person:
    """The signer, as far as the session says.

    Sign v2 has no documented member for an e-mail address any more, so an `externalReference` that is one with a magic
    word stands in for it.
    """
    session = work.glance(SigningSession, session_id)
    contact = session.contact or {}
    reference = session.wanted.get("externalReference")
    is_magic = isinstance(reference, str) and "@" in reference and magic_word(reference)
    return Person(
        email=contact.get("email") or (reference if is_magic else None),
        phone=contact.get("phone"),
        national_id=(session.wanted.get("signer") or {}).get("nationalIdentificationNumber"),
    )


def about(work: Work, session_id: UUID) -> Mapping[str, str | None]:
    session = work.glance(SigningSession, session_id)
    return {
        "id": str(session.id),
        "title": session.wanted["title"],
        "externalReference": session.wanted.get("externalReference"),
    }


def _sign(work: Work, session_id: UUID, told: Mapping[str, Any]) -> Slow[Any, SigningSession]:
    session = work.get(SigningSession, session_id)
    if told.get("signer") is not None:
        return actions.sign(work, session, ActingSigner.model_validate(told["signer"]))
    return actions.sign(work, session, _as(session, told.get("persona")))


def _as(session: SigningSession, persona: Persona | None) -> ActingSigner:
    if persona is None:
        return ActingSigner()
    eid = persona.eid_among(artefacts.eids(session))
    return ActingSigner(name=persona.name, nin=persona.national_id, eid=eid)


def _reject(work: Work, session_id: UUID, told: Mapping[str, Any]) -> SigningSession:
    return actions.reject(work, work.get(SigningSession, session_id), told.get("reason"))


def _cancel(work: Work, session_id: UUID, _told: Mapping[str, Any]) -> SigningSession:
    return actions.leave(work, work.get(SigningSession, session_id), SessionEvent.CANCEL)


def _error(work: Work, session_id: UUID, _told: Mapping[str, Any]) -> SigningSession:
    return actions.leave(work, work.get(SigningSession, session_id), SessionEvent.FAIL)


PEOPLE = {
    "session": Asking(
        actions={"sign": _sign, "reject": _reject, "cancel": _cancel, "error": _error},
        person=person,
        attributes=("id", "title", "externalReference"),
        about=about,
        details=SessionDetails,
    )
}
