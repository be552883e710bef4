"""Why a person did what it did: every rung of the ladder, which one decided, and why the others did not."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from localsign.core import decisions, timers
from localsign.core.decisions import Decision, DecisionState
from localsign.core.errors import NotFoundError
from localsign.core.ladder import Rung
from localsign.core.work import Work

FAILED = "failed"  # an outcome that no table has: the verb broke, and its timer was put aside

_NOT_COMMANDED = {
    DecisionState.WAITING: "No command has come yet.",
    DecisionState.SET: "No command has come yet; what was decided acts when it is due.",
    DecisionState.ACTING: "No command came before what was decided began to act.",
    DecisionState.ACTED: "No command came before what was decided was done.",
    DecisionState.REFUSED: "No command came before what was decided was tried, and refused.",
    DecisionState.WITHDRAWN: "The object stopped waiting before anything was done, for a reason of its own.",
}


@dataclass(frozen=True)
class Explanation:
    """`decision` as it stands, which rung `decided` with which `action`, its `outcome` and why, and all the rungs."""

    decision: Decision
    decided: Rung
    action: str
    outcome: str
    reason: str | None
    rungs: list[dict[str, Any]]


def explain(work: Work, subject: UUID, api: str | None = None) -> Explanation:
    """The explanation of the latest decision about an object; NotFoundError where nobody was asked."""
    decision = decisions.current(work, subject)
    if decision is None or api not in (None, decision.api):
        of = f" of the API '{api}'" if api else ""
        raise NotFoundError(
            f"Nobody has been asked about an object{of} with the id {subject}. An object asks when it begins to wait "
            "for a person; what waits for something else first, such as another signer, has not asked yet."
        )
    is_commanded = decision.state is DecisionState.COMMANDED
    outcome, reason = decision.state.value, None if is_commanded else decision.outcome
    if (failure := _failure(work, decision)) is not None:
        outcome, reason = FAILED, failure
    return Explanation(
        decision=decision,
        decided=Rung.COMMAND if is_commanded else Rung(decision.rung),
        action=str(decision.outcome) if is_commanded else decision.action,
        outcome=outcome,
        reason=reason,
        rungs=_rungs(decision),
    )


def _failure(work: Work, decision: Decision) -> str | None:
    if decision.state not in (DecisionState.SET, DecisionState.ACTING):
        return None
    timer = timers.scheduled(work.db, decisions.ACT, str(decision.subject))
    return None if timer is None else timer.failure


def _rungs(decision: Decision) -> list[dict[str, Any]]:
    """All five, from the top. What each said when it was asked is kept; what came later is added."""
    is_commanded = decision.state is DecisionState.COMMANDED
    if is_commanded:
        command = f"'{decision.outcome}' was done by hand, by a command or on the end user's page."
    else:
        command = _NOT_COMMANDED[decision.state]
    rungs = [{"rung": Rung.COMMAND, "used": is_commanded, "why": command}]
    said = {one["rung"]: one for one in decision.rungs}
    for rung in list(Rung)[1:]:
        one = said.get(rung.value)
        if one is None:
            rungs.append({"rung": rung, "used": False, "why": "Not asked: a rung above it decided."})
        elif one["decided"] and is_commanded:
            rungs.append({"rung": rung, "used": False, "why": f"{one['why']} A command came first."})
        else:
            rungs.append({"rung": rung, "used": one["decided"], "why": one["why"]})
    return rungs
