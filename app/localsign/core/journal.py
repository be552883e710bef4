"""What was asked of a world, what it answered, and what followed: kept raw, within bounds, read later.

Recording is in the way of every request, so it only keeps references. Entries hold secrets: whoever shows one goes
through `core.secrecy`.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import chain
from types import TracebackType
from typing import Any

from localsign.core.changes import Changes
from localsign.core.errors import ApiError, Flaw, IllegalTransitionError

MOST_OF_A_BODY = 64 * 1024  # bytes; of a longer one only size and digest are kept
MOST_OF_HEADERS = 16 * 1024  # bytes, with what each takes besides its text
MOST_CHANGES = 500  # of one entry; all that one entry may hold is then less than any journal may
_OVERHEAD = 1024  # bytes, roughly, that an entry takes besides what it refers to
_PER_CHANGE = 512
_PER_HEADER = 64

Headers = list[tuple[bytes, bytes]]


class Kind(StrEnum):
    """What an entry is about."""

    REQUEST = "request"  # to an emulated API, or to none
    CONTROL = "control"  # a call of the control plane that changed something, or came too late to
    TIMER = "timer"  # something that became due


class Body:
    """The bytes that went by, or, of many, how many they were and their SHA-256."""

    __slots__ = ("_chunks", "_digest", "size")

    def __init__(self) -> None:
        self.size = 0
        self._chunks: list[bytes] = []
        self._digest: Any = None

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._digest is not None:
            self._digest.update(chunk)
            return
        self._chunks.append(chunk)
        if self.size > MOST_OF_A_BODY:
            self._digest = hashlib.sha256(b"".join(self._chunks))
            self._chunks = []

    @property
    def kept(self) -> int:
        """How many bytes are held."""
        return 0 if self._digest is not None else self.size

    @property
    def content(self) -> bytes | None:
        """All bytes; None where they were too many to keep."""
        return None if self._digest is not None else b"".join(self._chunks)

    def settle(self) -> None:
        """No more will come: hold what there is in one piece, as thousands of small ones take far more memory."""
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]

    @property
    def sha256(self) -> str:
        digest = self._digest or hashlib.sha256(b"".join(self._chunks))
        return str(digest.hexdigest())


class Refusal:
    """Why something was refused: an error without the frames that it would keep alive."""

    __slots__ = ("code", "detail", "error", "event", "flaws", "machine", "raised_in", "state")

    def __init__(self, error: BaseException) -> None:
        self.error = type(error).__name__
        self.raised_in = _innermost(error.__traceback__)
        self.code = error.code if isinstance(error, ApiError) else "internal_server_error"
        self.detail = error.detail if isinstance(error, ApiError) else "It failed; the log of the server says how."
        self.flaws: tuple[Flaw, ...] = error.flaws if isinstance(error, ApiError) else ()
        is_move = isinstance(error, IllegalTransitionError)
        self.machine = str(getattr(error, "machine", "")) if is_move else None
        self.state = str(getattr(error, "state", "")) if is_move else None
        self.event = str(getattr(error, "event", "")) if is_move else None


def _innermost(traceback: TracebackType | None) -> str | None:
    """The function of ours that raised, as `sign.service.checks.check`; errors and tables only pass on."""
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("localsign.") and not module.startswith("localsign.core."):
            found = f"{module.removeprefix('localsign.')}.{code.co_qualname}"
        traceback = traceback.tb_next
    return found


class Entry:
    """One thing that happened.

    `path` begins after the prefix of the workspace; `operation` is the value of `X-Sandbox-Operation`, for a timer its
    kind. `status` is None where there was no answer.
    """

    __slots__ = (
        "answer_body",
        "answer_headers",
        "api",
        "at",
        "body",
        "caused",
        "faults",
        "fired",
        "headers",
        "kind",
        "method",
        "number",
        "operation",
        "origin",
        "path",
        "prefix",
        "query",
        "refusal",
        "request_id",
        "rests_on",
        "seconds",
        "size",
        "status",
        "subject",
        "takes_members",
        "trace_id",
    )

    def __init__(self, kind: Kind, method: str = "", path: str = "", query: bytes = b"") -> None:
        self.kind = kind
        self.method = method
        self.path = path
        self.query = query
        self.number = 0
        self.size = 0
        self.api = ""
        self.operation = b""
        self.origin = ""
        self.prefix = ""
        self.headers: Headers = []
        self.body: Body | None = None
        self.takes_members = True  # the body is JSON or a form that the operation reads; else it is a document
        self.status: int | None = None
        self.answer_headers: Headers = []
        self.answer_body: Body | None = None
        self.trace_id = ""
        self.request_id = ""
        self.seconds = 0.0
        self.caused: list[dict[str, Any]] = []
        self.faults: tuple[str, ...] = ()  # the ids of those that it met
        self.rests_on: tuple[str, ...] = ()  # the switches that were asked meanwhile
        self.fired: tuple[str, ...] = ()  # the kinds of timers that ran in its name
        self.refusal: Refusal | None = None
        self.subject = ""  # the id of the thing that a timer is about
        self.at: datetime

    @property
    def name(self) -> str:
        """The operation, as `sign.create_signing_session`; empty where the request met none."""
        return self.operation.partition(b";")[0].decode()

    @property
    def mark(self) -> str:
        """How far its emulation can be trusted."""
        return self.operation.partition(b"evidence=")[2].decode()

    def weigh(self) -> None:
        """Cut what is too much of headers and changes, and note roughly how many bytes the entry holds."""
        for body in (self.body, self.answer_body):
            if body is not None:
                body.settle()
        if len(self.caused) > MOST_CHANGES:
            self.caused = [*self.caused[: MOST_CHANGES - 1], {"left_out": len(self.caused) - MOST_CHANGES + 1}]
        self.headers, asked = _cut(self.headers)
        self.answer_headers, answered = _cut(self.answer_headers)
        bodies = sum(one.kept for one in (self.body, self.answer_body) if one is not None)
        heads = asked + answered + len(self.path) + len(self.query)
        self.size = _OVERHEAD + heads + bodies + _PER_CHANGE * len(self.caused)


def _cut(headers: Headers) -> tuple[Headers, int]:
    size = sum(map(len, chain.from_iterable(headers))) + _PER_HEADER * len(headers)
    if size <= MOST_OF_HEADERS:
        return headers, size
    size = 0
    for index, (name, value) in enumerate(headers):
        this = len(name) + len(value) + _PER_HEADER
        if size + this > MOST_OF_HEADERS:
            return headers[:index], size
        size += this
    return headers, size


class Journal:
    """The newest entries of one world: at most `most`, and at most `most_bytes` of them.

    Numbers count up and are never used twice, also not after `clear`. `changed` tells who waits for more.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.changed = Changes()
        self.last = 0
        self.size = 0
        self._most_bytes = most_bytes
        self.saved: dict[str, int] = {}  # snapshots, by their names, with the last entry before each
        self._entries: deque[Entry] = deque()
        self._guard = threading.Lock()

    @property
    def is_kept(self) -> bool:
        return self.most > 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Keep `entry`; the eldest make room for it."""
        if not self.most:
            return
        entry.weigh()
        with self._guard:
            self.last += 1
            entry.number = self.last
            self._entries.append(entry)
            self.size += entry.size
            while len(self._entries) > self.most or self.size > self._most_bytes:
                self.size -= self._entries.popleft().size
        self.changed.tell()

    def entries(self) -> list[Entry]:
        """All that are kept, eldest first."""
        with self._guard:
            return list(self._entries)

    def clear(self) -> None:
        """Forget all entries."""
        with self._guard:
            self._entries.clear()
            self.size = 0

    def note_timer(self, kind: str, subject: str, at: datetime, caused: Iterable[dict[str, Any]]) -> None:
        """Something became due at `at`, and this followed."""
        entry = Entry(Kind.TIMER)
        entry.api = kind.partition(".")[0]
        entry.operation = kind.encode()
        entry.subject = subject
        entry.at = at
        entry.caused = list(caused)
        entry.fired = (kind,)
        self.add(entry)
