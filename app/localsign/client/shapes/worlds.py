"""What the control plane answers about workspaces, their time and their choices; the members are as on the wire."""

from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]

TimerState = Literal["waiting", "failed"]


class Health(TypedDict):
    status: Literal["live", "ready", "starting", "no_public_url"]
    detail: NotRequired[str | None]


class ApiClient(TypedDict):
    client_id: str
    client_secret: str
    permissions: list[str]


class Described(TypedDict):
    """A workspace and what a tester needs to begin: each API adds its credentials."""

    name: str
    base_url: str
    clients: list[ApiClient]


class WorkspaceName(TypedDict):
    name: str
    base_url: str


class MadeObject(TypedDict):
    """`section` as `sign.documents`; `name` as the document has it."""

    section: str
    name: str | None
    id: str


class SeededWorkspace(TypedDict):
    workspace: str
    made: list[MadeObject]


class Fixture(TypedDict):
    """A document that comes with localsign."""

    name: str
    description: str | None


class SnapshotShown(TypedDict):
    """A world as it was; `at` is what its clock showed."""

    name: str
    workspace: str
    at: str
    localsign: str
    size: int


class ChangedRow(TypedDict):
    """A row by its id, or what else its table has for a key; each member with its value `before` and `after`."""

    key: str
    members: Json


class TableDifference(TypedDict):
    """At most 200 rows of each kind; `counts` has all. Secrets are not shown."""

    table: str
    counts: dict[str, int]
    added: list[Json]
    removed: list[Json]
    changed: list[ChangedRow]


class Difference(TypedDict):
    """What leads from one world to the other; bytes by SHA-256."""

    before: str
    after: str
    is_equal: bool
    tables: list[TableDifference]
    bytes_added: list[str]
    bytes_removed: list[str]


class ClockReading(TypedDict):
    now: str
    is_frozen: bool
    next_due: str | None


class FiredTimer(TypedDict):
    """A timer that ran: what for, when it was due, what followed."""

    kind: str
    subject: str
    due: str
    followed: list[Json]


class Advanced(TypedDict):
    now: str
    fired: list[FiredTimer]


class Timer(TypedDict):
    """Something that is going to happen: at a moment, after reads, or, with neither, by command."""

    kind: str
    subject: str
    state: TimerState
    due: str | None
    lag: str | None
    reads_left: int | None
    failure: str | None


class Timers(TypedDict):
    total: int
    timers: list[Timer]


class Lag(TypedDict):
    name: str
    progression: str


class Switch(TypedDict):
    """One undocumented choice. `chosen_by`: who says so: the workspace, the installation, or nobody."""

    name: str
    value: str
    chosen_by: str
    default: str
    alternatives: list[str]
    text: str
    source: str


class MachineRow(TypedDict):
    event: str
    source: str
    target: str
    announces: str | None


class Machine(TypedDict):
    api: str
    name: str
    states: list[str]
    initial: list[str]
    final: list[str]
    rows: list[MachineRow]
    mermaid: str


class ApiClientShown(TypedDict):
    client_id: str
    client_secret: str | None
    permissions: list[str]
    jwks: Json | None
    tls_client_auth: NotRequired[dict[str, str] | None]
    token_lifetime: int


class Key(TypedDict):
    kid: str
    is_signing: bool
    is_published: bool


class SurfaceOperation(TypedDict):
    operation: str
    api: str
    method: str
    path: str
    mark: str


class SurfaceRefusal(TypedDict):
    api: str
    code: str


class SurfaceState(TypedDict):
    api: str
    machine: str
    state: str


class SurfaceTransition(TypedDict):
    api: str
    machine: str
    event: str
    source: str
    target: str


class SurfaceEvent(TypedDict):
    api: str
    event: str


class SurfaceTimer(TypedDict):
    api: str
    kind: str


class Surface(TypedDict):
    """Everything of the emulated APIs that a client can meet; of operations, those of vendors that are emulated."""

    operations: list[SurfaceOperation]
    refusals: list[SurfaceRefusal]
    states: list[SurfaceState]
    transitions: list[SurfaceTransition]
    events: list[SurfaceEvent]
    timers: list[SurfaceTimer]
