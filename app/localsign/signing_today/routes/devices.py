"""`/devices`, `/device/authorization`, `/notifications/push-token`: phones that are trusted."""

from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from localsign.core.http import InWork, base_url
from localsign.signing_today import auth
from localsign.signing_today.paging import InPage
from localsign.signing_today.schemas.devices import (
    DeviceAuthorizationResponse,
    DeviceRequest,
    PushTokenRequest,
    TrustedDevice,
    TrustedDevicesGetResponse,
)
from localsign.signing_today.schemas.wire import Name
from localsign.signing_today.service import devices
from localsign.workspace import Workspace

router = APIRouter(tags=["devices"])
mine = APIRouter(route_class=auth.behind(auth.requires()), tags=["devices"])

InDeviceId = Annotated[Name, Query(alias="deviceId")]
OfUser = Annotated[UUID | None, Query(alias="userId", description="Another user than the caller.")]
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {"schema": {"type": "string"}}}}}


@mine.get("/devices", operation_id="devicesGET")
async def list_devices(
    work: InWork, caller: auth.InCaller, wanted: InPage, user_id: OfUser = None
) -> TrustedDevicesGetResponse:
    """The trusted devices of a user."""
    found = devices.listed(work, caller, user_id, wanted)
    return TrustedDevicesGetResponse(count=found.count, values=[TrustedDevice.of(one) for one in found.values])


@mine.get(
    "/device/authorization",
    operation_id="deviceAuthorizationGET",
    response_model=DeviceAuthorizationResponse,
    responses=_PNG,
)
async def challenge(request: Request, caller: auth.InCaller) -> DeviceAuthorizationResponse | Response:
    """A challenge for a new device: JSON, or a QR code that holds the same where only a PNG is accepted."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        text = devices.challenge(work, caller)
    answer = DeviceAuthorizationResponse(
        user_id=caller.user_id, base_url=f"{base_url(request)}/api/challenge", challenge=text
    )
    if not _wants_png(request.headers.get("accept", "")):
        return answer
    png = await anyio.to_thread.run_sync(_qr_code, answer.model_dump_json(by_alias=True))
    disposition = 'inline; filename="challenge.png"'
    return Response(png, media_type="image/png", headers={"Content-Disposition": disposition})


def _wants_png(accept: str) -> bool:
    """Whether the first kind in an Accept header that can be had is the picture."""
    for kind in accept.lower().split(","):
        name = kind.partition(";")[0].strip()
        if name in ("application/json", "application/*", "*/*"):
            return False
        if name in ("image/png", "image/*"):
            return True
    return False


def _qr_code(text: str) -> bytes:
    import io

    import segno

    png = io.BytesIO()
    segno.make(text, micro=False).save(png, kind="png", scale=6)
    return png.getvalue()


@router.post("/device/authorization", operation_id="deviceAuthorizationPOST")
async def trust_device(work: InWork, wanted: DeviceRequest) -> list[UUID]:
    """Trust the device that shows a challenge; the answer holds its token."""
    return [devices.trust(work, wanted)]


@mine.delete("/device/authorization", operation_id="deviceAuthorizationDELETE", status_code=204)
async def forget_device(work: InWork, caller: auth.InCaller, device_id: InDeviceId, user_id: OfUser = None) -> None:
    """Clear a trusted device, and its push token."""
    devices.forget(work, caller, user_id, device_id)


@mine.post("/notifications/push-token", operation_id="notificationsPushTokenPOST", status_code=204)
async def register_push(work: InWork, caller: auth.InCaller, wanted: PushTokenRequest) -> None:
    """Let pushes go to a trusted device."""
    devices.register_push(work, caller, wanted)


@mine.delete("/notifications/push-token", operation_id="notificationsPushTokenDELETE", status_code=204)
async def forget_push(work: InWork, caller: auth.InCaller, device_id: InDeviceId) -> None:
    """Let no push go to a device any more."""
    devices.forget_push(work, caller, device_id)
