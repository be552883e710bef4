"""Wire shapes of the journal."""

from typing import Any, Self

from pydantic import BaseModel, Field

from localsign.control.schemas import Instant
from localsign.core.journal import Entry, Kind
from localsign.recording.redacted import Redacted


class Header(BaseModel):
    name: str
    value: str


class Asked(BaseModel):
    """What was asked. Secrets, tokens and national ids are hidden, documents told by size and SHA-256."""

    method: str
    path: str = Field(description="Without the prefix of the workspace.")
    url: str
    query: list[Header]
    headers: list[Header]
    body: Any = Field(description="JSON or fields, or a line that says what it was; null if none was read.")
    size: int = Field(description="Bytes of the body that were read.")


class Answered(BaseModel):
    """What was answered, redacted in the same way."""

    status: int
    headers: list[Header]
    body: Any
    size: int


class Refused(BaseModel):
    """Why it was refused; `explain` says more."""

    error: str = Field(description="The kind of refusal, by its class.")
    code: str
    detail: str


class TimerTold(BaseModel):
    kind: str
    subject: str


class EntryResponse(BaseModel):
    """One request to an API, call of the control plane that changed something or came too late, or timer that ran."""

    id: int = Field(description="Counts up in this workspace.")
    kind: Kind
    at: Instant = Field(description="When it was answered, by the workspace's clock.")
    duration_ms: float
    workspace: str
    api: str | None = Field(description="null where the path is of no API.")
    operation: str | None = Field(description="null where the request met no operation.")
    evidence: str | None
    trace_id: str | None
    request_id: str | None
    request: Asked | None
    answer: Answered | None = Field(description="null where the connection ended before an answer.")
    timer: TimerTold | None
    caused: list[dict[str, Any]] = Field(
        description="Changes of state, announcements and messages, in order; of very many, the first."
    )
    faults: list[str] = Field(description="The ids of the faults that it met.")
    rests_on: list[str] = Field(description="The switches that were asked: choices that the answer may rest on.")
    fired: list[str] = Field(description="The kinds of timers that ran in its name, or of the timer that it is.")
    refusal: Refused | None

    @classmethod
    def of(cls, entry: Entry, workspace: str) -> Self:
        told = Redacted.of(entry)
        is_timer = entry.kind is Kind.TIMER
        refusal = entry.refusal
        return cls(
            id=told.number,
            kind=told.kind,
            at=told.at,
            duration_ms=told.milliseconds,
            workspace=workspace,
            api=told.api or None,
            operation=told.operation or None,
            evidence=told.mark or None,
            trace_id=told.trace_id or None,
            request_id=told.request_id or None,
            request=None if is_timer else _asked(told),
            answer=None if told.status is None else _answered(told, told.status),
            timer=TimerTold(kind=told.operation, subject=told.subject) if is_timer else None,
            caused=told.caused,
            faults=list(entry.faults),
            rests_on=list(entry.rests_on),
            fired=list(entry.fired),
            refusal=refusal and Refused(error=refusal.error, code=refusal.code, detail=told.detail),
        )


def _asked(told: Redacted) -> Asked:
    return Asked(
        method=told.method,
        path=told.path,
        url=told.url,
        query=_listed(told.query),
        headers=_listed(told.headers),
        body=told.body,
        size=told.body_size,
    )


def _answered(told: Redacted, status: int) -> Answered:
    return Answered(status=status, headers=_listed(told.answer_headers), body=told.answer_body, size=told.answer_size)


def _listed(pairs: list[tuple[str, str]]) -> list[Header]:
    return [Header(name=name, value=value) for name, value in pairs]


class EntriesResponse(BaseModel):
    """A page of entries, newest first. `before`, where there are more, is what to ask for to get the next page."""

    total: int = Field(description="Entries that match, on all pages.")
    before: int | None
    last: int = Field(description="The id of the newest entry of the journal; `since` it is what comes next.")
    entries: list[EntryResponse]


class CountResponse(BaseModel):
    count: int
    last: int


class NearestRoute(BaseModel):
    """An operation whose path is like the one that was asked for."""

    operation: str
    method: str
    path: str
    differs: str


class Unmatched(BaseModel):
    id: int
    method: str
    path: str
    status: int | None
    nearest: list[NearestRoute]


class UnmatchedResponse(BaseModel):
    """Requests that met no operation, newest first."""

    unmatched: list[Unmatched]


class Source(BaseModel):
    """How we know that the operation behaves so."""

    evidence: str
    source: str


class Rule(BaseModel):
    """What refused. For a state machine: its state then, what would have been needed, and the ways there."""

    error: str
    code: str
    detail: str
    flaws: list[Header] = Field(description="Member and rule, where the input was wrong.")
    raised_in: str | None = Field(description="The function of localsign that refused.")
    machine: str | None
    state: str | None
    event: str | None
    allowed_in: list[str] = Field(description="The states that allow the event.")
    possible_instead: list[str] = Field(description="The events that the state allows.")
    ways: list[list[str]] = Field(description="The shortest events that lead from the state to one that allows it.")


class Explanation(BaseModel):
    """Why an answer is what it is."""

    id: int
    sentence: str
    operation: str | None
    status: int | None
    source: Source | None
    rule: Rule | None
    nearest: list[NearestRoute]
