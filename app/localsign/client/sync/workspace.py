# Made from app/localsign/client/aio/workspace.py by `make face`: change that instead.
"""One world, and all that can be done with it."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from localsign.client.credentials import Credentials
from localsign.client.shapes.traffic import Explanation, Finding, Lint
from localsign.client.shapes.worlds import Machine, SeededWorkspace
from localsign.client.spelling import given, plain
from localsign.client.sync.access import ApiClients, Keys
from localsign.client.sync.actors import Mint, SecureShare, Sign, SigningToday
from localsign.client.sync.choices import Lags, Switches
from localsign.client.sync.clock import Clock
from localsign.client.sync.control import Control
from localsign.client.sync.faults import Faults, RateLimits
from localsign.client.sync.http import Clients
from localsign.client.sync.journal import Journal
from localsign.client.sync.outbox import Outbox
from localsign.client.sync.people import Decisions, Personas
from localsign.client.sync.snapshots import Snapshot, Snapshots
from localsign.client.sync.webhooks import Webhooks
from localsign.client.timeline import Timeline, is_to_be_explained, queues_webhooks

if TYPE_CHECKING:
    from localsign.client.sync.sandbox import Sandbox

YAML = "application/yaml"
MOST_EXPLAINED = 20
Scope = Literal["data", "journal", "faults", "outbox", "clock", "all"]


class Workspace:
    """A whole world of its own: nothing of another is in it. Entered with `with`, it is dropped in the end.

    `url` is the address for the application under test, `credentials` what it logs in with, `http` has clients that
    are logged in.
    """

    def __init__(
        self, sandbox: "Sandbox", control: Control, credentials: Credentials, name: str, *, keep: bool
    ) -> None:
        self.sandbox = sandbox
        self.name = name
        self.url = credentials.url
        self.credentials = credentials
        self.keep = keep
        self._control = control
        self.http: Clients = Clients(sandbox.pool, credentials, sandbox.control_token)
        self.sign = Sign(control)
        self.signing_today = SigningToday(control)
        self.mint = Mint(control)
        self.secure_share = SecureShare(control)
        self.clock = Clock(control)
        self.faults = Faults(control)
        self.rate_limits = RateLimits(control)
        self.decisions = Decisions(control)
        self.personas = Personas(control)
        self.switches = Switches(control)
        self.lags = Lags(control)
        self.webhooks = Webhooks(control, self.http, sandbox.server)
        self.outbox = Outbox(control)
        self.journal = Journal(control)
        self.snapshots = Snapshots(control)
        self.clients = ApiClients(control)
        self.keys = Keys(control)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} at {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop it, unless it is to be kept."""
        self.http.close()
        if not self.keep:
            self.sandbox.drop(self.name)

    # ---- the whole world

    def seed(self, document: Mapping[str, Any] | Path | str) -> list[SeededWorkspace]:
        """Add what a seed document says: a mapping, a file, or YAML. The answer has the ids of what was made."""
        if isinstance(document, Mapping):
            return cast(list[SeededWorkspace], self._control.post("seeds", plain(document)))
        text = document.read_text("utf-8") if isinstance(document, Path) else document
        answer = self._control.ask("POST", "v1/seeds", content=text.encode(), media_type=YAML)
        return cast(list[SeededWorkspace], answer.json())

    def reset(self, *scopes: Scope) -> None:
        """Empty it, or only what is named. Credentials stay good."""
        self._control.post("reset", {"scope": list(scopes)} if scopes else None)

    def snapshot(self, name: str | None = None) -> Snapshot:
        """Keep it aside as it is now."""
        return self.snapshots.save(name)

    def restore(self, snapshot: Snapshot | str) -> None:
        """Make it what it was; credentials become those of that time, which matters if it was another world's."""
        (self.snapshots.named(snapshot) if isinstance(snapshot, str) else snapshot).restore()
        self.credentials = (self.sandbox.attach(self.name)).credentials
        self.http.renew(self.credentials)

    def fork(self, name: str | None = None, *, keep: bool = False) -> "Workspace":
        """A new workspace that is now what this one is; the two then go on apart."""
        return self.sandbox.copy(self.name, name, keep=keep)

    # ---- what it is, and what happened

    def machines(self) -> list[Machine]:
        """Every state machine, as a table and as a diagram."""
        return cast(list[Machine], self._control.get("machines"))

    def metrics(self) -> str:
        """Its metrics, as Prometheus reads them."""
        return (self._control.ask("GET", "metrics")).text

    def lint(self) -> list[Finding]:
        """Habits of the client under test that would hurt against the real service; see docs/testing.md."""
        return cast(Lint, self._control.get("lint"))["findings"]

    def timeline(self, *, since: int | None = None, limit: int = 200) -> Timeline:
        """What happened in it, in order, with an explanation of every refusal; `str` of it is for people.

        `since` is the id of a journal entry; the newest `limit` entries are told.
        """
        entries = self.journal.list(**given(since=since, limit=limit))
        refused = [one["id"] for one in entries if is_to_be_explained(one)][:MOST_EXPLAINED]
        explained: dict[int, Explanation] = {one: self.journal.explain(one) for one in refused}
        sent = self.webhooks.list(limit=limit) if any(map(queues_webhooks, entries)) else []
        return Timeline.of(self.name, entries, explained, sent)
