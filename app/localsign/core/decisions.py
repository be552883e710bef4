"""What a person would do: decided by a ladder of rules when an object begins to wait for one, and done by a timer.

The ladder, from the top: a command for this one object, a queued decision, a word in the person's e-mail address, the
rule of the person's persona, the default of the workspace. The first that says something decides.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum, auto
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column
from sqlmodel import Field

from localsign.core import ladder, people, timers
from localsign.core.asking import Asking, Person, Refused
from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.errors import ApiError
from localsign.core.machine import Machine, Row
from localsign.core.people import Persona
from localsign.core.work import Slow, Work

__all__ = ["ACT", "Asking", "Decision", "Person", "act", "ask", "command", "withdraw"]

ACT = "decisions.act"  # the kind of the timers that carry decisions out


class DecisionState(StrEnum):
    WAITING = auto()  # for a command: nothing happens by itself
    SET = auto()  # acts when it is due
    ACTING = auto()
    ACTED = auto()
    REFUSED = auto()  # it was too late, or not possible; the reason is kept
    COMMANDED = auto()  # somebody acted by hand
    WITHDRAWN = auto()  # the object waits no more, for another reason


class DecisionEvent(StrEnum):
    BEGIN = auto()
    ACT = auto()
    REFUSE = auto()
    COMMAND = auto()
    WITHDRAW = auto()


_S, _E = DecisionState, DecisionEvent

# BEGIN from ACTING: the process ended in the middle of something slow, and its timer runs again.
# fmt: off
DECISION = Machine("decision", DecisionState, DecisionEvent, [
    #   event        from                                  to
    Row(_E.BEGIN,    {_S.SET, _S.ACTING},                  _S.ACTING),
    Row(_E.ACT,      {_S.ACTING},                          _S.ACTED),
    Row(_E.REFUSE,   {_S.ACTING},                          _S.REFUSED),
    Row(_E.COMMAND,  {_S.WAITING, _S.SET},                 _S.COMMANDED),
    Row(_E.WITHDRAW, {_S.WAITING, _S.SET, _S.ACTING},      _S.WITHDRAWN),
], initial=(_S.WAITING, _S.SET))
# fmt: on

_OPEN = (_S.WAITING, _S.SET, _S.ACTING)


class Decision(Stored, table=True):
    """What was asked, which rung decided, and what came of it."""

    __tablename__ = "decision"
    called: ClassVar[str] = "decision"

    seq: int | None = Field(default=None, primary_key=True)
    api: str
    kind: str
    subject: UUID = Field(index=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    state: DecisionState = Field(sa_column=state_column(DecisionState))
    person: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    persona: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))  # as it was then
    rung: str
    action: str
    due: datetime | None = Field(default=None, sa_column=Column(Moment))
    told: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))  # what the verb is given
    rungs: list[dict[str, Any]] = Field(sa_column=Column(Json, nullable=False))  # what each said, from the top
    ended_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    outcome: str | None = None  # why it was refused, or the word of the command


def ask(work: Work, api: str, kind: str, subject: UUID) -> None:
    """An object has begun to wait for a person: decide what that one does, and let it happen when it is due.

    `kind` is a key of the manifest's `people`; `subject` is the id by which its verbs know the object. What acts at
    once still acts after this transaction. An object that is asked anew forgets what was decided before.
    """
    asking = work.house.people(api)[kind]
    person = asking.person(work, subject)
    asked = ladder.Asked(api, kind, subject, asking, person, people.find(work, person))
    is_first = not work.look_up(Decision, "subject", [subject])
    if not is_first:
        withdraw(work, subject)
    said = ladder.climb(work, asked)
    rule = said[-1].rule
    assert rule is not None  # the last rung always decides
    due = work.now + rule.after if ladder.acts(rule) else None
    decision = {
        "api": api,
        "kind": kind,
        "subject": subject,
        "at": work.now,
        "state": _S.WAITING if due is None else _S.SET,
        "person": vars(person),
        "persona": asked.persona and asked.persona.facts(),
        "rung": said[-1].rung.value,
        "action": rule.action,
        "due": due,
        "told": dict(rule.told),
        "rungs": [one.facts() for one in said],
    }
    work.insert(Decision, decision)
    if due is not None:
        (work.schedule_new if is_first else work.schedule)(ACT, subject, due)


def command(work: Work, subject: UUID, action: str) -> None:
    """Somebody acted by hand, by a command or on the end user's page: nothing else will act for them any more.

    Call it where a verb of the object succeeds. It does nothing while a decision itself carries that verb out.
    """
    _end(work, subject, _E.COMMAND, action)


def withdraw(work: Work, subject: UUID) -> None:
    """The object waits for nobody any more: it has ended, or was taken back. Does nothing where none is asked."""
    _end(work, subject, _E.WITHDRAW, None)


def _end(work: Work, subject: UUID, happened: DecisionEvent, outcome: str | None) -> None:
    if work.acting_for == subject:
        return
    for glanced in work.look_up(Decision, "subject", [subject]):
        if DECISION.row(glanced.state, happened) is None:
            continue
        decision = work.db.get_one(Decision, glanced.seq)
        DECISION.fire(decision, happened)
        decision.ended_at, decision.outcome = work.now, outcome
        timer = None if glanced.due is None else timers.scheduled(work.db, ACT, str(subject))
        if timer is not None:
            work.db.delete(timer)


def current(work: Work, subject: UUID) -> Decision | None:
    """The latest decision about an object, only to be looked at."""
    found = work.look_up(Decision, "subject", [subject])
    return found[-1] if found else None


def act(work: Work, subject: str) -> Slow[Any, None] | None:
    """Carry a decision out that is due."""
    found = current(work, UUID(subject))
    if found is None or found.state not in (_S.SET, _S.ACTING):
        return None
    decision = work.db.get_one(Decision, found.seq)
    DECISION.fire(decision, _E.BEGIN)
    verb = work.house.people(decision.api)[decision.kind].actions[decision.action]
    told = {**decision.told, "persona": decision.persona and Persona.of_facts(decision.persona)}
    return _go_on(work, decision, lambda: verb(work, decision.subject, told))


def _go_on(
    work: Work, decision: Decision, step: Callable[[], Any], undo: Callable[[], None] | None = None
) -> Slow[Any, None] | None:
    """Do a step of the verb. One that raises leaves nothing but the reason, once `undo` was called."""
    work.acting_for = decision.subject
    try:
        with work.attempt():
            outcome = step()
    except ApiError as error:
        _finish(work, decision, _E.REFUSE, error.detail)
        if undo is not None:
            undo()
        return None
    finally:
        work.acting_for = None
    if isinstance(outcome, Refused):
        _finish(work, decision, _E.REFUSE, outcome.detail)
        return None
    if not isinstance(outcome, Slow):
        _finish(work, decision, _E.ACT, None)
        return None
    seq = decision.seq

    def settle(later: Work, made: Any) -> Slow[Any, None] | None:
        known = later.db.get_one(Decision, seq)
        if isinstance(made, ApiError):
            _finish(later, known, _E.REFUSE, made.detail)
            return None
        return _go_on(later, known, lambda: outcome.settle(later, made), lambda: discard(made))

    def discard(made: Any) -> None:
        if outcome.discard is not None and not isinstance(made, ApiError):
            outcome.discard(made)

    return Slow(lambda: _made(outcome.make), settle, discard)


def _made(make: Callable[[], Any]) -> Any:
    """What `make` makes, or the refusal, which has to be written down."""
    try:
        return make()
    except ApiError as error:
        return error


def _finish(work: Work, decision: Decision, happened: DecisionEvent, outcome: str | None) -> None:
    if decision.state is _S.ACTING:  # withdrawn meanwhile, it stays so
        DECISION.fire(decision, happened)
        decision.ended_at, decision.outcome = work.now, outcome
        work.followed.decided(decision.kind, decision.subject, decision.action, outcome)
