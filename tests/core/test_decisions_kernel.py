"""The ladder over an API made up for it: whatever is queued and asked, each asking has one outcome and is explained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from localsign import travel
from localsign.core import decisions, explaining, ladder, outbox
from localsign.core.asking import Asking, Person
from localsign.core.decisions import DECISION
from localsign.core.errors import ConflictError, IllegalTransitionError, NotFoundError
from localsign.core.ladder import QueuedDecision
from localsign.core.outbox import Channel, Message
from localsign.core.tables import Timer
from localsign.core.work import Slow, Work
from localsign.sandbox import Sandbox
from localsign.workspace import Workspace

PEOPLE: dict[UUID, Person] = {}  # whom each object of the tests below waits for


def did(work: Work, subject: UUID, action: str) -> None:
    """The trace that a verb leaves."""
    outbox.send(work, api="fax", kind=action, channel=Channel.SMS, to="+47", text="", reference=subject)


def sign(work: Work, subject: UUID, told: Mapping[str, Any]) -> Slow[str, None]:
    """In three transactions, as the vendor's slow things are."""
    again = Slow(lambda: "made", lambda later, _: did(later, subject, "sign"))
    return Slow(lambda: "made", lambda _later, _made: again)


def reject(work: Work, subject: UUID, told: Mapping[str, Any]) -> None:
    did(work, subject, "reject")


def error(work: Work, subject: UUID, told: Mapping[str, Any]) -> None:
    did(work, subject, "error")
    work.choose("lag.test", "manual")
    work.schedule_new("fax.never", subject, work.now)
    raise ConflictError("It is too late.")


def late(work: Work, subject: UUID, told: Mapping[str, Any]) -> Slow[str, None]:
    def make() -> str:
        raise ConflictError("It cannot be made.")

    return Slow(make, lambda _later, _made: None)


DISCARDED: list[str] = []


def picky(work: Work, subject: UUID, told: Mapping[str, Any]) -> Slow[str, None]:
    def settle(later: Work, made: str) -> None:
        did(later, subject, "picky")
        raise ConflictError("It is not wanted any more.")

    return Slow(lambda: f"for {subject}", settle, DISCARDED.append)


def broken(work: Work, subject: UUID, told: Mapping[str, Any]) -> None:
    did(work, subject, "broken")
    raise ZeroDivisionError


VERBS = {"sign": sign, "reject": reject, "error": error, "late": late, "picky": picky, "broken": broken}
FAX = Asking(actions=VERBS, person=lambda _work, subject: PEOPLE.get(subject, Person()))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    sandbox.house.people = lambda _api: {"fax": FAX}
    yield sandbox
    sandbox.close()


@pytest.fixture
def workspace(sandbox: Sandbox) -> Workspace:
    workspace = sandbox.create()
    travel.freeze(workspace, None)
    return workspace


def queue(work: Work, action: str, seconds: int = 0, **matches: str) -> UUID:
    queued = QueuedDecision(
        id=work.new_id(), at=work.now, action=action, after=f"PT{seconds}S", told={}, matches=matches
    )
    work.db.add(queued)
    return queued.id


def ask(workspace: Workspace, person: Person | None = None) -> UUID:
    with workspace.work() as work:
        subject = work.new_id()
        PEOPLE[subject] = person or Person()
        decisions.ask(work, "fax", "fax", subject)
    return subject


def traces(workspace: Workspace, subject: UUID) -> list[str]:
    with workspace.work() as work:
        return [one.kind for one in work.db.exec(select(Message).where(Message.reference == str(subject))).all()]


def outcome(workspace: Workspace, subject: UUID) -> str:
    with workspace.work() as work:
        return explaining.explain(work, subject).outcome


def pass_time(workspace: Workspace, seconds: int) -> None:
    travel.advance(workspace, by=timedelta(seconds=seconds))


# ---- one by one


def test_something_slow_is_done_in_all_its_steps(workspace: Workspace) -> None:
    with workspace.work() as work:
        queue(work, "sign")
    subject = ask(workspace)
    assert traces(workspace, subject) == []
    pass_time(workspace, 0)
    assert (traces(workspace, subject), outcome(workspace, subject)) == (["sign"], "acted")


@pytest.mark.parametrize(
    ("action", "reason"),
    [("error", "It is too late."), ("late", "It cannot be made."), ("picky", "It is not wanted any more.")],
)
def test_what_is_refused_leaves_nothing_but_the_reason(workspace: Workspace, action: str, reason: str) -> None:
    with workspace.work() as work:
        queue(work, action)
    subject = ask(workspace)
    pass_time(workspace, 0)
    assert traces(workspace, subject) == []
    with workspace.work() as work:
        explained = explaining.explain(work, subject)
        assert work.db.exec(select(Timer)).all() == []
        assert "lag.test" not in work.choices
    assert (explained.outcome, explained.reason) == ("refused", reason)
    assert workspace.next_due is None
    assert ([f"for {subject}"] if action == "picky" else []) == DISCARDED
    DISCARDED.clear()


def test_what_breaks_is_put_aside_and_told(workspace: Workspace) -> None:
    with workspace.work() as work:
        queue(work, "broken")
    subject = ask(workspace)
    pass_time(workspace, 0)
    with workspace.work() as work:
        explained = explaining.explain(work, subject)
    assert (explained.outcome, explained.reason) == ("failed", "ZeroDivisionError: ")
    assert traces(workspace, subject) == []


def test_a_command_while_it_acts_comes_too_late(workspace: Workspace) -> None:
    with workspace.work() as work:
        queue(work, "sign")
    subject = ask(workspace)
    with workspace.work() as work:
        first = decisions.act(work, str(subject))
    with workspace.work() as work:
        decisions.command(work, subject, "reject")
    assert first is not None
    assert outcome(workspace, subject) == "acting"
    with workspace.work() as work:
        second = first.settle(work, first.make())
    assert isinstance(second, Slow)
    with workspace.work() as work:
        second.settle(work, second.make())
    assert (traces(workspace, subject), outcome(workspace, subject)) == (["sign"], "acted")


def test_who_was_cut_off_while_acting_acts_again(workspace: Workspace) -> None:
    with workspace.work() as work:
        queue(work, "sign")
    subject = ask(workspace)
    with workspace.work() as work:
        decisions.act(work, str(subject))  # and then the process ends
    pass_time(workspace, 0)
    assert (traces(workspace, subject), outcome(workspace, subject)) == (["sign"], "acted")


def test_an_object_that_is_asked_anew_forgets_what_was_decided(workspace: Workspace) -> None:
    with workspace.work() as work:
        queue(work, "reject", 10)
        queue(work, "sign", 20)
    subject = ask(workspace)
    with workspace.work() as work:
        decisions.ask(work, "fax", "fax", subject)
    pass_time(workspace, 30)
    assert traces(workspace, subject) == ["sign"]


def test_a_verb_that_reports_itself_does_not_take_back_its_own_decision(workspace: Workspace) -> None:
    def cancel(work: Work, subject: UUID, told: Mapping[str, Any]) -> None:
        decisions.command(work, subject, "cancel")
        decisions.withdraw(work, subject)

    workspace.house.people = lambda _api: {"fax": Asking(actions={"cancel": cancel}, person=FAX.person)}
    try:
        subject = ask(workspace, Person(email="cancel+a@b.test"))
        pass_time(workspace, 0)
        assert outcome(workspace, subject) == "acted"
    finally:
        workspace.house.people = lambda _api: {"fax": FAX}


def test_a_default_that_a_kind_does_not_know_waits(workspace: Workspace) -> None:
    with workspace.work() as work:
        work.choose(ladder.DEFAULT_CHOICE, '{"action": "dance"}')
    subject = ask(workspace)
    with workspace.work() as work:
        explained = explaining.explain(work, subject)
    assert (explained.outcome, explained.action) == ("waiting", "manual")
    assert "dance" in explained.rungs[-1]["why"]


def test_the_first_verb_is_what_slow_means(workspace: Workspace) -> None:
    subject = ask(workspace, Person(email="SLOW+a@b.test"))
    pass_time(workspace, 29)
    assert outcome(workspace, subject) == "set"
    pass_time(workspace, 1)
    assert traces(workspace, subject) == ["sign"]


def test_nobody_is_asked_of_a_kind_that_the_api_does_not_have(workspace: Workspace) -> None:
    with workspace.work() as work, pytest.raises(KeyError):
        decisions.ask(work, "fax", "letter", work.new_id())
    with workspace.work() as work, pytest.raises(NotFoundError):
        explaining.explain(work, UUID(int=1))


CELLS = [
    pytest.param(state, event, id=f"{state}-{event}") for state, event in product(DECISION.states, DECISION.events)
]


@pytest.mark.parametrize(("state", "event"), CELLS)
def test_a_cell_of_the_decisions_table_moves_or_refuses(state: Any, event: Any) -> None:
    thing = type("Thing", (), {"state": state})()
    row = DECISION.row(state, event)
    if row is None:
        with pytest.raises(IllegalTransitionError):
            DECISION.fire(thing, event)
        assert thing.state is state
    else:
        DECISION.fire(thing, event)
        assert thing.state is row.target


# ---- whatever happens, in any order


@dataclass
class Expected:
    """What a second, plainer ladder says of one object."""

    rung: str
    action: str
    due: int | None  # seconds since the beginning
    outcome: str


ACTIONS = st.sampled_from(["sign", "reject", "error", "late", "hang"])
SECONDS = st.integers(0, 5)
EMAILS = st.sampled_from([None, "kari@b.test", "reject+kari@b.test", "slow+kari@b.test", "cancel+kari@b.test"])
STEPS = st.one_of(
    st.tuples(st.just("queue"), ACTIONS, SECONDS, EMAILS),
    st.tuples(st.just("default"), st.sampled_from(["manual", "sign", "reject", "hang"]), SECONDS),
    st.tuples(st.just("ask"), EMAILS),
    st.tuples(st.just("command"), st.integers(0, 5)),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
    st.tuples(st.just("pass"), st.integers(0, 40)),
)
ENDS = {"sign": "acted", "reject": "acted", "error": "refused", "late": "refused"}
OUTCOMES = {"waiting", "set", "acted", "refused", "commanded", "withdrawn"}
MAGIC = {"reject": ("reject", 0), "slow": ("sign", 30)}


class Model:
    """A world and, beside it, what ought to happen in it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.now = 0
        self.queued: list[tuple[str, int, str | None]] = []
        self.default = ("manual", 0)
        self.expected: dict[UUID, Expected] = {}

    def queue(self, action: str, seconds: int, email: str | None) -> None:
        with self.workspace.work() as work:
            queue(work, action, seconds, **({} if email is None else {"email": email}))
        self.queued.append((action, seconds, email))

    def set_default(self, action: str, seconds: int) -> None:
        chosen = None if action == "manual" else f'{{"action": "{action}", "after": "PT{seconds}S"}}'
        with self.workspace.work() as work:
            work.choose(ladder.DEFAULT_CHOICE, chosen)
        self.default = action, seconds

    def ask(self, email: str | None) -> None:
        subject = ask(self.workspace, Person(email=email))
        rung, (action, seconds) = "workspace_default", self.default
        magic = MAGIC.get((email or "").partition("+")[0])
        if magic:
            rung, (action, seconds) = "email", magic
        for one in self.queued:
            if one[2] in (None, email):
                self.queued.remove(one)
                rung, action, seconds = "queued_decision", one[0], one[1]
                break
        acts = action not in ("manual", "hang")
        due = self.now + seconds if acts else None
        self.expected[subject] = Expected(rung, action, due, "set" if acts else "waiting")

    def end(self, number: int, outcome: str) -> None:
        if number >= len(self.expected):
            return
        subject = list(self.expected)[number]
        with self.workspace.work() as work:
            if outcome == "commanded":
                decisions.command(work, subject, "by hand")
            else:
                decisions.withdraw(work, subject)
        if self.expected[subject].outcome in ("waiting", "set"):
            self.expected[subject].outcome = outcome

    def pass_time(self, seconds: int) -> None:
        pass_time(self.workspace, seconds)
        self.now += seconds
        for one in self.expected.values():
            if one.outcome == "set" and one.due is not None and one.due <= self.now:
                one.outcome = ENDS[one.action]

    def check(self) -> None:
        for subject, one in self.expected.items():
            with self.workspace.work() as work:
                explained = explaining.explain(work, subject)
            assert explained.outcome == one.outcome
            assert explained.outcome in OUTCOMES
            rung = "command" if one.outcome == "commanded" else one.rung
            assert explained.decided.value == rung
            assert [step["rung"] for step in explained.rungs if step["used"]] == [rung]
            assert explained.action == ("by hand" if one.outcome == "commanded" else one.action)
            assert traces(self.workspace, subject) == ([one.action] if one.outcome == "acted" else [])
            assert (explained.reason is not None) is (one.outcome == "refused")


@given(st.lists(STEPS, max_size=14))
@settings(max_examples=120, deadline=None)
def test_every_asking_has_one_outcome_and_the_explanation_agrees(sandbox: Sandbox, steps: list[Any]) -> None:
    workspace = sandbox.create()
    travel.freeze(workspace, None)
    model = Model(workspace)
    for kind, *args in steps:
        match kind:
            case "queue":
                model.queue(*args)
            case "default":
                model.set_default(*args)
            case "ask":
                model.ask(*args)
            case "command" | "withdraw":
                model.end(args[0], "commanded" if kind == "command" else "withdrawn")
            case "pass":
                model.pass_time(*args)
    model.pass_time(0)
    model.check()
    assert sorted(one[0] for one in model.queued) == _left(workspace)
    sandbox.delete(workspace.name)


def _left(workspace: Workspace) -> list[str]:
    with workspace.work() as work:
        return sorted(one.action for one in work.db.exec(select(QueuedDecision)).all() if one.is_open)
