"""`/_sandbox/v1/decisions`: what people will do, and why they did what they did."""

import json
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import col, select

from localsign.apis import people
from localsign.arranging import decisions as arranging
from localsign.arranging.decisions import DecisionRequest, RuleRequest
from localsign.control.schemas import Instant
from localsign.core import explaining
from localsign.core.asking import MANUAL
from localsign.core.decisions import Decision, DecisionState
from localsign.core.errors import ConflictError
from localsign.core.explaining import Explanation
from localsign.core.http import InWork
from localsign.core.ladder import DEFAULT_CHOICE, PERSONAL, QueuedDecision, Rung

router = APIRouter(prefix="/v1", tags=["decisions"])


class DecisionResponse(BaseModel):
    """A queued decision. `used_for` is the object that it decided; null while it waits for one."""

    id: UUID
    action: str
    after: str | None
    reason: str | None
    api: str | None
    kind: str | None
    match: dict[str, str]
    details: dict[str, Any]
    created_at: Instant
    used_for: UUID | None
    used_at: Instant | None

    @classmethod
    def of(cls, queued: QueuedDecision) -> Self:
        return cls(
            id=queued.id,
            action=queued.action,
            after=queued.after,
            reason=queued.told.get("reason"),
            api=queued.api,
            kind=queued.kind,
            match=queued.matches,
            details={name: value for name, value in queued.told.items() if name != "reason"},
            created_at=queued.at,
            used_for=queued.used_for,
            used_at=queued.used_at,
        )


class RuleResponse(BaseModel):
    action: str
    after: str | None = None
    reason: str | None = None


class KindResponse(BaseModel):
    """One kind of object that asks a person: which words a rule may have, and what it can be matched by."""

    api: str
    kind: str
    actions: list[str]
    attributes: list[str]


class RungResponse(BaseModel):
    rung: Rung
    used: bool
    why: str


class PersonResponse(BaseModel):
    name: str | None
    email: str | None
    phone: str | None
    national_id: str | None


class AskedResponse(BaseModel):
    """An object that asked a person for something: which rung decided what, and what came of it."""

    api: str
    kind: str
    subject: UUID
    asked_at: Instant
    person: PersonResponse
    persona: str | None
    decided_by: Rung
    action: str
    due: Instant | None
    outcome: DecisionState
    ended_at: Instant | None

    @classmethod
    def of(cls, decision: Decision) -> Self:
        is_commanded = decision.state is DecisionState.COMMANDED
        return cls(
            api=decision.api,
            kind=decision.kind,
            subject=decision.subject,
            asked_at=decision.at,
            person=PersonResponse(**decision.person),
            persona=decision.persona and decision.persona["key"],
            decided_by=Rung.COMMAND if is_commanded else Rung(decision.rung),
            action=str(decision.outcome) if is_commanded else decision.action,
            due=decision.due,
            outcome=decision.state,
            ended_at=decision.ended_at,
        )


class ExplanationResponse(BaseModel):
    """What was decided about one object, what came of it, and what every rung of the ladder said."""

    api: str
    kind: str
    subject: UUID
    asked_at: Instant
    person: PersonResponse
    persona: str | None
    decided_by: Rung
    action: str
    due: Instant | None
    outcome: str = Field(description="waiting, set, acting, acted, refused, commanded, withdrawn or failed.")
    ended_at: Instant | None
    reason: str | None = Field(description="Why it was refused or failed.")
    rungs: list[RungResponse]

    @classmethod
    def of(cls, explanation: Explanation) -> Self:
        decision = explanation.decision
        return cls(
            api=decision.api,
            kind=decision.kind,
            subject=decision.subject,
            asked_at=decision.at,
            person=PersonResponse(**decision.person),
            persona=decision.persona and decision.persona["key"],
            decided_by=explanation.decided,
            action=explanation.action,
            due=decision.due,
            outcome=explanation.outcome,
            ended_at=decision.ended_at,
            reason=explanation.reason,
            rungs=[RungResponse(**one) for one in explanation.rungs],
        )


# ---- routes


@router.post("/decisions", status_code=201, operation_id="queue_decision")
async def queue_decision(work: InWork, wanted: DecisionRequest) -> DecisionResponse:
    """Queue a decision for the next object that begins to wait for a person and matches. The oldest is used first."""
    return DecisionResponse.of(arranging.queue(work, wanted))


@router.get("/decisions", operation_id="list_decisions")
async def list_decisions(work: InWork, used: bool = False) -> list[DecisionResponse]:
    """The queued decisions, oldest first; with `used=true`, also those that were used."""
    query = select(QueuedDecision).order_by(col(QueuedDecision.seq))
    found = work.db.exec(query if used else query.where(col(QueuedDecision.is_open))).all()
    return [DecisionResponse.of(one) for one in found]


@router.delete("/decisions", status_code=204, operation_id="clear_decisions")
async def clear_decisions(work: InWork) -> None:
    """Take back every queued decision that was not used."""
    for one in work.db.exec(select(QueuedDecision).where(col(QueuedDecision.is_open))).all():
        work.db.delete(one)


@router.get("/decisions/default", operation_id="get_default_decision", response_model_exclude_none=True)
async def get_default_decision(work: InWork) -> RuleResponse:
    """What people do where nothing else says so: at first, `manual`, which waits for a command."""
    chosen = work.choices.get(DEFAULT_CHOICE)
    return RuleResponse(action=MANUAL) if chosen is None else RuleResponse(**json.loads(chosen))


@router.put("/decisions/default", operation_id="set_default_decision", response_model_exclude_none=True)
async def set_default_decision(work: InWork, wanted: RuleRequest) -> RuleResponse:
    """Choose what people do where nothing else says so. What waits already is not asked again."""
    arranging.choose_default(work, wanted)
    return RuleResponse(**wanted.stored())


@router.get("/decisions/kinds", operation_id="list_decision_kinds")
async def list_decision_kinds() -> list[KindResponse]:
    """Every kind of object that asks a person for something, and what a rule may say of it."""
    return [
        KindResponse(
            api=api,
            kind=kind,
            actions=list(asking.words),
            attributes=[*PERSONAL, *asking.attributes],
        )
        for (api, kind), asking in people().items()
    ]


@router.get("/decisions/asked", operation_id="list_asked")
async def list_asked(
    work: InWork,
    outcome: DecisionState | None = None,
    api: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AskedResponse]:
    """What asked people for something, and what came of it, newest first; `outcome=waiting` is what waits for you."""
    query: Any = select(Decision).order_by(col(Decision.seq).desc()).limit(limit)
    for column, value in ((Decision.state, outcome), (Decision.api, api)):
        if value is not None:
            query = query.where(col(column) == value)
    return [AskedResponse.of(one) for one in work.db.exec(query).all()]


@router.get("/decisions/explain", operation_id="explain_decision")
async def explain_decision(
    work: InWork, subject: Annotated[UUID, Query(description="The object's id.")], api: str | None = None
) -> ExplanationResponse:
    """Which rule decided about an object, and why the others did not."""
    return ExplanationResponse.of(explaining.explain(work, subject, api))


@router.get("/decisions/{id}", operation_id="get_decision")
async def get_decision(work: InWork, id: UUID) -> DecisionResponse:
    """A queued decision, and for which object it was used."""
    return DecisionResponse.of(work.glance(QueuedDecision, id))


@router.delete("/decisions/{id}", status_code=204, operation_id="delete_decision")
async def delete_decision(work: InWork, id: UUID) -> None:
    """Take a queued decision back; 409 for one that was used."""
    queued = work.get(QueuedDecision, id)
    if not queued.is_open:
        raise ConflictError(f"The decision was used for {queued.used_for}.", code="decision_used")
    work.db.delete(queued)
