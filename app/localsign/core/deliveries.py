"""Webhooks: what is to be sent to whom, and every attempt. Rows only; `localsign/delivery.py` does the sending."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Connection, Index, LargeBinary, delete, text
from sqlmodel import Field, col, select

from localsign.core.clock import wall
from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.machine import Machine, Row
from localsign.core.scopes import Scope
from localsign.core.work import Work

# Inferred: documented is only that a webhook is repeated until it expires. The last wait repeats until then.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200))
TIMEOUT = 10.0  # seconds; documented for the webhooks that came before
MOST_KEPT_OF_ANSWER = 16 * 1024  # bytes
MOST_ATTEMPTS = 100
MOST_KEPT = 5000  # deliveries that have ended; the oldest go first
_EACH = 500


class DeliveryState(StrEnum):
    QUEUED = "QUEUED"
    SENDING = "SENDING"  # an attempt is under way
    DELIVERED = "DELIVERED"  # answered with 2xx
    FAILED = "FAILED"  # expired, or out of attempts
    REFUSED = "REFUSED"  # to an address that localsign may not call
    CANCELLED = "CANCELLED"  # its subscription is gone, or another world sends it


class DeliveryEvent(StrEnum):
    TAKE = auto()
    ACCEPT = auto()
    MISS = auto()  # and another attempt follows
    GIVE_UP = auto()
    REFUSE = auto()
    RELEASE = auto()  # whoever was sending it has ended without a word
    CANCEL = auto()


_S, _E = DeliveryState, DeliveryEvent

# fmt: off
DELIVERY = Machine("webhook delivery", DeliveryState, DeliveryEvent, [
    #   event        from          to
    Row(_E.TAKE,    {_S.QUEUED},  _S.SENDING),
    Row(_E.ACCEPT,  {_S.SENDING}, _S.DELIVERED),
    Row(_E.MISS,    {_S.SENDING}, _S.QUEUED),
    Row(_E.GIVE_UP, {_S.QUEUED, _S.SENDING}, _S.FAILED),
    Row(_E.REFUSE,  {_S.SENDING}, _S.REFUSED),
    Row(_E.RELEASE, {_S.SENDING}, _S.QUEUED),
    Row(_E.CANCEL,  {_S.QUEUED},  _S.CANCELLED),
], initial=_S.QUEUED)
# fmt: on
PENDING = (_S.QUEUED, _S.SENDING)


class Kind(StrEnum):
    """Why something is sent."""

    EVENT = auto()
    TEST = auto()
    REPLAY = auto()  # the same event again, with a fresh timestamp and signature
    DUPLICATE = auto()  # the same bytes again
    FORGERY = auto()  # something that a receiver has to refuse


class Delivery(Stored, table=True):
    """One webhook to one address, with as many attempts as it takes. The order of queueing is `seq`."""

    __tablename__ = "delivery"
    scope: ClassVar[Scope] = Scope.OUTBOX
    __table_args__ = (Index("ix_delivery_due", "state", "due", "seq"),)
    api: ClassVar[str] = "sandbox"
    called: ClassVar[str] = "webhook delivery"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    state: DeliveryState = Field(sa_column=state_column(DeliveryState))
    kind: Kind = Field(sa_column=state_column(Kind, "kind"))
    publisher: str  # the API whose event it is
    event: str = Field(index=True)
    reference: str = Field(index=True)  # the id of the thing that the event is about
    source: str | None = Field(default=None, index=True)  # the id of the subscription, where there is one
    lane: str  # of two in one lane the later never overtakes the earlier while that is being sent
    url: str
    headers: dict[str, str] = Field(sa_column=Column(Json, nullable=False))  # what is sent besides the signature
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signature_header: str | None = None
    secret: str | None = None
    signature: str | None = None  # sent in the place of the right one; "" for none
    credentials: list[Any] | None = Field(default=None, sa_column=Column(Json))  # user, password, whether by Digest
    stamps: dict[str, float] = Field(sa_column=Column(Json, nullable=False))
    waits: list[float] = Field(sa_column=Column(Json, nullable=False))  # seconds before each further attempt
    queued_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    lapses_at: datetime | None = Field(default=None, sa_column=Column(Moment))  # the same by the machine's clock
    due: datetime | None = Field(default=None, sa_column=Column(Moment))  # the next attempt, or the one under way
    attempts: int = 0
    claim: str | None = None  # a word of whoever is sending it
    lease: datetime | None = Field(default=None, sa_column=Column(Moment))  # by the machine's clock
    ended_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    failure: str | None = None  # what the last attempt failed by
    original: UUID | None = None  # what it repeats or imitates

    @property
    def is_gone(self) -> bool:
        return False

    def event_data(self) -> dict[str, Any]:
        return {"id": str(self.id)}


class Attempt(Stored, table=True):
    """One try to deliver, and the receiver's answer."""

    __tablename__ = "attempt"
    scope: ClassVar[Scope] = Scope.OUTBOX

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: UUID = Field(index=True)
    number: int
    at: datetime = Field(sa_column=Column(Moment, nullable=False))  # the moment of this world at which it was due
    milliseconds: int  # how long the receiver took
    headers: dict[str, str] = Field(sa_column=Column(Json, nullable=False))  # as sent
    status: int | None = None
    error: str | None = None  # why there is no answer, or why it does not count
    answer_headers: dict[str, str] = Field(sa_column=Column(Json, nullable=False))
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    is_cut: bool = False  # the answer was longer than what is kept
    is_listed: bool = Field(default=False, index=True)  # a `deliver` has told of it


class Listener(Stored, table=True):
    """Somebody who waits for webhooks of this world: what is due in it then happens without being asked for."""

    __tablename__ = "listener"

    name: str = Field(primary_key=True)  # "<api>:<id>"


def listen(work: Work, name: str, *, listens: bool = True) -> None:
    """Note that `name`, a subscription or the like, waits for webhooks; or that it does so no longer."""
    found = work.db.get(Listener, name)
    if listens and found is None:
        work.db.add(Listener(name=name))
    elif not listens and found is not None:
        work.db.delete(found)


def queue(
    work: Work,
    *,
    api: str,
    event: str,
    reference: str | UUID,
    url: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    secret: str | None = None,
    signature_header: str | None = None,
    signature: str | None = None,
    auth: tuple[str, str] | None = None,
    digest: bool = False,
    expires_at: datetime | None = None,
    waits: Sequence[timedelta] = WAITS,
    stamps: Mapping[str, float] | None = None,
    source: str | UUID | None = None,
    kind: Kind = Kind.EVENT,
    original: UUID | None = None,
) -> Delivery:
    """Send `body` to `url` by POST once this transaction is committed; it is stored if, and only if, that is.

    `event` is its name for testers, `reference` the id of the thing it is about, `source` the subscription it is for.
    `headers` are sent as they are; JSON is the content type unless they say otherwise. With `secret` and
    `signature_header` that header carries the hexadecimal HMAC-SHA256 of the body; `signature` replaces it by
    something wrong, or by none. `auth` is a user and a password, sent as Basic or, with `digest`, as Digest.
    Anything but a 2xx within ten seconds is repeated after each of `waits`, on this world's clock. With `expires_at`
    the last wait repeats, and nothing is sent at or after that moment; without, it fails after the last.
    `stamps`: members of the JSON body that are moments, in seconds after it was made; a replay writes them anew.
    """
    delivery = Delivery(
        id=work.new_id(),
        state=DeliveryState.QUEUED,
        kind=kind,
        publisher=api,
        event=event,
        reference=str(reference),
        source=None if source is None else str(source),
        lane=str(source or url),
        url=url,
        headers=dict(headers or {}),
        body=body,
        signature_header=signature_header,
        secret=secret,
        signature=signature,
        credentials=None if auth is None else [*auth, digest],
        stamps=dict(stamps or {}),
        waits=[wait.total_seconds() for wait in waits],
        queued_at=work.now,
        expires_at=expires_at,
        lapses_at=_lapses_at(work, expires_at),
        due=work.now,
        original=original,
    )
    work.db.add(delivery)
    work.flush()
    work.followed.queued(event, delivery.id)
    _forget_old(work, delivery.seq or 0)
    return delivery


def _lapses_at(work: Work, expires_at: datetime | None) -> datetime | None:
    """When what expires has expired by the machine's clock as well, so that no jump of a world's clock explains it.

    A jump past `expires_at` makes the attempts that it jumps over. What expires while no server runs is sent no more.
    """
    is_standing = work.clock.frozen_at is not None  # then the machine's time means nothing
    return None if expires_at is None or is_standing else wall() + (expires_at - work.now)


def next_attempt(delivery: Delivery, last: datetime) -> datetime | None:
    """When to try again after the attempt at `last`, of which `delivery.attempts` have been made; None: never."""
    waits, made = delivery.waits, delivery.attempts
    if not waits or made >= MOST_ATTEMPTS or (made > len(waits) and delivery.expires_at is None):
        return None
    moment = last + timedelta(seconds=waits[min(made, len(waits)) - 1])
    return None if delivery.expires_at is not None and moment >= delivery.expires_at else moment


def cancel(work: Work, source: str | UUID) -> None:
    """Send nothing more for a subscription; an attempt that is under way is the last."""
    waiting = select(Delivery).where(Delivery.source == str(source), col(Delivery.state).in_(PENDING))
    for delivery in work.db.exec(waiting):
        if delivery.state is DeliveryState.SENDING:
            delivery.waits = []
        else:
            work.fire(DELIVERY, delivery, DeliveryEvent.CANCEL)
            delivery.due, delivery.ended_at = None, work.now


def leave(work: Work, original: str) -> None:
    """Send nothing that was on its way when this world was copied: the workspace called `original` does."""
    for delivery in work.db.exec(select(Delivery).where(col(Delivery.state).in_(PENDING))):
        if delivery.state is DeliveryState.SENDING:
            work.fire(DELIVERY, delivery, DeliveryEvent.RELEASE)
        work.fire(DELIVERY, delivery, DeliveryEvent.CANCEL)
        delivery.due, delivery.ended_at = None, work.now
        delivery.claim = delivery.lease = None
        delivery.failure = f"It was on its way in the workspace '{original}', which sends it; this is a copy."


def let_go(work: Work) -> None:
    """Nobody sends anything at this moment, whatever leases say: the server that did was killed."""
    for delivery in work.db.exec(select(Delivery).where(Delivery.state == DeliveryState.SENDING)):
        delivery.lease = None


def waiting(connection: Connection) -> tuple[bool, bool]:
    """Whether anything is to be sent, now or later, and whether anybody listens."""
    cursor = connection.connection.cursor()
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE state IN ('QUEUED', 'SENDING')), EXISTS (SELECT 1 FROM listener)"
    )
    sends, listens = cursor.fetchone() or (False, False)
    return bool(sends), bool(listens)


def _forget_old(work: Work, newest: int) -> None:
    if newest % _EACH:
        return
    ended = (col(Delivery.seq) <= newest - MOST_KEPT, col(Delivery.ended_at).is_not(None))
    gone = text("delivery_id NOT IN (SELECT id FROM delivery)")
    work.db.execute(delete(Delivery).where(*ended).execution_options(synchronize_session=False))
    work.db.execute(delete(Attempt).where(gone).execution_options(synchronize_session=False))
