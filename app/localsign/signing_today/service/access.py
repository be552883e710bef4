"""Who may see a DST, and who may do what with it. Inferred throughout, from roles and the names of capabilities.

Nothing crosses from one domain to another: what is there reads as not there.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from localsign.core.errors import ForbiddenError, NotFoundError
from localsign.core.work import Work
from localsign.signing_today.models.dsts import Dst, Resource, Turn
from localsign.signing_today.models.people import Group, Membership
from localsign.signing_today.permissions import Caller, Capability


def seen(work: Work, caller: Caller, dst_id: UUID) -> Dst:
    """The DST, which the caller must be allowed to see; NotFoundError, or ForbiddenError inside the domain."""
    dst = work.get(Dst, dst_id)
    if dst.domain != caller.domain:
        raise NotFoundError(f"There is no DST with the id {dst_id}.")
    if not is_seen(work, caller, dst):
        raise _forbidden(caller, "see", dst)
    return dst


def hidden(work: Work, caller: Caller, dst_id: UUID) -> Dst:
    """`seen` for the one call that lists no 403: what may not be seen is not there."""
    try:
        return seen(work, caller, dst_id)
    except ForbiddenError:
        raise NotFoundError(f"There is no DST with the id {dst_id}.") from None


def owned(work: Work, caller: Caller, dst_id: UUID, capability: Capability = Capability.MODIFY_DSTS) -> Dst:
    """The DST, which the caller must have created, or have `capability` for."""
    dst = work.get(Dst, dst_id)
    if dst.domain != caller.domain:
        raise NotFoundError(f"There is no DST with the id {dst_id}.")
    if dst.created_by != caller.user_id and not caller.has(capability):
        raise _forbidden(caller, "change", dst)
    return dst


def resource(work: Work, caller: Caller, resource_id: UUID, *, changes: bool = False) -> tuple[Resource, Dst]:
    """A file that is shown, and the DST that it belongs to."""
    found = work.get(Resource, resource_id)
    try:
        return found, (owned if changes else seen)(work, caller, found.dst_id)
    except NotFoundError:
        raise NotFoundError(f"There is no resource with the id {resource_id}.") from None


def _forbidden(caller: Caller, what: str, dst: Dst) -> ForbiddenError:
    return ForbiddenError(
        f"The account '{caller.username}@{caller.domain}' may not {what} the DST {dst.id}.", facts={"target": "id"}
    )


def is_seen(work: Work, caller: Caller, dst: Dst) -> bool:
    """Whether the caller may see a DST of its domain. Its signers may once it is published: turns begin with that."""
    me = str(caller.user_id)
    if caller.user_id == dst.created_by or caller.has(Capability.LIST_DSTS) or me in (*dst.visible_to, *dst.cc_users):
        return True
    if dst.template and dst.public_template and caller.may_create:
        return True
    if dst.cc_groups and set(dst.cc_groups) & set(groups_of(work, caller.user_id)):
        return True
    turns = select(Turn.seq).where(Turn.dst_id == dst.id, Turn.user_id == caller.user_id)
    return work.db.exec(turns.limit(1)).first() is not None


def groups_of(work: Work, user_id: UUID) -> list[str]:
    """The names of the groups of a user."""
    members = work.look_up(Membership, "user_id", [user_id])
    return [group.name for group in work.look_up(Group, "id", [one.group_id for one in members])]


def members_of(work: Work, domain: str, names: list[str]) -> list[UUID]:
    """The users in any of the groups with these names."""
    query = (
        select(Membership.user_id)
        .join(Group, col(Group.id) == col(Membership.group_id))
        .where(Group.domain == domain, col(Group.name).in_(names))
        .order_by(col(Membership.seq))
    )
    return list(dict.fromkeys(work.db.exec(query).all())) if names else []


def concerns(work: Work, user_id: UUID, *, creates: bool) -> ColumnElement[bool]:
    """The condition on DSTs that have to do with a user; `creates` tells that it may use public templates."""
    me = str(user_id)
    turns = select(Turn.dst_id).where(Turn.user_id == user_id)
    parts: list[ColumnElement[bool]] = [
        col(Dst.created_by) == user_id,
        _holds(Dst.visible_to, [me]),
        _holds(Dst.cc_users, [me]),
        col(Dst.id).in_(turns),
    ]
    if groups := groups_of(work, user_id):
        parts.append(_holds(Dst.cc_groups, groups))
    if creates:
        parts.append(col(Dst.template).is_(True) & col(Dst.public_template).is_(True))
    return or_(*parts)


def _holds(column: Any, wanted: list[str]) -> ColumnElement[bool]:
    inside = func.json_each(column).table_valued("value")
    return select(inside.c.value).where(inside.c.value.in_(wanted)).exists()
