"""The sections of a seed document that belong to no API. One more is one line in FIRST or LAST."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, RootModel, WithJsonSchema

from localsign import travel
from localsign.apis import switch_flaw
from localsign.core.clock import parse_instant
from localsign.core.errors import BadInputError, Flaw
from localsign.core.flaws import nearest
from localsign.core.seeding import Seed, Seeder, Seeding
from localsign.core.work import Work
from localsign.lags import Progression, parse_duration


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(lambda value: parse_instant(_text(value))),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Duration = Annotated[
    Any,
    BeforeValidator(lambda value: parse_duration(_text(value))),
    WithJsonSchema({"type": "string", "format": "duration"}),
]


class ClockSeed(Seed):
    """The time at which everything is made."""

    freeze: Instant = Field(description="Let time stand still at this moment, which must not lie in the past.")


class ThenSeed(Seed):
    """What happens when everything has been made."""

    advance: Duration = Field(description="Let so much time pass; what becomes due happens.")


class LagsSeed(RootModel[dict[str, str]]):
    """How long asynchronous things take, by the name of the lag."""


class SwitchesSeed(RootModel[dict[str, str]]):
    """Undocumented choices, by the name of the switch."""


def _clock(seeding: Seeding, entry: ClockSeed) -> None:
    try:
        travel.freeze(seeding.world, entry.freeze)
    except BadInputError as error:
        raise BadInputError.of("freeze", error.flaws[0].reason) from None


def _then(seeding: Seeding, entry: ThenSeed) -> None:
    try:
        travel.advance(seeding.world, by=entry.advance)
    except BadInputError as error:
        raise BadInputError.of("advance", error.flaws[0].reason) from None


def _lags(seeding: Seeding, entry: LagsSeed) -> None:
    known = seeding.world.house.lags
    flaws = [Flaw(name, f"is not a lag; {nearest(name, known)}") for name in entry.root if name not in known]
    for name, value in entry.root.items():
        try:
            Progression.parse(value)
        except ValueError as error:
            flaws.append(Flaw(name, str(error)))
    _choose(seeding, "lag", entry.root, flaws)


def _switches(seeding: Seeding, entry: SwitchesSeed) -> None:
    found = [(name, switch_flaw(name, value)) for name, value in entry.root.items()]
    _choose(seeding, "switch", entry.root, [Flaw(name, reason) for name, reason in found if reason is not None])


def _choose(seeding: Seeding, kind: str, chosen: dict[str, str], flaws: list[Flaw]) -> None:
    if flaws:
        raise BadInputError.of_flaws(flaws)

    def choose(work: Work) -> None:
        for name, value in chosen.items():
            work.choose(f"{kind}.{name}", value)

    seeding.perform(choose)


# In the order in which they are made: before the APIs, and after them.
FIRST = {
    "clock": Seeder(ClockSeed, _clock, is_list=False),
    "lags": Seeder(LagsSeed, _lags, is_list=False),
    "switches": Seeder(SwitchesSeed, _switches, is_list=False),
}
LAST = {
    "then": Seeder(ThenSeed, _then, is_list=False),
}
