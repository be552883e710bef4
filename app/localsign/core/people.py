"""Personas: people whom a world knows, with synthetic identities, and what they would do when asked."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Column
from sqlmodel import Field

from localsign.core.asking import Person
from localsign.core.database import Json, Stored
from localsign.core.work import Work
from localsign.resources import fixtures_folder

# The words that an e-mail address may begin with, before a plus sign: `reject+kari@example.com`.
MAGIC = ("sign", "reject", "cancel", "error", "hang", "slow")
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
