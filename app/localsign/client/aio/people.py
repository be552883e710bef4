"""What people would do: decisions, and personas."""

from typing import Unpack, cast
from uuid import UUID

from localsign.client.aio.control import AsyncControl
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

_Decisions = list[Decision]
_Personas = list[Persona]


class AsyncDecisions:
    """The ladder of rules that says what a person does who is asked for something."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def queue(self, action: str, **members: Unpack[DecisionMembers]) -> Decision:
        """The next person who is asked does `action`; `match` says of which object."""
        return cast(Decision, await self._control.post("decisions", {"action": action, **given(**members)}))

    async def get(self, decision_id: UUID | str) -> Decision:
        return cast(Decision, await self._control.get(f"decisions/{decision_id}"))

    async def remove(self, decision_id: UUID | str) -> None:
        """Take back one that is not used."""
        await self._control.delete(f"decisions/{decision_id}")

    async def clear(self) -> None:
        """Take back all that are not used."""
        await self._control.delete("decisions")

    async def default(self) -> PersonRule:
        """What people do for whom nothing else is decided."""
        return cast(PersonRule, await self._control.get("decisions/default"))

    async def set_default(self, action: str, *, after: Duration | None = None, reason: str | None = None) -> PersonRule:
        """What people do for whom nothing else is decided; at first `manual`, they wait for a command."""
        wanted = {"action": action, **given(after=after, reason=reason)}
        return cast(PersonRule, await self._control.put("decisions/default", wanted))

    async def kinds(self) -> list[AskingKind]:
        """The kinds of objects that ask, with the words and attributes of each."""
        return cast(list[AskingKind], await self._control.get("decisions/kinds"))

    async def asked(
        self, outcome: DecisionState | None = None, *, api: str | None = None, limit: int | None = None
    ) -> list[Asked]:
        """Everything that has asked."""
        return cast(
            list[Asked], await self._control.get("decisions/asked", **query(outcome=outcome, api=api, limit=limit))
        )

    async def explain(self, subject: UUID | str, *, api: str | None = None) -> DecisionExplanation:
        """Why the person of the object `subject` did what they did: every rung of the ladder."""
        return cast(
            DecisionExplanation, await self._control.get("decisions/explain", **query(subject=subject, api=api))
        )

    async def list(self, *, used: bool = False) -> _Decisions:
        """Those that wait; with `used`, those that were used as well."""
        return cast(_Decisions, await self._control.get("decisions", **query(used=used)))


class AsyncPersonas:
    """Made-up people, with ids that were never issued to anybody."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def create(self, name: str, **members: Unpack[NewPersonaMembers]) -> Persona:
        """A new one; what you do not give is made up."""
        return cast(Persona, await self._control.post("personas", {"name": name, **given(**members)}))

    async def get(self, key: str) -> Persona:
        return cast(Persona, await self._control.get(f"personas/{key}"))

    async def change(self, key: str, **members: Unpack[PersonaChanges]) -> Persona:
        """Change members; a persona that is built in becomes the workspace's own."""
        return cast(Persona, await self._control.patch(f"personas/{key}", given(**members)))

    async def delete(self, key: str) -> None:
        """Remove one; of one that was built in, the original comes back."""
        await self._control.delete(f"personas/{key}")

    async def list(self) -> _Personas:
        return cast(_Personas, await self._control.get("personas"))
