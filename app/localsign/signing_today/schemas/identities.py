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
    title: str | None = None
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
        return cls.showing({**identity.appearance, "domain": user.domain, "url": url, "extraData": {}})


class TokenInfo(Wire):
    """What a smart card says of its token, by the names of PKCS#11."""

    ul_min_pin_len: int
    ul_max_pin_len: int
    manufacturer_id: str = Field(alias="manufacturerID")
    serial_number: str
    label: str
    model: str
    flags: int
    ul_free_public_memory: int
    ul_total_public_memory: int
    ul_free_private_memory: int
    ul_total_private_memory: int


class ProviderData(Wire):
    smartcard_id: int = Field(alias="smartcardID")
    middleware_id: str = Field(alias="middlewareID")
    atr: str = Field(alias="ATR")
    reader: str
    token_info: TokenInfo


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
    appearance: AppearanceResponse | None = None
    provider_data: ProviderData | None = Field(None, description="Of identities on a smart card.")
    valid: bool
    tags: list[str]

    @classmethod
    def of(cls, identity: Identity, user: User, now: datetime, base_url: str) -> Self:
        return cls.showing(
            {
                **identity.shown,
                "id": identity.id,
                "label": identity.label,
                "expireDate": identity.expires_at,
                "appearance": AppearanceResponse.of(identity, user, base_url),
                "valid": now < identity.expires_at,
            }
        )
