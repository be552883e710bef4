"""Subscribe without a token: `/_sandbox/v1/webhooks/subscriptions`. Here secrets are always shown."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from localsign.core.http import InWork
from localsign.events import service
from localsign.events.schemas import (
    MockRequest,
    MockResponse,
    SubscriptionPatch,
    SubscriptionRequest,
    SubscriptionResponse,
)
from localsign.signicat.models import Subscription, subscriptions

router = APIRouter(prefix="/webhooks/subscriptions", tags=["webhooks"])
SubscriptionId = Annotated[UUID, Path(alias="subscriptionId")]


@router.post("", status_code=201, operation_id="subscribe")
async def subscribe(work: InWork, wanted: SubscriptionRequest) -> SubscriptionResponse:
    """Subscribe to events of the Signicat APIs, as the Events service does."""
    return service.shown(work, [service.create(work, wanted)], shows_secret=True)[0]


@router.get("", operation_id="list_webhook_subscriptions")
async def list_webhook_subscriptions(work: InWork) -> list[SubscriptionResponse]:
    """Every subscription, the oldest first, with its secret."""
    return service.shown(work, subscriptions(work), shows_secret=True)


@router.patch("/{subscriptionId}", operation_id="change_webhook_subscription")
async def change_webhook_subscription(
    work: InWork, subscription_id: SubscriptionId, wanted: SubscriptionPatch
) -> SubscriptionResponse:
    """Change the members that are sent."""
    changed = service.change(work, work.get(Subscription, subscription_id), wanted)
    return service.shown(work, [changed], shows_secret=True)[0]


@router.delete("/{subscriptionId}", status_code=204, operation_id="unsubscribe")
async def unsubscribe(work: InWork, subscription_id: SubscriptionId) -> None:
    """Unsubscribe; what is queued is not sent any more."""
    service.delete(work, work.get(Subscription, subscription_id))


@router.post("/{subscriptionId}/test", status_code=202, operation_id="send_test_event")
async def send_test_event(
    work: InWork, subscription_id: SubscriptionId, wanted: MockRequest | None = None
) -> MockResponse:
    """Send a test event to one subscription."""
    delivery, event_id = service.send_test(work, work.get(Subscription, subscription_id), wanted or MockRequest())
    return MockResponse(delivery_id=delivery.id, event_id=event_id, event_name=delivery.event)
