"""DSTs that are made of others: instances of templates, templates of templates, what replaces a rejected one."""

from uuid import UUID

from localsign.core.work import Work
from localsign.signing_today.lifecycle.dsts import DstEvent, DstState
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, Role, documents_of
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service import access, dsts, records


def instantiate(work: Work, caller: Caller, dst_id: UUID, base: str, state: DstState = DstState.DRAFT) -> Dst:
    """A new DST of a published template, in draft (inferred: placeholders have yet to become people)."""
    return _copied(work, caller, dst_id, base, DstEvent.INSTANTIATE, is_template=False, state=state)


def templatize(work: Work, caller: Caller, dst_id: UUID, base: str) -> Dst:
    """A new template of a published template (documented: of nothing else), in draft (inferred)."""
    return _copied(work, caller, dst_id, base, DstEvent.TEMPLATIZE, is_template=True)


def modify(work: Work, caller: Caller, dst_id: UUID) -> Dst:
    """Take a published template back to draft."""
    dst = access.owned(work, caller, dst_id)
    work.fire(dst.machine, dst, DstEvent.MODIFY)
    dst.published_at = None
    dsts.touch(work, dst)
    return dst


def replace(work: Work, caller: Caller, dst_id: UUID, base: str) -> Dst:
    """A new DST in draft in the place of a rejected one, which can be replaced once (inferred)."""
    old = access.owned(work, caller, dst_id)
    work.fire(old.machine, old, DstEvent.REPLACE)
    new = copy(work, caller, old, base)
    new.replaces, old.replaced_by = old.id, new.id
    dsts.touch(work, old)
    records.audit_user(work, old, "event_replacement", caller.user_id, f"put the DST {new.id} in the place of")
    return new


def _copied(
    work: Work,
    caller: Caller,
    dst_id: UUID,
    base: str,
    event: DstEvent,
    *,
    is_template: bool,
    state: DstState = DstState.DRAFT,
) -> Dst:
    dsts.must_create(caller)
    template = access.seen(work, caller, dst_id)
    work.fire(template.machine, template, event)
    made = copy(work, caller, template, base, state)
    made.template, made.is_instance = is_template, not is_template
    made.public_template = is_template and template.public_template
    return made


def copy(work: Work, caller: Caller, source: Dst, base: str, state: DstState = DstState.DRAFT) -> Dst:
    """A new DST with the content of another DST: its original files, with nothing filled in or signed."""
    made = dsts.start(work, caller, base, state)
    for name in ("title", "template", "public_template", "urgent", "parts"):
        setattr(made, name, getattr(source, name))
    for name in ("tags", "visible_to", "cc_users", "cc_groups"):
        setattr(made, name, list(getattr(source, name)))
    made.extra = dict(source.extra)
    files = {
        one.id: _copy_file(work, made, one)
        for one in work.look_up(Resource, "dst_id", [source.id])
        if one.role == Role.PLAIN.value
    }
    for document in documents_of(work, source):
        work.db.add(
            DstDocument(
                dst_id=made.id,
                number=document.number,
                plain_id=files.get(document.plain_id) if document.plain_id else None,
                forms=[{**form, "filled": False} for form in document.forms],
                requests=document.requests,
                groups=document.groups,
            )
        )
    work.followed.began(made.machine, made)
    return made


def _copy_file(work: Work, made: Dst, file: Resource) -> UUID:
    new_id = work.new_id()
    work.db.add(
        Resource(
            id=new_id,
            dst_id=made.id,
            digest=file.digest,
            size=file.size,
            pages=file.pages,
            title=file.title,
            filename=file.filename,
            mimetype=file.mimetype,
            created_at=work.now,
            extra=dict(file.extra),
        )
    )
    return new_id
