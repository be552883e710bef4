# Made from app/localsign/client/aio/journal.py by `make face`: change that instead.
"""The journal of a workspace: what was asked, what was answered, and what came of it."""

from typing import Any, Unpack, cast

from localsign.client.shapes.asking import EntryConditions, EntryFilters, RecordingConditions
from localsign.client.shapes.traffic import Count, Entries, Entry, Explanation, UnmatchedRequest, UnmatchedRequests
from localsign.client.spelling import given, query
from localsign.client.sync.control import Control

_Entries = list[Entry]


class Journal:
    """Requests, answers and what they caused, without secrets."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def page(self, **filters: Unpack[EntryFilters]) -> Entries:
        """The entries that match, the newest first; its `before` leads to the next page, its `last` is a mark."""
        return cast(Entries, self._control.get("journal", **query(**filters)))

    def count(self, **conditions: Unpack[EntryConditions]) -> Count:
        """How many match, and in `last` the id of the newest entry, which `since` takes."""
        return cast(Count, self._control.get("journal/count", **query(**conditions)))

    def wait(self, *, count: int = 1, timeout: float = 10.0, **conditions: Unpack[EntryConditions]) -> _Entries:
        """Every entry that matches, the oldest first, as soon as there are `count`; WaitTimeoutError otherwise."""
        wanted = given(**conditions)
        if "status" in wanted:
            wanted["status"] = str(wanted["status"])
        return cast(Entries, self._control.wait("journal/wait", wanted, count, timeout))["entries"]

    def unmatched(self, *, limit: int | None = None) -> list[UnmatchedRequest]:
        """Requests that met no operation, each with the nearest ones."""
        answer = self._control.get("journal/unmatched", **query(limit=limit))
        return cast(UnmatchedRequests, answer)["unmatched"]

    def har(self, **conditions: Unpack[EntryConditions]) -> dict[str, Any]:
        """The requests as HAR 1.2, the oldest first."""
        return cast(dict[str, Any], self._control.get("journal/har", **query(**conditions)))

    def curl(self, **conditions: Unpack[EntryConditions]) -> str:
        """The requests as commands, the oldest first."""
        return (self._control.ask("GET", "v1/journal/curl", query=query(**conditions))).text

    def recording(self, **conditions: Unpack[RecordingConditions]) -> dict[str, Any]:
        """What happened, as steps that can be taken again; `localsign record --from` reads it."""
        return cast(dict[str, Any], self._control.get("journal/recording", **query(**conditions)))

    def pytest(self, **conditions: Unpack[RecordingConditions]) -> str:
        """A test with the fixture `localsign` that does the same again."""
        return (self._control.ask("GET", "v1/journal/pytest", query=query(**conditions))).text

    def postman(self, **conditions: Unpack[EntryConditions]) -> dict[str, Any]:
        """The requests as a Postman collection."""
        return cast(dict[str, Any], self._control.get("journal/postman", **query(**conditions)))

    def mermaid(self, **conditions: Unpack[EntryConditions]) -> str:
        """A sequence diagram."""
        return (self._control.ask("GET", "v1/journal/mermaid", query=query(**conditions))).text

    def get(self, entry_id: int) -> Entry:
        return cast(Entry, self._control.get(f"journal/{entry_id}"))

    def explain(self, entry_id: int) -> Explanation:
        """Why an answer is what it is."""
        return cast(Explanation, self._control.get(f"journal/{entry_id}/explain"))

    def clear(self) -> None:
        """Empty it."""
        self._control.post("reset", {"scope": ["journal"]})

    def list(self, **filters: Unpack[EntryFilters]) -> _Entries:
        """The entries that match, the newest first."""
        return (self.page(**filters))["entries"]
