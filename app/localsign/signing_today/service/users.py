"""Accounts: listed, made, changed, disabled."""

import re
from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import BadInputError, Flaw, ForbiddenError
from localsign.core.work import Work
from localsign.signing_today import mails, passwords, tokens
from localsign.signing_today.account_switches import USER_DELETE, USER_UPDATE
from localsign.signing_today.lifecycle.people import ACCOUNT, AccountEvent
from localsign.signing_today.models.people import Group, Identity, Organization, User
from localsign.signing_today.permissions import CAPABILITIES_OF, Caller, Capability, Role
from localsign.signing_today.rsql_fields import Choice, Field, Flag, Id, Moment, Text, Texts
from localsign.signing_today.schemas.people import CreateUserRequest, UserRequest
from localsign.signing_today.service import groups, identities
from localsign.signing_today.service import passwords as flows
from localsign.signing_today.service.lists import Listed, Wanted, cut
from localsign.signing_today.service.login import named
from localsign.signing_today.service.visibility import account, groups_of, own_or_accessible

SEARCHED: Mapping[str, Field] = {
    "id": Id(col(User.id)),
    "username": Text(col(User.username)),
    "domain": Text(col(User.domain)),
    "name": Text(col(User.name)),
    "surname": Text(col(User.surname)),
    "email": Text(col(User.email)),
    "phone": Text(col(User.phone)),
    "language": Text(col(User.language)),
    "role": Choice(col(User.role), tuple(Role)),
    "capabilities": Texts(col(User.capabilities)),
    "automatic": Flag(col(User.automatic)),
    "createdBy": Id(col(User.created_by)),
    "createdAt": Moment(col(User.created_at)),
    "deletedAt": Moment(col(User.deleted_at)),
}
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
# What a replacement empties where the body lacks it; the other members cannot be empty.
_EMPTIED = ("name", "surname", "email", "phone")


def listed(work: Work, caller: Caller, wanted: Wanted) -> Listed[User]:
    """The accounts of the caller's domain, disabled ones included, in the order of their making (inferred)."""
    query = select(User).where(User.domain == caller.domain)
    return cut(work, User, query, wanted, SEARCHED, order=[col(User.seq)])


def create(work: Work, caller: Caller, wanted: CreateUserRequest, base_url: str) -> User:
    """Make an account in the caller's domain. Without a password, its owner gets a mail to choose one (documented)."""
    asked, flaws = wanted.user, list[Flaw]()
    if not asked.username:
        flaws.append(Flaw("user.username", "is required"))
    elif named(work, caller.domain, asked.username):
        flaws.append(Flaw("user.username", f"'{asked.username}' is taken"))
    _check_email(asked, "user.email", flaws)
    if wanted.password is None and not asked.email:
        flaws.append(Flaw("user.email", "is required where there is no password: the link to choose one goes there"))
    chosen = groups.chosen(work, caller.domain, asked.groups or (), flaws, "user.groups")
    if wanted.password is not None:
        flaws += flows.flaws_of(wanted.password, "password")
    if flaws:
        raise BadInputError.of_flaws(flaws)
    user = new(work, caller.domain, asked.username or "", asked.role or Role.SIGNER, created_by=caller.user_id)
    _overwrite(user, asked)
    if asked.capabilities is not None:
        user.capabilities = _values(asked.capabilities)
    user.password = None if wanted.password is None else passwords.hashed(work, wanted.password)
    settle(work, user, chosen)
    if wanted.password is None:
        mails.password_link(work, user, flows.issue(work, user.id), base_url, mails.WELCOME)
    return user


def new(
    work: Work, domain: str, username: str, role: Role, *, created_by: UUID | None = None, origin: str = "manual"
) -> User:
    """An account of a domain with what a role gives, not stored yet: see `settle`."""
    organization = work.look_up(Organization, "domain", [domain])[0]
    return User(
        id=work.new_id(),
        domain=domain,
        username=username,
        origin=origin,
        role=role.value,
        capabilities=_values(CAPABILITIES_OF[role]),
        language=organization.language,
        extra={},
        created_by=created_by,
        created_at=work.now,
    )


def settle(work: Work, user: User, chosen: list[Group]) -> None:
    """Store a new account with its groups and an identity to sign with."""
    work.db.add(user)
    row = identities.row(work.new_id(), user.id, user.full_name, identities.expiry(work))
    work.db.add(Identity(**row))
    groups.assign(work, user, chosen)


def read(work: Work, caller: Caller, user_id: UUID) -> User:
    """The caller's own account, or with `user.access.all` any of the domain."""
    return own_or_accessible(work, caller, user_id)


def update(work: Work, caller: Caller, user_id: UUID, wanted: UserRequest) -> None:
    """Replace what may be changed. Name, role, capabilities and groups take `user.access.all` (inferred)."""
    user = own_or_accessible(work, caller, user_id)
    flaws: list[Flaw] = []
    _check_email(wanted, "email", flaws)
    if wanted.username == "":
        flaws.append(Flaw("username", "must not be empty"))
    elif wanted.username not in (None, user.username) and named(work, user.domain, wanted.username):
        flaws.append(Flaw("username", f"'{wanted.username}' is taken"))
    chosen = groups.chosen(work, user.domain, wanted.groups or (), flaws, "groups")
    if flaws:
        raise BadInputError.of_flaws(flaws)
    if not caller.has(Capability.ACCESS_USERS):
        _refuse_promotion(work, user, wanted, chosen)
    if work.switched(USER_UPDATE) == USER_UPDATE.default:
        for name in _EMPTIED:
            setattr(user, name, None)
        user.extra = {}
    _overwrite(user, wanted)
    user.username = wanted.username or user.username
    if wanted.role is not None and wanted.role != user.role:
        user.role, user.capabilities = wanted.role.value, _values(CAPABILITIES_OF[wanted.role])
    if wanted.capabilities is not None:
        user.capabilities = _values(wanted.capabilities)
    if wanted.groups is not None:
        groups.assign(work, user, chosen)


def enable(work: Work, caller: Caller, user_id: UUID, enabled: bool | None) -> None:
    """Disable an account, which ends its logins, or enable it again."""
    user = account(work, caller, user_id)
    if enabled is None:
        enabled = work.switched(USER_DELETE) == "toggle" and not user.is_enabled
    set_enabled(work, user, enabled)


def set_enabled(work: Work, user: User, enabled: bool) -> None:
    """Move an account, and set when it was disabled."""
    was_enabled = user.is_enabled
    work.fire(ACCOUNT, user, AccountEvent.ENABLE if enabled else AccountEvent.DISABLE)
    if enabled:
        user.deleted_at = None
    elif was_enabled:
        user.deleted_at = work.now
        tokens.log_out(work, user.id)


def change_role(work: Work, caller: Caller, user_id: UUID, role: Role) -> None:
    """Give an account another role, and the capabilities of that role instead of its own (documented)."""
    user = account(work, caller, user_id)
    work.fire(ACCOUNT, user, AccountEvent.CHANGE_ROLE)
    user.role, user.capabilities = role.value, _values(CAPABILITIES_OF[role])


def _overwrite(user: User, wanted: UserRequest) -> None:
    """Take over the members that anybody may change of himself, where they are sent."""
    for name in (*_EMPTIED, "language"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(user, name, value)
    if wanted.extra_data is not None:
        user.extra = wanted.extra_data


def _refuse_promotion(work: Work, user: User, wanted: UserRequest, chosen: list[Group]) -> None:
    changed = []
    if wanted.username not in (None, user.username):
        changed.append("username")
    if wanted.role not in (None, user.role):
        changed.append("role")
    if wanted.capabilities is not None and set(wanted.capabilities) != set(user.capabilities):
        changed.append("capabilities")
    if wanted.groups is not None and {one.id for one in chosen} != {one.id for one in groups_of(work, user.id)}:
        changed.append("groups")
    if changed:
        raise ForbiddenError(
            f"Nobody may change his own {', '.join(changed)} without the capability {Capability.ACCESS_USERS}.",
            facts={"target": changed[0]},
        )


def _check_email(wanted: UserRequest, name: str, flaws: list[Flaw]) -> None:
    if wanted.email and not _EMAIL.fullmatch(wanted.email):
        flaws.append(Flaw(name, "must be an e-mail address"))


def _values(capabilities: tuple[Capability, ...] | list[Capability]) -> list[str]:
    return list(dict.fromkeys(one.value for one in capabilities))
