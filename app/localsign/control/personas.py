"""`/_sandbox/v1/personas`: people whom the workspace knows, and what they do when asked."""

import re
from typing import Annotated, Any, Self

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StrictStr
from sqlmodel import select

from localsign.apis import people
from localsign.control.decisions import RuleRequest, RuleResponse, unknown_word
from localsign.control.schemas import Asked
from localsign.core import people as personas
from localsign.core import synthetic
from localsign.core.errors import BadInputError, ConflictError, NotFoundError
from localsign.core.http import InWork
from localsign.core.people import Persona
from localsign.core.synthetic import Country
from localsign.core.work import Work

router = APIRouter(prefix="/v1", tags=["personas"])

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_KEY = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_CALLING = {"NO": "47", "SE": "46", "DK": "45", "FI": "358"}
_EIDS = {"NO": "nbid", "SE": "sbid", "DK": "mitid", "FI": "ftn"}


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
    taken = {one.key for one in personas.known(work)}
    key = wanted.key or _free_key(wanted.name, taken)
    if key in taken:
        raise ConflictError(f"There is a persona called '{key}' already.", code="persona_exists")
    given = wanted.model_fields_set
    persona = Persona(
        key=key,
        name=wanted.name,
        country=wanted.country,
        national_id=wanted.national_id if "national_id" in given else synthetic.draw(wanted.country, work.ids),
        email=wanted.email if "email" in given else f"{key}@example.com",
        phone=wanted.phone if "phone" in given else _phone(work, wanted.country),
        eids=wanted.eids if wanted.eids is not None else [_EIDS[wanted.country]],
        rule=_stored(wanted.rule),
    )
    work.db.add(persona)
    work.flush()
    return PersonaResponse.of(persona)


@router.get("/personas/{key}", operation_id="get_persona")
async def get_persona(work: InWork, key: str) -> PersonaResponse:
    """One persona."""
    return PersonaResponse.of(_find(work, key))


@router.patch("/personas/{key}", operation_id="change_persona")
async def change_persona(work: InWork, key: str, wanted: PersonaChange) -> PersonaResponse:
    """Change a persona, such as its rule. A built-in one becomes the workspace's own; deleting that brings it back."""
    _check_rule(wanted.rule)
    found = _find(work, key)
    persona = _own(work, key) or Persona.of_facts(found.facts())
    values: dict[str, Any] = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    for name in ("name", "eids"):
        if name in values and values[name] is None:
            raise BadInputError.of(name, "cannot be null")
    if "rule" in values:
        values["rule"] = _stored(wanted.rule)
    for name, value in values.items():
        setattr(persona, name, value)
    work.db.add(persona)
    work.flush()
    return PersonaResponse.of(persona)


@router.delete("/personas/{key}", status_code=204, operation_id="delete_persona")
async def delete_persona(work: InWork, key: str) -> None:
    """Remove a persona of the workspace's own; the built-in ones stay."""
    _find(work, key)
    persona = _own(work, key)
    if persona is None:
        raise ConflictError(f"'{key}' is built in: every workspace has it.", code="persona_built_in")
    work.db.delete(persona)


# ---- parts


def _find(work: Work, key: str) -> Persona:
    known = {one.key: one for one in personas.known(work)}
    if key not in known:
        raise NotFoundError(f"There is no persona called '{key}'. There are: {', '.join(known)}.")
    return known[key]


def _own(work: Work, key: str) -> Persona | None:
    return work.db.exec(select(Persona).where(Persona.key == key)).first()


def _check_rule(rule: RuleRequest | None) -> None:
    if rule is not None and (flaw := unknown_word(rule.action, people())):
        raise BadInputError.of("rule.action", flaw)


def _stored(rule: RuleRequest | None) -> dict[str, Any] | None:
    return None if rule is None else rule.stored()


def _free_key(name: str, taken: set[str]) -> str:
    """`kari-nordmann`, or with a number behind it where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold().translate(_LETTERS)).strip("-")[:50].strip("-") or "persona"
    numbered = [plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in numbered if one not in taken)


_LETTERS = str.maketrans({"æ": "ae", "ä": "a", "ø": "o", "ö": "o", "å": "a", "é": "e", "ü": "u"})


def _phone(work: Work, country: Country) -> str:
    """A number that no network can give: none of these countries has one that begins with 0."""
    digits = int.from_bytes(work.ids.entropy(8), "big") % 10_000_000
    return f"+{_CALLING[country]}0{digits:07}"
