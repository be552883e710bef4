"""Taking a delivery that is due, and settling what came of the attempt; both are compare-and-set on its row.

Between the two no transaction is open. Whoever settles must still hold the claim: after a reset, a restart, or when
the lease ran out and somebody else took over, what came back is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from localsign.core.clock import wall
from localsign.core.deliveries import (
    DELIVERY,
    MOST_KEPT_OF_ANSWER,
    TIMEOUT,
    Attempt,
    Delivery,
    DeliveryEvent,
    DeliveryState,
    next_attempt,
)
from localsign.core.egress import Egress, EgressFailedError, EgressRefusedError
from localsign.core.ids import Ids
from localsign.core.work import Work
from localsign.version import VERSION
from localsign.webhooks import sign

LEASE = timedelta(seconds=3 * TIMEOUT)
_S, _E = DeliveryState, DeliveryEvent


@dataclass(frozen=True)
class Taken:
    """An attempt that has to be made, by whoever has the `claim`. `at` is its moment in its world."""

    delivery_id: UUID
    claim: str
    at: datetime
    url: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    credentials: list[Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: an answer, or an `error`; `is_refused` if it was never sent."""

    milliseconds: int
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None
    is_refused: bool = False


@dataclass(frozen=True)
class Look:
    """What a look at a world found: attempts to make, and when to look again, by this world's or the wall's clock."""

    taken: list[Taken]
    next_due: datetime | None
    next_lease: datetime | None


def look(work: Work, most: int, is_mine: Callable[[str], bool]) -> Look:
    """Take up to `most` deliveries that are due, in the order of their moments, one of each lane.

    `is_mine` tells whether this process is sending under a claim. A claim of nobody is released.
    """
    is_shared = work.house.is_shared
    _release(work, is_mine)
    _give_up_lapsed(work)
    busy = set(work.db.exec(select(Delivery.lane).where(Delivery.state == _S.SENDING)))
    taken: list[Taken] = []
    while len(taken) < most and (delivery := _first_due(work, busy)) is not None:
        work.fire(DELIVERY, delivery, _E.TAKE)
        delivery.claim = Ids(None).hex(16)  # not of the world: how often it tries must not shift its ids
        delivery.lease = wall() + LEASE
        work.flush()
        busy.add(delivery.lane)
        taken.append(_request(delivery, delivery.claim))
    later = select(func.min(Delivery.due)).where(Delivery.state == _S.QUEUED, col(Delivery.due) > work.now)
    leased = select(func.min(Delivery.lease)).where(Delivery.state == _S.SENDING)
    return Look(taken, work.db.exec(later).one(), work.db.exec(leased).one() if is_shared else None)


def make(egress: Egress, taken: Taken) -> Outcome:
    """Send, and wait for the answer. Blocks; never within a transaction."""
    egress.prepare()  # so that what is measured is the receiver
    began = monotonic()

    def passed() -> int:
        return round(1000 * (monotonic() - began))

    user, password, digest = taken.credentials or ("", "", False)
    try:
        answer = egress.send(
            "POST",
            taken.url,
            headers=taken.headers,
            content=taken.body,
            auth=None if taken.credentials is None else (user, password),
            digest=digest,
            timeout=TIMEOUT,
        )
    except EgressRefusedError as error:
        return Outcome(passed(), error=str(error), is_refused=True)
    except EgressFailedError as error:
        return Outcome(passed(), error=str(error))
    reason = None if 200 <= answer.status < 300 else f"The receiver answered {answer.status}, not 2xx."
    return Outcome(passed(), answer.status, dict(answer.headers), answer.body, reason)


def settle(work: Work, taken: Taken, outcome: Outcome) -> None:
    """Write down an attempt and what follows from it, if the claim still holds."""
    delivery = work.find(Delivery, taken.delivery_id)
    if delivery is None or delivery.claim != taken.claim or delivery.state is not _S.SENDING:
        return
    delivery.attempts += 1
    delivery.claim = delivery.lease = None
    delivery.failure = outcome.error
    delivery.due = None
    if outcome.error is None:
        work.fire(DELIVERY, delivery, _E.ACCEPT)
    elif outcome.is_refused:
        work.fire(DELIVERY, delivery, _E.REFUSE)
    elif (again := next_attempt(delivery, taken.at)) is not None:
        work.fire(DELIVERY, delivery, _E.MISS)
        delivery.due = again
    else:
        work.fire(DELIVERY, delivery, _E.GIVE_UP)
    if delivery.due is None:
        delivery.ended_at = taken.at
    work.db.add(
        Attempt(
            delivery_id=delivery.id,
            number=delivery.attempts,
            at=taken.at,
            milliseconds=outcome.milliseconds,
            headers=taken.headers,
            status=outcome.status,
            error=outcome.error,
            answer_headers=outcome.headers,
            answer=outcome.body[:MOST_KEPT_OF_ANSWER],
            is_cut=len(outcome.body) > MOST_KEPT_OF_ANSWER,
        )
    )


def _release(work: Work, is_mine: Callable[[str], bool]) -> None:
    for delivery in work.db.exec(select(Delivery).where(Delivery.state == _S.SENDING)):
        is_leased = work.house.is_shared and delivery.lease is not None and delivery.lease > wall()
        if not is_leased and not is_mine(delivery.claim or ""):
            work.fire(DELIVERY, delivery, _E.RELEASE)
            delivery.claim = delivery.lease = None
    work.flush()


def _give_up_lapsed(work: Work) -> None:
    if work.clock.frozen_at is not None:
        return
    lapsed = (Delivery.state == _S.QUEUED, col(Delivery.expires_at) <= work.now, col(Delivery.lapses_at) <= wall())
    for delivery in work.db.exec(select(Delivery).where(*lapsed)):
        work.fire(DELIVERY, delivery, _E.GIVE_UP)
        delivery.failure = delivery.failure or "It expired before it could be sent."
        delivery.due, delivery.ended_at = None, work.now
    work.flush()


def _first_due(work: Work, busy: set[str]) -> Delivery | None:
    due = select(Delivery).where(Delivery.state == _S.QUEUED, col(Delivery.due) <= work.now)
    free = due.where(col(Delivery.lane).not_in(busy)) if busy else due
    return work.db.exec(free.order_by(col(Delivery.due), col(Delivery.seq)).limit(1)).first()


def _request(delivery: Delivery, claim: str) -> Taken:
    headers = {"Content-Type": "application/json", "User-Agent": f"localsign/{VERSION}"}
    names = {name.lower() for name in delivery.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in names} | delivery.headers
    if delivery.signature_header and delivery.secret is not None:
        right = sign(delivery.body, delivery.secret)
        signature = right if delivery.signature is None else delivery.signature
        if signature:
            headers[delivery.signature_header] = signature
    at = delivery.due or delivery.queued_at
    return Taken(delivery.id, claim, at, delivery.url, headers, delivery.body, delivery.credentials)
