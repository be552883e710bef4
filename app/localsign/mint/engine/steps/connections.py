"""HTTP requests to systems of the user. They are real; where they may go, the settings say."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localsign.core.egress import Answer, EgressError
from localsign.mint.engine import plain
from localsign.mint.engine.catalog import StepType, anything, items, mapping, number, text
from localsign.mint.engine.files import all_found
from localsign.mint.engine.results import Done, Later, Result, StepError
from localsign.mint.engine.turn import Turn, as_text

CATEGORY = "Connections"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
LONGEST_WAIT = 30.0  # seconds
_BOUNDARY = "localsign-9f2c61d4a7"
_NOT_HTTPS = "Mint itself calls https addresses only."


@dataclass(frozen=True)
class _Call:
    """A request as it will be sent. The bytes of files are read only then."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes
    timeout: float
    files: tuple[tuple[Path, str, str], ...] = ()  # path, name, media type
    fields: Mapping[str, str] = field(default_factory=dict)
    part: str = "file"


def _request(turn: Turn) -> Result:
    headers = _headers(turn)
    body = turn.given("body") if turn.given("body") is not None else turn.given("content")
    content = b""
    if body is not None:
        is_text = isinstance(body, str)
        content = as_text(body).encode()
        kind = turn.text("contentType") or ("text/plain" if is_text else "application/json")
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = kind
    key = turn.text("signingKey")
    if key:
        # invented: how the vendor signs is not documented
        headers["X-Signature"] = base64.b64encode(hmac.digest(key.encode(), content, hashlib.sha256)).decode()
    call = _Call(_method(turn, "GET" if body is None else "POST"), _url(turn), headers, content, _timeout(turn))
    return _send(turn, call)


def _upload(turn: Turn) -> Result:
    found = all_found(turn, "files")
    paths = tuple((turn.work.blobs.path(one.digest), one.filename, one.content_type) for one in found)
    fields = {name: as_text(value) for name, value in turn.mapping("fields").items()}
    headers = _headers(turn)
    part = turn.text("fieldName", "file")
    call = _Call(_method(turn, "POST"), _url(turn), headers, b"", _timeout(turn), paths, fields, part)
    return _send(turn, call)


def _send(turn: Turn, call: _Call) -> Later:
    egress = turn.work.house.egress

    def make() -> Answer | str:
        content, headers = call.content, call.headers
        if call.files:
            content = _multipart(call)
            headers = {**headers, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        try:
            return egress.send(call.method, call.url, headers=headers, content=content, timeout=call.timeout)
        except EgressError as error:
            return str(error)

    return Later(make, _settle)


def _settle(turn: Turn, made: Answer | str) -> Result:
    """An answer of 400 or more, or none, has the outcome Failed; where that leads nowhere, the journey faults."""
    warning = {} if _url(turn).startswith("https:") else {"warning": _NOT_HTTPS}
    if isinstance(made, str):
        outcomes: tuple[str, ...] = ("Failed",)
        output: dict[str, Any] = {"statusCode": None, "error": made, **warning}
        reason = made
    else:
        has_failed = made.status >= 400
        outcomes = ("Failed" if has_failed else "Done", str(made.status))
        output = {"statusCode": made.status, "headers": dict(made.headers), "body": _read(made), **warning}
        reason = f"The answer was {made.status}."
    if outcomes[0] == "Failed" and not turn.memory.routes.targets(turn.step.id, outcomes):
        turn.memory.remember(turn.step.id, turn.masked(output), turn.scope)
        raise StepError(reason)
    return Done(outcomes, output)


def _read(answer: Answer) -> Any:
    text = answer.body.decode("utf-8", "replace")
    if "json" in answer.headers.get("content-type", ""):
        try:
            return plain.read(text)
        except ValueError:
            return text
    return text


def _url(turn: Turn) -> str:
    turn.needed("url")
    return turn.text("url").strip()


def _method(turn: Turn, default: str) -> str:
    method = turn.text("method", default).upper()
    if method not in METHODS:
        raise StepError(f"The input 'method' must be one of {', '.join(METHODS)}.")
    return method


def _headers(turn: Turn) -> dict[str, str]:
    headers = {str(name): as_text(value) for name, value in turn.mapping("headers").items()}
    for name, value in headers.items():
        if not name.isascii() or any(ord(letter) < 32 for letter in name + value) or not name.strip():
            raise StepError(f"'{name[:80]}' is not a header that can be sent.")
    return headers


def _timeout(turn: Turn) -> float:
    return min(max(turn.number("timeout", 10), 0.1), LONGEST_WAIT)


def _multipart(call: _Call) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'.encode()
        for name, value in call.fields.items()
    ]
    for path, filename, content_type in call.files:
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{_quoted(call.part)}"; '
        head += f'filename="{_quoted(filename)}"\r\nContent-Type: {content_type}\r\n\r\n'
        parts.append(head.encode() + path.read_bytes() + b"\r\n")
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()


def _quoted(name: str) -> str:
    return name.replace("\\", "_").replace('"', "%22").replace("\r", "_").replace("\n", "_")


_OUTPUTS = {
    "statusCode": number("The status of the answer; null where there was none."),
    "headers": mapping("The headers of the answer, with names in lower case."),
    "body": anything("The body: JSON as data, anything else as text."),
    "error": text("Why there was no answer."),
}
_COMMON = {
    "url": text("The address.", required=True),
    "headers": mapping("Headers to send."),
    "timeout": number(f"Seconds to wait for the answer: 10 by default, {LONGEST_WAIT:g} at most."),
}

TYPES = (
    StepType(
        "SendHttpRequest",
        "Send raw HTTP request",
        CATEGORY,
        "Sends a request and gives the answer.",
        _request,
        leave=_settle,
        outcomes=("Done", "Failed"),
        inputs={
            **_COMMON,
            "method": text("GET, or POST where there is a body.", values=METHODS),
            "body": anything("What to send; what is not text is sent as JSON."),
            "contentType": text("Its media type."),
            "signingKey": text("A key for an HMAC-SHA256 of the body, sent in X-Signature (our choice)."),
        },
        outputs=_OUTPUTS,
        aliases=("SendRawHttpRequest", "HttpRequest"),
        takes_secrets=True,
    ),
    StepType(
        "SendHttpFileUploadRequest",
        "Send HTTP file upload request",
        CATEGORY,
        "Sends files as a form.",
        _upload,
        leave=_settle,
        outcomes=("Done", "Failed"),
        inputs={
            **_COMMON,
            "method": text("POST by default.", values=METHODS),
            "files": items("The files.", required=True),
            "fields": mapping("Other fields of the form."),
            "fieldName": text("The name of the field of each file; 'file' by default."),
        },
        outputs=_OUTPUTS,
        aliases=("HttpFileUpload",),
        takes_secrets=True,
    ),
)
