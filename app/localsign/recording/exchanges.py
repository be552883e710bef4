"""Entries of a journal as steps that hold what was said, before anybody knows where the values came from."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from localsign.core import markup
from localsign.core.journal import Body, Entry, Kind
from localsign.core.secrecy import Pairs
from localsign.recording.labels import Labels
from localsign.recording.redacted import Redacted
from localsign.recording.steps import HOST, ORIGIN, URL, Document, Part, Sent, Step, variable
from localsign.resources import fixtures_folder

_TOLD = re.compile(r"<([^>,]*), (\d+) bytes, (redacted|sha256:([0-9a-f]{64}))>")  # a body by its size and digest
_LONGEST_SECRET = 200
_LABEL = re.compile("⟦([^⟦⟧]*)⟧")
_SEEDS, _JSON = "sandbox.apply_seed", b"application/json"
# What a client makes itself, what depends on the connection, and what leads to another workspace.
_NOT_SENT = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "sec-fetch-site",
    "transfer-encoding",
    "user-agent",
    "x-sandbox-token",
    "x-sandbox-workspace",
}


@dataclass(frozen=True)
class Exchange:
    """An entry, what was said in it, and what a client could take from the answer."""

    entry: Entry
    step: Step
    url: str
    answer: Any  # JSON; None where it was none
    answer_headers: Pairs

    @property
    def page(self) -> str:
        """The text of an answer that is not JSON, as it was: with all its secrets."""
        body = self.entry.answer_body
        if body is None or not self.step.media_type.startswith("text/"):
            return ""
        return (body.content or b"").decode("utf-8", "replace")


def read(entry: Entry, labels: Labels) -> Exchange:
    """`entry` with variables instead of what must not be shown."""
    entry = _as_json(entry)
    told = Redacted.of(entry, labels.mask)
    addresses = [(entry.origin + entry.prefix, variable(URL)), (entry.origin, variable(ORIGIN))]
    host = entry.origin.rpartition("/")[2]
    addresses += [(host, variable(HOST))] if ":" in host else []

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            if "⟦" in value:
                value = _LABEL.sub(lambda found: found[0] if found[1] in labels.raw else f"[{found[1]}]", value)
            for address, name in addresses if entry.origin else ():
                value = value.replace(address, name)
            return value
        if isinstance(value, dict):
            return {plain(name): plain(one) for name, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, list) else value

    answer_type = told.answer_type.partition(";")[0].strip().lower()
    step = Step(
        number=told.number,
        kind="timer" if entry.kind is Kind.TIMER else "control" if entry.kind is Kind.CONTROL else "request",
        api=told.api,
        operation=told.operation,
        method=told.method,
        path=told.path,
        query=[(name, plain(value)) for name, value in told.query],
        headers=[(name, plain(value)) for name, value in told.headers if name.lower() not in _NOT_SENT],
        auth=_basic(entry, labels),
        sent=_sent(told, plain(told.body), entry, labels),
        status=None if _is_cut(told) else told.status,
        media_type=answer_type if told.answer_size else "",
        caused=told.caused,
    )
    bearer = next((value for name, value in told.headers if name.lower() == "authorization"), "")
    if bearer and step.auth is None:
        step.headers.append(("Authorization", bearer))
    answer = plain(told.answer_body) if answer_type.endswith("json") and told.answer_size else None
    return Exchange(entry, step, plain(told.url), answer, [(name, plain(value)) for name, value in told.answer_headers])


def _as_json(entry: Entry) -> Entry:
    """The entry of a seed document, with that as JSON; of which it is known what must not be shown."""
    content = entry.body.content if entry.name == _SEEDS and entry.body is not None else None
    if content is None:
        return entry
    kind = next((value for name, value in entry.headers if name.lower() == b"content-type"), b"")
    try:
        document = markup.read(content, is_json=kind.startswith(_JSON)).value
    except markup.MarkupError:
        return entry
    made = copy(entry)
    made.takes_members = True
    made.body = Body()
    made.body.add(json.dumps(document, default=str).encode())
    made.headers = [(name, _JSON if name.lower() == b"content-type" else value) for name, value in entry.headers]
    return made


def _is_cut(told: Redacted) -> bool:
    """Whether the connection ended in the middle of the answer."""
    lengths = [value for name, value in told.answer_headers if name.lower() == "content-length"]
    return told.method != "HEAD" and any(one.isdecimal() and int(one) > told.answer_size for one in lengths)


def _basic(entry: Entry, labels: Labels) -> tuple[str, str] | None:
    given = next((value.decode("latin-1") for name, value in entry.headers if name.lower() == b"authorization"), "")
    scheme, _, rest = given.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, labels.mask("password", password)) if colon and password else None


def _sent(told: Redacted, body: Any, entry: Entry, labels: Labels) -> Sent | None:
    if not told.body_size:
        return None
    kind = told.media_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data" and isinstance(body, list):
        return Sent(parts=[_part(one) for one in body])
    if kind == "application/x-www-form-urlencoded" and isinstance(body, dict):
        return Sent(form=list(_pairs(body)))
    described = _TOLD.fullmatch(body) if isinstance(body, str) else None
    if described is None:
        return Sent(value=body, media_type=told.media_type)
    content = (entry.body.content if entry.body else None) or b""
    if described[4] is None and len(content) <= _LONGEST_SECRET:  # the body of an operation about a secret is one
        secret = content.decode("utf-8", "replace").strip('" \n')
        text = content.decode("utf-8", "replace").replace(secret, labels.mask("password", secret)) if secret else ""
        return Sent(text=text, media_type=told.media_type)
    return Sent(document=_document(described), media_type=told.media_type)


def _part(part: dict[str, Any]) -> Part:
    described = _TOLD.fullmatch(part["value"])
    if described is None:
        return Part(name=part["name"], value=part["value"])
    return Part(name=part["name"], filename=part.get("filename"), document=_document(described))


def _document(described: re.Match[str]) -> Document:
    digest = described[4] or ""
    media_type = described[1] if "/" in described[1] else ""
    return Document(media_type=media_type, size=int(described[2]), sha256=digest, sample=_samples().get(digest))


@cache
def _samples() -> dict[str, str]:
    """The documents that travel with localsign, by their SHA-256."""
    folder = fixtures_folder() / "documents"
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.name
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix != ".py"
    }


def _pairs(form: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, one
