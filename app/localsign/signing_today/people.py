"""Who a signature or a text waits for, and what that person can do by a decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from localsign.core.asking import Asking, Person
from localsign.core.work import Slow, Work
from localsign.signing_today import actions
from localsign.signing_today.dst_switches import TEXT_MEMBER
from localsign.signing_today.models.dsts import Dst, Turn
from localsign.signing_today.service import flow


class SignatureDetails(BaseModel):
    """What a queued decision may say beside its word, for a signature or a text."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("Filled in", max_length=10_000, description="What is filled in, where a text is asked for.")


def person(work: Work, turn_id: UUID) -> Person:
    """The signer, as far as the plan says."""
    turn = work.glance(Turn, turn_id)
    return Person(name=turn.name, email=turn.email, phone=turn.phone)


def about(work: Work, turn_id: UUID) -> Mapping[str, str | None]:
    turn = work.glance(Turn, turn_id)
    dst = work.glance(Dst, turn.dst_id)
    return {"id": str(dst.id), "title": dst.title, "asked": "fill" if turn.is_fill else "sign"}


def _sign(work: Work, turn_id: UUID, told: Mapping[str, Any]) -> Dst | Slow[Any, Dst]:
    """Do what is asked for: fill in the text, or sign."""
    if not work.glance(Turn, turn_id).is_fill:
        return actions.sign(work, turn_id)
    return actions.fill(work, turn_id, {work.switched(TEXT_MEMBER): told.get("text") or actions.Details.text})


def _reject(work: Work, turn_id: UUID, told: Mapping[str, Any]) -> Dst:
    return actions.decline(work, turn_id, told.get("reason"))


PEOPLE = {
    flow.SIGNATURE: Asking(
        actions={"sign": _sign, "reject": _reject},
        person=person,
        attributes=("id", "title", "asked"),
        about=about,
        details=SignatureDetails,
    )
}
