"""`/_sandbox/v1/surface`: all that a client can meet, so that tests can tell what they have not."""

from collections.abc import Iterator

from fastapi import APIRouter
from pydantic import BaseModel, Field

from localsign.apis import APIS, Entry, events
from localsign.core.evidence import evidence_of

router = APIRouter(prefix="/v1", tags=["surface"])

# What any operation may answer, and what a fault makes of it.
_ANY = ("bad_request", "not_found")
_GUARDED = ("invalid_token", "missing_permission")
_LIVING = ("conflict",)
_FAULTS = ("too_many_requests", "server_error", "no_answer")


class SurfaceOperation(BaseModel):
    """`operation` as `sign.create_document`. `mark`: how its emulation is known, as in X-Sandbox-Operation."""

    operation: str
    api: str
    method: str
    path: str
    mark: str


class SurfaceTransition(BaseModel):
    api: str
    machine: str
    event: str
    source: str
    target: str


class SurfaceState(BaseModel):
    api: str
    machine: str
    state: str


class SurfaceRefusal(BaseModel):
    """`code` as in the member `refusal` of the journal; `server_error` is any 5xx, `no_answer` a broken connection."""

    api: str
    code: str


class SurfaceEvent(BaseModel):
    api: str
    event: str


class SurfaceTimer(BaseModel):
    """Something that happens when a workspace's clock passes a moment; `kind` as in its list of timers."""

    api: str
    kind: str


class SurfaceResponse(BaseModel):
    """Everything of the emulated APIs that a test can touch. Pages for people are no operations."""

    operations: list[SurfaceOperation]
    refusals: list[SurfaceRefusal]
    states: list[SurfaceState]
    transitions: list[SurfaceTransition]
    events: list[SurfaceEvent] = Field(description="Webhooks.")
    timers: list[SurfaceTimer]


@router.get("/surface", operation_id="get_surface")
async def get_surface() -> SurfaceResponse:
    """What there is to touch: operations, refusals, states, transitions, webhooks, and what the clock brings about."""
    return SurfaceResponse(
        operations=[one for entry in APIS for one in _operations(entry)],
        refusals=[SurfaceRefusal(api=entry.name, code=code) for entry in APIS for code in _refusals(entry)],
        states=[
            SurfaceState(api=entry.name, machine=machine.name, state=state.value)
            for entry in APIS
            for machine in entry.api.machines
            for state in machine.states
        ],
        transitions=[one for entry in APIS for one in _transitions(entry)],
        events=[SurfaceEvent(api=one.api, event=one.name) for one in events()],
        timers=[SurfaceTimer(api=entry.name, kind=kind) for entry in APIS for kind in sorted(entry.api.timers)],
    )


def _operations(entry: Entry) -> Iterator[SurfaceOperation]:
    for name, row in evidence_of(entry.name).items():
        if row.built and row.mark not in ("invented", "own") and row.auth != "link":
            operation = f"{entry.name}.{name}"
            yield SurfaceOperation(operation=operation, api=entry.name, method=row.method, path=row.path, mark=row.mark)


def _refusals(entry: Entry) -> list[str]:
    guarded = any(row.auth == "bearer" for row in evidence_of(entry.name).values())
    return sorted(
        {
            *_ANY,
            *(_GUARDED if guarded else ()),
            *(_LIVING if entry.api.machines else ()),
            *entry.api.refusals,
            *_FAULTS,
        }
    )


def _transitions(entry: Entry) -> Iterator[SurfaceTransition]:
    for machine in entry.api.machines:
        for row in machine.rows:
            for source in sorted(row.sources):
                yield SurfaceTransition(
                    api=entry.name, machine=machine.name, event=row.event, source=source, target=row.target
                )
