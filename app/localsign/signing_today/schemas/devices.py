"""Wire shapes of devices and of what they are challenged with."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from localsign.signing_today.models.people import Device
from localsign.signing_today.schemas.wire import Instant, LongText, Name, Wire


class TrustedDevice(Wire):
    instance_id: int = Field(alias="_instance_id", json_schema_extra={"readOnly": True})
    user_id: UUID
    device_id: str
    name: str
    registered_at: Instant

    @classmethod
    def of(cls, device: Device) -> Self:
        return cls(
            instance_id=device.seq or 0,
            user_id=device.user_id,
            device_id=device.device_id,
            name=device.name,
            registered_at=device.registered_at,
        )


class TrustedDevicesGetResponse(Wire):
    count: int
    values: list[TrustedDevice]


class DeviceAuthorizationResponse(Wire):
    """A challenge; the QR code holds this, as JSON (inferred)."""

    user_id: UUID
    base_url: str = Field(alias="baseURL")
    challenge: str


class DeviceRequest(Wire):
    challenge: Name
    device_id: Name
    name: Name


class PushTokenRequest(Wire):
    device_id: Name
    token: Annotated[LongText, Field(min_length=1)]
