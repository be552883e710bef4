"""A workflow as steps and what leads from one to the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from localsign.mint.engine.catalog import folded
from localsign.mint.engine.results import DONE


@dataclass(frozen=True)
class Step:
    """One step of a workflow, as it was saved."""

    id: str
    type: str
    name: str | None
    display_name: str | None
    properties: dict[str, Any]

    @classmethod
    def of(cls, saved: dict[str, Any]) -> "Step":
        return cls(
            saved["id"], saved["type"], saved.get("name"), saved.get("displayName"), saved.get("properties") or {}
        )

    @property
    def title(self) -> str:
        return self.display_name or self.name or self.id

    @property
    def names(self) -> tuple[str, ...]:
        """What expressions may call it."""
        return tuple(name for name in (self.display_name, self.name, self.id) if name)


class Routes:
    """Steps by id, and where their outcomes lead."""

    def __init__(self, steps: Sequence[dict[str, Any]], connections: Sequence[dict[str, Any]]) -> None:
        self.steps = {one["id"]: Step.of(one) for one in steps}
        self._order = [one["id"] for one in steps]
        self._targets: dict[tuple[str, str], list[str]] = {}
        self._inbound: set[str] = set()
        self._by_name: dict[str, list[str]] = {}
        for one in connections:
            source, target, outcome = one["sourceStepId"], one["targetStepId"], one.get("outcome") or DONE[0]
            self._targets.setdefault((source, outcome.casefold()), []).append(target)
            self._inbound.add(target)
        for step in self.steps.values():
            for name in step.names:
                self._by_name.setdefault(folded(name), []).append(step.id)

    @property
    def start(self) -> str | None:
        """The first step that nothing leads to; the first of all where something leads to each; None without any."""
        free = (step_id for step_id in self._order if step_id not in self._inbound)
        return next(free, self._order[0] if self._order else None)

    def targets(self, step_id: str, outcomes: Iterable[str]) -> list[str]:
        """Where `outcomes` of a step lead, in the order of the connections, each step once; case does not matter."""
        found = [target for one in outcomes for target in self._targets.get((step_id, one.casefold()), ())]
        return list(dict.fromkeys(found))

    def called(self, name: str) -> list[str]:
        """The ids of the steps that an expression may call `name`: an exact name first, then one that is alike."""
        alike = self._by_name.get(folded(name), [])
        return sorted(alike, key=lambda step_id: name not in self.steps[step_id].names)


def cleaned(steps: Sequence[dict[str, Any]], connections: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The connections that lead somewhere: those of unknown steps, or with an empty outcome, are dropped on saving."""
    known = {one["id"] for one in steps}
    return [
        one
        for one in connections
        if one.get("sourceStepId") in known and one.get("targetStepId") in known and one.get("outcome") != ""
    ]
