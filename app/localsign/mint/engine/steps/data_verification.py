"""Look-ups of persons and organisations, in a made-up register: the same question gives the same answer."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from localsign.mint.engine.catalog import StepType, mapping, text
from localsign.mint.engine.results import Done, Result
from localsign.mint.engine.steps.eid_hub import register
from localsign.mint.engine.turn import Turn
from localsign.resources import fixtures_folder

CATEGORY = "Data Verification"
SIMULATED = "The register is made up: the persons and organisations of the fixtures."
FOUND, MISSING = "FOUND", "NOT_FOUND"


@cache
def organisations() -> list[dict[str, Any]]:
    """The organisations of the register, from the fixtures."""
    content = (fixtures_folder() / "mint" / "organisations.json").read_text(encoding="utf-8")
    return list(json.loads(content))


def _person(turn: Turn) -> Result:
    turn.needed("nationalId")
    found = next((one for one in register() if one["nationalId"] == turn.text("nationalId").strip()), None)
    return Done(output={"status": MISSING} if found is None else {"status": FOUND, **found})


def _person_check(turn: Turn) -> Result:
    """Whether what is known of a person is what the register has."""
    turn.needed("nationalId")
    found = next((one for one in register() if one["nationalId"] == turn.text("nationalId").strip()), None)
    asked = ("firstName", "lastName", "dateOfBirth")
    given = {name: turn.text(name).strip() for name in asked if turn.text(name).strip()}
    if found is None:
        return Done(output={"status": MISSING, "statusCode": 404})
    matches = {name: str(found[name]).casefold() == value.casefold() for name, value in given.items()}
    return Done(
        output={"status": "MATCH" if all(matches.values()) else "MISMATCH", "statusCode": 200, "matches": matches}
    )


def _search(turn: Turn) -> Result:
    turn.needed("query")
    query = turn.text("query").casefold()
    found = [one for one in organisations() if query in one["name"].casefold() or query == one["number"]]
    heads = [{name: one[name] for name in ("number", "name", "country", "form")} for one in found]
    return Done(output={"status": FOUND if found else MISSING, "organisations": heads})


def _of_organisation(*members: str) -> Callable[[Turn], Result]:
    """A look-up that gives these members of an organisation."""

    def look_up(turn: Turn) -> Result:
        turn.needed("organisationNumber")
        wanted = turn.text("organisationNumber").replace(" ", "")
        found = next((one for one in organisations() if one["number"] == wanted), None)
        if found is None:
            return Done(output={"status": MISSING})
        return Done(output={"status": FOUND, **{name: found[name] for name in ("number", "name", *members)}})

    return look_up


_NATIONAL_ID = {"nationalId": text("The person.", required=True)}
_STATUS = {"status": text("FOUND or NOT_FOUND.")}


def _organisation(name: str, display_name: str, description: str, *members: str) -> StepType:
    return StepType(
        name,
        display_name,
        CATEGORY,
        description,
        _of_organisation(*members),
        inputs={"organisationNumber": text("The organisation.", required=True)},
        outputs={**_STATUS, **{one: mapping("From the register.") for one in members}},
        simulated=SIMULATED,
    )


TYPES = (
    StepType(
        "PersonBasicInfoLookup",
        "Person Basic info lookup",
        CATEGORY,
        "Gives name, address, birth, citizenship and nationality of a person.",
        _person,
        inputs=_NATIONAL_ID,
        outputs={**_STATUS, "*": mapping("What the register has.")},
        simulated=SIMULATED,
    ),
    StepType(
        "PersonIdentificationLookup",
        "Perform person identification lookup",
        CATEGORY,
        "Compares what is known of a person with the register.",
        _person_check,
        inputs={**_NATIONAL_ID, **{name: text("To compare.") for name in ("firstName", "lastName", "dateOfBirth")}},
        outputs={"status": text("MATCH, MISMATCH or NOT_FOUND."), "matches": mapping("By member.")},
        simulated=SIMULATED,
    ),
    StepType(
        "OrganisationSearch",
        "Search for organisation",
        CATEGORY,
        "Finds organisations by name or number.",
        _search,
        inputs={"query": text("A part of the name, or the number.", required=True)},
        outputs={**_STATUS, "organisations": mapping("number, name, country, form of each.")},
        simulated=SIMULATED,
    ),
    _organisation("OrganisationRolesLookup", "Organisation Roles lookup", "Gives who holds which role.", "roles"),
    _organisation(
        "OrganisationAuthorizationLookup",
        "Organisation Authorization lookup",
        "Gives who may sign for an organisation.",
        "signatories",
    ),
    _organisation(
        "OrganisationPepAndSanction",
        "Organisation PEP and sanction",
        "Gives what lists say of an organisation.",
        "screening",
    ),
    _organisation(
        "OrganisationUboLookup",
        "Organisation UBO lookup (with screening)",
        "Gives the owners of an organisation.",
        "owners",
        "screening",
    ),
    _organisation(
        "OrganisationDocumentLookup",
        "Perform organisation document lookup",
        "Gives the documents that the register has of an organisation.",
        "documents",
    ),
)
