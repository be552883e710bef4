"""Entries as HAR 1.2."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from localsign.core.clock import show
from localsign.core.journal import Entry
from localsign.core.secrecy import Pairs
from localsign.recording.redacted import Redacted
from localsign.version import VERSION

Instant = Annotated[datetime, PlainSerializer(show)]
_HAR_VERSION = "1.2"
_UNKNOWN = -1  # what HAR has for a size that nobody measured


class _Har(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class HarPair(_Har):
    name: str
    value: str


class HarPost(_Har):
    mime_type: str
    params: list[HarPair]
    text: str


class HarRequest(_Har):
    method: str
    url: str
    http_version: str = "HTTP/1.1"
    cookies: list[HarPair] = []
    headers: list[HarPair]
    query_string: list[HarPair]
    post_data: HarPost | None = None
    headers_size: int = _UNKNOWN
    body_size: int


class HarContent(_Har):
    size: int
    mime_type: str
    text: str


class HarResponse(_Har):
    status: int
    status_text: str
    http_version: str = "HTTP/1.1"
    cookies: list[HarPair] = []
    headers: list[HarPair]
    content: HarContent
    redirect_url: str
    headers_size: int = _UNKNOWN
    body_size: int

    model_config = ConfigDict(
        alias_generator=lambda name: "redirectURL" if name == "redirect_url" else to_camel(name), populate_by_name=True
    )


class HarCache(_Har):
    pass


class HarTimings(_Har):
    send: float = 0
    wait: float
    receive: float = 0


class HarEntry(_Har):
    started_date_time: Instant
    time: float
    request: HarRequest
    response: HarResponse
    cache: HarCache = HarCache()
    timings: HarTimings
    comment: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        told = Redacted.of(entry, lambda _name, _value: "REDACTED")  # <…> may not stand in a URL
        return cls(
            started_date_time=told.at - timedelta(milliseconds=int(told.milliseconds)),
            time=told.milliseconds,
            request=_request(told),
            response=_response(told),
            timings=HarTimings(wait=told.milliseconds),
            comment=f"{told.operation or 'no operation'} (entry {told.number})",
        )


class HarCreator(_Har):
    name: str = "localsign"
    version: str = VERSION


class HarLog(_Har):
    version: str = _HAR_VERSION
    creator: HarCreator = HarCreator()
    entries: list[HarEntry]


class Har(_Har):
    """An archive as HAR 1.2 has it, redacted."""

    log: HarLog


def _request(told: Redacted) -> HarRequest:
    text = _as_text(told.body)
    is_form = isinstance(told.body, dict) and "form" in told.media_type
    params = urlencode(told.body, doseq=True) if is_form else text
    return HarRequest(
        method=told.method,
        url=told.url,
        headers=_pairs(told.headers),
        query_string=_pairs(told.query),
        post_data=HarPost(mime_type=told.media_type, params=[], text=params) if told.body_size else None,
        body_size=told.body_size,
    )


def _response(told: Redacted) -> HarResponse:
    status = told.status or 0
    location = next((value for name, value in told.answer_headers if name.lower() == "location"), "")
    return HarResponse(
        status=status,
        status_text=HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        headers=_pairs(told.answer_headers),
        content=HarContent(
            size=told.answer_size,
            mime_type=told.answer_type or "application/octet-stream",
            text=_as_text(told.answer_body),
        ),
        redirect_url=location,
        body_size=told.answer_size,
    )


def _as_text(body: Any) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def _pairs(pairs: Pairs) -> list[HarPair]:
    return [HarPair(name=name, value=value) for name, value in pairs]
