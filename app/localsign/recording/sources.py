"""Where the values of a request came from: an earlier answer, a page, a message, the workspace."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localsign.recording.exchanges import Exchange
from localsign.recording.labels import Labels, Names, snake
from localsign.recording.steps import ADDRESSES, ORIGIN, URL, Sent, Step, Take, variable
from localsign.recording.values import DRAWN, SEGMENT, is_drawn, leaves, surroundings

_TOKEN = "/auth/open/connect/token"
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE)$")
_ACRONYM = re.compile(r"[A-Z]{2,}s(?![a-z])")
_VERBS = {
    "create",
    "get",
    "list",
    "upload",
    "add",
    "start",
    "execute",
    "read",
    "find",
    "act",
    "on",
    "send",
    "post",
    "put",
}


@dataclass(frozen=True)
class Note:
    """A message to a person, as the outbox has it; `step` is the place of the exchange that sent it, -1 before all."""

    kind: str
    recipient: str
    links: Sequence[str]
    codes: Sequence[str]
    step: int


@dataclass(frozen=True)
class Surroundings:
    """What was there beside the exchanges: credentials of the workspace, national ids of personas, messages."""

    credentials: Mapping[tuple[str, ...], str]  # by their place in `localsign.credentials`
    personas: Mapping[str, str] = field(default_factory=dict)  # national id to key
    messages: Sequence[Note] = ()  # newest first
    begins: int = 1  # the first entry of all that there was
    is_whole: bool = False  # what was before that is in the world with which the recording begins

    @property
    def saml_keys(self) -> dict[str, str]:
        """By domain."""
        return {place[-1]: value for place, value in self.credentials.items() if "saml_keys" in place}


@dataclass
class _Known:
    """A value of an answer, and the place of that exchange."""

    step: int
    take: Take
    noun: str


class Sources:
    """Knows every value that was seen. `use` gives what is to be written instead of one."""

    def __init__(self, exchanges: Sequence[Exchange], around: Surroundings, labels: Labels, names: Names) -> None:
        self.credentials: list[Take] = []
        self.chosen: dict[str, str] = {}
        self.inserted: dict[int, list[Step]] = {}  # before which exchange
        self.named: dict[str, tuple[int, str]] = {}  # values that are variables, since which exchange
        self.given: set[Any] = set()  # what the client chose
        self._exchanges = exchanges
        self._around = around
        self._labels = labels
        self._names = names
        self._known: dict[str, _Known] = {}
        self._shown = _shown(exchanges)
        self._described: dict[str, list[str | int]] = {}
        for place, value in around.credentials.items():
            self._described.setdefault(value, [*place])

    # ---- what answers hold

    def learn(self, index: int) -> None:
        """Take in what the answer of an exchange holds."""
        exchange = self._exchanges[index]
        noun = _noun(exchange.step.operation)
        for place, value in leaves(exchange.answer):
            if isinstance(value, str):
                self._meet(index, value, Take(name=_called(place, noun), source="body", path=place), noun)
        for name, value in exchange.answer_headers:
            if name.lower() == "location":
                self._meet(index, value, Take(name="location", source="header", path=["location"]), noun)

    def _meet(self, index: int, value: str, take: Take, noun: str) -> None:
        if (is_drawn(value) or value.startswith((variable(URL), variable(ORIGIN)))) and value not in self.given:
            self._known.setdefault(value, _Known(index, take, noun))
        for found in (*DRAWN.finditer(value), *(SEGMENT.finditer(value) if value.startswith("⟦") else ())):
            around = surroundings(value, found.start(), found.end())
            if found[0] not in self.given and around is not None and found[0] not in ADDRESSES:
                after, before = around
                part = take.model_copy(update={"after": after, "before": before})
                self._known.setdefault(found[0], _Known(index, part, noun))

    # ---- what requests hold

    def use(self, index: int, value: str) -> str:
        """`value` of the request of an exchange, with variables for all that is not the client's own."""
        if value in self.named:
            return variable(self.named[value][1])
        if value in self._known:
            return self._taken(value)
        return DRAWN.sub(lambda found: self._part(index, found[0]), value)

    def address(self, index: int) -> tuple[str, bool] | None:
        """The variable that holds the URL of an exchange, if one does; and whether it holds the query as well."""
        url = self._exchanges[index].url
        bare = url.partition("?")[0]
        for one in dict.fromkeys((url, bare)):
            if one in self._known and not one.endswith("⟧"):
                return self._taken(one), one != bare
        return None

    def credential(self, value: str) -> str | None:
        """The variable for a value that the workspace is described with."""
        raw = self._raw(value)
        if raw not in self._described:
            return None
        if value not in self.named:
            place = self._described[raw]
            name = self._name_of(value, _called(place, ""))
            self.named[value] = (-1, name)
            self.credentials.append(Take(name=name, source="workspace", path=place))
        return variable(self.named[value][1])

    def make(self, index: int, label: str) -> None:
        """Know a hidden value as a variable that the step itself makes."""
        self.named[label] = (index, label[1:-1])

    def first_client(self) -> tuple[str, str]:
        """The variables for the workspace's first client."""
        known = self._around.credentials
        secret = self._labels.mask("client_secret", known[("client_secret",)])
        return str(self.credential(known[("client_id",)])), str(self.credential(secret))

    def _part(self, index: int, value: str) -> str:
        if value in ADDRESSES:
            return value
        if value in self.named:
            return variable(self.named[value][1])
        if (credential := self.credential(value)) is not None:
            return credential
        if value in self._known:
            return self._taken(value)
        if value.startswith("⟦"):
            return self._found(index, value)
        self.given.add(value)
        return value

    def _taken(self, value: str) -> str:
        if value not in self.named:
            known = self._known[value]
            wanted = known.take.name
            if wanted in ("id", "url") or wanted == "location":
                wanted = f"{known.noun}_{wanted}" if known.noun else wanted
            name = self._name_of(value, wanted)
            self.named[value] = (known.step, name)
            self._exchanges[known.step].step.takes.append(known.take.model_copy(update={"name": name}))
        return variable(self.named[value][1])

    def _name_of(self, value: str, wanted: str) -> str:
        return (
            value[1:-1]
            if value.startswith("⟦") and value.count("⟦") == 1 and value.endswith("⟧")
            else self._names.new(wanted)
        )

    def _raw(self, value: str) -> str:
        return self._labels.raw.get(value[1:-1], value) if value.startswith("⟦") else value

    # ---- secrets that no JSON had

    def _found(self, index: int, label: str) -> str:
        """A secret whose origin is elsewhere; at last, one that the client must have chosen."""
        name, raw = label[1:-1], self._raw(label)
        for find in (self._on_page, self._in_message, self._of_persona):
            if find(index, name, raw):
                break
        else:
            if raw.startswith("eyJ") and self._exchanges[index].step.headers[-1:] == [
                ("Authorization", f"Bearer {label}")
            ]:
                self._insert(index, self._token_step(name))
            else:
                self.chosen[name] = raw if raw in self._shown else stand_in(raw, len(self.chosen) + 1)
        self.named[label] = (index - 1, name)
        return label

    def _on_page(self, index: int, name: str, raw: str) -> bool:
        for exchange in reversed(self._exchanges[:index]):
            page = exchange.page
            at = page.find(raw)
            around = surroundings(page, at, at + len(raw)) if at >= 0 else None
            if around is not None:
                exchange.step.takes.append(Take(name=name, source="text", after=around[0], before=around[1]))
                return True
        return False

    def _in_message(self, index: int, name: str, raw: str) -> bool:
        sent = [one for one in self._around.messages if one.step < index]
        for message in sent:
            alike = [one for one in sent if (one.kind, one.recipient) == (message.kind, message.recipient)]
            nth = next(place for place, one in enumerate(alike) if one is message)
            take: Take | None = None
            if raw in message.codes:
                take = Take(name=name, source="body", path=["messages", nth, "codes", list(message.codes).index(raw)])
            for place, link in enumerate(message.links):
                around = surroundings(link, link.find(raw), link.find(raw) + len(raw)) if raw in link else None
                if take is None and around is not None:
                    path: list[str | int] = ["messages", nth, "links", place]
                    take = Take(name=name, source="body", path=path, after=around[0], before=around[1])
            if take is not None:
                query = [("kind", message.kind), ("to", message.recipient), ("limit", str(nth + 1))]
                self._insert(index, _look("/outbox", "list_messages", take, query))
                return True
        return False

    def _of_persona(self, index: int, name: str, raw: str) -> bool:
        key = self._around.personas.get(raw)
        if key is None:
            return False
        take = Take(name=name, source="body", path=["national_id"])
        self._insert(index, _look(f"/personas/{key}", "get_persona", take, []))
        return True

    def _insert(self, index: int, step: Step) -> None:
        self.inserted.setdefault(index, []).append(step)

    def _token_step(self, name: str) -> Step:
        """A token of the workspace's first client, for one that was there before the recording began."""
        form = [("grant_type", "client_credentials"), ("scope", "signicat-api")]
        take = Take(name=name, source="body", path=["access_token"])
        return Step(
            api="platform",
            operation="platform.get_token",
            method="POST",
            path=_TOKEN,
            auth=self.first_client(),
            sent=Sent(form=form),
            status=200,
            takes=[take],
        )


def _look(path: str, operation: str, take: Take, query: list[tuple[str, str]]) -> Step:
    return Step(
        kind="control",
        api="sandbox",
        operation=f"sandbox.{operation}",
        path=f"/_sandbox/v1{path}",
        query=query,
        status=200,
        takes=[take],
    )


def stand_in(raw: str, number: int) -> str:
    """What is written instead of a secret: as long as it, of the same kinds of characters, and no part of it."""
    letters = []
    for place, letter in enumerate(raw):
        shift = 3 * place + number
        if letter.isdigit():
            letters.append(str(shift % 10))
        elif letter.isascii() and letter.isalpha():
            first = "A" if letter.isupper() else "a"
            letters.append(chr(ord(first) + shift % 26))
        else:
            letters.append(letter if letter.isascii() and letter.isprintable() and letter not in "⟦⟧" else "x")
    return "".join(letters)


def _shown(exchanges: Sequence[Exchange]) -> set[str]:
    """Every string that is not hidden somewhere: it may be written, also where a rule that is strict hides it."""
    found: set[str] = set()
    for exchange in exchanges:
        sent = exchange.step.sent
        given = [] if sent is None else [sent.value, [list(one) for one in sent.form or ()]]
        pairs = [value for _, value in exchange.step.query]
        found.update(one for _, one in leaves([exchange.answer, *given, pairs]) if isinstance(one, str))
    return found


def _called(place: list[str | int], noun: str) -> str:
    """What a member is called; one that stands in a list is called as that, or as what the operation is about."""
    words = [one for one in place if isinstance(one, str)]
    return snake(words[-1]) if words else noun or "value"


def _noun(operation: str) -> str:
    """What an operation is about: `signing_session` for `sign.list_signing_sessions`, `dst` for `DSTsPOST`."""
    name = _METHOD.sub("", operation.rpartition(".")[2])
    name = _ACRONYM.sub(lambda found: f"_{found[0].lower()}_", name)
    words = snake(name).split("_") if name else []
    while len(words) > 1 and words[0] in _VERBS:
        words = words[1:]
    if words and words[-1].endswith("s") and not words[-1].endswith("ss"):
        words[-1] = words[-1][:-1]
    return "_".join(words)
