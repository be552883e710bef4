"""What happened in a workspace, as lines for people: requests, what they changed, and why they were refused.

Pure: it reads what the control plane answers (`journal`, `journal/{id}/explain`, `webhooks/deliveries`), which shows
no secrets, and adds none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

Json = Mapping[str, Any]

MOST_ENTRIES = 60
MOST_CHANGES = 12  # of one entry
LONGEST_LINE = 220
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Timeline:
    """`entries` oldest first; `explanations` by the id of their entry; `deliveries` of webhooks by their id."""

    entries: Sequence[Json]
    explanations: Mapping[int, Json]
    deliveries: Mapping[str, Json]
    left_out: int = 0  # earlier entries that are not among `entries`

    @classmethod
    def of(cls, entries: Iterable[Json], explanations: Iterable[Json] = (), deliveries: Iterable[Json] = ()) -> Self:
        """A timeline of journal entries in any order; only the newest `MOST_ENTRIES` are kept."""
        ordered = sorted(entries, key=lambda one: int(one["id"]))
        kept = ordered[-MOST_ENTRIES:]
        return cls(
            entries=kept,
            explanations={int(one["id"]): one for one in explanations},
            deliveries={str(one["id"]): one for one in deliveries},
            left_out=len(ordered) - len(kept),
        )

    @property
    def text(self) -> str:
        """One entry to a line, with what it caused indented below."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        if not self.entries:
            return ["Nothing was asked of this workspace."]
        shown = [f"… {self.left_out} earlier entries are not shown"] if self.left_out else []
        day = ""
        for entry in self.entries:
            at = str(entry["at"])
            if at[:10] != day:
                day = at[:10]
                shown.append(f"{day} (the workspace's clock)")
            shown += [_fitted(line) for line in self._lines_of(entry, at[11:23].rstrip("Z"))]
        return shown

    def _lines_of(self, entry: Json, time: str) -> list[str]:
        head = f"  {time:<12} #{entry['id']} {_what(entry)}"
        caused = list(entry.get("caused") or [])
        below = [self._change(one) for one in caused[:MOST_CHANGES]]
        if len(caused) > MOST_CHANGES:
            below.append(f"… and {len(caused) - MOST_CHANGES} more changes")
        told = self.explanations.get(int(entry["id"]))
        if told is not None:
            below.append(f"why: {told['sentence']}")
        return [head, *(f"  {'':<12}      {line}" for line in below)]

    def _change(self, change: Json) -> str:
        if "machine" in change:
            moved = f"{change['from']} → {change['to']}" if "from" in change else str(change["to"])
            return f"{change['machine']} {_short(change['id'])}: {moved} ({change['event']})"
        if "announced" in change:
            return f"event {change['announced']} of {_short(change['id'])}"
        if "queued" in change:
            return f"webhook {change['queued']}: {_outcome(self.deliveries.get(str(change['id'])))}"
        if "sent" in change:
            return f"{change['sent']} {change['kind']} into the outbox"
        if "decided" in change:
            refused = f", refused: {change['refused']}" if change.get("refused") else ""
            return f"decided for {change['kind']} {_short(change['id'])}: {change['decided']}{refused}"
        return ", ".join(f"{name} {value}" for name, value in change.items())


def is_to_be_explained(entry: Json) -> bool:
    """Whether there is more to say about an entry than that it happened: it was refused, or met a fault."""
    answer = entry.get("answer")
    if entry.get("kind") == "timer":
        return False
    return answer is None or int(answer["status"]) >= 400 or bool(entry.get("faults"))


def _what(entry: Json) -> str:
    """What was asked, and how it ended."""
    if entry.get("kind") == "timer":
        timer = entry["timer"] or {}
        return f"due: {timer.get('kind')} of {_short(timer.get('subject', ''))}"
    asked, answer = entry["request"], entry.get("answer")
    status = f"→ {answer['status']}" if answer is not None else "→ no answer"
    operation = f"  {entry['operation']}" if entry.get("operation") else "  no operation"
    fault = "  (fault)" if entry.get("faults") else ""
    return f"{asked['method']} {asked['path']}{_query(asked)} {status}{operation}{fault}"


def _query(asked: Json) -> str:
    pairs = "&".join(f"{one['name']}={one['value']}" for one in asked.get("query") or [])
    return f"?{pairs}" if pairs else ""


def _outcome(delivery: Json | None) -> str:
    """How far a webhook has come. Its address may be a secret beyond the host."""
    if delivery is None:
        return "queued"
    state, attempts = str(delivery["state"]), delivery.get("attempts") or []
    to = f" to {_origin(str(delivery['url']))}"
    tries = f" after {len(attempts)} attempts" if len(attempts) > 1 else ""
    last = attempts[-1] if attempts else {}
    if last.get("status") is not None:
        return f"{state}{to}{tries}, answered with {last['status']}"
    if last:
        return f"{state}{to}{tries}, no answer"
    return f"{state}{to}{tries}"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        return "an address that cannot be read"


def _short(identifier: object) -> str:
    """The beginning of an id, which tells things of one test apart."""
    return str(identifier)[:8]


def _fitted(line: str) -> str:
    """`line` without control characters, which a client may have sent, and not too long for a report."""
    plain = _CONTROL.sub("�", line)
    return plain if len(plain) <= LONGEST_LINE else plain[: LONGEST_LINE - 1] + "…"
