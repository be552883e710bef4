"""Identification with an eID, simulated: the end user chooses who they are."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from localsign.core import people
from localsign.core.errors import Flaw
from localsign.core.flaws import nearest
from localsign.core.people import Persona
from localsign.core.work import Work
from localsign.mint.engine.catalog import StepType, items, text
from localsign.mint.engine.results import Done, Result, StepError, Wait
from localsign.mint.engine.turn import Turn, as_text
from localsign.mint.models import JourneyWait
from localsign.resources import fixtures_folder

CATEGORY = "eID and Wallet Hub"
OFFERED = ("nbid", "sbid", "mitid", "ftn", "idin")  # where the step names none
SIMULATED = "No eID is asked: the end user chooses a test person."
_MEMBERS = ("firstName", "lastName", "name", "dateOfBirth", "nationalId", "email", "phone", "country")


@cache
def register() -> list[dict[str, Any]]:
    """What the made-up register of persons has, from the fixtures; the built-in personas are in it."""
    content = (fixtures_folder() / "mint" / "people.json").read_text(encoding="utf-8")
    return list(json.loads(content))


def person_of(persona: Persona) -> dict[str, Any]:
    """A persona as a person: what the register has of it, and what it says itself."""
    known = next(
        (one for one in register() if people.is_same("national_id", one["nationalId"], persona.national_id)), {}
    )
    first, _, last = persona.name.rpartition(" ")
    own = {"name": persona.name, "firstName": first or persona.name, "lastName": last, "country": persona.country}
    contact = {"nationalId": persona.national_id, "email": persona.email, "phone": persona.phone}
    return {**known, **own, **{name: value for name, value in contact.items() if value is not None}}


def person_in(turn: Turn, came: Mapping[str, Any], expected: str = "") -> dict[str, Any]:
    """Who came: a persona by its key, a person by members, or else the one that is expected, or the first persona."""
    known = people.known(turn.work)
    if came.get("persona"):
        found = [one for one in known if one.key == came["persona"]]
        if not found:  # it was removed since it was checked
            raise StepError(f"There is no persona '{as_text(came['persona'])[:80]}'.")
        return person_of(found[0])
    if any(came.get(name) for name in _MEMBERS):
        person = {name: came.get(name) for name in _MEMBERS}
        names = [as_text(person[one]) for one in ("firstName", "lastName") if person[one]]
        return {**person, "name": person["name"] or " ".join(names)}
    alike = [one for one in known if people.is_same("national_id", one.national_id, expected)]
    built_in = people.built_in()[0]
    return person_of((alike or [built_in])[0])


def check_person(work: Work, _wait: JourneyWait, came: Mapping[str, Any]) -> list[Flaw]:
    """Refuse a persona that the workspace does not have."""
    key = came.get("persona")
    known = [one.key for one in people.known(work)]
    if not key or key in known:
        return []
    return [Flaw("persona", f"there is no persona '{as_text(key)[:80]}'; {nearest(as_text(key)[:80], known)}")]


def _identify(turn: Turn) -> Result:
    offered = [as_text(one) for one in turn.items("eids") or turn.items("identityProviders")] or list(OFFERED)
    title = turn.text("title") or "Show who you are"
    return Wait({"title": title, "eids": offered, "expected": turn.text("nationalId")})


def _identified(turn: Turn) -> Result:
    came = turn.came or {}
    if came.get("failed"):
        return failed(turn, as_text(came["failed"]))
    person = person_in(turn, came, turn.facts["expected"])
    expected = turn.facts["expected"]
    if expected and not people.is_same("national_id", person.get("nationalId"), expected):
        return failed(turn, "The person who identified is not the one who was expected.")
    eid = as_text(came.get("eid") or turn.facts["eids"][0])
    return Done(output={"status": "SUCCESS", "eid": eid, **{name: person.get(name) for name in _MEMBERS}})


def failed(turn: Turn, reason: str, **facts: Any) -> Result:
    """The outcome Failed; inferred: where that leads nowhere, the journey faults."""
    if not turn.memory.routes.targets(turn.step.id, ["Failed"]):
        raise StepError(f"The step '{turn.step.title}' failed: {reason}")
    return Done(("Failed",), {"status": "FAILED", "error": reason, **facts})


TYPES = (
    StepType(
        "IdentifyWithEid",
        "Identify with eID",
        CATEGORY,
        "Lets the end user show who they are.",
        _identify,
        _identified,
        check_person,
        outcomes=("Done", "Failed"),
        interactive=True,
        inputs={
            "title": text("The heading."),
            "eids": items("The eIDs to choose from."),
            "nationalId": text("The national identity number that the person must have."),
        },
        outputs={name: text("Of the person.") for name in ("status", "eid", *_MEMBERS)},
        aliases=("Authentication", "Identify"),
        asks="identification",
        page="identify",
        simulated=SIMULATED,
    ),
)
