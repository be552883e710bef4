"""The Events service's side of an event: its envelope of nine members, and whom it goes to."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from localsign.core import deliveries
from localsign.core.clock import show_finely
from localsign.core.deliveries import Delivery, Kind
from localsign.core.switches import Switch
from localsign.core.tables import Announcement
from localsign.core.work import Work
from localsign.signicat.models import Subscription, subscriptions
from localsign.signicat.tokens import ACCOUNT_PREFIX
from localsign.webhooks import SIGNATURE_HEADER

LIFETIME = timedelta(days=1)  # inferred: documented is that there is an end, not when
TEST_LIFETIME = timedelta(seconds=30)  # documented: the sample of a test event
TEST_TAG = "mock"  # documented: the same

HEADER = Switch(
    "events.signature-header",
    default=SIGNATURE_HEADER,
    alternatives=("X-Idfy-Signature",),
    source="Undocumented. Clients read the first; the service before this one sent the second.",
    text="The header of a webhook's signature, where the subscription names none.",
)


def publish(work: Work, announcement: Announcement) -> None:
    """Queue the envelope of an announcement for every subscription that it is for.

    `tags` in its data become the tags of the envelope; the rest is its `eventData`.
    """
    listening = [one for one in subscriptions(work) if one.is_active]
    if not listening:
        return
    sender = sender_of(work, announcement.api, announcement.name)
    data = dict(announcement.data)
    tags = [str(tag) for tag in data.pop("tags", None) or ()]
    event_id, now = work.ids.hex(16), work.token_now  # one event, whomever it goes to
    for subscription in listening:
        if matches(subscription, sender, announcement.name, tags):
            lifetime = timedelta(seconds=subscription.lifetime)
            body, stamps = envelope(work, event_id, now, sender, announcement.name, data, tags, lifetime)
            send(work, subscription, announcement.api, announcement.name, announcement.subject, body, stamps, lifetime)


def send(
    work: Work,
    subscription: Subscription,
    api: str,
    event: str,
    reference: str,
    body: bytes,
    stamps: Mapping[str, float],
    lifetime: timedelta,
    kind: Kind = Kind.EVENT,
) -> Delivery:
    """Queue one envelope for one subscription."""
    return deliveries.queue(
        work,
        api=api,
        event=event,
        reference=reference,
        url=subscription.url,
        body=body,
        secret=subscription.secret,
        signature_header=subscription.signature_header,
        expires_at=work.now + lifetime,
        waits=[timedelta(seconds=seconds) for seconds in subscription.waits],
        stamps=stamps,
        source=subscription.id,
        kind=kind,
    )


def envelope(
    work: Work,
    event_id: str,
    now: datetime,
    sender: str,
    name: str,
    data: Mapping[str, Any],
    tags: list[str],
    lifetime: timedelta,
) -> tuple[bytes, dict[str, float]]:
    """The raw body, members as documented; and which of them are moments, in seconds after it was made."""
    whole = {
        "id": event_id,
        "timestamp": show_finely(now),
        "sender": sender,
        "eventName": name,
        "eventData": data,
        "accountId": ACCOUNT_PREFIX + work.tag,
        "organizationId": None,
        "expiresAt": show_finely(now + lifetime),
        "tags": tags,
    }
    body = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return body, {"timestamp": 0.0, "expiresAt": lifetime.total_seconds()}


def matches(subscription: Subscription, sender: str, name: str, tags: list[str]) -> bool:
    """Whether an event is one that `subscription` is for."""
    if subscription.tags and not set(subscription.tags) & set(tags):
        return False
    return any(is_meant(one, sender, name) for one in subscription.events)


def is_meant(wanted: str, sender: str, name: str) -> bool:
    """Whether `wanted` (`sender:name`, `name`, or the beginning of one of them and `*`) means this event."""
    spellings = (f"{sender}:{name}", name)
    if wanted.endswith("*"):
        return any(one.startswith(wanted[:-1]) for one in spellings)
    return wanted in spellings


def sender_of(work: Work, api: str, name: str) -> str:
    """Under which name `api` publishes; inferred from its own, where its manifest does not say."""
    known = (one.sender for one in work.house.events() if (one.api, one.name) == (api, name) and one.sender)
    return next(known, f"{api.replace('_', '-')}-api")
