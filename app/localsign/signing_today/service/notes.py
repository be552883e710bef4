"""Notes on a DST. Who may write, and who is told, is inferred."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import BadInputError, ForbiddenError, NotFoundError
from localsign.core.work import Work
from localsign.signing_today.lifecycle.dsts import DstEvent
from localsign.signing_today.models.dsts import Dst, Note
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service import access, records


def listed(work: Work, caller: Caller, dst_id: UUID) -> Sequence[Note]:
    """The notes of a DST, oldest first."""
    dst = access.seen(work, caller, dst_id)
    return work.db.exec(select(Note).where(Note.dst_id == dst.id).order_by(col(Note.id))).all()


def append(work: Work, caller: Caller, dst_id: UUID, text: str | None) -> Note:
    """A new note, by anybody who sees the DST."""
    dst = access.seen(work, caller, dst_id)
    work.fire(dst.machine, dst, DstEvent.ADD_NOTE)
    note = Note(dst_id=dst.id, user_id=caller.user_id, created_at=work.now, text=_required(text))
    work.db.add(note)
    work.db.flush()
    _record(work, dst, note, caller, "add", "added")
    return note


def edit(work: Work, caller: Caller, dst_id: UUID, note_id: int, text: str | None) -> Note:
    """Change the text of a note, by its author."""
    dst, note = _own(work, caller, dst_id, note_id)
    note.text = _required(text)
    _record(work, dst, note, caller, "modify", "modified")
    return note


def delete(work: Work, caller: Caller, dst_id: UUID, note_id: int) -> None:
    """Remove a note, by its author."""
    dst, note = _own(work, caller, dst_id, note_id)
    _record(work, dst, note, caller, "delete", "deleted")
    work.db.delete(note)


def _record(work: Work, dst: Dst, note: Note, caller: Caller, event: str, done: str) -> None:
    did = {"add": "added a note to", "modify": "modified a note of", "delete": "deleted a note of"}[event]
    records.audit_user(work, dst, f"event_note_{event}", caller.user_id, did, note=note)
    records.tell_note(work, dst, f"dst_alert_note_{done}", caller.user_id)


def _own(work: Work, caller: Caller, dst_id: UUID, note_id: int) -> tuple[Dst, Note]:
    dst = access.seen(work, caller, dst_id)
    note = work.db.get(Note, note_id)
    if note is None or note.dst_id != dst.id:
        raise NotFoundError(f"There is no note with the id {note_id}.")
    if note.user_id != caller.user_id:
        raise ForbiddenError("Only the author of a note may change it.", facts={"target": "noteId"})
    return dst, note


def _required(text: str | None) -> str:
    if not text:
        raise BadInputError.of("text", "is required")
    return text
