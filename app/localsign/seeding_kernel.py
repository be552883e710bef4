"""The sections of a seed document that belong to no API. One more is one line in FIRST or LAST."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, RootModel, WithJsonSchema
from sqlalchemy.exc import IntegrityError

from localsign import travel
from localsign.apis import switch_flaw
from localsign.arranging import decisions, faults, personas
from localsign.arranging.decisions import DecisionRequest, RuleRequest
from localsign.arranging.faults import FaultRequest, LimitRequest
from localsign.arranging.personas import Key, PersonaChange, PersonaRequest
from localsign.core import people
from localsign.core.clock import parse_instant
from localsign.core.errors import BadInputError, Flaw
from localsign.core.flaws import nearest
from localsign.core.seeding import Duration, PinnedId, Seed, Seeder, Seeding
from localsign.core.synthetic import Country
from localsign.core.work import Work
from localsign.events import service as subscriptions
from localsign.events.schemas import ConfigRequest, SubscriptionRequest
from localsign.lags import Progression


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(lambda value: parse_instant(_text(value))),
    WithJsonSchema({"type": "string", "format": "date-time"}),
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


# ---- people


class RuleSeed(RuleRequest, Seed):
    """What a person does when asked."""


class PersonaSeed(PersonaChange, Seed):
    """A persona to make, by its name; or, by its key alone, what to change of one that is there."""

    key: Key | None = None
    country: Country | None = None
    rule: RuleSeed | None = None


class QueuedSeed(DecisionRequest, Seed):
    """A decision for the next object that matches."""

    id: PinnedId | None = None


class DecisionsSeed(Seed):
    """What people do: queued decisions, which everything that follows may use, and what they do by default."""

    queued: list[QueuedSeed] = []
    default: RuleSeed | None = None


def _persona(seeding: Seeding, entry: PersonaSeed) -> None:
    if entry.name is not None:
        wanted = PersonaRequest.model_validate(entry.model_dump(exclude_unset=True))
        key = seeding.perform(lambda work: personas.make(work, wanted).key)
    elif entry.key is not None:
        if entry.country is not None:
            raise BadInputError.of("country", "cannot be changed")
        key = seeding.perform(partial(_change_persona, entry))
    else:
        raise BadInputError.of("name", "is required, or key for a persona that is there")
    seeding.keep("personas", key, key)


def _change_persona(entry: PersonaSeed, work: Work) -> str:
    known = [one.key for one in people.known(work)]
    if entry.key not in known:
        raise BadInputError.of(
            "key", f"there is no persona '{entry.key}' to be changed; {nearest(str(entry.key), known)}"
        )
    return personas.change(work, entry.key, entry).key


def _decisions(seeding: Seeding, entry: DecisionsSeed) -> None:
    for index, one in enumerate(entry.queued):
        try:
            made = seeding.perform(partial(decisions.queue, wanted=one), one.id)
        except BadInputError as error:
            raise _within(f"queued[{index}]", error) from None
        except IntegrityError:
            raise BadInputError.of(f"queued[{index}].id", "there is something with this id already") from None
        seeding.keep("decisions.queued", None, made.id)
    if entry.default is not None:
        default = entry.default
        try:
            seeding.perform(lambda work: decisions.choose_default(work, default))
        except BadInputError as error:
            raise _within("default", error) from None


def _within(place: str, error: BadInputError) -> BadInputError:
    return BadInputError.of_flaws([Flaw(f"{place}.{one.name}", one.reason) for one in error.flaws])


# ---- faults


class FaultSeed(FaultRequest, Seed):
    """A fault. What the seed itself does meets none."""

    id: PinnedId | None = None


class LimitSeed(LimitRequest, Seed):
    """A rate limit of an operation, `<api>.*` or `*`."""

    operation: str


def _fault(seeding: Seeding, entry: FaultSeed) -> None:
    made = seeding.perform(lambda work: faults.add(work, entry), entry.id)
    seeding.keep("faults", None, made.id)


def _limit(seeding: Seeding, entry: LimitSeed) -> None:
    made = seeding.perform(lambda work: faults.limit(work, entry.operation, entry).operation)
    seeding.keep("rate_limits", made, made)


# ---- webhooks


class ConfigSeed(ConfigRequest, Seed):
    """Where a webhook goes, and how."""


class WebhookSeed(SubscriptionRequest, Seed):
    """A subscription; it is told of what happens after the seed, `then` included."""

    id: PinnedId | None = None
    config: ConfigSeed


def _webhook(seeding: Seeding, entry: WebhookSeed) -> None:
    made = seeding.perform(lambda work: subscriptions.create(work, entry).id, entry.id)
    seeding.keep("webhooks", None, made, shown=entry.name)


# In the order in which they are made: before the APIs, and after them.
FIRST = {
    "clock": Seeder(ClockSeed, _clock, is_list=False),
    "lags": Seeder(LagsSeed, _lags, is_list=False),
    "switches": Seeder(SwitchesSeed, _switches, is_list=False),
    "personas": Seeder(PersonaSeed, _persona),
    "decisions": Seeder(DecisionsSeed, _decisions, is_list=False),
    "faults": Seeder(FaultSeed, _fault),
    "rate_limits": Seeder(LimitSeed, _limit),
}
LAST = {
    "webhooks": Seeder(WebhookSeed, _webhook),
    "then": Seeder(ThenSeed, _then, is_list=False),
}
