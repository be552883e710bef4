"""Why an answer is what it is: the rule that refused, how we know it, and what would have allowed it."""

from collections import deque
from difflib import SequenceMatcher
from functools import lru_cache
from http import HTTPStatus

from localsign.apis import APIS, machines
from localsign.control.journal.schemas import Explanation, Header, NearestRoute, Rule, Source
from localsign.core.errors import IllegalTransitionError
from localsign.core.evidence import Evidence, evidence_of
from localsign.core.journal import Entry, Kind, Refusal
from localsign.core.machine import Machine
from localsign.recording.redacted import Redacted

_MOST_ROUTES = 3
_MOST_WAYS = 3
_FARTHEST = 0.75  # of the segments may differ
_OTHER_METHOD = 0.5
_PARAMETER = 0.05  # what a value in the place of a parameter counts
_PARAMETER_IS_WORD = 0.4  # and one that does not look like an id
_LEFT_OUT = 0.8
_ALIKE = 0.6
_MOST_SEGMENTS = 20
_LONGEST_SEGMENT = 100


def explain(entry: Entry) -> Explanation:
    """What there is to say about `entry`."""
    told = Redacted.of(entry)
    row = _row(entry)
    rule = _rule(entry, told, entry.refusal) if entry.refusal else None
    near = nearest(entry.method, entry.path) if is_unmatched(entry) else []
    sentence = _sentence(entry, told, rule, near)
    if entry.faults:
        sentence = (
            f"It met {'the fault' if len(entry.faults) == 1 else 'the faults'} {', '.join(entry.faults)}. {sentence}"
        )
    return Explanation(
        id=entry.number,
        sentence=sentence,
        operation=entry.name or None,
        status=entry.status,
        source=row and Source(evidence=row.mark, source=row.source),
        rule=rule,
        nearest=near,
    )


def is_unmatched(entry: Entry) -> bool:
    """Whether the request met no operation."""
    return entry.kind is Kind.REQUEST and not entry.operation and entry.status in (404, 405)


def _row(entry: Entry) -> Evidence | None:
    return evidence_of(entry.api).get(entry.name.partition(".")[2]) if entry.api and entry.mark else None


def _rule(entry: Entry, told: Redacted, refusal: Refusal) -> Rule:
    machine = _machine(entry.api, refusal.machine)
    allowed = [str(state) for state in _sources(machine, refusal.event)] if machine else []
    possible, ways = [], []
    if machine is not None and refusal.state in machine.states:
        state = next(one for one in machine.states if one == refusal.state)
        possible = [event.value for event in machine.possible(state)]
        ways = _ways(machine, str(state), set(allowed))
    return Rule(
        error=refusal.error,
        code=refusal.code,
        detail=told.detail,
        flaws=[Header(name=name, value=reason) for name, reason in told.flaws],
        raised_in=refusal.raised_in,
        machine=refusal.machine,
        state=refusal.state,
        event=refusal.event,
        allowed_in=allowed,
        possible_instead=possible,
        ways=ways,
    )


def _machine(api: str, name: str | None) -> Machine | None:
    named = [(owner == api, machine) for owner, machine in machines() if machine.name == name]
    return max(named, key=lambda one: one[0])[1] if named else None


def _sources(machine: Machine, event: str | None) -> list[str]:
    sources = {state for row in machine.rows if row.event == event for state in row.sources}
    return [state for state in machine.states if state in sources]


def _ways(machine: Machine, state: str, wanted: set[str]) -> list[list[str]]:
    """The shortest sequences of events from `state` to one of `wanted`; none where nothing leads there."""
    found: list[list[str]] = []
    waiting: deque[tuple[str, list[str]]] = deque([(state, [])])
    seen = {state}
    while waiting and len(found) < _MOST_WAYS:
        here, events = waiting.popleft()
        if here in wanted:
            found.append(events)
            continue
        for row in machine.rows:
            if here in row.sources and row.target not in seen:
                seen.add(row.target)
                waiting.append((str(row.target), [*events, row.event.value]))
    return found


def _sentence(entry: Entry, told: Redacted, rule: Rule | None, near: list[NearestRoute]) -> str:
    if entry.kind is Kind.TIMER:
        return f"The timer {entry.name} of {entry.subject} was due at {entry.at:%Y-%m-%dT%H:%M:%SZ} and ran."
    if entry.status is None:
        return "The connection ended before there was an answer."
    if is_unmatched(entry):
        hint = f" The nearest is {near[0].method} {near[0].path} ({near[0].operation})." if near else ""
        return f"No operation is {told.method} {told.path}.{hint}"
    if rule is None:
        return f"It was answered with {_status(entry.status)}; no rule of localsign refused it."
    return _of_rule(rule, entry.status)


def _of_rule(rule: Rule, status: int) -> str:
    if rule.error == IllegalTransitionError.__name__ and rule.state is not None:
        return _of_machine(rule)
    if rule.flaws:
        return f"What was sent is wrong: {'; '.join(f'{flaw.name} {flaw.value}' for flaw in rule.flaws)}."
    return f"{_status(status)}: {rule.detail}"


def _of_machine(rule: Rule) -> str:
    said = f"The {rule.machine} was {rule.state}; '{rule.event}' is possible in {' or '.join(rule.allowed_in)}."
    if rule.ways:
        return f"{said} From {rule.state} that is reached by {' or '.join(', '.join(way) for way in rule.ways)}."
    return f"{said} Nothing leads there from {rule.state}."


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)


# ---- paths that are alike


def nearest(method: str, path: str) -> list[NearestRoute]:
    """The operations whose paths are most like `path`, nearest first."""
    measured = []
    for api, row in _rows():
        for template in (row.path, *(one.partition(" ")[2] for one in row.aliases if " " in one)):
            asked, wanted = path.strip("/").split("/")[:_MOST_SEGMENTS], template.strip("/").split("/")
            far = _distance(asked, wanted)
            if far <= _FARTHEST * max(len(asked), len(wanted)) and _have_like_segments(asked, wanted):
                other = _OTHER_METHOD if row.method != method else 0.0
                measured.append(
                    (
                        far + other,
                        template,
                        _told(
                            api, row, template, method, is_path=not _is_instance(path.split("/"), template.split("/"))
                        ),
                    )
                )
    measured.sort(key=lambda one: one[:2])
    return [route for _, _, route in measured[:_MOST_ROUTES]]


def _rows() -> list[tuple[str, Evidence]]:
    return [(entry.name, row) for entry in APIS for row in evidence_of(entry.name).values()]


def _told(api: str, row: Evidence, template: str, method: str, *, is_path: bool) -> NearestRoute:
    differs = [word for word, is_so in (("method", row.method != method), ("path", is_path)) if is_so]
    return NearestRoute(
        operation=f"{api}.{row.operation}", method=row.method, path=template, differs=" and ".join(differs) or "nothing"
    )


def _distance(asked: list[str], template: list[str]) -> float:
    """How many segments have to be changed, added or left out; those that are alike count in part."""
    # A prefix that was forgotten, such as the mount of an API, is one mistake, however long it is.
    row = [0.0, *(_LEFT_OUT + 0.1 * index for index in range(len(template)))]
    for number, segment in enumerate(asked, 1):
        row, above = [_LEFT_OUT * number], row
        for index, wanted in enumerate(template):
            left_out = _LEFT_OUT + min(above[index + 1], row[index])
            row.append(min(above[index] + _unlike(segment, wanted), left_out))
    return row[-1]


def _is_instance(asked: list[str], template: list[str]) -> bool:
    return len(asked) == len(template) and all(
        segment == wanted or "{" in wanted for segment, wanted in zip(asked, template, strict=True)
    )


def _unlike(segment: str, wanted: str) -> float:
    if segment == wanted:
        return 0.0
    if "{" in wanted:
        return _PARAMETER_IS_WORD if segment.replace("-", "").isalpha() and len(segment) < 20 else _PARAMETER
    return 1 - 0.9 * _likeness(segment[:_LONGEST_SEGMENT], wanted)


def _have_like_segments(asked: list[str], template: list[str]) -> bool:
    """Whether one of the words of the template was meant; parameters are like everything."""
    words = [wanted for wanted in template if "{" not in wanted]
    return any(_likeness(segment[:_LONGEST_SEGMENT], wanted) >= _ALIKE for segment in asked for wanted in words)


@lru_cache(10_000)
def _likeness(segment: str, wanted: str) -> float:
    return SequenceMatcher(None, segment.lower(), wanted.lower()).ratio()
