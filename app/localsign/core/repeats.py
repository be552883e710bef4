"""Sending a webhook once more: as it was, anew, or forged. Each is a delivery of its own, of one attempt."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from localsign.core.clock import show_finely
from localsign.core.deliveries import Delivery, Kind, queue
from localsign.core.errors import ConflictError
from localsign.core.work import Work
from localsign.webhooks import sign


class Forgery(StrEnum):
    """What is wrong with a forged webhook."""

    BAD_KEY = "bad_key"  # signed with another secret
    UNSIGNED = "unsigned"  # without the header
    ALTERED = "altered"  # about another thing than when it was signed
    STALE = "stale"  # signed well, and long ago


def duplicate(work: Work, delivery: Delivery) -> Delivery:
    """The same bytes again: the same id, timestamp and signature."""
    return _again(work, delivery, Kind.DUPLICATE, delivery.body, delivery.signature)


def replay(work: Work, delivery: Delivery) -> Delivery:
    """The same event again, under the same id, with a fresh timestamp and so another signature."""
    return _again(work, delivery, Kind.REPLAY, _stamped(delivery, work.token_now), None)


def forge(work: Work, delivery: Delivery, how: Forgery, age: timedelta) -> Delivery:
    """What a receiver has to refuse. ConflictError where this webhook has nothing that could be wrong in that way."""
    if delivery.secret is None or delivery.signature_header is None:
        raise ConflictError("This webhook is not signed, so there is nothing to forge.", code="not_signed")
    now = work.token_now
    body, signature = _stamped(delivery, now), None
    match how:
        case Forgery.BAD_KEY:
            signature = sign(body, work.ids.token(40))
        case Forgery.UNSIGNED:
            signature = ""
        case Forgery.ALTERED:
            signature, body = sign(body, delivery.secret), _altered(work, delivery, body)
        case Forgery.STALE:
            if not delivery.stamps:
                raise ConflictError("This webhook has no timestamp, so it cannot be stale.", code="not_stamped")
            body = _stamped(delivery, now - age)
    return _again(work, delivery, Kind.FORGERY, body, signature)


def _again(work: Work, delivery: Delivery, kind: Kind, body: bytes, signature: str | None) -> Delivery:
    user, password, digest = delivery.credentials or (None, None, False)
    return queue(
        work,
        api=delivery.publisher,
        event=delivery.event,
        reference=delivery.reference,
        url=delivery.url,
        body=body,
        headers=delivery.headers,
        secret=delivery.secret,
        signature_header=delivery.signature_header,
        signature=signature,
        auth=None if user is None or password is None else (user, password),
        digest=digest,
        waits=(),
        stamps=delivery.stamps,
        source=delivery.source,
        kind=kind,
        original=delivery.original or delivery.id,
    )


def _stamped(delivery: Delivery, moment: datetime) -> bytes:
    whole = _object(delivery.body)
    if whole is None or not delivery.stamps:
        return delivery.body
    for name, seconds in delivery.stamps.items():
        if name in whole:
            whole[name] = show_finely(moment + timedelta(seconds=seconds))
    return _written(whole)


def _altered(work: Work, delivery: Delivery, body: bytes) -> bytes:
    """`body` about another thing; where it does not name its own, with a member more."""
    changed = body.replace(delivery.reference.encode(), _another(work, delivery.reference).encode())
    if changed != body:
        return changed
    whole = _object(body)
    return body + b" " if whole is None else _written({**whole, "forged": True})


def _another(work: Work, reference: str) -> str:
    try:
        UUID(reference)
    except ValueError:
        return f"{reference}-forged"
    return str(work.new_id())


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, dict) else None


def _written(whole: Mapping[str, Any]) -> bytes:
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
