"""Decisions: what people will do when they are asked."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictStr, ValidationError

from localsign.apis import people
from localsign.core.asking import MANUAL, Asking
from localsign.core.errors import BadInputError, Flaw
from localsign.core.flaws import flaw_of
from localsign.core.ladder import DEFAULT_CHOICE, PERSONAL, QueuedDecision
from localsign.core.wire import Asked, Text
from localsign.core.work import Work
from localsign.lags import Progression

Known = Mapping[tuple[str, str], Asking]


def _after(text: str) -> str:
    Progression.parse(f"after:{text}")  # so that a rule waits no longer than a lag may
    return text


Word = Annotated[StrictStr, Field(min_length=1, max_length=64)]
After = Annotated[StrictStr, AfterValidator(_after)]


class RuleRequest(Asked):
    """What a person does when asked, and how long it takes."""

    action: Word = Field(description="A word of what is asked, such as sign, reject, cancel, error or hang.")
    after: After | None = Field(None, description="ISO 8601 duration on the workspace's clock; by default, none.")
    reason: Annotated[StrictStr, Field(max_length=2048)] | None = Field(
        None, description="The reason given, where the action takes one."
    )

    def stored(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True, include={"action", "after", "reason"})


class DecisionRequest(RuleRequest):
    """A decision for the next object that matches everything given here."""

    api: Text | None = None
    kind: Text | None = None
    match: dict[Text, Annotated[StrictStr, Field(max_length=1024)]] = Field(
        {}, description="Attributes of the person (name, email, phone, national_id, persona) or of the object."
    )
    details: dict[str, Any] | None = Field(
        None, description="What else the action is told; needs api and kind, which say what is possible."
    )


def queue(work: Work, wanted: DecisionRequest) -> QueuedDecision:
    """Queue a decision; BadInputError names everything in it that can never come true."""
    told = {**_checked(wanted), **({} if wanted.reason is None else {"reason": wanted.reason})}
    queued = QueuedDecision(
        id=work.new_id(),
        at=work.now,
        action=wanted.action,
        after=wanted.after,
        told=told,
        api=wanted.api,
        kind=wanted.kind,
        matches=wanted.match,
    )
    work.db.add(queued)
    return queued


def choose_default(work: Work, wanted: RuleRequest) -> None:
    """Choose what people do where nothing else says so."""
    if flaw := unknown_word(wanted.action, people(), (MANUAL,)):
        raise BadInputError.of("action", flaw)
    is_manual = wanted.action == MANUAL
    if is_manual and (wanted.after or wanted.reason):
        raise BadInputError.of("after" if wanted.after else "reason", "has no meaning for manual")
    work.choose(DEFAULT_CHOICE, None if is_manual else json.dumps(wanted.stored()))


def unknown_word(action: str, known: Known, more: tuple[str, ...] = ()) -> str | None:
    """Why `action` can be said of none of these kinds; None if it can."""
    words = list(dict.fromkeys([*more, *(word for asking in known.values() for word in asking.words)]))
    return None if action in words else f"is not one of {', '.join(words)}"


def _checked(wanted: DecisionRequest) -> dict[str, Any]:
    """The details; BadInputError names everything in `wanted` that can never come true."""
    everything = people()
    known = {
        (api, kind): asking
        for (api, kind), asking in everything.items()
        if wanted.api in (None, api) and wanted.kind in (None, kind)
    }
    flaws = _unknown_kind(wanted, everything, known)
    if flaws:
        raise BadInputError.of_flaws(flaws)
    if flaw := unknown_word(wanted.action, known):
        flaws.append(Flaw("action", flaw))
    attributes = dict.fromkeys([*PERSONAL, *(name for asking in known.values() for name in asking.attributes)])
    flaws += [
        Flaw(f"match.{name}", f"is not one of {', '.join(attributes)}")
        for name in wanted.match
        if name not in attributes
    ]
    details, more = _details(wanted, known)
    if flaws + more:
        raise BadInputError.of_flaws(flaws + more)
    return details


def _unknown_kind(wanted: DecisionRequest, everything: Known, known: Known) -> list[Flaw]:
    apis = list(dict.fromkeys(api for api, _ in everything))
    if wanted.api is not None and wanted.api not in apis:
        return [Flaw("api", f"is not one of {', '.join(apis)}, which ask people for something")]
    if wanted.kind is not None and not known:
        kinds = dict.fromkeys(kind for api, kind in everything if wanted.api in (None, api))
        return [Flaw("kind", f"is not one of {', '.join(kinds)}")]
    return []


def _details(wanted: DecisionRequest, known: Known) -> tuple[dict[str, Any], list[Flaw]]:
    if wanted.details is None:
        return {}, []
    if wanted.api is None or wanted.kind is None:
        return {}, [Flaw("details", "needs api and kind, which say what is possible")]
    model = known[wanted.api, wanted.kind].details
    if model is None:
        return {}, [Flaw("details", f"is not possible for a {wanted.kind}")]
    try:
        return model.model_validate(wanted.details).model_dump(mode="json", by_alias=True, exclude_none=True), []
    except ValidationError as error:
        return {}, [
            Flaw(f"details.{flaw.name}", flaw.reason) for flaw in (flaw_of(dict(one)) for one in error.errors())
        ]
