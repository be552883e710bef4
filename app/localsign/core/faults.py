"""Scripted failures of a world: which requests they meet, and how often. What they do is done at the edge."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column
from sqlmodel import Field, col, select

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.scopes import Scope
from localsign.core.work import Work


class FaultKind(StrEnum):
    ERROR = "error"  # answered with a status, in the vendor's own error body, and nothing is done
    LATENCY = "latency"  # done, but only after a wait
    RESET = "reset"  # the connection is reset before anything is done
    TRUNCATE = "truncate"  # done; the answer breaks off in the middle of its body
    LOST_ANSWER = "lost_answer"  # done and committed; the connection is reset instead of an answer


class Fault(Stored, table=True):
    """One scripted failure.

    Of the requests that it meets it lets `after` pass, then takes every `every`-th, `times` times at most, each with
    `probability`. What is drawn depends on `seed` and the number of the request only; without a seed, on the world's.
    """

    __tablename__ = "fault"
    scope: ClassVar[Scope] = Scope.FAULTS
    called: ClassVar[str] = "fault"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    kind: FaultKind = Field(sa_column=state_column(FaultKind, "kind"))
    operation: str  # "<api>.<operation>", "<api>.*" or "*"
    status: int = 503
    code: str | None = None
    detail: str | None = None
    body: Any = Field(default=None, sa_column=Column(Json))
    retry_after: int | None = None
    latency_us: int = 0
    after: int = 0
    every: int = 1
    times: int | None = None
    probability: float = 1.0
    seed: str | None = None
    seen: int = 0
    hits: int = 0

    @property
    def is_gone(self) -> bool:
        return False

    @property
    def latency(self) -> timedelta:
        return timedelta(microseconds=self.latency_us)

    def meets(self, operation: str) -> bool:
        return meets(self.operation, operation)

    def strikes(self, seed: str | None) -> bool:
        """Count one request that it meets; whether it is to fail."""
        self.seen += 1
        turn = self.seen - self.after
        if turn <= 0 or turn % self.every or (self.times is not None and self.hits >= self.times):
            return False
        if self.probability < 1 and _draw(self.seed or seed or str(self.id), self.seen) >= self.probability:
            return False
        self.hits += 1
        return True


class RateLimit(Stored, table=True):
    """At most `requests` of an operation in each stretch of `per`, by the world's clock."""

    __tablename__ = "rate_limit"
    scope: ClassVar[Scope] = Scope.FAULTS

    operation: str = Field(primary_key=True)
    requests: int
    per_us: int
    since: datetime | None = Field(default=None, sa_column=Column(Moment))
    used: int = 0
    refused: int = 0

    @property
    def per(self) -> timedelta:
        return timedelta(microseconds=self.per_us)

    def wait(self, now: datetime) -> timedelta | None:
        """Count one request; how long it has to wait, None if it may pass."""
        if self.since is None or not self.since <= now < self.since + self.per:
            self.since, self.used = now, 0
        if self.used >= self.requests:
            self.refused += 1
            return self.since + self.per - now
        self.used += 1
        return None


@dataclass(frozen=True)
class Struck:
    """What one request meets: waits, and at most one thing that ends it otherwise."""

    ids: tuple[UUID, ...] = ()
    latency: timedelta = timedelta(0)
    fault: Fault | None = None
    retry_after: timedelta | None = None  # over the rate limit


def meets(pattern: str, operation: str) -> bool:
    """Whether `<api>.<operation>` is one of those that `pattern` names."""
    return pattern in ("*", operation) or (pattern.endswith(".*") and operation.startswith(pattern[:-1]))


def are_set(work: Work) -> bool:
    """Whether any request of this world may fail."""
    return bool(work.everything(Fault) or work.everything(RateLimit))


def strike(work: Work, operation: str) -> Struck:
    """Count a request of `operation` against everything that meets it, in the order in which it was set."""
    limits = [one for one in every_limit(work) if meets(one.operation, operation)]
    waits = [wait for one in limits if (wait := one.wait(work.now)) is not None]
    if waits:
        return Struck(retry_after=max(waits))
    ids, latency = [], timedelta(0)
    for fault in every_fault(work):
        if not fault.meets(operation) or not fault.strikes(work.ids.seed):
            continue
        ids.append(fault.id)
        if fault.kind is not FaultKind.LATENCY:
            return Struck(tuple(ids), latency, fault)
        latency += fault.latency
    return Struck(tuple(ids), latency)


def every_fault(work: Work) -> Sequence[Fault]:
    """All faults, in the order in which they were set."""
    return work.db.exec(select(Fault).order_by(col(Fault.seq))).all()


def every_limit(work: Work) -> Sequence[RateLimit]:
    """All rate limits, by operation."""
    return work.db.exec(select(RateLimit).order_by(col(RateLimit.operation))).all()


def _draw(*parts: object) -> float:
    """A number from 0 to 1 that depends on `parts` only."""
    digest = hashlib.blake2b(" ".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def known_patterns(operations: Iterable[str]) -> list[str]:
    """Everything that may be said instead of one of `operations`."""
    named = sorted(operations)
    return ["*", *sorted({f"{one.partition('.')[0]}.*" for one in named}), *named]
