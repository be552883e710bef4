"""Which entries are meant."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from localsign.apis import links
from localsign.core.clock import parse_instant
from localsign.core.journal import Entry, Kind
from localsign.recording.redacted import Redacted

_LONGEST = 500


def _since(value: Any) -> int | datetime | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value):
        return int(value)
    if not isinstance(value, str):
        raise ValueError("must be the id of an entry, or an instant")
    return parse_instant(value)


def _status(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value).lower()
    if isinstance(value, bool) or not re.fullmatch(r"[1-5](\d\d|xx)", text):
        raise ValueError("must be a status such as 404, or a class such as 4xx")
    return text


def _encodable(text: str) -> str:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has a character that is no text")
    return text


_Text = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_encodable)]


class Filters(BaseModel):
    """All that are given must hold. Names of operations, changes and paths may have `*` for anything."""

    model_config = ConfigDict(extra="forbid")

    id: int | None = Field(None, ge=1, description="This entry.")
    kind: Kind | None = Field(None, description="`request`, `control` or `timer`; all if not given.")
    api: _Text | None = Field(None, description="Such as `sign`.")
    operation: _Text | None = Field(None, description="Such as `sign.create_signing_session`, or without the API.")
    method: _Text | None = None
    path: _Text | None = Field(None, description="Without the prefix of the workspace; `*` stands for anything.")
    status: Annotated[str | None, BeforeValidator(_status)] = Field(None, description="`404`, or `4xx`.")
    evidence: _Text | None = Field(None, description="`documented`, `client`, `inferred`, `invented`.")
    since: Annotated[int | datetime | None, BeforeValidator(_since)] = Field(
        None, description="After the entry with this id, or from this instant on."
    )
    caused: _Text | None = Field(
        None, description="A change: an event, `machine/event`, an announcement, or a kind of message."
    )
    text: _Text | None = Field(None, description="What the redacted bodies must contain.")

    @cached_property
    def _checks(self) -> list[tuple[str, Callable[[Entry], bool]]]:
        """What is asked for, in words, with its check; the costly one last."""
        given = {
            "id": lambda entry: entry.number == self.id,
            "kind": lambda entry: entry.kind is self.kind,
            "api": lambda entry: entry.api == self.api,
            "operation": lambda entry: (
                _is_like(entry.name, self.operation) or _is_like(entry.name.partition(".")[2], self.operation)
            ),
            "method": lambda entry: entry.method == str(self.method).upper(),
            "path": lambda entry: _is_like(links().path(entry.path, is_known=bool(entry.operation)), self.path),
            "status": lambda entry: _has_status(entry, str(self.status)),
            "evidence": lambda entry: entry.mark == self.evidence,
            "since": self._is_since,
            "caused": lambda entry: any(_is_like(name, self.caused) for name in changes_of(entry)),
            "text": lambda entry: str(self.text) in text_of(entry),
        }
        return [(name, check) for name, check in given.items() if getattr(self, name) is not None]

    def matches(self, entry: Entry) -> bool:
        return all(check(entry) for _, check in self._checks)

    def missed(self, entry: Entry) -> list[str]:
        """The filters that `entry` does not meet."""
        return [name for name, check in self._checks if not check(entry)]

    def is_since(self, entry: Entry) -> bool:
        """Whether `entry` is new enough."""
        return self.since is None or self._is_since(entry)

    def _is_since(self, entry: Entry) -> bool:
        return entry.number > self.since if isinstance(self.since, int) else entry.at >= self.since  # type: ignore[operator]


def _is_like(text: str, pattern: str | None) -> bool:
    return fnmatchcase(text.lower(), re.sub(r"([\[?])", r"[\1]", str(pattern).lower()))


def _has_status(entry: Entry, wanted: str) -> bool:
    found = str(entry.status or "")
    return found == wanted or (wanted.endswith("xx") and found[:1] == wanted[:1])


def changes_of(entry: Entry) -> list[str]:
    """The changes that `entry` caused, by every name that they go by."""
    names = []
    for one in entry.caused:
        if "machine" in one:
            names += [one["event"], f"{one['machine']}/{one['event']}"]
        elif "announced" in one:
            names.append(one["announced"])
        elif "sent" in one:
            names += [one["kind"], f"{one['sent']}/{one['kind']}"]
        elif "decided" in one:
            names.append(f"decided/{one['decided']}")
    return [str(name) for name in names]


def text_of(entry: Entry) -> str:
    """Both bodies, redacted."""
    told = Redacted.of(entry)
    return "\n".join(
        body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        for body in (told.body, told.answer_body)
        if body is not None
    )
