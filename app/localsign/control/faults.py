"""`/_sandbox/v1/faults`, `/rate-limits`: which requests of this workspace are to fail, and how."""

from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from localsign import faulting
from localsign.arranging import faults as arranging
from localsign.arranging.faults import FaultRequest, LimitRequest
from localsign.core import faults
from localsign.core.errors import NotFoundError
from localsign.core.faults import Fault, FaultKind, RateLimit
from localsign.core.http import InWork
from localsign.core.work import Work

router = APIRouter(prefix="/v1")


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


# ---- faults


@router.post("/faults", status_code=201, operation_id="add_fault", tags=["faults"])
async def add_fault(request: Request, work: InWork, wanted: FaultRequest) -> FaultResponse:
    """Let requests fail from now on. Faults are tried in the order in which they were set."""
    fault = arranging.add(work, wanted)
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
    limit = arranging.limit(work, operation, wanted)
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
