"""Wire shapes of the control plane."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    model_validator,
)

from localsign.core.clock import parse_instant, show
from localsign.core.scopes import ALL, Scope
from localsign.core.timers import Fired
from localsign.core.wire import Asked
from localsign.lags import Progression, parse_duration

_LONGEST_SEED = 200
Instant = Annotated[datetime, PlainSerializer(show)]


def _encodable(seed: str | int) -> str | int:
    text = str(seed)
    if len(text) > _LONGEST_SEED:  # it is read anew for each id
        raise ValueError(f"must be at most {_LONGEST_SEED} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has a character that is no text")
    return seed


class WorkspaceRequest(Asked):
    """A workspace to make. With a `seed` it draws the same ids, in the same order, every time.

    `from` is a seed document, whose objects it then has; `fixture` the name of one that comes with localsign. `clock`
    is the moment at which its clock stands still from the beginning, whatever that document says.
    """

    name: str | None = None
    seed: Annotated[str | int, AfterValidator(_encodable)] | None = None
    document: dict[str, Any] | None = Field(None, alias="from", description="See /_sandbox/v1/seeds/schema.")
    fixture: str | None = None
    clock: Annotated[Any, BeforeValidator(lambda value: parse_instant(_text(value)))] = Field(
        None, json_schema_extra={"type": "string", "format": "date-time"}
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.document is not None and self.fixture is not None:
            raise ValueError('give "from" or "fixture", not both')
        return self


class ForkRequest(Asked):
    """The name of the copy; made up if not given."""

    name: str | None = None


class ResetRequest(Asked):
    """What to empty. By default all but lags, switches and the like, which `all` empties as well."""

    scope: list[Literal["data", "journal", "faults", "outbox", "clock", "all"]] = Field(
        ["data", "journal", "faults", "outbox", "clock"], min_length=1
    )

    @property
    def scopes(self) -> frozenset[Scope]:
        return ALL if "all" in self.scope else frozenset(Scope(one) for one in self.scope)


class ApiClient(BaseModel):
    client_id: str
    client_secret: str
    permissions: list[str]


class WorkspaceResponse(BaseModel):
    """A workspace and what a tester needs to begin: each API adds its credentials."""

    model_config = ConfigDict(extra="allow")

    name: str
    base_url: str
    clients: list[ApiClient]


class WorkspaceName(BaseModel):
    name: str
    base_url: str


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


class AdvanceRequest(Asked):
    """How far to go: exactly one of the three."""

    by: Annotated[Any, BeforeValidator(lambda value: parse_duration(_text(value)))] = Field(
        None, description="ISO 8601 duration, such as PT31M."
    )
    to: Annotated[Any, BeforeValidator(lambda value: parse_instant(_text(value)))] = Field(
        None, description="RFC 3339 instant."
    )
    next: StrictBool | None = Field(None, description="true: to the next timer that is due.")
    dry_run: StrictBool = Field(False, description="true: answer what would happen, and change nothing.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in ("by", "to", "next") if name in self.model_fields_set]
        if len(given) != 1 or self.next is False:
            raise ValueError('give exactly one of "by", "to" and "next": true')
        return self


class FreezeRequest(Asked):
    """Where to stand still; by default, now."""

    at: Annotated[Any, BeforeValidator(lambda value: parse_instant(_text(value)))] = None


class FiredTimer(BaseModel):
    """A timer that ran: what for, when it was due, what followed."""

    kind: str
    subject: str
    due: Instant
    followed: list[dict[str, Any]]

    @classmethod
    def of(cls, fired: Fired) -> Self:
        return cls(kind=fired.kind, subject=fired.subject, due=fired.due, followed=fired.followed)


class ClockResponse(BaseModel):
    now: Instant
    is_frozen: bool
    next_due: Instant | None


class Advanced(BaseModel):
    now: Instant
    fired: list[FiredTimer]


def _progression(value: Any) -> Any:
    Progression.parse(_text(value))
    return value


class LagRequest(Asked):
    progression: Annotated[str, BeforeValidator(_progression)] = Field(
        description="immediate, after:<ISO 8601 duration>, reads:<number> or manual."
    )


class LagResponse(BaseModel):
    name: str
    progression: str


class MachineRow(BaseModel):
    event: str
    source: str
    target: str
    announces: str | None


class MachineResponse(BaseModel):
    api: str
    name: str
    states: list[str]
    initial: list[str]
    final: list[str]
    rows: list[MachineRow]
    mermaid: str
