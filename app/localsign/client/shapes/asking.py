"""What the control plane takes, as keywords: filters of lists, and members of what is made."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from localsign.client.shapes.people import Channel, MessageState, Role
from localsign.client.shapes.traffic import EntryKind
from localsign.client.shapes.webhooks import DeliveryKind, DeliveryState

Duration = timedelta | str  # a text is ISO 8601, as in PT31M
Instant = datetime | str  # a datetime must be aware; a text is RFC 3339


class MessageConditions(TypedDict, total=False):
    """Which messages of the outbox; in `kind`, `*` stands for anything."""

    channel: Channel
    to: str
    api: str
    kind: str
    reference: str
    text: str
    link: str
    state: MessageState
    since: str


class MessageFilters(MessageConditions, total=False):
    limit: int
    offset: int


class EntryConditions(TypedDict, total=False):
    """Which entries of the journal; in `operation`, `path` and `caused`, `*` stands for anything."""

    id: int
    kind: EntryKind
    api: str
    operation: str
    method: str
    path: str
    status: str | int
    evidence: str
    since: int | Instant
    caused: str
    text: str


class RecordingConditions(EntryConditions, total=False):
    """What is recorded; with a `snapshot` of the workspace, what came after it, in a world that begins as that."""

    snapshot: str


class EntryFilters(EntryConditions, total=False):
    limit: int
    before: int


class DeliveryFilters(TypedDict, total=False):
    """Which webhooks."""

    state: DeliveryState
    kind: DeliveryKind
    event: str
    reference: str
    subscription: str
    offset: int
    limit: int


class DeliveryConditions(TypedDict, total=False):
    """Which webhooks to wait for; `attempts` at least, `pointer` and `equals` look into the JSON of the body."""

    event: str
    reference: str
    subscription: str
    kind: DeliveryKind
    state: DeliveryState
    attempts: int
    contains: str
    pointer: str
    equals: Any


class FaultMembers(TypedDict, total=False):
    """How a fault shows, and which requests meet it: docs/control.md, *Faults*."""

    status: int
    code: str
    detail: str
    body: Any
    retry_after: int
    latency: Duration
    after: int
    every: int
    times: int
    probability: float
    seed: str


class RuleGiven(TypedDict):
    """What a person does, and how long it takes them."""

    action: str
    after: NotRequired[Duration]
    reason: NotRequired[str]


class DecisionMembers(TypedDict, total=False):
    after: Duration
    reason: str
    api: str
    kind: str
    match: Mapping[str, str]
    details: Mapping[str, Any]


class PersonaMembers(TypedDict, total=False):
    """What is not given is made up."""

    national_id: str
    email: str
    phone: str
    eids: Sequence[str]
    rule: RuleGiven


class NewPersonaMembers(PersonaMembers, total=False):
    key: str
    country: Literal["NO", "SE", "DK", "FI"]


class PersonaChanges(PersonaMembers, total=False):
    name: str


class ApiClientMembers(TypedDict, total=False):
    client_id: str
    client_secret: str
    permissions: Sequence[str]
    jwks: Mapping[str, Any]
    certificate: str
    tls_client_auth_subject_dn: str
    tls_client_auth_san_dns: str
    tls_client_auth_san_uri: str
    tls_client_auth_san_ip: str
    tls_client_auth_san_email: str
    token_lifetime: int


class AccountMembers(TypedDict, total=False):
    """An account of Signing Today; a password that is not given is made up."""

    password: str
    role: Role
    name: str
    surname: str
    email: str
    phone: str
    language: Literal["it", "en", "es", "fr"]
    groups: Sequence[str]
    is_robot: bool
    automatic: bool


class SubscriptionMembers(TypedDict, total=False):
    """How a subscription sends; `retries` are the times between attempts."""

    name: str
    active: bool
    tags: Sequence[str]
    secret: str
    signature_header: str
    retries: Sequence[Duration]
    lifetime: Duration


class SubscriptionChanges(SubscriptionMembers, total=False):
    url: str
    events: Sequence[str]


class ServerSettings(TypedDict, total=False):
    """The settings of a server that is started: docs/settings.md."""

    host: str
    port: int
    data_dir: Path | str
    workers: int
    public_url: str
    internal_url: str
    tls: Literal["off", "self-signed"]
    tls_names: Sequence[str]
    tls_cert: Path | str
    tls_key: Path | str
    tls_client_ca: Path | str
    tls_client_header: str
    client_id: str
    client_secret: str
    seed: str
    token_lifetime: int
    init_dir: Path | str
    max_document_bytes: int
    max_body_bytes: int
    secure_share_max_upload_bytes: int
    secure_share_max_files: int
    max_snapshot_bytes: int
    max_workspaces: int
    packaging_lag: str
    fetching_lag: str
    mint_most_steps: int
    switches: Mapping[str, str]
    egress_allow: Sequence[str]
    smtp_url: str
    journal_entries: int
    journal_bytes: int
    log_format: Literal["auto", "text", "json"]
    log_level: Literal["critical", "error", "warning", "info", "debug"]
