"""`/_sandbox/v1/faults`, `/rate-limits`: which requests of this workspace are to fail, and how."""

import difflib
import json
from datetime import timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from localsign import faulting
from localsign.apis import operations
from localsign.control.schemas import Asked
from localsign.core import faults
from localsign.core.errors import BadInputError, ConflictError, NotFoundError
from localsign.core.faults import Fault, FaultKind, RateLimit
from localsign.core.http import InWork
from localsign.core.markup import MarkupError, check_text
from localsign.core.work import Work
from localsign.lags import parse_duration

router = APIRouter(prefix="/v1")
MOST = 200
_MOST_COUNTED = 2**31
_MOST_OF_BODY = 64 * 1024
_LONGEST_LATENCY = timedelta(seconds=60)
_OF_ERRORS = ("status", "code", "detail", "body", "retry_after")


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return parse_duration(value)


def _repeatable(value: Any) -> Any:
    """`value`, if it can be kept and answered: JSON may hold numbers and letters that no answer can."""
    try:
        check_text(value)
    except MarkupError as error:
        raise ValueError(str(error)) from None
    if len(json.dumps(value)) > _MOST_OF_BODY:
        raise ValueError(f"must be at most {_MOST_OF_BODY} characters of JSON")
    return value


Counted = Annotated[int, Field(strict=True, ge=0, le=_MOST_COUNTED)]
Positive = Annotated[int, Field(strict=True, ge=1, le=_MOST_COUNTED)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]


class FaultRequest(Asked):
    """A fault to set. Which requests: `operation`, then `after`, `every`, `times`, `probability`. What: `kind`."""

    operation: str = Field(description="`<api>.<operation>`, `<api>.*` or `*`.")
    kind: FaultKind = FaultKind.ERROR
    status: int = Field(503, strict=True, ge=400, le=599, description="Of an error; the body is the vendor's own.")
    code: str | None = Field(None, max_length=200, description="Of an error: the vendor's error code.")
    detail: str | None = Field(None, max_length=2000, description="Of an error: what it says.")
    body: Annotated[Any, AfterValidator(_repeatable)] = Field(
        None, description="Of an error: JSON to answer with instead of the vendor's error body; 64 KiB at most."
    )
    retry_after: Counted | None = Field(None, description="Of an error: seconds, as header Retry-After.")
    latency: Duration | None = Field(None, description="Of `latency`: how long, in real time, PT60S at most.")
    after: Counted = Field(0, description="How many requests pass first.")
    every: Positive = Field(1, description="Of those that follow, every n-th.")
    times: Positive | None = Field(None, description="How often at most; by default, without end.")
    probability: float = Field(1.0, gt=0, le=1, description="Of those, which part; the draw is the same every time.")
    seed: str | None = Field(None, max_length=200, description="Of the draw; by default, the workspace's.")

    @model_validator(mode="after")
    def _members_fit(self) -> Self:
        if (self.kind is FaultKind.LATENCY) != (self.latency is not None):
            raise ValueError('"latency" is given with the kind "latency", and only then')
        if self.latency is not None and not timedelta(0) < self.latency <= _LONGEST_LATENCY:
            raise ValueError('"latency" must be more than PT0S and PT60S at most')
        foreign = [name for name in _OF_ERRORS if name in self.model_fields_set]
        if self.kind is not FaultKind.ERROR and foreign:
            raise ValueError(f'"{foreign[0]}" is given with the kind "error" only')
        return self


class FaultResponse(BaseModel):
    """A fault, how many requests it met (`seen`), and how many of them failed (`hits`)."""

    id: UUID
    operation: str
    kind: FaultKind
    status: int | None
    code: str | None
    detail: str | None
    body: Any
    retry_after: int | None
    latency: float | None = Field(description="Seconds.")
    after: int
    every: int
    times: int | None
    probability: float
    seed: str | None
    seen: int
    hits: int

    @classmethod
    def of(cls, fault: Fault) -> Self:
        is_error, is_latency = fault.kind is FaultKind.ERROR, fault.kind is FaultKind.LATENCY
        members = fault.model_dump(exclude={"seq", "latency_us", "status"})
        return cls(
            **members,
            status=fault.status if is_error else None,
            latency=fault.latency.total_seconds() if is_latency else None,
        )


class LimitRequest(Asked):
    """At most `requests` in each stretch of `per`, an ISO 8601 duration by the workspace's clock."""

    requests: Counted
    per: Duration = timedelta(minutes=1)

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not timedelta(0) < self.per <= timedelta(days=366):
            raise ValueError('"per" must be more than PT0S and P366D at most')
        return self


class LimitResponse(BaseModel):
    """A rate limit: what of the present stretch is used, and how many requests were refused in all."""

    operation: str
    requests: int
    per: float = Field(description="Seconds.")
    used: int
    refused: int

    @classmethod
    def of(cls, limit: RateLimit) -> Self:
        return cls(
            operation=limit.operation,
            requests=limit.requests,
            per=limit.per.total_seconds(),
            used=limit.used,
            refused=limit.refused,
        )


def _known(operation: str) -> str:
    known = faults.known_patterns(operations())
    if operation not in known:
        bare = {one.partition(".")[2].lower(): one for one in known if not one.endswith("*")}  # every API has a `*`
        of_api = [one for one in known if one.startswith(operation.partition(".")[0] + ".")]
        near = difflib.get_close_matches(operation[:200], of_api, n=3)
        wanted = operation[:200].rpartition(".")[2].lower()
        near = near or [bare[one] for one in difflib.get_close_matches(wanted, bare, n=3)]
        near = near or difflib.get_close_matches(operation[:200], known, n=3, cutoff=0.4)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise BadInputError.of("operation", f"'{operation[:200]}' is no operation of any API{hint}")
    return operation


# ---- faults


@router.post("/faults", status_code=201, operation_id="add_fault", tags=["faults"])
async def add_fault(request: Request, work: InWork, wanted: FaultRequest) -> FaultResponse:
    """Let requests fail from now on. Faults are tried in the order in which they were set."""
    if len(faults.every_fault(work)) >= MOST:
        raise ConflictError(f"There are {MOST} faults already; remove some.", code="too_many_faults")
    members = wanted.model_dump(exclude={"latency"})
    latency = wanted.latency or timedelta(0)
    fault = Fault(
        **{**members, "operation": _known(wanted.operation)},
        id=work.new_id(),
        latency_us=latency // timedelta(microseconds=1),
    )
    work.db.add(fault)
    work.flush()
    _changed(request)
    return FaultResponse.of(fault)


@router.get("/faults", operation_id="list_faults", tags=["faults"])
async def list_faults(work: InWork) -> list[FaultResponse]:
    """Every fault, in the order in which they were set, with what it has hit."""
    return [FaultResponse.of(one) for one in faults.every_fault(work)]


@router.get("/faults/{fault_id}", operation_id="get_fault", tags=["faults"])
async def get_fault(work: InWork, fault_id: UUID) -> FaultResponse:
    """One fault, with what it has hit."""
    return FaultResponse.of(work.get(Fault, fault_id))


@router.delete("/faults/{fault_id}", status_code=204, operation_id="remove_fault", tags=["faults"])
async def remove_fault(request: Request, work: InWork, fault_id: UUID) -> None:
    """Take one fault back."""
    work.db.delete(work.get(Fault, fault_id))
    _changed(request)


@router.delete("/faults", status_code=204, operation_id="remove_faults", tags=["faults"])
async def remove_faults(request: Request, work: InWork) -> None:
    """Take all faults back."""
    for fault in faults.every_fault(work):
        work.db.delete(fault)
    _changed(request)


# ---- rate limits


@router.put("/rate-limits/{operation}", operation_id="set_rate_limit", tags=["faults"])
async def set_rate_limit(request: Request, work: InWork, operation: str, wanted: LimitRequest) -> LimitResponse:
    """Limit an operation, `<api>.*` or `*`; more requests are answered with 429 and Retry-After."""
    limit = work.db.get(RateLimit, _known(operation)) or RateLimit(operation=operation, requests=0, per_us=0)
    limit.requests, limit.per_us = wanted.requests, wanted.per // timedelta(microseconds=1)
    limit.since, limit.used = None, 0
    work.db.add(limit)
    _changed(request)
    return LimitResponse.of(limit)


@router.get("/rate-limits", operation_id="list_rate_limits", tags=["faults"])
async def list_rate_limits(work: InWork) -> list[LimitResponse]:
    """Every rate limit that is set. There are none by default: no source names the vendors' limits."""
    return [LimitResponse.of(one) for one in faults.every_limit(work)]


@router.delete("/rate-limits/{operation}", status_code=204, operation_id="remove_rate_limit", tags=["faults"])
async def remove_rate_limit(request: Request, work: InWork, operation: str) -> None:
    """Take a rate limit back."""
    work.db.delete(_limit(work, operation))
    _changed(request)


def _limit(work: Work, operation: str) -> RateLimit:
    limit = work.db.get(RateLimit, operation)
    if limit is None:
        raise NotFoundError(f"There is no rate limit on '{operation}'.")
    return limit


def _changed(request: Request) -> None:
    faulting.forget(request.scope["state"]["workspace"])
