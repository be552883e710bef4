"""Identification with an eID, simulated: the end user chooses who they are."""

import json
from functools import cache
from typing import Any

from localsign.mint.engine.catalog import StepType, items, text
from localsign.mint.engine.results import Done, Result, StepError, Wait
from localsign.mint.engine.turn import Turn, as_text
from localsign.resources import fixtures_folder

CATEGORY = "eID and Wallet Hub"
OFFERED = ("nbid", "sbid", "mitid", "ftn", "idin")  # where the step names none
SIMULATED = "No eID is asked: the end user chooses a test person."
_MEMBERS = ("firstName", "lastName", "name", "dateOfBirth", "nationalId", "email", "phone")


@cache
def people() -> list[dict[str, Any]]:
    """The test persons, from the fixtures."""
    text = (fixtures_folder() / "mint" / "people.json").read_text(encoding="utf-8")
    return list(json.loads(text))


def _identify(turn: Turn) -> Result:
    offered = [as_text(one) for one in turn.items("eids") or turn.items("identityProviders")] or list(OFFERED)
    facts = {
        "title": turn.text("title") or "Show who you are",
        "eids": offered,
        "expected": turn.text("nationalId"),
    }
    return Wait(facts)


def _identified(turn: Turn) -> Result:
    came = turn.came or {}
    if came.get("failed"):
        if not turn.memory.routes.targets(turn.step.id, ["Failed"]):
            raise StepError(f"The identification failed: {as_text(came['failed'])}")
        return Done(("Failed",), {"status": "FAILED", "error": as_text(came["failed"])})
    person = {name: came.get(name) for name in _MEMBERS} if _has_person(came) else dict(people()[0])
    names = [person.get("firstName"), person.get("lastName")]
    person["name"] = person.get("name") or " ".join(as_text(one) for one in names if one)
    offered = turn.facts["eids"]
    eid = as_text(came.get("eid") or offered[0])
    expected = turn.facts["expected"]
    if expected and person.get("nationalId") != expected:
        if not turn.memory.routes.targets(turn.step.id, ["Failed"]):
            raise StepError("The person who identified is not the one who was expected.")
        return Done(("Failed",), {"status": "FAILED", "error": "unexpected person"})
    return Done(output={"status": "SUCCESS", "eid": eid, **{name: person.get(name) for name in _MEMBERS}})


def _has_person(came: Any) -> bool:
    return any(came.get(name) for name in _MEMBERS)


TYPES = (
    StepType(
        "IdentifyWithEid",
        "Identify with eID",
        CATEGORY,
        "Lets the end user show who they are.",
        _identify,
        _identified,
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
