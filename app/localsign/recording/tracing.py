"""From a journal to a recording: every value of a request that a client did not choose is traced to its origin."""

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from localsign.core.journal import Entry, Kind
from localsign.core.secrecy import is_secret
from localsign.recording import replies, values
from localsign.recording.exchanges import Exchange, read
from localsign.recording.labels import Labels, Names
from localsign.recording.sources import Sources, Surroundings
from localsign.recording.steps import ADDRESSES, ANYTHING, Recording, Sent, Step, variable
from localsign.recording.values import DRAWN, INSTANT

_REFUSED = 400
_ASSERTION = {"client_assertion", "client_assertion_type"}
# Of these nobody can make one up; where one was taken, something is missing.
_SHORTEST = 16
_NOT_CHOSEN = ("assertion", "saml", "token", "link", "challenge", "session")


def record(
    entries: Sequence[Entry], workspace: str, seed: str | None, around: Surroundings, earlier: Collection[int] = ()
) -> Recording:
    """`entries`, oldest first, as steps that can be taken again in a new workspace.

    `earlier` has the numbers of those that are only there because the others need them.
    """
    names = Names()
    labels = Labels(names)
    for place, value in around.credentials.items():
        if is_secret(name := "saml_key" if "saml_keys" in place else place[-1]):
            labels.mask(name, value)
    exchanges = [read(entry, labels) for entry in entries]
    sources = Sources(exchanges, around, labels, names)
    notes: list[str] = []
    for index, exchange in enumerate(exchanges):
        if exchange.entry.kind is Kind.TIMER:
            continue
        _trace(index, exchange, sources, labels, around, notes)
        sources.learn(index)
    steps: list[Step] = []
    for index, exchange in enumerate(exchanges):
        steps += sources.inserted.get(index, ())
        exchange.step.is_before = exchange.entry.number in earlier
        if exchange.entry.kind is Kind.REQUEST and not exchange.step.is_before:
            _expect(index, exchange, sources)
        steps += _passing(exchanges, index) if exchange.entry.kind is Kind.TIMER else []
        steps.append(exchange.step)
    if entries and entries[0].number > around.begins:
        notes.insert(
            0, f"The recording begins with entry {entries[0].number} of the journal; what was before is not in it."
        )
    return Recording(
        workspace=workspace,
        seed=seed,
        credentials=sources.credentials,
        chosen=sources.chosen,
        notes=notes,
        steps=steps,
    )


# ---- requests


def _trace(
    index: int, exchange: Exchange, sources: Sources, labels: Labels, around: Surroundings, notes: list[str]
) -> None:
    step = exchange.step
    before = set(sources.chosen)
    given = set(sources.given)
    had_key = _take_assertion(step)
    address = sources.address(index)
    if address is not None:
        step.path = address[0]
    else:
        step.path = "/".join(sources.use(index, one) for one in step.path.split("/"))
    if address is not None and address[1]:
        step.query = []
    else:
        step.query = [(name, sources.use(index, value)) for name, value in step.query]
    if step.status is not None and step.status < _REFUSED and not around.is_whole:
        missing = [one for one in sorted(sources.given - given) if isinstance(one, str) and "-" in one]
        notes += [
            f"Entry {step.number} is about {one}, which no earlier answer has." for one in missing if one in step.path
        ]
    step.headers = [(name, sources.use(index, value)) for name, value in step.headers]
    if step.auth is not None:
        user, password = step.auth
        step.auth = (sources.credential(user) or sources.use(index, user), sources.use(index, password))
    if had_key:
        step.auth = sources.first_client()
    replies.sign_anew(index, step, around.saml_keys, sources, labels)
    if step.sent is not None:
        step.sent = _traced(index, step.sent, sources)
    for name in sorted(sources.chosen.keys() - before):
        is_long = len(sources.chosen[name]) >= _SHORTEST
        if is_long and step.status is not None and step.status < _REFUSED and any(one in name for one in _NOT_CHOSEN):
            notes.append(f"Entry {step.number} needs {name}, which no earlier answer, page or message has.")


def _traced(index: int, sent: Sent, sources: Sources) -> Sent:
    def use(value: Any) -> Any:
        if isinstance(value, str):
            traced = sources.use(index, value)
            sources.given.add(value if traced == value else traced)
            return traced
        if isinstance(value, dict):
            return {name: use(one) for name, one in value.items()}
        if isinstance(value, list):
            return [use(one) for one in value]
        sources.given.add(value)
        return value

    if sent.form is not None:
        form = [
            (name, (sources.credential(value) if name == "client_id" else None) or use(value))
            for name, value in sent.form
        ]
        return sent.model_copy(update={"form": form})
    if sent.parts is not None:
        parts = [one.model_copy(update={"value": use(one.value)}) for one in sent.parts]
        return sent.model_copy(update={"parts": parts})
    if sent.text is not None:
        return sent.model_copy(update={"text": use(sent.text)})
    return sent if sent.document is not None else sent.model_copy(update={"value": use(sent.value)})


def _take_assertion(step: Step) -> bool:
    """Whether a client showed who it is by a key. It is to do so by its secret: nobody else has the key."""
    form = step.sent.form if step.sent else None
    if form is None or step.status is None or step.status >= _REFUSED or not _ASSERTION & dict(form).keys():
        return False
    step.sent = Sent(form=[(name, value) for name, value in form if name not in {*_ASSERTION, "client_id"}])
    return True


# ---- answers


def _expect(index: int, exchange: Exchange, sources: Sources) -> None:
    """What the answer must hold again: everything but what is drawn, measured, or told by the clock."""
    step = exchange.step
    if exchange.answer is None:
        return
    step.has_answer = True
    step.answer = values.shortened(_stable("", exchange.answer, index, sources))


def _stable(name: str, value: Any, index: int, sources: Sources) -> Any:
    if isinstance(value, dict):
        if any(DRAWN.fullmatch(one) and one not in sources.given for one in value):
            return ANYTHING
        return {one: _stable(one, inner, index, sources) for one, inner in value.items()}
    if isinstance(value, list):
        return [_stable(name, one, index, sources) for one in value]
    if _is_given(value, sources):
        return value
    if isinstance(value, str):
        value = _known(value, index, sources)
    return ANYTHING if values.differs(name, value, sources.given) else value


def _is_given(value: Any, sources: Sources) -> bool:
    return isinstance(value, str | float) and value in sources.given and not (isinstance(value, str) and "⟦" in value)


def _known(text: str, index: int, sources: Sources) -> str:
    """`text` with the variables that have their value by then; anything else that was hidden makes it differ."""

    def spelled(value: str) -> str:
        if value in ADDRESSES or INSTANT.fullmatch(value):
            return value
        since, name = sources.named.get(value, (index, ""))
        if since < index:
            return variable(name)
        return ANYTHING if value.startswith("⟦") else value

    whole = spelled(text) if text in sources.named and not INSTANT.fullmatch(text) else text
    return whole if whole != text else DRAWN.sub(lambda found: spelled(found[0]), text)


# ---- time


def _passing(exchanges: Sequence[Exchange], index: int) -> list[Step]:
    """What became due by itself, as the clock ran: in the recording somebody lets that time pass."""
    due = exchanges[index].entry.at
    before = exchanges[index - 1].entry.at if index else due
    seconds = math.ceil((due - before) / timedelta(seconds=1))
    if seconds < 1 or due - before < timedelta(seconds=1):
        return []
    advance = Step(
        kind="control",
        api="sandbox",
        operation="sandbox.advance_clock",
        method="POST",
        path="/_sandbox/v1/clock/advance",
        sent=Sent(value={"by": f"PT{seconds}S"}, media_type="application/json"),
        status=200,
    )
    return [advance]


def lacks(recording: Recording) -> bool:
    """Whether something in it comes from before it began."""
    return any(note.startswith("Entry ") for note in recording.notes)


def used(steps: Iterable[Step]) -> list[Step]:
    """The steps that somebody takes; what became due by itself is none."""
    return [step for step in steps if step.kind != "timer"]
