"""Personas: people whom a world knows."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictStr

from localsign.apis import people
from localsign.arranging.decisions import RuleRequest, unknown_word
from localsign.core import people as personas
from localsign.core.errors import BadInputError
from localsign.core.people import Persona
from localsign.core.synthetic import Country
from localsign.core.wire import Asked
from localsign.core.work import Work

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_KEY = r"^[a-z0-9][a-z0-9._-]{0,62}$"


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text) or not text.strip():
        raise ValueError("must have characters that can be printed, and no others")
    return text


Text = Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(_printable)]
NationalId = Annotated[StrictStr, Field(min_length=1, max_length=64), AfterValidator(_printable)]


Key = Annotated[StrictStr, Field(pattern=_KEY)]


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
    key: Key | None = Field(
        None, description="Its name in addresses: a-z, 0-9, '.', '_' and '-'; by default, made from the name."
    )
    country: Country = "NO"


def make(work: Work, wanted: PersonaRequest) -> Persona:
    """Make a persona. A national id that is not given is drawn from a range that is never issued."""
    _check_rule(wanted.rule)
    given = wanted.model_dump(include=wanted.model_fields_set & {"national_id", "email", "phone"})
    if wanted.eids is not None:
        given["eids"] = wanted.eids
    return personas.make(work, wanted.name, wanted.country, wanted.key, rule=_stored(wanted.rule), **given)


def change(work: Work, key: str, wanted: PersonaChange) -> Persona:
    """Change the members that were sent; a built-in persona becomes the world's own."""
    _check_rule(wanted.rule)
    values: dict[str, Any] = {
        name: getattr(wanted, name) for name in wanted.model_fields_set & PersonaChange.model_fields.keys()
    }
    for name in ("name", "eids"):
        if name in values and values[name] is None:
            raise BadInputError.of(name, "cannot be null")
    if "rule" in values:
        values["rule"] = _stored(wanted.rule)
    return personas.change(work, key, values)


def _check_rule(rule: RuleRequest | None) -> None:
    if rule is not None and (flaw := unknown_word(rule.action, people())):
        raise BadInputError.of("rule.action", flaw)


def _stored(rule: RuleRequest | None) -> dict[str, Any] | None:
    return None if rule is None else rule.stored()
