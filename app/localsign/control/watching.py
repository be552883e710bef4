"""Looking at deliveries for the control plane: pages of them, conditions on them, and reports."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from localsign.control.waiting import timed_out
from localsign.control.webhook_schemas import (
    AttemptMade,
    Delivered,
    DeliveriesResponse,
    DeliveriesWait,
    DeliveryResponse,
)
from localsign.core.deliveries import Attempt, Delivery, DeliveryState, Kind
from localsign.core.errors import TimedOutError
from localsign.core.work import Work

_MOST_REPORTED = 1000
_MOST_LOOKED_AT = 1000
_TOLD = ("id", "state", "kind", "event", "reference", "subscription", "failure")
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
    def of(cls, asked: DeliveriesWait) -> Self:
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

    def missed(self, one: Delivery) -> list[str]:
        """The conditions that `one` does not meet."""
        there = {
            "event": one.event,
            "reference": one.reference,
            "subscription": one.source,
            "kind": one.kind,
            "state": one.state,
        }
        missed = [name for name, value in there.items() if getattr(self, name) not in (None, value)]
        if self.attempts is not None and one.attempts < self.attempts:
            missed.append("attempts")
        if self.contains is not None and self.contains not in one.body.decode("utf-8", "replace"):
            missed.append("contains")
        if self.pointer is not None and not _is_same(_at(one.body, self.pointer), self.equals):
            missed.append("equals")
        return missed


def page(work: Work, wanted: Wanted, offset: int, limit: int) -> tuple[int, list[Delivery]]:
    """How many there are, and those from `offset` on, the newest first."""
    query = select(Delivery).where(*wanted.clauses).order_by(col(Delivery.seq).desc()).offset(offset).limit(limit)
    total = work.db.exec(select(func.count()).select_from(Delivery).where(*wanted.clauses)).one()
    return total, list(work.db.exec(query))


def met(work: Work, wanted: Wanted, count: int) -> DeliveriesResponse | None:
    """The deliveries that are as wanted, oldest first; None where there are fewer than `count`."""
    found = _as_wanted(work, wanted)
    return DeliveriesResponse(total=len(found), deliveries=shown(work, found)) if len(found) >= count else None


def too_late(work: Work, wanted: Wanted, asked: DeliveriesWait) -> TimedOutError:
    """What there is instead of what was waited for."""
    _, newest = page(work, Wanted(), 0, _MOST_LOOKED_AT)

    def told(one: Delivery) -> dict[str, Any]:
        response = DeliveryResponse.of(one, ()).model_dump(mode="json", include=set(_TOLD))
        return {**{name: response[name] for name in _TOLD}, "attempts": one.attempts}

    return timed_out(asked, "deliveries", len(_as_wanted(work, wanted)), newest, wanted.missed, told)


def _as_wanted(work: Work, wanted: Wanted) -> list[Delivery]:
    every = work.db.exec(select(Delivery).where(*wanted.clauses).order_by(col(Delivery.seq)))
    return [one for one in every if not wanted.missed(one)]


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
