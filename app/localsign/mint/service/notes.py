"""Notes on journeys and on their steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from localsign.core.errors import BadInputError, NotFoundError
from localsign.core.paging import Page, Window, cut
from localsign.core.work import Work
from localsign.mint.models import Graph, Journey, Note

SORTABLE: Mapping[str, Any] = {"createdAt": Note.created_at, "updatedAt": Note.updated_at}


def create(work: Work, journey_id: UUID, content: str, step_id: str | None, author: str) -> Note:
    """A note of `author` on a journey, or on one of its steps (inferred: which must exist)."""
    journey = work.glance(Journey, journey_id)
    if step_id and all(one["id"] != step_id for one in work.glance(Graph, journey.graph_id).steps):
        raise BadInputError.of("stepId", f"the journey has no step '{step_id}'")
    note = Note(
        id=work.new_id(),
        journey_id=journey.id,
        step_id=step_id or None,
        content=content,
        folded=content.casefold(),
        created_by=author,
        created_at=work.now,
    )
    work.db.add(note)
    return note


def update(work: Work, journey_id: UUID, note_id: UUID, content: str) -> Note:
    note = _of(work, journey_id, note_id)
    note.content, note.folded, note.updated_at = content, content.casefold(), work.now
    return note


def check_place(work: Work, journey_id: UUID, note_id: UUID, step_id: str | None) -> None:
    """NotFoundError unless the note is on that step; None is the journey itself."""
    if _of(work, journey_id, note_id).step_id != step_id:
        raise NotFoundError(f"There is no note with the id {note_id.hex} here.")


def check_step(work: Work, journey_id: UUID, step_id: str) -> None:
    """NotFoundError where the journey has no such step."""
    journey = work.glance(Journey, journey_id)
    if all(one["id"] != step_id for one in work.glance(Graph, journey.graph_id).steps):
        raise NotFoundError(f"The journey has no step '{step_id}'.")


def delete(work: Work, journey_id: UUID, note_id: UUID) -> None:
    work.db.delete(_of(work, journey_id, note_id))


def _of(work: Work, journey_id: UUID, note_id: UUID) -> Note:
    work.glance(Journey, journey_id)
    note = work.get(Note, note_id)
    if note.journey_id != journey_id:
        raise NotFoundError(f"There is no note with the id {note_id.hex} on this journey.")
    return note


def listed(
    work: Work,
    journey_id: UUID,
    window: Window,
    *,
    after: datetime | None,
    before: datetime | None,
    search: str | None,
) -> Page[Note]:
    """The notes of a journey, its steps' included."""
    work.glance(Journey, journey_id)
    query = select(Note).where(Note.journey_id == journey_id)
    if after is not None:
        query = query.where(col(Note.created_at) > after)
    if before is not None:
        query = query.where(col(Note.created_at) < before)
    if search:
        query = query.where(func.instr(Note.folded, search.casefold()) > 0)
    return cut(work, Note, query, window, SORTABLE, tie=Note.seq, filters=("notes", journey_id, after, before, search))
