"""What happened in a workspace, in order, for programs and for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localsign.client.shapes.traffic import Entry, Explanation


@dataclass(frozen=True)
class Moment:
    """A request, a control call, or a timer, with what came of it.

    `what` is a line for people, `followed` has what it caused, `why` explains a refusal.
    """

    id: int
    at: str
    kind: str
    what: str
    status: int | None
    operation: str | None
    followed: tuple[Mapping[str, Any], ...]
    faults: tuple[str, ...]
    why: str | None

    @property
    def lines(self) -> list[str]:
        """The moment in words: a line for it, and an indented one for each thing that followed."""
        more = [f"fault {one}" for one in self.faults]
        more += [told(one) for one in self.followed]
        more += [f"why: {self.why}"] if self.why else []
        return [f"{self.at}  {self.what}", *(f"    {one}" for one in more)]


@dataclass(frozen=True)
class Timeline:
    """The moments of a workspace, the oldest first; `str` of it is the text."""

    workspace: str
    moments: tuple[Moment, ...]

    @property
    def text(self) -> str:
        if not self.moments:
            return f"workspace {self.workspace}: nothing has happened"
        return "\n".join([f"workspace {self.workspace}", *(line for one in self.moments for line in one.lines)])

    def __str__(self) -> str:
        return self.text

    def __len__(self) -> int:
        return len(self.moments)

    @classmethod
    def of(cls, workspace: str, entries: Sequence[Entry], explained: Mapping[int, Explanation]) -> "Timeline":
        ordered = sorted(entries, key=lambda one: one["id"])
        return cls(workspace, tuple(_moment(one, explained.get(one["id"])) for one in ordered))


def _moment(entry: Entry, explanation: Explanation | None) -> Moment:
    answer = entry["answer"]
    return Moment(
        id=entry["id"],
        at=entry["at"],
        kind=entry["kind"],
        what=_what(entry),
        status=None if answer is None else answer["status"],
        operation=None if entry["operation"] is None else f"{entry['api']}.{entry['operation']}",
        followed=tuple(entry["caused"]),
        faults=tuple(entry["faults"]),
        why=None if explanation is None else explanation["sentence"],
    )


def _what(entry: Entry) -> str:
    request, answer, timer = entry["request"], entry["answer"], entry["timer"]
    if request is not None:
        status = "no answer" if answer is None else str(answer["status"])
        return f"{request['method']} {request['path']} -> {status} ({entry['duration_ms']:.0f} ms)"
    if timer is not None:
        return f"due: {timer['kind']} of {timer['subject']}"
    return str(entry["kind"])


def told(followed: Mapping[str, Any]) -> str:
    """One thing that followed, in words: a move of a machine, an announcement, a message, a webhook, a decision."""
    rest = dict(followed)
    about = f" of {rest.pop('id')}" if "id" in rest else ""
    if "machine" in rest:
        moved = f"{rest['from']} -> {rest['to']}" if "from" in rest else f"begins as {rest['to']}"
        return f"{rest['machine']}{about}: {rest['event']}, {moved}"
    [(verb, what), *more] = rest.items()
    return f"{verb} {what}{about}" + "".join(f", {name} {value}" for name, value in more)
