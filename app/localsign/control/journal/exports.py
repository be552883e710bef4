"""Entries for other tools: HAR 1.2 and curl. What is hidden stands as a variable, so that a command can be run."""

import json
import re
import shlex
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from localsign.control.journal.redacted import Redacted
from localsign.control.schemas import Instant
from localsign.core.journal import Entry
from localsign.core.secrecy import Pairs
from localsign.version import VERSION

_HAR_VERSION = "1.2"
_UNKNOWN = -1  # what HAR has for a size that nobody measured
# What curl makes itself, or what depends on the connection.
_OF_CLIENT = {
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "user-agent",
    "transfer-encoding",
    "expect",
    "keep-alive",
}
_TOLD = re.compile(r"<[^>]*, \d+ bytes, (redacted|sha256:[0-9a-f]{64})>")  # a body that is told by size and digest
_TYPE = re.compile(r"<([\w.+-]+/[\w.+-]+), ")
_VARIABLE = re.compile("\ue000([A-Z][A-Z0-9_]*)\ue001")


# ---- curl


def curl(entry: Entry) -> str:
    """A command that asks the same again, where `$TOKEN` and the like hold what is hidden."""
    told = Redacted.of(entry, _as_variable)
    words = ["curl", "-s"]
    if told.method not in ("GET", "POST") or (told.method == "POST" and not told.body_size):
        words += ["-X", _quoted(told.method)]
    words += ["-H " + _quoted(f"{name}: {value}") for name, value in _kept(told)]
    words += _data(told)
    words.append(_quoted(told.url))
    return " ".join(words)


def comment(entry: Entry) -> str:
    """What a command did, in a line."""
    told = Redacted.of(entry)
    return _one_line(f"# {told.number}: {told.operation or 'no operation'}, answered with {told.status or 'nothing'}")


def _as_variable(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    spelled = "_".join(words).upper()[:60]
    return f"\ue000{spelled if spelled[:1].isalpha() else 'SECRET'}\ue001"


def _quoted(text: str) -> str:
    """`text` as one word of a shell, in which variables for what is hidden are filled in."""
    return _VARIABLE.sub(lambda found: f"'\"${found[1]}\"'", shlex.quote(text.replace("\0", "")))


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", " ", text)


def _kept(told: Redacted) -> Pairs:
    is_parts = told.media_type.lower().startswith("multipart/")  # curl makes the boundary
    return [
        (name, value)
        for name, value in told.headers
        if name.lower() not in _OF_CLIENT and not (is_parts and name.lower() == "content-type")
    ]


def _data(told: Redacted) -> list[str]:
    if not told.body_size:
        return []
    body = told.body
    kind = told.media_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data" and isinstance(body, list):
        return [_field(part) for part in body]
    if kind == "application/x-www-form-urlencoded" and isinstance(body, dict):
        pairs = [(name, one) for name, value in body.items() for one in (value if isinstance(value, list) else [value])]
        return ["--data-urlencode " + _quoted(f"{quote(name, safe='')}={value}") for name, value in pairs]
    if isinstance(body, str) and _TOLD.fullmatch(body):
        return ["--data-binary @document"]
    return ["--data-raw " + _quoted(json.dumps(body, ensure_ascii=False))]


def _field(part: dict[str, Any]) -> str:
    """A part of a form. Whatever it is called and holds, curl reads no file for it but `document`."""
    name = part["name"].replace("=", "%3D")  # curl takes the first one for the end of the name
    if part.get("filename"):
        filename = part["filename"].replace("\\", "\\\\").replace('"', '\\"')
        found = _TYPE.match(part["value"])
        kind = f";type={found[1]}" if found else ""
        return "-F " + _quoted(f'{name}=@document{kind};filename="{filename}"')
    return "--form-string " + _quoted(f"{name}={part['value']}")


# ---- HAR


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
        told = Redacted.of(entry, lambda _: "REDACTED")  # <…> may not stand in a URL
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
