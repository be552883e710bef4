"""DSTs: making, reading, changing, listing, deleting them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, literal
from sqlmodel import col, select

from localsign.core import decisions
from localsign.core.database import State
from localsign.core.errors import BadInputError, Flaw, ForbiddenError
from localsign.core.work import Work
from localsign.signing_today import rsql_fields as kinds
from localsign.signing_today.dst_switches import PUT, TEMPLATE_FLAG
from localsign.signing_today.lifecycle.dsts import STATUSES, DstEvent, DstState
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, documents_of, turns_of
from localsign.signing_today.models.people import User
from localsign.signing_today.permissions import Caller, Capability, Role
from localsign.signing_today.schemas.dsts import DstRequest
from localsign.signing_today.schemas.parts import DocumentRequest
from localsign.signing_today.service import access, lists, plans
from localsign.signing_today.service.lists import Listed, Wanted

_STATUS = case((col(Dst.state) == DstState.REPLACED, literal(DstState.REJECTED, State(DstState))), else_=col(Dst.state))
FIELDS: Mapping[str, kinds.Field] = {
    "id": kinds.Id(Dst.id),
    "domain": kinds.Text(Dst.domain),
    "title": kinds.Text(Dst.title),
    "status": kinds.Choice(_STATUS, STATUSES),
    "replaces": kinds.Id(Dst.replaces),
    "replacedBy": kinds.Id(Dst.replaced_by),
    "createdByUser": kinds.Id(Dst.created_by),
    "createdAt": kinds.Moment(Dst.created_at),
    "updatedAt": kinds.Moment(Dst.updated_at),
    "publishedAt": kinds.Moment(Dst.published_at),
    "expiresAt": kinds.Moment(Dst.expires_at),
    "errorMessage": kinds.Text(Dst.error_message),
    "template": kinds.Flag(Dst.template),
    "publicTemplate": kinds.Flag(Dst.public_template),
    "urgent": kinds.Flag(Dst.urgent),
    "tags": kinds.Texts(Dst.tags),
    "ccGroups": kinds.Texts(Dst.cc_groups),
    "ccUsers": kinds.Ids(Dst.cc_users),
    "visibleTo": kinds.Ids(Dst.visible_to),
}

# The members that a client may set, with what they are where it does not.
_WRITABLE: dict[str, Any] = {
    "title": None,
    "tags": [],
    "template": False,
    "public_template": False,
    "extra": {},
    "visible_to": [],
    "cc_groups": [],
    "cc_users": [],
    "urgent": False,
}


def start(work: Work, caller: Caller, base: str, state: DstState = DstState.DRAFT) -> Dst:
    """A new DST of the caller, with nothing in it. `base` begins the links that it sends."""
    dst = Dst(
        id=work.new_id(),
        state=state,
        domain=caller.domain,
        created_by=caller.user_id,
        robot_id=caller.user_id if caller.is_robot else None,
        created_at=work.now,
        updated_at=work.now,
        base_url=base,
    )
    work.db.add(dst)
    return dst


def create(work: Work, caller: Caller, wanted: DstRequest, base: str) -> Dst:
    """A new DST in draft."""
    must_create(caller)
    dst = start(work, caller, base)
    _put_members(dst, wanted, keeps=False)
    _put_documents(work, dst, wanted.documents or [], {})
    work.followed.began(dst.machine, dst)
    return dst


def read(work: Work, caller: Caller, dst_id: UUID) -> Dst:
    """The DST; lags may be waiting for this."""
    dst = access.hidden(work, caller, dst_id)
    if work.waits_for_reads:
        work.saw(dst.id)
    return dst


def put(work: Work, caller: Caller, dst_id: UUID, wanted: DstRequest) -> Dst:
    """Change what a client may set; what is not sent is cleared or kept, as the switch says."""
    dst = access.owned(work, caller, dst_id)
    work.fire(dst.machine, dst, DstEvent.UPDATE)
    keeps = work.switched(PUT) == "merge"
    was_template = dst.template
    _put_members(dst, wanted, keeps=keeps)
    if work.switched(TEMPLATE_FLAG) != TEMPLATE_FLAG.default and dst.is_instance:
        dst.template = was_template
    if not keeps or wanted.documents is not None:
        known = {document.number: document for document in documents_of(work, dst)}
        _put_documents(work, dst, wanted.documents or [], known)
        work.db.flush()
        resources = {one.id: one for one in work.look_up(Resource, "dst_id", [dst.id])}
        if found := list(plans.flaws(documents_of(work, dst), resources)):
            raise BadInputError.of_flaws(found)
    touch(work, dst)
    return dst


def delete(work: Work, caller: Caller, dst_id: UUID) -> None:
    """Mark a DST as deleted (documented: it stays in the database)."""
    dst = access.owned(work, caller, dst_id, Capability.DELETE_DSTS)
    work.fire(dst.machine, dst, DstEvent.DELETE)
    dst.deleted_at = work.now
    touch(work, dst)
    work.cancel_timers(dst.id)
    for turn in turns_of(work, dst.id, is_open=True):
        decisions.withdraw(work, turn.id)


def listed(work: Work, caller: Caller, wanted: Wanted, *, template: bool, user_id: UUID | None) -> Listed[Dst]:
    """The DSTs that have to do with a user, by default the caller; the newest first (inferred)."""
    if user_id not in (None, caller.user_id):
        caller.must_have(Capability.LIST_DSTS)
    user = work.find(User, user_id or caller.user_id)
    query = select(Dst).where(
        Dst.domain == caller.domain, col(Dst.template).is_(template), col(Dst.deleted_at).is_(None)
    )
    if user is None or user.domain != caller.domain:
        return lists.cut(work, Dst, query.where(col(Dst.seq).is_(None)), wanted, FIELDS, order=[col(Dst.seq)])
    creates = user.is_robot or user.role != Role.SIGNER.value
    query = query.where(access.concerns(work, user.id, creates=creates))
    return lists.cut(work, Dst, query, wanted, FIELDS, order=[col(Dst.seq).desc()])


def touch(work: Work, dst: Dst) -> None:
    """Note that the DST was changed."""
    dst.updated_at = work.now


def _put_members(dst: Dst, wanted: DstRequest, *, keeps: bool) -> None:
    sent = wanted.model_dump(exclude={"documents"}, exclude_none=True)
    if "extra_data" in sent:
        sent["extra"] = sent["extra_data"]
    for name in ("visible_to", "cc_users"):
        if name in sent:
            sent[name] = [str(one) for one in sent[name]]
    for name, default in _WRITABLE.items():
        if name in sent:
            setattr(dst, name, sent[name])
        elif not keeps:
            setattr(dst, name, list(default) if isinstance(default, list) else default)


def _put_documents(work: Work, dst: Dst, wanted: Sequence[DocumentRequest], known: Mapping[int, DstDocument]) -> None:
    """Lay the plans of the documents; those that are not wanted any more go, their files stay."""
    numbers = plans.numbers(wanted)
    if len(set(numbers)) < len(numbers):
        repeated = next(one for one in numbers if numbers.count(one) > 1)
        raise BadInputError.of_flaws([Flaw("documents.id", f"{repeated} is given to more than one")])
    for number, document in known.items():
        if number not in numbers:
            work.db.delete(document)
    for number, one in zip(numbers, wanted, strict=True):
        document = known.get(number) or DstDocument(dst_id=dst.id, number=number)
        document.plain_id = one.plain_document_uuid
        plans.write(dst, document, one)
        work.db.add(document)


def must_create(caller: Caller) -> None:
    """ForbiddenError for an account that may not create DSTs."""
    if not caller.may_create:
        raise ForbiddenError(
            f"The account '{caller.username}@{caller.domain}' is a {caller.role}: it may not create DSTs.",
            facts={"target": "role"},
        )
