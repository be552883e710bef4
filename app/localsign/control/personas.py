"""`/_sandbox/v1/personas`: people whom the workspace knows, and what they do when asked."""

from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from localsign.arranging import personas as arranging
from localsign.arranging.personas import PersonaChange, PersonaRequest
from localsign.control.decisions import RuleResponse
from localsign.core import people as personas
from localsign.core import synthetic
from localsign.core.http import InWork
from localsign.core.people import Persona
from localsign.core.synthetic import Country

router = APIRouter(prefix="/v1", tags=["personas"])


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
    return PersonaResponse.of(arranging.make(work, wanted))


@router.get("/personas/{key}", operation_id="get_persona")
async def get_persona(work: InWork, key: str) -> PersonaResponse:
    """One persona."""
    return PersonaResponse.of(personas.get(work, key))


@router.patch("/personas/{key}", operation_id="change_persona")
async def change_persona(work: InWork, key: str, wanted: PersonaChange) -> PersonaResponse:
    """Change a persona, such as its rule. A built-in one becomes the workspace's own; deleting that brings it back."""
    return PersonaResponse.of(arranging.change(work, key, wanted))


@router.delete("/personas/{key}", status_code=204, operation_id="delete_persona")
async def delete_persona(work: InWork, key: str) -> None:
    """Remove a persona of the workspace's own; the built-in ones stay."""
    personas.remove(work, key)
