"""What happened in a workspace, in order, for programs and for people.

It is made of what the control plane tells, which has no secrets; the addresses of webhooks, which may be secrets, are
cut to their hosts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from localsign.client.shapes.traffic import Entry, Explanation
from localsign.client.shapes.webhooks import Delivery

MOST_MOMENTS = 60  # of a text
MOST_FOLLOWED = 12  # of one moment, in a text
LONGEST_LINE = 220
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Moment:
    """A request, a control call, or a timer, with what came of it.

    `what` is a line for people, `followed` has what it caused, `told` the same in words, `why` explains a refusal.
    """

    id: int
    at: str
    kind: str
    what: str
    status: int | None
    operation: str | None
    followed: tuple[Mapping[str, Any], ...]
    told: tuple[str, ...]
    faults: tuple[str, ...]
    why: str | None

    @property
    def lines(self) -> list[str]:
        """The moment in words: a line for it, and an indented one for each thing that followed."""
        below = list(self.told[:MOST_FOLLOWED])
        if len(self.told) > MOST_FOLLOWED:
            below.append(f"… and {len(self.told) - MOST_FOLLOWED} more")
        if self.why:
            below.append(f"why: {self.why}")
        time = self.at[11:23].rstrip("Z")
        head = f"  {time:<12} #{self.id} {self.what}"
        return [_fitted(line) for line in (head, *(f"  {'':<12}      {one}" for one in below))]


@dataclass(frozen=True)
class Timeline:
    """The moments of a workspace, the oldest first; `str` of it is the text."""

    workspace: str
    moments: tuple[Moment, ...]

    @property
    def text(self) -> str:
        """The newest moments, a line each, with what they caused below; times are the workspace's clock."""
        if not self.moments:
            return f"workspace {self.workspace}: nothing has happened"
        shown = [f"workspace {self.workspace}"]
        if len(self.moments) > MOST_MOMENTS:
            shown.append(f"… {len(self.moments) - MOST_MOMENTS} earlier moments are not shown")
        day = ""
        for moment in self.moments[-MOST_MOMENTS:]:
            if moment.at[:10] != day:
                day = moment.at[:10]
                shown.append(day)
            shown += moment.lines
        return "\n".join(shown)

    def __str__(self) -> str:
        return self.text

    def __len__(self) -> int:
        return len(self.moments)

    @classmethod
    def of(
        cls,
        workspace: str,
        entries: Sequence[Entry],
        explained: Mapping[int, Explanation],
        deliveries: Iterable[Delivery] = (),
    ) -> "Timeline":
        """From entries of the journal in any order, explanations by entry, and what became of webhooks."""
        ordered = sorted(entries, key=lambda one: one["id"])
        sent = {one["id"]: one for one in deliveries}
        return cls(workspace, tuple(_moment(one, explained.get(one["id"]), sent) for one in ordered))


def is_to_be_explained(entry: Entry) -> bool:
    """Whether there is more to say about an entry than that it happened: it was refused, or met a fault."""
    if entry["request"] is None:
        return False
    return entry["answer"] is None or entry["refusal"] is not None or bool(entry["faults"])


def queues_webhooks(entry: Entry) -> bool:
    """Whether an entry tells of webhooks, of which deliveries know more."""
    return any("queued" in one for one in entry["caused"])


def _moment(entry: Entry, explanation: Explanation | None, sent: Mapping[str, Delivery]) -> Moment:
    answer = entry["answer"]
    return Moment(
        id=entry["id"],
        at=entry["at"],
        kind=entry["kind"],
        what=_what(entry),
        status=None if answer is None else answer["status"],
        operation=entry["operation"],
        followed=tuple(entry["caused"]),
        told=tuple(told(one, sent) for one in entry["caused"]),
        faults=tuple(entry["faults"]),
        why=None if explanation is None else explanation["sentence"],
    )


def _what(entry: Entry) -> str:
    request, answer, timer = entry["request"], entry["answer"], entry["timer"]
    if request is not None:
        query = "&".join(f"{one['name']}={one['value']}" for one in request["query"])
        status = "no answer" if answer is None else str(answer["status"])
        operation = entry["operation"] or "no operation"
        fault = " (fault)" if entry["faults"] else ""
        return f"{request['method']} {request['path']}{'?' if query else ''}{query} → {status}  {operation}{fault}"
    if timer is not None:
        return f"due: {timer['kind']} of {_short(timer['subject'])}"
    return str(entry["kind"])


def told(change: Mapping[str, Any], sent: Mapping[str, Delivery]) -> str:
    """One thing that followed, in words."""
    match change:
        case {"machine": machine, "id": subject, "event": event, "to": target}:
            source = f"{change['from']} → " if "from" in change else ""
            said = f"{machine} {_short(subject)}: {source}{target} ({event})"
        case {"announced": event, "id": subject}:
            said = f"event {event} of {_short(subject)}"
        case {"queued": event, "id": delivery}:
            said = f"webhook {event}: {_outcome(sent.get(delivery))}"
        case {"sent": channel, "kind": kind}:
            said = f"{channel} {kind} into the outbox"
        case {"decided": action, "kind": kind, "id": subject}:
            refused = f", refused: {change['refused']}" if change.get("refused") else ""
            said = f"decided for {kind} {_short(subject)}: {action}{refused}"
        case _:
            said = ", ".join(f"{name} {value}" for name, value in change.items())
    return said


def _outcome(delivery: Delivery | None) -> str:
    """How far a webhook has come."""
    if delivery is None:
        return "queued"
    attempts = delivery["attempts"]
    said = f"{delivery['state']} to {_origin(delivery['url'])}"
    if len(attempts) > 1:
        said += f" after {len(attempts)} attempts"
    if not attempts:
        return said
    status = attempts[-1]["status"]
    return f"{said}, no answer" if status is None else f"{said}, answered with {status}"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _short(identifier: object) -> str:
    """The beginning of an id, which tells the things of one workspace apart."""
    return str(identifier)[:8]


def _fitted(line: str) -> str:
    """`line` without control characters, which a client may have sent, and not too long to be read."""
    plain = _CONTROL.sub("�", line)
    return plain if len(plain) <= LONGEST_LINE else plain[: LONGEST_LINE - 1] + "…"
