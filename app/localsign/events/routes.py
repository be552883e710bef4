"""HTTP in, HTTP out; no decisions. Inferred throughout: that there are subscriptions is all that is documented."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from localsign.core.http import InWork, gated
from localsign.events import service
from localsign.events.schemas import (
    MockRequest,
    MockResponse,
    SubscriptionPage,
    SubscriptionPatch,
    SubscriptionRequest,
    SubscriptionResponse,
)
from localsign.signicat import permissions
from localsign.signicat.auth import requires
from localsign.signicat.models import Subscription, subscriptions

router = APIRouter(prefix="/subscriptions", route_class=gated(requires(permissions.EVENTS)), tags=["subscriptions"])
SubscriptionId = Annotated[UUID, Path(alias="subscriptionId")]


@router.post("", status_code=201, operation_id="create_subscription")
async def create_subscription(work: InWork, wanted: SubscriptionRequest) -> SubscriptionResponse:
    """Subscribe to events. The answer is the only one that has the secret."""
    return service.shown(work, [service.create(work, wanted)], shows_secret=True)[0]


@router.get("", operation_id="list_subscriptions")
async def list_subscriptions(
    work: InWork,
    offset: Annotated[int, Query(ge=0, le=100_000, description="Rows to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most rows to return.")] = 100,
) -> SubscriptionPage:
    """Every subscription, the oldest first."""
    every = subscriptions(work)
    some = every[offset : offset + limit]
    return SubscriptionPage(
        limit=limit, offset=offset, count=len(some), total=len(every), data=service.shown(work, some)
    )


@router.get("/{subscriptionId}", operation_id="get_subscription")
async def get_subscription(work: InWork, subscription_id: SubscriptionId) -> SubscriptionResponse:
    """One subscription, without its secret."""
    return service.shown(work, [work.get(Subscription, subscription_id)])[0]


@router.patch("/{subscriptionId}", operation_id="update_subscription")
async def update_subscription(
    work: InWork, subscription_id: SubscriptionId, wanted: SubscriptionPatch
) -> SubscriptionResponse:
    """Change the members that are sent; with a new secret, the answer has it."""
    is_new = wanted.config is not None and wanted.config.secret is not None
    changed = service.change(work, work.get(Subscription, subscription_id), wanted)
    return service.shown(work, [changed], shows_secret=is_new)[0]


@router.delete("/{subscriptionId}", status_code=204, operation_id="delete_subscription")
async def delete_subscription(work: InWork, subscription_id: SubscriptionId) -> None:
    """Unsubscribe; what is queued is not sent any more."""
    service.delete(work, work.get(Subscription, subscription_id))


@router.post("/{subscriptionId}/test", status_code=202, operation_id="test_subscription")
async def send_mock(work: InWork, subscription_id: SubscriptionId, wanted: MockRequest | None = None) -> MockResponse:
    """Send a test event: its tag is `mock`, and it expires after 30 seconds."""
    delivery, event_id = service.send_test(work, work.get(Subscription, subscription_id), wanted or MockRequest())
    return MockResponse(delivery_id=delivery.id, event_id=event_id, event_name=delivery.event)
