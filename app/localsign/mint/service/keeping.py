"""What v1 sent of steps and connections that the engine does not use, kept beside what it does.

A save by the newer API, which does not know such members, leaves them on the steps and connections that are still
there: a step by its id, a connection by where it leads from and to (our choice).
"""

from collections.abc import Mapping, Sequence
from typing import Any

KEPT = "v1"
_OF_A_STEP = ("type", "name", "displayName", "description", "properties")
_ENDS = ("sourceStepId", "targetStepId")

Saved = dict[str, Any]


def steps(new: Sequence[Saved], old: Sequence[Saved]) -> list[Saved]:
    """`new` with what v1 had sent of those that `old` has as well."""
    known = {one["id"]: one for one in old}
    return [_with(one, known.get(one["id"]), _OF_A_STEP) for one in new]


def connections(new: Sequence[Saved], old: Sequence[Saved]) -> list[Saved]:
    """`new` with what v1 had sent of those that `old` has as well, first of all with the same outcome."""
    left = list(old)
    exact: list[Saved | None] = []
    for one in new:
        exact.append(next((other for other in left if _same(one, other, (*_ENDS, "outcome"))), None))
        left = [other for other in left if other is not exact[-1]]
    found = []
    for one, twin in zip(new, exact, strict=True):
        other = twin or next((other for other in left if _same(one, other, _ENDS)), None)
        left = [rest for rest in left if rest is not other]
        found.append(_with(one, other, ("outcome",)))
    return found


def _same(one: Saved, other: Saved, names: Sequence[str]) -> bool:
    return all(one.get(name) == other.get(name) for name in names)


def _with(new: Saved, old: Saved | None, names: Sequence[str]) -> Saved:
    """`new` and what was kept with `old`, in which those of `names` are changed that have changed."""
    if KEPT in new or old is None or KEPT not in old:
        return new
    kept: Mapping[str, Any] = old[KEPT]
    changed = {name: new.get(name) for name in names if new.get(name) != old.get(name)}
    return {**new, KEPT: {**kept, **changed}}
