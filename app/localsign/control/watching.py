"""Looking at deliveries for the control plane: pages of them, conditions on them, and reports."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from localsign.control.webhook_schemas import (
    AttemptMade,
    Delivered,
    DeliveryResponse,
    Waited,
    WaitRequest,
)
from localsign.core.deliveries import Attempt, Delivery, DeliveryState, Kind
from localsign.core.work import Work

_MOST_REPORTED = 1000
_MOST_SHOWN = 20
_NOTHING = object()


@dataclass(frozen=True)
class Wanted:
    """Conditions on a delivery; None stands for any."""

    event: str | None = None
    reference: str | None = None
    subscription: str | None = None
    kind: Kind | None = None
    state: DeliveryState | None = None
    attempts: int | None = None
    contains: str | None = None
    pointer: str | None = None
    equals: Any = None

    @classmethod
    def of(cls, asked: WaitRequest) -> Self:
        return cls(**{name: getattr(asked, name) for name in cls.__dataclass_fields__})

    @property
    def clauses(self) -> list[ColumnElement[bool]]:
        """What the database can decide."""
        exact = {
            Delivery.event: self.event,
            Delivery.reference: self.reference,
            Delivery.source: self.subscription,
            Delivery.kind: self.kind,
            Delivery.state: self.state,
        }
        clauses = [col(column) == value for column, value in exact.items() if value is not None]
        return clauses if self.attempts is None else [*clauses, col(Delivery.attempts) >= self.attempts]

    def is_met_by(self, body: bytes) -> bool:
        """What it cannot: whether the body is as wanted."""
        if self.contains is not None and self.contains not in body.decode("utf-8", "replace"):
            return False
        return self.pointer is None or _is_same(_at(body, self.pointer), self.equals)


def page(work: Work, wanted: Wanted, offset: int, limit: int) -> tuple[int, list[Delivery]]:
    """How many there are, and those from `offset` on, the newest first."""
    query = select(Delivery).where(*wanted.clauses).order_by(col(Delivery.seq).desc()).offset(offset).limit(limit)
    total = work.db.exec(select(func.count()).select_from(Delivery).where(*wanted.clauses)).one()
    return total, list(work.db.exec(query))


def met(work: Work, wanted: Wanted, count: int) -> list[DeliveryResponse] | None:
    """The first `count` deliveries that are as wanted; None where there are fewer."""
    found: list[Delivery] = []
    for one in work.db.exec(select(Delivery).where(*wanted.clauses).order_by(col(Delivery.seq))):
        if wanted.is_met_by(one.body):
            found.append(one)
        if len(found) == count:
            return shown(work, found)
    return None


def disappointed(work: Work, wanted: Wanted, asked: WaitRequest) -> Waited:
    """What there is instead of what was waited for."""
    total, newest = page(work, Wanted(), 0, _MOST_SHOWN)
    number = sum(wanted.is_met_by(one.body) for one in work.db.exec(select(Delivery).where(*wanted.clauses)))
    shown_ones = f"; the newest {len(newest)} are shown." if newest else ": no event has met a subscription."
    reason = (
        f"After {asked.timeout:g} s there are {number} such deliveries, not {asked.count}. "
        f"In all there are {total}{shown_ones}"
    )
    return Waited(is_met=False, reason=reason, deliveries=shown(work, newest))


def is_settled(work: Work) -> bool | None:
    """True if nothing is due or under way, otherwise None."""
    due = select(Delivery.seq).where(Delivery.state == DeliveryState.QUEUED, col(Delivery.due) <= work.now)
    sending = select(Delivery.seq).where(Delivery.state == DeliveryState.SENDING)
    return None if work.db.exec(due.limit(1)).first() or work.db.exec(sending.limit(1)).first() else True


def report(work: Work, *, is_settled: bool) -> Delivered:
    """The attempts that were not told of before, oldest first, and what is left."""
    new = select(Attempt).where(col(Attempt.is_listed).is_(False)).order_by(col(Attempt.id)).limit(_MOST_REPORTED)
    attempts = list(work.db.exec(new))
    ids = {one.delivery_id for one in attempts}
    deliveries = {one.id: one for one in work.look_up(Delivery, "id", list(ids))}
    for one in attempts:
        one.is_listed = True
    later = (Delivery.state == DeliveryState.QUEUED, col(Delivery.due) > work.now)
    return Delivered(
        is_settled=is_settled,
        attempts=[_made(one, deliveries[one.delivery_id]) for one in attempts if one.delivery_id in deliveries],
        waiting=work.db.exec(select(func.count()).select_from(Delivery).where(*later)).one(),
        next_due=work.db.exec(select(func.min(Delivery.due)).where(*later)).one(),
    )


def shown(work: Work, some: Sequence[Delivery]) -> list[DeliveryResponse]:
    """Deliveries with their attempts."""
    attempts: dict[UUID, list[Attempt]] = defaultdict(list)
    for one in work.look_up(Attempt, "delivery_id", [one.id for one in some]):
        attempts[one.delivery_id].append(one)
    for each in attempts.values():
        each.sort(key=lambda one: one.number)
    return DeliveryResponse.all_of(some, attempts)


def _made(one: Attempt, delivery: Delivery) -> AttemptMade:
    return AttemptMade(
        **AttemptMade.members(one),
        delivery=delivery.id,
        event=delivery.event,
        reference=delivery.reference,
        state=delivery.state,
    )


def _at(body: bytes, pointer: str) -> Any:
    """What stands at an RFC 6901 pointer in a JSON body."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return _NOTHING
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and len(name) < 10 and int(name) < len(value):
            value = value[int(name)]
        else:
            return _NOTHING
    return value


def _is_same(found: Any, wanted: Any) -> bool:
    """Equal as JSON, where true is not 1."""
    return found is not _NOTHING and isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
