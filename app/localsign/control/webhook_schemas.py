"""Wire shapes of what the control plane shows of webhooks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from localsign.control.schemas import Instant
from localsign.control.waiting import DEFAULT_TIMEOUT, Timeout, Waiting
from localsign.core.deliveries import Attempt, Delivery, DeliveryState, Kind
from localsign.core.evidence import Mark
from localsign.core.repeats import Forgery
from localsign.core.wire import Asked
from localsign.lags import parse_duration

_LONGEST_AGE = timedelta(days=36_525)
Name = Annotated[str, Field(max_length=500)]


def _age(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    found = parse_duration(value)
    if found > _LONGEST_AGE:
        raise ValueError("must be a hundred years at most")
    return found


class EventResponse(BaseModel):
    """An event that can be subscribed to. `mark` says how its name is known, `source` from where."""

    api: str
    id: str
    sender: str
    name: str
    mark: Mark
    source: str
    text: str


class AttemptResponse(BaseModel):
    """One try: what was sent, and what came back. `at` is the moment of this workspace at which it was due."""

    number: int
    at: Instant
    milliseconds: int
    headers: dict[str, str]
    status: int | None
    error: str | None
    answer_headers: dict[str, str]
    answer: str
    is_answer_cut: bool

    @classmethod
    def members(cls, one: Attempt) -> dict[str, Any]:
        return {
            "number": one.number,
            "at": one.at,
            "milliseconds": one.milliseconds,
            "headers": one.headers,
            "status": one.status,
            "error": one.error,
            "answer_headers": one.answer_headers,
            "answer": one.answer.decode("utf-8", "replace"),
            "is_answer_cut": one.is_cut,
        }


class AttemptMade(AttemptResponse):
    """An attempt, of which delivery it was, and what became of that."""

    delivery: UUID
    event: str
    reference: str
    state: DeliveryState


class DeliveryResponse(BaseModel):
    """One webhook to one address. `body` is the very text that is sent; `due` the next attempt."""

    id: UUID
    state: DeliveryState
    kind: Kind
    api: str
    event: str
    reference: str
    subscription: str | None
    original: UUID | None
    url: str
    body: str
    queued_at: Instant
    due: Instant | None
    expires_at: Instant | None
    ended_at: Instant | None
    failure: str | None
    attempts: list[AttemptResponse]

    @classmethod
    def of(cls, one: Delivery, attempts: Sequence[Attempt]) -> Self:
        return cls(
            id=one.id,
            state=one.state,
            kind=one.kind,
            api=one.publisher,
            event=one.event,
            reference=one.reference,
            subscription=one.source,
            original=one.original,
            url=one.url,
            body=one.body.decode("utf-8", "replace"),
            queued_at=one.queued_at,
            due=one.due,
            expires_at=one.expires_at,
            ended_at=one.ended_at,
            failure=one.failure,
            attempts=[AttemptResponse(**AttemptResponse.members(attempt)) for attempt in attempts],
        )

    @classmethod
    def all_of(cls, some: Sequence[Delivery], attempts: Mapping[UUID, Sequence[Attempt]]) -> list[Self]:
        return [cls.of(one, attempts.get(one.id, ())) for one in some]


class DeliveryPage(BaseModel):
    offset: int
    limit: int
    total: int
    deliveries: list[DeliveryResponse]


class ForgeRequest(Asked):
    """What is to be wrong; `age` is how old a stale one is."""

    how: Forgery
    age: Annotated[timedelta, BeforeValidator(_age)] = Field(timedelta(hours=1), description="ISO 8601 duration.")


class DeliverRequest(Asked):
    timeout: Timeout = DEFAULT_TIMEOUT


class Delivered(BaseModel):
    """`is_settled`: nothing is due or under way. `attempts`: those that no `deliver` has told of before."""

    is_settled: bool
    attempts: list[AttemptMade]
    waiting: int = Field(description="Deliveries that try again later.")
    next_due: Instant | None


class DeliveriesWait(Waiting):
    """What to wait for: `count` deliveries that meet every condition that is given."""

    event: Name | None = None
    reference: Name | None = None
    subscription: Name | None = None
    kind: Kind | None = None
    state: DeliveryState | None = None
    attempts: int | None = Field(None, strict=True, ge=0, le=1000, description="At least so many were made.")
    contains: Name | None = Field(None, description="Text in the body.")
    pointer: Annotated[Name, Field(pattern=r"^(/|$)")] | None = Field(
        None, description="RFC 6901: where in the body `equals` stands."
    )
    equals: Any = None

    @model_validator(mode="after")
    def _pointer_and_value(self) -> Self:
        if ("equals" in self.model_fields_set) != (self.pointer is not None):
            raise ValueError('"pointer" and "equals" are given together')
        return self


class DeliveriesResponse(BaseModel):
    """`total` deliveries match."""

    total: int
    deliveries: list[DeliveryResponse]
