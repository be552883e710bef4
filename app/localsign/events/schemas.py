"""Wire shapes of the Events service. Inferred: those of the webhooks of the service before it, by the same vendor."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from localsign.core.clock import show
from localsign.core.deliveries import MOST_ATTEMPTS, Attempt
from localsign.core.wire import Camel
from localsign.lags import parse_duration
from localsign.signicat.models import Subscription

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_TAKEN = ("host", "content-type", "content-length", "connection", "transfer-encoding", "user-agent")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_LONGEST = timedelta(days=30)
_DURATION = {"type": "string", "format": "duration"}


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must not have control characters")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not _VISIBLE.fullmatch(value) or "\\" in value:
        raise ValueError("must be an http or https URL with a host, of visible ASCII characters")
    if "@" in parts.netloc:
        raise ValueError("must not carry credentials")
    return value


def _header(value: str) -> str:
    if not _HEADER.fullmatch(value) or value.lower() in _TAKEN:
        raise ValueError("must be letters, digits and '-', 64 at most, and not a header that HTTP itself uses")
    return value


def _secret(value: str) -> str:
    if not _VISIBLE.fullmatch(value):
        raise ValueError("must be of visible ASCII characters")
    return value


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    found = parse_duration(value)
    if not timedelta(seconds=1) <= found <= _LONGEST:
        raise ValueError("must be from PT1S to P30D")
    return found


def _spelled(value: timedelta) -> str:
    seconds = value.total_seconds()
    for unit, size in (("D", 86400), ("H", 3600), ("M", 60)):
        if seconds % size == 0:
            return f"P{'' if unit == 'D' else 'T'}{seconds / size:.0f}{unit}"
    return f"PT{seconds:g}S"


Text = Annotated[StrictStr, AfterValidator(_printable)]
Url = Annotated[StrictStr, Field(max_length=2048), AfterValidator(_url)]
Secret = Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(_secret)]
Header = Annotated[StrictStr, AfterValidator(_header)]
Duration = Annotated[
    timedelta, BeforeValidator(_duration), PlainSerializer(_spelled, return_type=str), WithJsonSchema(_DURATION)
]
Shown = Annotated[timedelta, PlainSerializer(_spelled, return_type=str), WithJsonSchema(_DURATION)]
Instant = Annotated[datetime, PlainSerializer(show), WithJsonSchema({"type": "string", "format": "date-time"})]
Names = Annotated[list[Annotated[Text, Field(min_length=1, max_length=200)]], Field(min_length=1, max_length=100)]
Tags = Annotated[list[Annotated[Text, Field(min_length=1, max_length=100)]], Field(max_length=20)]
Waits = Annotated[list[Duration], Field(max_length=MOST_ATTEMPTS)]


class Wire(Camel):
    model_config = ConfigDict(extra="forbid")


class ConfigPatch(Wire):
    """Where a webhook goes, and how. Invented: `signatureHeader`, `retries` and `lifetime`."""

    url: Url | None = None
    secret: Secret | None = Field(None, description="The key of the signature; made up if not given.")
    signature_header: Header | None = None
    retries: Waits | None = Field(None, description="Waits before each further attempt; the last repeats.")
    lifetime: Duration | None = Field(None, description="From an event to its expiresAt; P1D if not given.")


class ConfigRequest(ConfigPatch):
    url: Url


class SubscriptionPatch(Wire):
    """Only the members that are sent change."""

    name: Annotated[Text, Field(max_length=200)] | None = None
    active: StrictBool | None = None
    events: Names | None = None
    tags: Tags | None = None
    config: ConfigPatch | None = None

    @model_validator(mode="after")
    def _nothing_is_taken_away(self) -> Self:
        for name in self.model_fields_set - {"name"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self


class SubscriptionRequest(Wire):
    """`events`: `sender:name`, `name`, or the beginning of one followed by `*`."""

    name: Annotated[Text, Field(max_length=200)] | None = None
    type: Literal["webhook", "azure_service_bus", "google_pub_sub", "mint"] = "webhook"
    active: StrictBool = True
    events: Names
    tags: Tags = []
    config: ConfigRequest


class ConfigResponse(Wire):
    url: str
    secret: str | None = Field(None, description="Shown when it is made or changed, and not again.")
    signature_header: str
    retries: list[Shown]
    lifetime: Shown


class LastResponse(Wire):
    """The receiver's newest answer; `code` is null where there was none."""

    code: int | None
    message: str | None
    timestamp: Instant


class SubscriptionResponse(Wire):
    id: UUID
    name: str | None
    type: str = "webhook"
    active: bool
    events: list[str]
    tags: list[str]
    config: ConfigResponse
    created_at: Instant
    updated_at: Instant
    last_response: LastResponse | None

    @classmethod
    def of(cls, one: Subscription, last: Attempt | None, *, shows_secret: bool) -> Self:
        return cls(
            id=one.id,
            name=one.name,
            active=one.is_active,
            events=one.events,
            tags=one.tags,
            config=ConfigResponse(
                url=one.url,
                secret=one.secret if shows_secret else None,
                signature_header=one.signature_header,
                retries=[timedelta(seconds=seconds) for seconds in one.waits],
                lifetime=timedelta(seconds=one.lifetime),
            ),
            created_at=one.created_at,
            updated_at=one.updated_at,
            last_response=last and LastResponse(code=last.status, message=last.error, timestamp=last.at),
        )


class SubscriptionPage(Wire):
    """The envelope of lists that the vendor's other APIs have."""

    limit: int
    offset: int
    count: int
    total: int
    data: list[SubscriptionResponse]


class MockRequest(Wire):
    """The event to send; by default the first that the subscription is for, with the id of nothing."""

    event_name: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    event_data: dict[str, Any] | None = None


class MockResponse(Wire):
    """What was queued: the delivery by which the control plane knows it, and the id in the envelope."""

    delivery_id: UUID
    event_id: str
    event_name: str
