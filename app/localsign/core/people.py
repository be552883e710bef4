"""Personas: people whom a world knows, with synthetic identities, and what they would do when asked."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field, select

from localsign.core import synthetic
from localsign.core.asking import Person
from localsign.core.database import Json, Stored
from localsign.core.errors import ConflictError, NotFoundError
from localsign.core.synthetic import Country
from localsign.core.work import Work
from localsign.resources import fixtures_folder

# The words that an e-mail address may begin with, before a plus sign: `reject+kari@example.com`.
MAGIC = ("sign", "reject", "cancel", "error", "hang", "slow")
_CALLING = {"NO": "47", "SE": "46", "DK": "45", "FI": "358"}
_EIDS = {"NO": "nbid", "SE": "sbid", "DK": "mitid", "FI": "ftn"}
_LETTERS = str.maketrans({"æ": "ae", "ä": "a", "ø": "o", "ö": "o", "å": "a", "é": "e", "ü": "u"})
_MAGIC = re.compile(rf"\s*({'|'.join(MAGIC)})\+(.*)", re.IGNORECASE | re.DOTALL)


class Persona(Stored, table=True):
    """A person. `rule` says what it does when asked: `action`, `after` (ISO 8601), `reason`; None: nothing of itself.

    `key` is the name in addresses. The built-in ones are no rows: see `built_in`.
    """

    __tablename__ = "persona"
    called: ClassVar[str] = "persona"

    seq: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    country: str
    national_id: str | None = None
    email: str | None = None
    phone: str | None = None
    eids: list[str] = Field(sa_column=Column(Json, nullable=False))
    rule: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))

    def eid_among(self, offered: Sequence[str]) -> str | None:
        """The first of the `offered` eIDs that this person has; vendors spell one in capitals and in small letters."""
        own = {one.casefold() for one in self.eids}
        return next((one for one in offered if one.casefold() in own), None)

    def facts(self) -> dict[str, Any]:
        """This persona as JSON, from which `of_facts` makes it again."""
        return {name: getattr(self, name) for name in _FACTS}

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> "Persona":
        return cls(**facts)


_FACTS = ("key", "name", "country", "national_id", "email", "phone", "eids", "rule")


@cache
def built_in() -> tuple[Persona, ...]:
    """The personas that every world has, from `fixtures/personas.yaml`; only to be looked at."""
    import yaml

    read: list[dict[str, Any]] = yaml.safe_load((fixtures_folder() / "personas.yaml").read_text(encoding="utf-8"))
    return tuple(Persona(**one) for one in read)


def known(work: Work) -> list[Persona]:
    """Every persona, only to be looked at: the world's own, oldest first, then the built-in ones that none replaces."""
    own = sorted(work.everything(Persona), key=lambda one: one.seq or 0)
    taken = {one.key for one in own}
    return [*own, *(one for one in built_in() if one.key not in taken)]


def get(work: Work, key: str) -> Persona:
    """One persona, only to be looked at; NotFoundError names those that there are."""
    among = {one.key: one for one in known(work)}
    if key not in among:
        raise NotFoundError(f"There is no persona called '{key}'. There are: {', '.join(among)}.")
    return among[key]


def make(work: Work, name: str, country: Country, key: str | None = None, **given: Any) -> Persona:
    """A new persona of the world's own. What is not `given` of its columns is made up, from the world's draws."""
    taken = {one.key for one in known(work)}
    key = key or _free_key(name, taken)
    if key in taken:
        raise ConflictError(f"There is a persona called '{key}' already.", code="persona_exists")
    number = given["national_id"] if "national_id" in given else synthetic.draw(country, work.ids)
    phone = given["phone"] if "phone" in given else _phone(work, country)
    made_up = {"email": f"{key}@example.com", "eids": [_EIDS[country]], "national_id": number, "phone": phone}
    persona = Persona(key=key, name=name, country=country, **{**made_up, **given})
    work.db.add(persona)
    work.flush()
    return persona


def change(work: Work, key: str, values: Mapping[str, Any]) -> Persona:
    """Set columns of a persona; a built-in one becomes the world's own."""
    persona = _own(work, key) or Persona.of_facts(get(work, key).facts())
    for name, value in values.items():
        setattr(persona, name, value)
    work.db.add(persona)
    work.flush()
    return persona


def remove(work: Work, key: str) -> None:
    """Remove a persona of the world's own, which brings a built-in one of that key back."""
    persona = _own(work, key)
    if persona is None:
        raise ConflictError(f"'{get(work, key).key}' is built in: every workspace has it.", code="persona_built_in")
    work.db.delete(persona)


def _own(work: Work, key: str) -> Persona | None:
    return work.db.exec(select(Persona).where(Persona.key == key)).first()


def _free_key(name: str, taken: set[str]) -> str:
    """`kari-nordmann`, or with a number behind it where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold().translate(_LETTERS)).strip("-")[:50].strip("-") or "persona"
    numbered = [plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in numbered if one not in taken)


def _phone(work: Work, country: Country) -> str:
    """A number that no network can give: none of these countries has one that begins with 0."""
    digits = int.from_bytes(work.ids.entropy(8), "big") % 10_000_000
    return f"+{_CALLING[country]}0{digits:07}"


def find(work: Work, person: Person) -> Persona | None:
    """The persona that `person` is: by national id, by e-mail address (with or without its magic word), by phone."""
    sought = [
        ("national_id", person.national_id),
        ("email", person.email),
        ("email", plain_email(person.email)),
        ("phone", person.phone),
    ]
    among = known(work) if any(value for _, value in sought) else []
    for name, value in sought:
        for persona in among:
            if is_same(name, getattr(persona, name), value):
                return persona
    return None


def magic_word(email: str) -> str | None:
    """The word before the plus sign of an address, where it is one of MAGIC."""
    found = _MAGIC.match(email)
    return found and found[1].lower()


def plain_email(email: str | None) -> str | None:
    """The address without its magic word; None where it has none."""
    found = _MAGIC.match(email or "")
    return found and found[2]


def is_same(name: str, one: str | None, other: str | None) -> bool:
    """Whether two values of a person's or object's attribute `name` mean the same."""
    if one is None or other is None:
        return False
    return _plain(name, one) == _plain(name, other)


def _plain(name: str, value: str) -> str:
    match name:
        case "email":
            return value.strip().casefold()
        case "phone":
            return re.sub(r"^00", "+", re.sub(r"[\s().-]", "", value))
        case "national_id":
            # Finland's separator says the century, so it stays where it is not a hyphen.
            return re.sub(r"[\s-]", "", value).upper()
    return value
