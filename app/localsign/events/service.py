"""Subscriptions: making, changing, ending and testing them."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from localsign.core import deliveries
from localsign.core.deliveries import WAITS, Attempt, Delivery, Kind
from localsign.core.errors import BadInputError, ConflictError, Flaw, NotBuiltError
from localsign.core.events import Event
from localsign.core.flaws import nearest
from localsign.core.work import Work
from localsign.events.schemas import MockRequest, SubscriptionPatch, SubscriptionRequest, SubscriptionResponse
from localsign.signicat import events
from localsign.signicat.models import Subscription, subscriptions

MOST = 100  # subscriptions of a workspace
_MOST_TEST_DATA = 64 * 1024  # bytes


def create(work: Work, wanted: SubscriptionRequest) -> Subscription:
    """A new subscription; with a secret of its own, unless one is given."""
    if wanted.type != "webhook":
        raise NotBuiltError(f"Subscriptions of the type '{wanted.type}' are known, and not emulated; use 'webhook'.")
    _check_events(work, wanted.events)
    if len(subscriptions(work)) >= MOST:
        raise ConflictError(f"There are {MOST} subscriptions, which is the limit.", code="too_many_subscriptions")
    config = wanted.config
    waits = WAITS if config.retries is None else config.retries
    subscription = Subscription(
        id=work.new_id(),
        name=wanted.name,
        is_active=wanted.active,
        events=_once(wanted.events),
        tags=_once(wanted.tags),
        url=config.url,
        secret=config.secret or work.ids.token(40),
        signature_header=config.signature_header or work.switched(events.HEADER),
        waits=[wait.total_seconds() for wait in waits],
        lifetime=(config.lifetime or events.LIFETIME).total_seconds(),
        created_at=work.now,
        updated_at=work.now,
    )
    work.db.add(subscription)
    _listen(work, subscription, listens=subscription.is_active)
    return subscription


def change(work: Work, subscription: Subscription, wanted: SubscriptionPatch) -> Subscription:
    """Change the members that were sent. What is queued already goes where it was to go, unless it is inactive now."""
    if wanted.events is not None:
        _check_events(work, wanted.events)
        subscription.events = _once(wanted.events)
    if "name" in wanted.model_fields_set:
        subscription.name = wanted.name
    if wanted.tags is not None:
        subscription.tags = _once(wanted.tags)
    if wanted.active is not None:
        subscription.is_active = wanted.active
    config = wanted.config
    if config is not None:
        subscription.url = config.url or subscription.url
        subscription.secret = config.secret or subscription.secret
        subscription.signature_header = config.signature_header or subscription.signature_header
        if config.retries is not None:
            subscription.waits = [wait.total_seconds() for wait in config.retries]
        if config.lifetime is not None:
            subscription.lifetime = config.lifetime.total_seconds()
    subscription.updated_at = work.now
    _listen(work, subscription, listens=subscription.is_active)
    if not subscription.is_active:
        deliveries.cancel(work, subscription.id)
    return subscription


def delete(work: Work, subscription: Subscription) -> None:
    """End it; what is still queued for it is not sent any more (inferred)."""
    deliveries.cancel(work, subscription.id)
    _listen(work, subscription, listens=False)
    work.db.delete(subscription)


def send_test(work: Work, subscription: Subscription, wanted: MockRequest) -> tuple[Delivery, str]:
    """Queue a test event for this subscription alone, also where it is inactive or has tags; and its event id."""
    event = _event_to_test(work, subscription, wanted.event_name)
    subject = str(work.new_id())
    data: dict[str, Any] = {"id": subject} if wanted.event_data is None else wanted.event_data
    sender = event.sender or events.sender_of(work, event.api, event.name)
    event_id, lifetime = work.ids.hex(16), events.TEST_LIFETIME
    try:
        body, stamps = events.envelope(
            work, event_id, work.token_now, sender, event.name, data, [events.TEST_TAG], lifetime
        )
    except (RecursionError, ValueError):
        raise BadInputError.of("eventData", "cannot be written as JSON") from None
    if len(body) > _MOST_TEST_DATA:
        raise BadInputError.of("eventData", f"must be at most {_MOST_TEST_DATA} bytes")
    reference = str(data.get("id", subject))[:200]
    queued = events.send(work, subscription, event.api, event.name, reference, body, stamps, lifetime, kind=Kind.TEST)
    return queued, event_id


def shown(work: Work, some: Sequence[Subscription], *, shows_secret: bool = False) -> list[SubscriptionResponse]:
    """Subscriptions as they are answered, each with the newest answer of its receiver."""
    last = _last_attempts(work, some)
    return [SubscriptionResponse.of(one, last.get(str(one.id)), shows_secret=shows_secret) for one in some]


def _last_attempts(work: Work, some: Sequence[Subscription]) -> dict[str, Attempt]:
    found = {}
    for one in some:
        newest = (
            select(Attempt)
            .join(Delivery, col(Delivery.id) == col(Attempt.delivery_id))
            .where(Delivery.source == str(one.id))
            .order_by(col(Attempt.id).desc())
            .limit(1)
        )
        if (attempt := work.db.exec(newest).first()) is not None:
            found[str(one.id)] = attempt
    return found


def _event_to_test(work: Work, subscription: Subscription, name: str | None) -> Event:
    known = [one for one in work.house.events() if one.sender]
    if name is not None:
        _check_name(known, "eventName", name, patterns=False)
        return next(one for one in known if name in (one.id, one.name))
    return next(
        one for one in known if any(events.is_meant(wanted, one.sender, one.name) for wanted in subscription.events)
    )


def _check_events(work: Work, wanted: Sequence[str]) -> None:
    known = [one for one in work.house.events() if one.sender]
    flaws: list[Flaw] = []
    for index, name in enumerate(wanted):
        try:
            _check_name(known, f"events[{index}]", name, patterns=True)
        except BadInputError as error:
            flaws += error.flaws
    if flaws:
        raise BadInputError.of_flaws(flaws)


def _check_name(known: Sequence[Event], member: str, name: str, *, patterns: bool) -> None:
    """Refuse what no event is called: nothing would ever come."""
    if any(events.is_meant(name if patterns else name.rstrip("*"), one.sender, one.name) for one in known):
        return
    spellings = [spelling for one in known for spelling in (one.id, one.name)]
    raise BadInputError.of(member, f"'{name}' is not an event that localsign publishes; {nearest(name, spellings)}")


def _listen(work: Work, subscription: Subscription, *, listens: bool) -> None:
    deliveries.listen(work, f"events:{subscription.id}", listens=listens)


def _once(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))
