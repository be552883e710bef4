"""One world, and all that can be done with it."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from localsign.client.aio.access import AsyncApiClients, AsyncKeys
from localsign.client.aio.actors import AsyncMint, AsyncSecureShare, AsyncSign, AsyncSigningToday
from localsign.client.aio.choices import AsyncLags, AsyncSwitches
from localsign.client.aio.clock import AsyncClock
from localsign.client.aio.control import AsyncControl
from localsign.client.aio.faults import AsyncFaults, AsyncRateLimits
from localsign.client.aio.http import AsyncClients
from localsign.client.aio.journal import AsyncJournal
from localsign.client.aio.outbox import AsyncOutbox
from localsign.client.aio.people import AsyncDecisions, AsyncPersonas
from localsign.client.aio.snapshots import AsyncSnapshot, AsyncSnapshots
from localsign.client.aio.webhooks import AsyncWebhooks
from localsign.client.blocking import AsyncOpening
from localsign.client.credentials import Credentials
from localsign.client.shapes.traffic import Explanation, Finding, Lint
from localsign.client.shapes.worlds import Machine, SeededWorkspace
from localsign.client.spelling import given, plain
from localsign.client.timeline import Timeline, is_to_be_explained, queues_webhooks

if TYPE_CHECKING:
    from localsign.client.aio.sandbox import AsyncSandbox

YAML = "application/yaml"
MOST_EXPLAINED = 20
Scope = Literal["data", "journal", "faults", "outbox", "clock", "all"]


class AsyncWorkspace:
    """A whole world of its own: nothing of another is in it. Entered with `async with`, it is dropped in the end.

    `url` is the address for the application under test, `credentials` what it logs in with, `http` has clients that
    are logged in.
    """

    def __init__(
        self, sandbox: "AsyncSandbox", control: AsyncControl, credentials: Credentials, name: str, *, keep: bool
    ) -> None:
        self.sandbox = sandbox
        self.name = name
        self.url = credentials.url
        self.credentials = credentials
        self.keep = keep
        self._control = control
        self.http: AsyncClients = AsyncClients(sandbox.pool, credentials, sandbox.control_token)
        self.sign = AsyncSign(control)
        self.signing_today = AsyncSigningToday(control)
        self.mint = AsyncMint(control)
        self.secure_share = AsyncSecureShare(control)
        self.clock = AsyncClock(control)
        self.faults = AsyncFaults(control)
        self.rate_limits = AsyncRateLimits(control)
        self.decisions = AsyncDecisions(control)
        self.personas = AsyncPersonas(control)
        self.switches = AsyncSwitches(control)
        self.lags = AsyncLags(control)
        self.webhooks = AsyncWebhooks(control, self.http, sandbox.server)
        self.outbox = AsyncOutbox(control)
        self.journal = AsyncJournal(control)
        self.snapshots = AsyncSnapshots(control)
        self.clients = AsyncApiClients(control)
        self.keys = AsyncKeys(control)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} at {self.url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Drop it, unless it is to be kept."""
        await self.http.close()
        if not self.keep:
            await self.sandbox.drop(self.name)

    # ---- the whole world

    async def seed(self, document: Mapping[str, Any] | Path | str) -> list[SeededWorkspace]:
        """Add what a seed document says: a mapping, a file, or YAML. The answer has the ids of what was made."""
        if isinstance(document, Mapping):
            return cast(list[SeededWorkspace], await self._control.post("seeds", plain(document)))
        text = document.read_text("utf-8") if isinstance(document, Path) else document
        answer = await self._control.ask("POST", "v1/seeds", content=text.encode(), media_type=YAML)
        return cast(list[SeededWorkspace], answer.json())

    async def reset(self, *scopes: Scope) -> None:
        """Empty it, or only what is named. Credentials stay good."""
        await self._control.post("reset", {"scope": list(scopes)} if scopes else None)

    async def snapshot(self, name: str | None = None) -> AsyncSnapshot:
        """Keep it aside as it is now."""
        return await self.snapshots.save(name)

    async def restore(self, snapshot: AsyncSnapshot | str) -> None:
        """Make it what it was; credentials become those of that time, which matters if it was another world's."""
        await (self.snapshots.named(snapshot) if isinstance(snapshot, str) else snapshot).restore()
        self.credentials = (await self.sandbox.attach(self.name)).credentials
        await self.http.renew(self.credentials)

    def fork(self, name: str | None = None, *, keep: bool = False) -> "AsyncOpening[AsyncWorkspace]":
        """A new workspace that is now what this one is; the two then go on apart."""
        return AsyncOpening(self.sandbox.copy(self.name, name, keep=keep))

    # ---- what it is, and what happened

    async def machines(self) -> list[Machine]:
        """Every state machine, as a table and as a diagram."""
        return cast(list[Machine], await self._control.get("machines"))

    async def metrics(self) -> str:
        """Its metrics, as Prometheus reads them."""
        return (await self._control.ask("GET", "metrics")).text

    async def lint(self) -> list[Finding]:
        """Habits of the client under test that would hurt against the real service; see docs/testing.md."""
        return cast(Lint, await self._control.get("lint"))["findings"]

    async def timeline(self, *, since: int | None = None, limit: int = 200) -> Timeline:
        """What happened in it, in order, with an explanation of every refusal; `str` of it is for people.

        `since` is the id of a journal entry; the newest `limit` entries are told.
        """
        entries = await self.journal.list(**given(since=since, limit=limit))
        refused = [one["id"] for one in entries if is_to_be_explained(one)][:MOST_EXPLAINED]
        explained: dict[int, Explanation] = {one: await self.journal.explain(one) for one in refused}
        sent = await self.webhooks.list(limit=limit) if any(map(queues_webhooks, entries)) else []
        return Timeline.of(self.name, entries, explained, sent)
