"""`/_sandbox/v1/events`, `/webhooks`: what was sent to whom, sending it again, and waiting for it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request

from localsign.apis import events
from localsign.control import watching
from localsign.control.context import sandbox_of, workspace_of
from localsign.control.waiting import TIMED_OUT
from localsign.control.webhook_schemas import (
    Delivered,
    DeliveriesResponse,
    DeliveriesWait,
    DeliverRequest,
    DeliveryPage,
    DeliveryResponse,
    EventResponse,
    ForgeRequest,
)
from localsign.core import repeats
from localsign.core.deliveries import Delivery, DeliveryState, Kind
from localsign.core.http import InWork, await_in_work

router = APIRouter(prefix="/v1", tags=["webhooks"])
DeliveryId = Annotated[UUID, Path(alias="deliveryId")]


@router.get("/events", operation_id="list_events")
async def list_events() -> list[EventResponse]:
    """Every event that an API of this server tells the outside of, and how its name is known."""
    return [
        EventResponse(
            api=one.api,
            id=one.id,
            sender=one.sender,
            name=one.name,
            mark=one.mark,
            source=one.source,
            text=one.text,
        )
        for one in events()
    ]


@router.get("/webhooks/deliveries", operation_id="list_deliveries")
async def list_deliveries(
    work: InWork,
    state: DeliveryState | None = None,
    kind: Kind | None = None,
    event: str | None = None,
    reference: str | None = None,
    subscription: str | None = None,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveryPage:
    """What was queued, the newest first, with every attempt and the receiver's answers."""
    wanted = watching.Wanted(event, reference, subscription, kind, state)
    total, found = watching.page(work, wanted, offset, limit)
    return DeliveryPage(offset=offset, limit=limit, total=total, deliveries=watching.shown(work, found))


@router.get("/webhooks/deliveries/{deliveryId}", operation_id="get_delivery")
async def get_delivery(work: InWork, delivery_id: DeliveryId) -> DeliveryResponse:
    """One delivery with every attempt."""
    return watching.shown(work, [work.get(Delivery, delivery_id)])[0]


@router.post("/webhooks/deliveries/{deliveryId}/replay", status_code=201, operation_id="replay_delivery")
async def replay_delivery(work: InWork, delivery_id: DeliveryId) -> DeliveryResponse:
    """Send the same event again, with a fresh timestamp and signature. Once: it is not repeated."""
    delivery = repeats.replay(work, work.get(Delivery, delivery_id))
    return DeliveryResponse.of(delivery, ())


@router.post("/webhooks/deliveries/{deliveryId}/duplicate", status_code=201, operation_id="duplicate_delivery")
async def duplicate_delivery(work: InWork, delivery_id: DeliveryId) -> DeliveryResponse:
    """Send the very same bytes again. Once: it is not repeated."""
    return DeliveryResponse.of(repeats.duplicate(work, work.get(Delivery, delivery_id)), ())


@router.post("/webhooks/deliveries/{deliveryId}/forge", status_code=201, operation_id="forge_delivery")
async def forge_delivery(work: InWork, delivery_id: DeliveryId, wanted: ForgeRequest) -> DeliveryResponse:
    """Send something that a receiver has to refuse: badly signed, unsigned, altered, or stale. Once."""
    original = work.get(Delivery, delivery_id)
    forged = repeats.forge(work, original, wanted.how, wanted.age)
    return DeliveryResponse.of(forged, ())


@router.post("/webhooks/deliver", operation_id="deliver")
async def deliver(request: Request, wanted: DeliverRequest | None = None) -> Delivered:
    """Wait until nothing is due or under way, and tell of the attempts; retries that are due later stay queued."""
    workspace = workspace_of(request)
    sandbox_of(request).courier.wake(workspace)
    settled = await await_in_work(request, watching.is_settled, (wanted or DeliverRequest()).timeout)
    await workspace.turn()
    with workspace.held() as work:
        return watching.report(work, is_settled=bool(settled))


@router.post("/webhooks/wait", operation_id="wait_for_delivery", responses=TIMED_OUT)
async def wait_for_delivery(request: Request, wanted: DeliveriesWait) -> DeliveriesResponse:
    """Answer as soon as `count` deliveries match, with all that do, oldest first; 408 when the time is over."""
    conditions = watching.Wanted.of(wanted)
    met = await await_in_work(request, lambda work: watching.met(work, conditions, wanted.count), wanted.timeout)
    if met is None:
        refusal = await await_in_work(request, lambda work: watching.too_late(work, conditions, wanted), 0)
        assert refusal is not None
        raise refusal
    return met
