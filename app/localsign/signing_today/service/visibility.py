"""Whom a caller may see and act for. Nothing crosses a domain: what is in another one is not there."""

from uuid import UUID

from sqlmodel import select

from localsign.core.errors import ForbiddenError, NotFoundError
from localsign.core.work import Work
from localsign.signing_today.models.people import Group, Membership, User
from localsign.signing_today.permissions import Caller, Capability


def account(work: Work, caller: Caller, user_id: UUID) -> User:
    """The account with this id in the caller's domain; NotFoundError also for one of another domain."""
    user = work.get(User, user_id)
    if user.domain != caller.domain:
        raise NotFoundError(f"There is no user with the id {user_id}.")
    return user


def own_or_accessible(work: Work, caller: Caller, user_id: UUID) -> User:
    """The caller's own account; another one of the domain with `user.access.all`, else ForbiddenError (inferred)."""
    user = account(work, caller, user_id)
    if user.id != caller.user_id:
        caller.must_have(Capability.ACCESS_USERS)
    return user


def own(work: Work, caller: Caller, user_id: UUID) -> User:
    """The caller's own account, and no other."""
    user = account(work, caller, user_id)
    if user.id != caller.user_id:
        raise ForbiddenError("Nobody may do this for somebody else.", facts={"target": "id"})
    return user


def subject(caller: Caller, user_id: UUID | None, capability: Capability) -> UUID:
    """Whom a `userId` parameter is about: the caller (documented default), or with `capability` somebody else."""
    if user_id is None or user_id == caller.user_id:
        return caller.user_id
    caller.must_have(capability)
    return user_id


def groups_of(work: Work, user_id: UUID) -> list[Group]:
    """The groups that a user is in."""
    members = work.look_up(Membership, "user_id", [user_id])
    return work.look_up(Group, "id", [one.group_id for one in members])


def group_members(work: Work, domain: str, name: str) -> list[User]:
    """The users in the group of a domain with this name; nobody if there is no such group."""
    group = work.db.exec(select(Group).where(Group.domain == domain, Group.name == name)).first()
    members = work.look_up(Membership, "group_id", [group.id]) if group else []
    return work.look_up(User, "id", [one.user_id for one in members])
