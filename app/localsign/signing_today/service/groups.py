"""Groups of users, and who is in them."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, delete, select

from localsign.core.errors import BadInputError, Flaw
from localsign.core.work import Work
from localsign.signing_today.models.people import Group, Membership, User
from localsign.signing_today.permissions import Caller
from localsign.signing_today.rsql_fields import Field, Number, Text
from localsign.signing_today.schemas.people import UserGroup
from localsign.signing_today.service.lists import Listed, Wanted, cut

SEARCHED: Mapping[str, Field] = {
    "id": Number(col(Group.id)),
    "name": Text(col(Group.name)),
    "domain": Text(col(Group.domain)),
}


def listed(work: Work, caller: Caller, wanted: Wanted) -> Listed[Group]:
    """The groups of the caller's domain."""
    query = select(Group).where(Group.domain == caller.domain)
    return cut(work, Group, query, wanted, SEARCHED, order=[col(Group.id)])


def create(work: Work, caller: Caller, wanted: Sequence[UserGroup]) -> None:
    """Add groups to the caller's domain, all or none."""
    taken = {one.name for one in in_domain(work, caller.domain)}
    flaws: list[Flaw] = []
    for index, one in enumerate(wanted):
        if not one.name:
            flaws.append(Flaw(f"[{index}].name", "is required"))
        elif one.name in taken:
            flaws.append(Flaw(f"[{index}].name", f"there is a group '{one.name}' already"))
        else:
            taken.add(one.name)
    if flaws:
        raise BadInputError.of_flaws(flaws)
    for one in wanted:
        work.db.add(Group(domain=caller.domain, name=one.name or ""))


def in_domain(work: Work, domain: str) -> list[Group]:
    """All groups of a domain, the oldest first."""
    return list(work.db.exec(select(Group).where(Group.domain == domain).order_by(col(Group.id))).all())


def chosen(work: Work, domain: str, wanted: Sequence[UserGroup], flaws: list[Flaw], path: str) -> list[Group]:
    """The groups that a client names by id or by name; adds to `flaws` those that are not there."""
    by_id = {one.id: one for one in in_domain(work, domain)}
    by_name = {one.name: one for one in by_id.values()}
    found: dict[int | None, Group] = {}
    for index, one in enumerate(wanted):
        group = by_id.get(one.id) if one.id is not None else by_name.get(one.name or "")
        if group is None:
            flaws.append(Flaw(f"{path}[{index}]", "is not a group of the domain"))
        else:
            found[group.id] = group
    return list(found.values())


def named(work: Work, domain: str, names: Sequence[str]) -> list[Group]:
    """The groups with these names; those that are missing are made."""
    known = {one.name: one for one in in_domain(work, domain)}
    for name in names:
        if name not in known:
            known[name] = Group(domain=domain, name=name)
            work.db.add(known[name])
    work.db.flush()
    return [known[name] for name in dict.fromkeys(names)]


def assign(work: Work, user: User, groups: Sequence[Group]) -> None:
    """Let a user be in exactly these groups."""
    work.db.exec(delete(Membership).where(col(Membership.user_id) == user.id))
    work.touched.add(str(Membership.__tablename__))
    for group in groups:
        assert group.id is not None
        work.db.add(Membership(user_id=user.id, group_id=group.id))
