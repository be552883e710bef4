# Made from app/localsign/client/aio/people.py by `make face`: change that instead.
"""What people would do: decisions, and personas."""

from typing import Unpack, cast
from uuid import UUID

from localsign.client.shapes.asking import DecisionMembers, Duration, NewPersonaMembers, PersonaChanges
from localsign.client.shapes.people import (
    Asked,
    AskingKind,
    Decision,
    DecisionExplanation,
    DecisionState,
    Persona,
    PersonRule,
)
from localsign.client.spelling import given, query
from localsign.client.sync.control import Control

_Decisions = list[Decision]
_Personas = list[Persona]


class Decisions:
    """The ladder of rules that says what a person does who is asked for something."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def queue(self, action: str, **members: Unpack[DecisionMembers]) -> Decision:
        """The next person who is asked does `action`; `match` says of which object."""
        return cast(Decision, self._control.post("decisions", {"action": action, **given(**members)}))

    def get(self, decision_id: UUID | str) -> Decision:
        return cast(Decision, self._control.get(f"decisions/{decision_id}"))

    def remove(self, decision_id: UUID | str) -> None:
        """Take back one that is not used."""
        self._control.delete(f"decisions/{decision_id}")

    def clear(self) -> None:
        """Take back all that are not used."""
        self._control.delete("decisions")

    def default(self) -> PersonRule:
        """What people do for whom nothing else is decided."""
        return cast(PersonRule, self._control.get("decisions/default"))

    def set_default(self, action: str, *, after: Duration | None = None, reason: str | None = None) -> PersonRule:
        """What people do for whom nothing else is decided; at first `manual`, they wait for a command."""
        wanted = {"action": action, **given(after=after, reason=reason)}
        return cast(PersonRule, self._control.put("decisions/default", wanted))

    def kinds(self) -> list[AskingKind]:
        """The kinds of objects that ask, with the words and attributes of each."""
        return cast(list[AskingKind], self._control.get("decisions/kinds"))

    def asked(
        self, outcome: DecisionState | None = None, *, api: str | None = None, limit: int | None = None
    ) -> list[Asked]:
        """Everything that has asked."""
        return cast(list[Asked], self._control.get("decisions/asked", **query(outcome=outcome, api=api, limit=limit)))

    def explain(self, subject: UUID | str, *, api: str | None = None) -> DecisionExplanation:
        """Why the person of the object `subject` did what they did: every rung of the ladder."""
        return cast(DecisionExplanation, self._control.get("decisions/explain", **query(subject=subject, api=api)))

    def list(self, *, used: bool = False) -> _Decisions:
        """Those that wait; with `used`, those that were used as well."""
        return cast(_Decisions, self._control.get("decisions", **query(used=used)))


class Personas:
    """Made-up people, with ids that were never issued to anybody."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def create(self, name: str, **members: Unpack[NewPersonaMembers]) -> Persona:
        """A new one; what you do not give is made up."""
        return cast(Persona, self._control.post("personas", {"name": name, **given(**members)}))

    def get(self, key: str) -> Persona:
        return cast(Persona, self._control.get(f"personas/{key}"))

    def change(self, key: str, **members: Unpack[PersonaChanges]) -> Persona:
        """Change members; a persona that is built in becomes the workspace's own."""
        return cast(Persona, self._control.patch(f"personas/{key}", given(**members)))

    def delete(self, key: str) -> None:
        """Remove one; of one that was built in, the original comes back."""
        self._control.delete(f"personas/{key}")

    def list(self) -> _Personas:
        return cast(_Personas, self._control.get("personas"))
