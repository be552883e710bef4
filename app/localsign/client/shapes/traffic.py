"""What the control plane answers about requests: journal, faults, limits."""

from typing import Any, Literal, TypedDict

Json = dict[str, Any]

FaultKind = Literal["error", "latency", "reset", "truncate", "lost_answer"]
EntryKind = Literal["request", "control", "timer"]


class Fault(TypedDict):
    """A fault, how many requests it met (`seen`), and how many of them failed (`hits`)."""

    id: str
    operation: str
    kind: FaultKind
    status: int | None
    code: str | None
    detail: str | None
    body: Any
    retry_after: int | None
    latency: float | None
    after: int
    every: int
    times: int | None
    probability: float
    seed: str | None
    seen: int
    hits: int


class Limit(TypedDict):
    """A rate limit: what of the present stretch is used, and how many requests were refused in all."""

    operation: str
    requests: int
    per: float
    used: int
    refused: int


class Pair(TypedDict):
    name: str
    value: str


class RequestShown(TypedDict):
    """What was asked. Secrets, tokens and national ids are hidden, documents told by size and SHA-256."""

    method: str
    path: str
    url: str
    query: list[Pair]
    headers: list[Pair]
    body: Any
    size: int


class AnswerShown(TypedDict):
    """What was answered, redacted in the same way."""

    status: int
    headers: list[Pair]
    body: Any
    size: int


class Refusal(TypedDict):
    """Why it was refused; `explain` says more."""

    error: str
    code: str
    detail: str


class TimerTold(TypedDict):
    kind: str
    subject: str


class Entry(TypedDict):
    """One request to an API, call of the control plane that changed something or came too late, or timer that ran."""

    id: int
    kind: EntryKind
    at: str
    duration_ms: float
    workspace: str
    api: str | None
    operation: str | None
    evidence: str | None
    trace_id: str | None
    request_id: str | None
    request: RequestShown | None
    answer: AnswerShown | None
    timer: TimerTold | None
    caused: list[Json]
    faults: list[str]
    rests_on: list[str]
    fired: list[str]
    refusal: Refusal | None


class Entries(TypedDict):
    """A page of entries, newest first. `before`, where there are more, is what to ask for to get the next page."""

    total: int
    before: int | None
    last: int
    entries: list[Entry]


class Count(TypedDict):
    count: int
    last: int


class NearestRoute(TypedDict):
    """An operation whose path is like the one that was asked for."""

    operation: str
    method: str
    path: str
    differs: str


class UnmatchedRequest(TypedDict):
    id: int
    method: str
    path: str
    status: int | None
    nearest: list[NearestRoute]


class UnmatchedRequests(TypedDict):
    """Requests that met no operation, newest first."""

    unmatched: list[UnmatchedRequest]


class EvidenceSource(TypedDict):
    """How we know that the operation behaves so."""

    evidence: str
    source: str


class RefusalRule(TypedDict):
    """What refused. For a state machine: its state then, what would have been needed, and the ways there."""

    error: str
    code: str
    detail: str
    flaws: list[Pair]
    raised_in: str | None
    machine: str | None
    state: str | None
    event: str | None
    allowed_in: list[str]
    possible_instead: list[str]
    ways: list[list[str]]


class Explanation(TypedDict):
    """Why an answer is what it is."""

    id: int
    sentence: str
    operation: str | None
    status: int | None
    source: EvidenceSource | None
    rule: RefusalRule | None
    nearest: list[NearestRoute]


class Finding(TypedDict):
    """A habit of the client under test; `entries` are the ids in the journal that show it."""

    rule: str
    sentence: str
    advice: str
    entries: list[int]


class Lint(TypedDict):
    findings: list[Finding]
