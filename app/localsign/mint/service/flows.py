"""Flows as Mint v1 lists them: by version, and by the words of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from sqlmodel import col, func, or_, select

from localsign.core.paging import Page, Window, cut
from localsign.core.work import Work
from localsign.mint.lifecycle import VersionState
from localsign.mint.models import WorkflowVersion

SORTABLE: Mapping[str, Any] = {
    "Name": WorkflowVersion.name,
    "Description": WorkflowVersion.description,
    "CreatedAt": WorkflowVersion.created_at,
}


class Kind(StrEnum):
    """Which versions of a workflow; the words are those of Elsa 2's version options (inferred)."""

    LATEST = auto()
    PUBLISHED = auto()
    LATEST_OR_PUBLISHED = auto()
    DRAFT = auto()  # every version that is not published, not just the newest
    ALL = auto()
    NUMBER = auto()


@dataclass(frozen=True)
class Versions:
    """Which versions are asked for; `number` goes with Kind.NUMBER."""

    kind: Kind = Kind.LATEST
    number: int = 0

    def condition(self) -> Any:
        is_published = col(WorkflowVersion.state) == VersionState.PUBLISHED
        match self.kind:
            case Kind.LATEST:
                return col(WorkflowVersion.is_latest)
            case Kind.PUBLISHED:
                return is_published
            case Kind.LATEST_OR_PUBLISHED:
                return or_(col(WorkflowVersion.is_latest), is_published)
            case Kind.DRAFT:
                return col(WorkflowVersion.state) != VersionState.PUBLISHED
            case Kind.NUMBER:
                return col(WorkflowVersion.number) == self.number
        return None


def listed(work: Work, window: Window, versions: Versions, search: str | None) -> Page[WorkflowVersion]:
    """The versions that match; a search looks in title, description and tags."""
    query = select(WorkflowVersion)
    condition = versions.condition()
    if condition is not None:
        query = query.where(condition)
    if search:
        query = query.where(func.instr(WorkflowVersion.folded, search.casefold()) > 0)
    filters = "flows", versions, search
    return cut(work, WorkflowVersion, query, window, SORTABLE, tie=WorkflowVersion.seq, filters=filters)
