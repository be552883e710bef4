"""Wire shapes of identities and of how their signatures look."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from localsign.signing_today.models.people import Identity, User
from localsign.signing_today.schemas.wire import Instant, Wire


class AppearanceResponse(Wire):
    """The picture of an identity, in the members of a resource."""

    id: UUID
    domain: str
    type: str
    dst_uuid: UUID | None = None
    title: str | None
    filename: str
    url: str
    size: int
    created_at: Instant
    mimetype: str
    pages: int
    extra_data: dict[str, Any]

    @classmethod
    def of(cls, identity: Identity, user: User, base_url: str) -> Self | None:
        if identity.appearance is None:
            return None
        url = f"{base_url}/api/user/{user.id}/identity/{identity.id}/appearance"
        return cls.model_validate({**identity.appearance, "domain": user.domain, "url": url, "extraData": {}})


class IdentityResponse(Wire):
    """A digital identity; `valid` until `expireDate`."""

    id: UUID
    actions: dict[str, str]
    provider: str
    label: str
    provider_type: str
    subject_common_name: str
    issuer_common_name: str
    expire_date: Instant
    raw_certificate: str | None = None
    appearance: AppearanceResponse | None
    provider_data: dict[str, Any] | None = Field(None, description="What a smart card says of itself.")
    valid: bool
    tags: list[str]

    @classmethod
    def of(cls, identity: Identity, user: User, now: datetime, base_url: str) -> Self:
        return cls.model_validate(
            {
                **identity.shown,
                "id": identity.id,
                "label": identity.label,
                "expireDate": identity.expires_at,
                "appearance": AppearanceResponse.of(identity, user, base_url),
                "valid": now < identity.expires_at,
            }
        )
