"""An entry of the journal as it may be shown. Nothing else in the control plane reads a raw one."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from localsign.apis import links
from localsign.core.journal import Entry, Kind
from localsign.core.secrecy import REDACTED, Mask, Pairs, Redactor, scrubbed_line

# Operations whose bodies are secrets, or name none of them as one: changing a password, keeping a secret,
# trusting a device.
_SEALED = re.compile(r"(?i)/[^/]*(secret|passw)|/device/authorization")


_OF_PATH = "/:@!$&'()*+,;=~"  # may stand in the path of a URL


@dataclass(frozen=True)
class Redacted:
    """What happened, without what must not be shown. `body` and `answer_body`: JSON, fields, or a line of text."""

    number: int
    kind: Kind
    at: datetime
    milliseconds: float
    trace_id: str
    request_id: str
    api: str
    operation: str
    mark: str
    subject: str
    method: str
    path: str  # after the prefix of the workspace
    url: str
    query: Pairs
    headers: Pairs
    body: Any
    body_size: int
    media_type: str
    status: int | None
    answer_headers: Pairs
    answer_body: Any
    answer_size: int
    answer_type: str
    caused: list[dict[str, Any]]
    detail: str
    flaws: Pairs  # member and rule

    @classmethod
    def of(cls, entry: Entry, mask: Mask = lambda _name, _value: REDACTED) -> "Redacted":
        """`entry` as it may be shown; `mask` gives what stands in the place of something hidden."""
        redactor = Redactor(links(), mask, is_known=bool(entry.operation))
        media_type, answer_type = (
            _header(entry.headers, b"content-type"),
            _header(entry.answer_headers, b"content-type"),
        )
        is_sealed = _SEALED.search(entry.path) is not None
        is_download = bool(_header(entry.answer_headers, b"content-disposition"))
        query = entry.query.decode("latin-1")
        body = redactor.body(
            entry.body, media_type, is_document=_is_upload(entry, media_type), is_answer=False, is_sealed=is_sealed
        )
        answer_body = redactor.body(
            entry.answer_body, answer_type, is_document=is_download, is_answer=True, is_sealed=is_sealed
        )
        url = f"{entry.origin}{entry.prefix}{quote(entry.path, safe=_OF_PATH)}{'?' if query else ''}{query}"
        refusal = entry.refusal
        # Everything is looked at before anything is scrubbed of what was found.
        told = redactor.scrub(
            {
                "path": redactor.path(entry.path),
                "url": redactor.url(url),
                "query": redactor.query(entry.path, query),
                "headers": redactor.headers(entry.headers),
                "answer_headers": redactor.headers(entry.answer_headers),
                "body": body,
                "media_type": media_type,
                "answer_body": answer_body,
                "answer_type": answer_type,
                "caused": [_without_secrets(one) for one in entry.caused],
                "request_id": entry.request_id,
                "detail": refusal.detail if refusal else "",
                "flaws": [(flaw.name, flaw.reason) for flaw in refusal.flaws] if refusal else [],
            }
        )
        return cls(
            number=entry.number,
            kind=entry.kind,
            at=entry.at,
            milliseconds=round(entry.seconds * 1000, 3),
            trace_id=entry.trace_id,
            api=entry.api,
            operation=entry.name,
            mark=entry.mark,
            subject=entry.subject,
            method=entry.method,
            body_size=entry.body.size if entry.body else 0,
            status=entry.status,
            answer_size=entry.answer_body.size if entry.answer_body else 0,
            **told,
        )


def _without_secrets(change: dict[str, Any]) -> dict[str, Any]:
    """A change; of work that failed, the text of whatever error it was."""
    return {**change, "failed": scrubbed_line(str(change["failed"]), links())} if "failed" in change else change


def _is_upload(entry: Entry, media_type: str) -> bool:
    """Whether the body is not read by member, so that its JSON may be a document. Forms are always read so."""
    is_form = media_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data"))
    return bool(entry.operation) and not entry.takes_members and not is_form


def _header(headers: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), "")
