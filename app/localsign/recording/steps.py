"""A recording: what happened in a world, as steps that can be taken again in another one.

Strings hold variables: `⟦name⟧` is what an earlier step took from its answer, a credential of the workspace, or a
value that the client chose and that must not be written down. In what an answer must hold, `⟦*⟧` stands for
anything.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel

from localsign.version import VERSION

ANYTHING = "⟦*⟧"
NO_JSON = "no JSON"  # in the place of a reply that is none
URL = "url"  # the variable that is the address of the workspace
ORIGIN = "origin"  # the address of the server
HOST = "host"  # its host and port
_VARIABLE = re.compile(r"⟦([a-z][a-z0-9_]*|\*)⟧")


def variable(name: str) -> str:
    return f"⟦{name}⟧"


ADDRESSES = frozenset(map(variable, (URL, ORIGIN, HOST)))  # which every workspace has


def split(text: str) -> list[str]:
    """Literal text and names of variables in turn; an even number of the former, also where it is empty."""
    return _VARIABLE.split(text)


def spelled(text: str, spell: Callable[[str], str]) -> str:
    """`text` with what `spell` says instead of each variable."""
    return _VARIABLE.sub(lambda found: spell(found[1]), text)


class Take(BaseModel):
    """A value that later steps need, and where it is found.

    `source`: the JSON `body` of an answer, a `header` of it, its `text`, or the credentials of the `workspace`. `path`
    leads to a string there, in which the value stands after `after` and before `before`.
    """

    name: str
    source: Literal["body", "header", "text", "workspace"]
    path: list[str | int] = []
    after: str = ""
    before: str = ""


class Document(BaseModel):
    """Bytes that were sent. A recording does not have them: `sample` names the fixture that they are, if one is."""

    media_type: str
    size: int
    sha256: str
    sample: str | None = None


class Part(BaseModel):
    """A part of a form: a value, or a file."""

    name: str
    value: str = ""
    filename: str | None = None
    document: Document | None = None


class Sent(BaseModel):
    """A body: exactly one of the five."""

    value: Any = None  # JSON
    form: list[tuple[str, str]] | None = None
    parts: list[Part] | None = None
    text: str | None = None
    document: Document | None = None
    media_type: str = ""


class Reply(BaseModel):
    """What an identity provider says, which a step signs before it is taken.

    `token` becomes the Base64 of `said` as JSON, `mac` its HMAC-SHA256 with `key`, where it was signed with that. If it
    was no JSON, something else that is none stands for it.
    """

    token: str
    said: Any = None
    is_json: bool = True
    mac: str | None = None
    key: str | None = None


class Step(BaseModel):
    """One request. `number` is that of its entry in the journal; 0 for a step that was not there, but is needed.

    `path` begins after the address of the workspace, or is a variable that holds a whole URL.
    """

    number: int = 0
    kind: Literal["request", "control", "timer"] = "request"
    api: str = ""
    operation: str = ""
    method: str = "GET"
    path: str = ""
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    auth: tuple[str, str] | None = None
    sent: Sent | None = None
    reply: Reply | None = None
    status: int | None = None  # None: the connection ended before an answer
    media_type: str = ""
    answer: Any = None
    has_answer: bool = False  # whether `answer` is what the answer must hold
    takes: list[Take] = []
    is_before: bool = False  # it was asked before the recording began, and is needed for what is in it
    caused: list[dict[str, Any]] = []
    note: str = ""


class Recording(BaseModel):
    """What `localsign record` reads and writes. It holds no secret, no token, and no bytes of documents."""

    localsign: str = VERSION
    workspace: str
    seed: str | None = None
    world: str | None = None  # the snapshot with which it begins
    credentials: list[Take] = []
    chosen: dict[str, str] = {}  # what stands instead of secrets that the client chose
    notes: list[str] = []  # what cannot be done again as it was
    steps: list[Step]
