"""What the rules look at: requests to the emulated APIs, with what tells them apart and nothing secret."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl

from localsign.core.evidence import evidence_of
from localsign.core.journal import Body, Entry, Kind

TESTERS = "localsign/"  # how our own client and receiver call themselves: what tests do themselves is not judged
_GRANTS = {"platform.token", "signing-today.oauthTokenPOST"}


@dataclass(frozen=True)
class Call:
    """One request of the client. `token` and `body` are digests; `by` tells whose request for a token it is.

    `epoch` counts the changes of the world before it, whoever brought them about.
    """

    number: int
    epoch: int
    at: datetime
    operation: str
    method: str
    path: str
    query: bytes
    status: int
    token: str
    body: str
    by: str
    code: str | None
    changed: Sequence[Mapping[str, Any]]
    location: str | None
    is_on_page: bool
    is_broken: bool
    _answer: Body | None

    @classmethod
    def of(cls, entry: Entry, epoch: int) -> Self | None:
        """None for what is no request to an operation of a vendor, and for requests of tests themselves."""
        headers = {name.lower(): value for name, value in entry.headers}
        if entry.kind is not Kind.REQUEST or not entry.name or entry.status is None:
            return None
        if headers.get(b"user-agent", b"").startswith(TESTERS.encode()):
            return None
        name = entry.name.partition(".")[2]
        authorization = headers.get(b"authorization", b"")
        sent = entry.body.sha256 if entry.body is not None else ""
        answered = {key.lower(): value for key, value in entry.answer_headers}
        return cls(
            number=entry.number,
            epoch=epoch,
            at=entry.at,
            operation=entry.name,
            method=entry.method,
            path=entry.path,
            query=entry.query,
            status=entry.status,
            token=_digest(authorization),
            body=sent,
            by=_digest(authorization + sent.encode()),
            code=entry.refusal.code if entry.refusal else None,
            changed=entry.caused,
            location=answered.get(b"location", b"").decode("latin-1") or None,
            is_on_page=evidence_of(entry.api)[name].auth == "link",
            is_broken=bool(entry.faults),
            _answer=entry.answer_body,
        )

    @property
    def is_grant(self) -> bool:
        """Whether it asked for a token and got one."""
        return self.operation in _GRANTS and self.status == 200

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query.decode("latin-1"), keep_blank_values=True))

    @property
    def answered(self) -> str:
        """The digest of the body of the answer."""
        return self._answer.sha256 if self._answer is not None else ""

    @cached_property
    def members(self) -> dict[str, Any]:
        """The answer, if it is a JSON object that is kept."""
        content = self._answer.content if self._answer is not None else None
        try:
            found = json.loads(content or b"null")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def calls_of(entries: Sequence[Entry]) -> list[Call]:
    """The requests among `entries`, the eldest first."""
    calls, epoch = [], 0
    for entry in entries:
        call = Call.of(entry, epoch)
        if call is not None:
            calls.append(call)
        if entry.caused or entry.kind is not Kind.REQUEST:
            epoch += 1
    return calls


def digest_of_token(token: str) -> str:
    """What `Call.token` is where `token` is sent."""
    return _digest(f"Bearer {token}".encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if content else ""
