"""`/_sandbox/v1/journal`: what was asked of this world, what it answered, and what followed."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from localsign.control.journal.asking import Asked, Journaled, all_of, in_thread, matching
from localsign.control.journal.explaining import explain, is_unmatched, nearest
from localsign.control.journal.filters import Filters
from localsign.control.journal.schemas import (
    CountResponse,
    EntriesResponse,
    EntryResponse,
    Explanation,
    Unmatched,
    UnmatchedResponse,
)
from localsign.control.waiting import TIMED_OUT, Waiting, timed_out
from localsign.core.errors import NotFoundError, TimedOutError
from localsign.core.http import await_found
from localsign.core.journal import Entry, Journal
from localsign.recording.redacted import Redacted
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1/journal", tags=["journal"])


class Page(Filters):
    """Filters, and which of the entries that match, newest first."""

    limit: int = Field(20, ge=1, le=200, description="Most entries of the answer.")
    before: int | None = Field(None, ge=1, description="Only entries with a lower id.")


class EntriesWait(Filters, Waiting):
    """What to wait for. Entries that are there already count, unless `since` says otherwise."""


def _shown(entries: list[Entry], workspace: Workspace) -> list[EntryResponse]:
    return [EntryResponse.of(entry, workspace.name) for entry in entries]


@router.get("", operation_id="find_entries")
async def find_entries(workspace: Journaled, asked: Annotated[Page, Query()]) -> EntriesResponse:
    """The entries that match every filter, newest first."""

    def made() -> EntriesResponse:
        journal = workspace.journal
        last = journal.last
        found = matching(journal, asked)
        below = [one for one in reversed(found) if asked.before is None or one.number < asked.before]
        shown = below[: asked.limit]
        return EntriesResponse(
            total=len(found),
            before=shown[-1].number if len(below) > len(shown) else None,
            last=last,
            entries=_shown(shown, workspace),
        )

    return await in_thread(made)


@router.get("/count", operation_id="count_entries")
async def count_entries(workspace: Journaled, asked: Asked) -> CountResponse:
    """How many entries match every filter."""
    journal = workspace.journal
    last = journal.last
    return CountResponse(count=len(await in_thread(lambda: matching(journal, asked))), last=last)


@router.post("/wait", operation_id="wait_for_entries", responses=TIMED_OUT)
async def wait_for_entries(request: Request, workspace: Journaled, wanted: EntriesWait) -> EntriesResponse:
    """Answer as soon as enough entries match, with all that do, oldest first; 408 when the time is over.

    Waits for real traffic, in real time; meanwhile what becomes due happens.
    """
    journal = workspace.journal
    found: list[Entry] = []
    seen = 0

    async def look() -> EntriesResponse | None:
        nonlocal seen
        fresh = [entry for entry in journal.entries() if entry.number > seen]
        found.extend(await in_thread(partial(all_of, fresh, wanted)))
        seen = fresh[-1].number if fresh else seen
        if len(found) < wanted.count:
            return None
        entries = await in_thread(partial(_shown, found, workspace))
        return EntriesResponse(total=len(found), before=None, last=seen, entries=entries)

    answer = await await_found(request, journal.changed, look, wanted.timeout)
    if answer is None:
        raise await in_thread(partial(_too_late, journal, wanted, len(found)))
    return answer


def _too_late(journal: Journal, wanted: EntriesWait, found: int) -> TimedOutError:
    newest = [entry for entry in reversed(journal.entries()) if wanted.is_since(entry)]
    return timed_out(wanted, "entries", found, newest, wanted.missed, _near)


def _near(entry: Entry) -> dict[str, Any]:
    told = Redacted.of(entry)
    return {
        "id": told.number,
        "kind": told.kind.value,
        "operation": told.operation or None,
        "method": told.method,
        "path": told.path,
        "status": told.status,
    }


@router.get("/unmatched", operation_id="list_unmatched")
async def list_unmatched(workspace: Journaled, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> UnmatchedResponse:
    """Requests that met no operation, newest first, with the operations whose paths are most like theirs."""

    def made() -> UnmatchedResponse:
        entries = [one for one in reversed(workspace.journal.entries()) if is_unmatched(one)]
        return UnmatchedResponse(unmatched=[_unmatched(one) for one in entries[:limit]])

    return await in_thread(made)


def _unmatched(entry: Entry) -> Unmatched:
    told = Redacted.of(entry)
    near = nearest(entry.method, entry.path)
    return Unmatched(id=told.number, method=told.method, path=told.path, status=told.status, nearest=near)


EntryId = Annotated[int, Path(alias="entryId", ge=1)]


@router.get("/{entryId}", operation_id="get_entry")
async def get_entry(workspace: Journaled, entry_id: EntryId) -> EntryResponse:
    """One entry."""
    return EntryResponse.of(_one(workspace.journal, entry_id), workspace.name)


@router.get("/{entryId}/explain", operation_id="explain_entry")
async def explain_entry(workspace: Journaled, entry_id: EntryId) -> Explanation:
    """Why the answer is what it is: which rule refused, its source, and what would have allowed it."""
    return await in_thread(lambda: explain(_one(workspace.journal, entry_id)))


def _one(journal: Journal, entry_id: int) -> Entry:
    for entry in journal.entries():
        if entry.number == entry_id:
            return entry
    gone = "it was forgotten to make room, or cleared" if entry_id <= journal.last else f"the last is {journal.last}"
    raise NotFoundError(f"There is no entry {entry_id} in the journal: {gone}.")
