"""Faults and rate limits: which requests are to fail, and how."""

import difflib
import json
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from localsign.apis import operations
from localsign.core import faults
from localsign.core.errors import BadInputError, ConflictError
from localsign.core.faults import Fault, FaultKind, RateLimit
from localsign.core.markup import MarkupError, check_text
from localsign.core.wire import Asked
from localsign.core.work import Work
from localsign.lags import parse_duration

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


class LimitRequest(Asked):
    """At most `requests` in each stretch of `per`, an ISO 8601 duration by the workspace's clock."""

    requests: Counted
    per: Duration = timedelta(minutes=1)

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not timedelta(0) < self.per <= timedelta(days=366):
            raise ValueError('"per" must be more than PT0S and P366D at most')
        return self


def add(work: Work, wanted: FaultRequest) -> Fault:
    """Let requests fail from now on."""
    if len(faults.every_fault(work)) >= MOST:
        raise ConflictError(f"There are {MOST} faults already; remove some.", code="too_many_faults")
    operation = known_operation(wanted.operation)
    latency = (wanted.latency or timedelta(0)) // timedelta(microseconds=1)
    names = FaultRequest.model_fields.keys() - {"latency", "operation"}
    members = {name: getattr(wanted, name) for name in names}
    fault = Fault(**members, operation=operation, id=work.new_id(), latency_us=latency)
    work.db.add(fault)
    work.flush()
    return fault


def limit(work: Work, operation: str, wanted: LimitRequest) -> RateLimit:
    """Limit an operation, `<api>.*` or `*`."""
    found = work.db.get(RateLimit, known_operation(operation)) or RateLimit(operation=operation, requests=0, per_us=0)
    found.requests, found.per_us = wanted.requests, wanted.per // timedelta(microseconds=1)
    found.since, found.used = None, 0
    work.db.add(found)
    return found


def known_operation(operation: str) -> str:
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
