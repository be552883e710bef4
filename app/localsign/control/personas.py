"""`/_sandbox/v1/personas`: people whom the workspace knows, and what they do when asked."""

import re
from typing import Annotated, Any, Self

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StrictStr

from localsign.apis import people
from localsign.control.decisions import RuleRequest, RuleResponse, unknown_word
from localsign.control.schemas import Asked
from localsign.core import people as personas
from localsign.core import synthetic
from localsign.core.errors import BadInputError
from localsign.core.http import InWork
from localsign.core.people import Persona
from localsign.core.synthetic import Country

router = APIRouter(prefix="/v1", tags=["personas"])

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_KEY = r"^[a-z0-9][a-z0-9._-]{0,62}$"


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text) or not text.strip():
        raise ValueError("must have characters that can be printed, and no others")
    return text


Text = Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(_printable)]
NationalId = Annotated[StrictStr, Field(min_length=1, max_length=64), AfterValidator(_printable)]


class PersonaChange(Asked):
    """What to change of a persona; members that are not sent stay, `null` clears where that makes sense."""

    name: Text | None = None
    national_id: NationalId | None = None
    email: Text | None = None
    phone: Text | None = None
    eids: Annotated[list[Text], Field(max_length=20)] | None = None
    rule: RuleRequest | None = Field(None, description="What it does when asked; null: nothing of itself.")


class PersonaRequest(PersonaChange):
    """A persona to make. What is not given is made up, from the workspace's seed if it has one."""

    name: Text
    key: Annotated[StrictStr, Field(pattern=_KEY)] | None = Field(
        None, description="Its name in addresses: a-z, 0-9, '.', '_' and '-'; by default, made from the name."
    )
    country: Country = "NO"


class PersonaResponse(BaseModel):
    key: str
    name: str
    country: str
    national_id: str | None
    is_synthetic: bool = Field(description="Whether the national id is of a range that is never issued.")
    email: str | None
    phone: str | None
    eids: list[str]
    rule: RuleResponse | None
    is_built_in: bool

    @classmethod
    def of(cls, persona: Persona) -> Self:
        facts = persona.facts()
        rule = None if persona.rule is None else RuleResponse(**persona.rule)
        number = persona.national_id
        is_synthetic = number is not None and synthetic.is_synthetic(_country(persona), number)
        return cls(**{**facts, "rule": rule}, is_synthetic=is_synthetic, is_built_in=persona.seq is None)


def _country(persona: Persona) -> Country:
    [country] = [one for one in synthetic.COUNTRIES if one == persona.country]
    return country


# ---- routes


@router.get("/personas", operation_id="list_personas")
async def list_personas(work: InWork) -> list[PersonaResponse]:
    """Every persona: the workspace's own, oldest first, then those that every workspace has."""
    return [PersonaResponse.of(one) for one in personas.known(work)]


@router.post("/personas", status_code=201, operation_id="create_persona")
async def create_persona(work: InWork, wanted: PersonaRequest) -> PersonaResponse:
    """Make a persona. A national id that is not given is drawn from a range that is never issued."""
    _check_rule(wanted.rule)
    given = wanted.model_dump(include=wanted.model_fields_set & {"national_id", "email", "phone"})
    if wanted.eids is not None:
        given["eids"] = wanted.eids
    persona = personas.make(work, wanted.name, wanted.country, wanted.key, rule=_stored(wanted.rule), **given)
    return PersonaResponse.of(persona)


@router.get("/personas/{key}", operation_id="get_persona")
async def get_persona(work: InWork, key: str) -> PersonaResponse:
    """One persona."""
    return PersonaResponse.of(personas.get(work, key))


@router.patch("/personas/{key}", operation_id="change_persona")
async def change_persona(work: InWork, key: str, wanted: PersonaChange) -> PersonaResponse:
    """Change a persona, such as its rule. A built-in one becomes the workspace's own; deleting that brings it back."""
    _check_rule(wanted.rule)
    values: dict[str, Any] = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    for name in ("name", "eids"):
        if name in values and values[name] is None:
            raise BadInputError.of(name, "cannot be null")
    if "rule" in values:
        values["rule"] = _stored(wanted.rule)
    return PersonaResponse.of(personas.change(work, key, values))


@router.delete("/personas/{key}", status_code=204, operation_id="delete_persona")
async def delete_persona(work: InWork, key: str) -> None:
    """Remove a persona of the workspace's own; the built-in ones stay."""
    personas.remove(work, key)


# ---- parts


def _check_rule(rule: RuleRequest | None) -> None:
    if rule is not None and (flaw := unknown_word(rule.action, people())):
        raise BadInputError.of("rule.action", flaw)


def _stored(rule: RuleRequest | None) -> dict[str, Any] | None:
    return None if rule is None else rule.stored()
