"""What the webhooks of a workspace say about who receives them."""

from collections import defaultdict
from collections.abc import Iterator

from sqlmodel import select

from localsign.control.linting.calls import TESTERS
from localsign.control.linting.rules import Finding
from localsign.core.deliveries import Attempt, Delivery, DeliveryState, Kind
from localsign.core.work import Work


def webhook_never_verified(work: Work) -> Iterator[Finding]:
    """A receiver took what it has to refuse; or nobody has tried whether it does.

    One of our own client is a test's instrument, and says nothing of the application.
    """
    taken: defaultdict[str, list[Delivery]] = defaultdict(list)
    tried: set[str] = set()
    for delivery in work.db.exec(select(Delivery).where(Delivery.secret != None)):  # noqa: E711  # SQL
        if delivery.kind is Kind.FORGERY:
            tried.add(delivery.url)
        if delivery.state is DeliveryState.DELIVERED:
            taken[delivery.url].append(delivery)
    for url, deliveries in taken.items():
        if _is_our_own(work, deliveries[-1]):
            continue
        forged = [one for one in deliveries if one.kind is Kind.FORGERY]
        if forged:
            yield Finding(
                "webhook-never-verified",
                f"{url} took {_counted(forged, 'forged ')} for good.",
                "Compute the signature over the bytes of the body, compare it in constant time, and answer 401.",
            )
        elif url not in tried:
            yield Finding(
                "webhook-verification-untested",
                f"{url} took {_counted(deliveries, '')}, and no test has shown that it refuses a forged one.",
                "Send it one: POST /_sandbox/v1/webhooks/deliveries/{deliveryId}/forge.",
            )


def _counted(deliveries: list[Delivery], how: str) -> str:
    return f"{len(deliveries)} {how}webhook{'s' if len(deliveries) > 1 else ''}"


def _is_our_own(work: Work, delivery: Delivery) -> bool:
    """Whether it is `webhooks.receiver()` that answered."""
    answers = work.db.exec(select(Attempt.answer_headers).where(Attempt.delivery_id == delivery.id))
    named = ({name.lower(): value for name, value in one.items()}.get("server", "") for one in answers)
    return any(one.startswith(TESTERS) for one in named)
