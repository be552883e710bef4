"""What the routes of the journal ask of a request: a workspace that keeps one, and filters."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import anyio.to_thread
from fastapi import Depends, Query, Request

from localsign.control.journal.filters import Filters
from localsign.core.errors import ConflictError
from localsign.core.journal import Entry, Journal
from localsign.workspace import Workspace

Made = TypeVar("Made")


async def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.scope["state"]["workspace"]
    if workspace.house.is_shared:
        raise ConflictError(
            "Several processes serve this workspace, and each would know only its own requests: "
            "the journal needs LOCALSIGN_WORKERS=1.",
            code="journal_per_process",
        )
    if not workspace.journal.is_kept:
        raise ConflictError("The journal is switched off: LOCALSIGN_JOURNAL_ENTRIES is 0.", code="journal_off")
    return workspace


Journaled = Annotated[Workspace, Depends(_workspace)]
Asked = Annotated[Filters, Query()]


async def in_thread(make: Callable[[], Made]) -> Made:
    """Redacting a thousand entries takes longer than others should wait."""
    return await anyio.to_thread.run_sync(make)


def all_of(entries: list[Entry], filters: Filters) -> list[Entry]:
    return [entry for entry in entries if filters.matches(entry)]


def matching(journal: Journal, filters: Filters) -> list[Entry]:
    return all_of(journal.entries(), filters)
