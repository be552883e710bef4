"""The rungs of the ladder, from the top: each says what a person does, or why it says nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column
from sqlmodel import Field

from localsign.core import people
from localsign.core.asking import HANG, MANUAL, Asking, Person
from localsign.core.database import Json, Moment, Stored
from localsign.core.people import Persona
from localsign.core.work import Work
from localsign.lags import parse_duration

DEFAULT_CHOICE = "decisions.default"
SLOW = timedelta(seconds=30)  # how long `slow+…@` takes
_MOST_TOLD = 5  # queued decisions of which an explanation says why they do not match


class Rung(StrEnum):
    COMMAND = "command"
    QUEUED = "queued_decision"
    EMAIL = "email"
    PERSONA = "persona"
    DEFAULT = "workspace_default"


@dataclass(frozen=True)
class Rule:
    """Do `action`, a word of the kind that is asked, `after` some time; `told` is what the verb is given beside it."""

    action: str
    after: timedelta = timedelta(0)
    told: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Rule":
        """The rule that is stored as `action`, `after` and `reason`."""
        told = {} if facts.get("reason") is None else {"reason": facts["reason"]}
        return cls(facts["action"], parse_duration(facts.get("after") or "PT0S"), told)

    def __str__(self) -> str:
        return f"'{self.action}' after {self.after.total_seconds():g} s" if self.after else f"'{self.action}'"


class QueuedDecision(Stored, table=True):
    """What the next matching object's person will do. None in `api`, `kind` and no `matches`: any object."""

    __tablename__ = "queued_decision"
    called: ClassVar[str] = "queued decision"

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    is_open: bool = Field(default=True, index=True)
    action: str
    after: str | None = None  # ISO 8601
    told: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    api: str | None = None
    kind: str | None = None
    matches: dict[str, str] = Field(sa_column=Column(Json, nullable=False))
    used_for: UUID | None = None  # the object that it decided
    used_at: datetime | None = Field(default=None, sa_column=Column(Moment))

    @property
    def is_gone(self) -> bool:
        return False

    @property
    def rule(self) -> Rule:
        return Rule(self.action, parse_duration(self.after or "PT0S"), self.told)


@dataclass(frozen=True)
class Asked:
    """An object that has begun to wait, and for whom."""

    api: str
    kind: str
    subject: UUID
    asking: Asking
    person: Person
    persona: Persona | None

    def attribute(self, name: str, about: Mapping[str, str | None]) -> str | None:
        """What a queued decision is compared with; None where it is not known."""
        if name == "persona":
            return None if self.persona is None else self.persona.key
        found: str | None = getattr(self.person, name) if name in PERSONAL else about.get(name)
        return found

    def lacks(self, action: str) -> str | None:
        """Why `action` is not possible here; None where it is."""
        words = self.asking.words
        return None if action in words else f"a {self.kind} knows {', '.join(words)}, and not '{action}'"


@dataclass(frozen=True)
class Said:
    """What one rung said: a rule, or nothing, and why."""

    rung: Rung
    rule: Rule | None
    why: str

    def facts(self) -> dict[str, Any]:
        return {"rung": self.rung.value, "decided": self.rule is not None, "why": self.why}


def climb(work: Work, asked: Asked) -> list[Said]:
    """Ask each rung below the command until one decides; the last of the list did."""
    said: list[Said] = []
    for rung in (_queued, _email, _persona, _default):
        said.append(rung(work, asked))
        if said[-1].rule is not None:
            break
    return said


def _queued(work: Work, asked: Asked) -> Said:
    waiting = work.look_up(QueuedDecision, "is_open", [True])
    about = asked.asking.about(work, asked.subject) if waiting else {}
    reasons = []
    for one in waiting:
        reason = _mismatch(one, asked, about)
        if reason is None:
            used = work.db.get_one(QueuedDecision, one.seq)
            used.is_open, used.used_for, used.used_at = False, asked.subject, work.now
            return Said(Rung.QUEUED, one.rule, f"The queued decision {one.id} ({one.rule}) is the oldest that matches.")
        reasons.append(f"{one.id}: {reason}")
    if not reasons:
        return Said(Rung.QUEUED, None, "No decision is queued.")
    more = f"; and {len(reasons) - _MOST_TOLD} more" if len(reasons) > _MOST_TOLD else ""
    why = f"None of the queued decisions matches ({'; '.join(reasons[:_MOST_TOLD])}{more})."
    return Said(Rung.QUEUED, None, why)


def _mismatch(one: QueuedDecision, asked: Asked, about: Mapping[str, str | None]) -> str | None:
    if one.api not in (None, asked.api) or one.kind not in (None, asked.kind):
        wanted = ".".join(part for part in (one.api, one.kind) if part)
        return f"it is for {wanted}, and this is {asked.api}.{asked.kind}"
    if lacking := asked.lacks(one.action):
        return lacking
    for name, wanted in one.matches.items():
        found = asked.attribute(name, about)
        if not people.is_same(name, wanted, found):
            return f"{name} is '{found}', not '{wanted}'" if found is not None else f"{name} is not known"
    return None


# What decisions can be matched by wherever a person is known; `persona` is the key of one.
PERSONAL = ("name", "email", "phone", "national_id", "persona")


def _email(_work: Work, asked: Asked) -> Said:
    email = asked.person.email
    if email is None:
        return Said(Rung.EMAIL, None, "No e-mail address of the person is known.")
    word = people.magic_word(email)
    if word is None:
        known = ", ".join(f"{one}+" for one in people.MAGIC)
        return Said(Rung.EMAIL, None, f"The e-mail address '{email}' begins with none of {known}.")
    rule = Rule(asked.asking.words[0], SLOW) if word == "slow" else Rule(word)
    if lacking := asked.lacks(rule.action):
        return Said(Rung.EMAIL, None, f"The e-mail address begins with '{word}+', but {lacking}.")
    return Said(Rung.EMAIL, rule, f"The e-mail address '{email}' begins with '{word}+', which means {rule}.")


def _persona(_work: Work, asked: Asked) -> Said:
    persona = asked.persona
    if persona is None:
        return Said(Rung.PERSONA, None, "No persona has the national id, e-mail address or phone number of the person.")
    who = f"The person is the persona '{persona.key}' ({persona.name})"
    if persona.rule is None:
        return Said(Rung.PERSONA, None, f"{who}, which has no rule.")
    rule = Rule.of(persona.rule)
    if lacking := asked.lacks(rule.action):
        return Said(Rung.PERSONA, None, f"{who}, whose rule is {rule}, but {lacking}.")
    return Said(Rung.PERSONA, rule, f"{who}, whose rule is {rule}.")


def _default(work: Work, asked: Asked) -> Said:
    rule = default(work)
    if rule.action == MANUAL:
        return Said(Rung.DEFAULT, rule, "The default of the workspace is 'manual': it waits for a command.")
    if lacking := asked.lacks(rule.action):
        why = f"The default of the workspace is {rule}, but {lacking}: it waits for a command."
        return Said(Rung.DEFAULT, Rule(MANUAL), why)
    return Said(Rung.DEFAULT, rule, f"The default of the workspace is {rule}.")


def default(work: Work) -> Rule:
    """What people of this world do where nothing else says so; at first, nothing: `manual`."""
    chosen = work.choices.get(DEFAULT_CHOICE)
    return Rule(MANUAL) if chosen is None else Rule.of(json.loads(chosen))


def acts(rule: Rule) -> bool:
    """Whether anything happens by itself."""
    return rule.action not in (MANUAL, HANG)
