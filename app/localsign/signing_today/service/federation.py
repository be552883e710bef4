"""Accounts that come from elsewhere: by a SAML login, or by a sync with the organization's directory."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence

from pydantic import ValidationError
from sqlmodel import select

from localsign.core.errors import BadInputError, ConflictError, Flaw, ForbiddenError
from localsign.core.flaws import flaw_of
from localsign.core.work import Work
from localsign.signing_today import saml, tokens
from localsign.signing_today.account_switches import SAML_REPLY, SYNC_ABSENT, TOKEN_REUSE
from localsign.signing_today.models.people import Application, Group, Organization, User
from localsign.signing_today.permissions import CAPABILITIES_OF, Caller, Role
from localsign.signing_today.schemas.people import SamlToken, SyncedUser
from localsign.signing_today.service import groups, users
from localsign.signing_today.service.login import named

_SYNC = "sync"


def log_in(work: Work, domain: str, token: str, mac: str) -> str:
    """Register or update the person that a SAML reply is about; the bearer token of the login.

    ConflictError where the reply cannot be trusted (inferred: 409 is all that is listed).
    """
    said = _read(work, domain, token, mac)
    username = said.edu_person_principal_name or said.userid
    if not username:
        raise _refused("The reply names nobody: it has neither eduPersonPrincipalName nor userid.")
    user = named(work, domain, username)
    if user is not None and not user.is_enabled:
        raise _refused(f"The account '{username}@{domain}' is disabled.")
    email = said.rfc822_mailbox or said.mail_alternate_address
    member_of = None if said.is_member_of is None else [group_name(one) for one in said.is_member_of]
    if user is None:
        user = users.new(work, domain, username, Role.SIGNER, origin="saml")
        _describe(user, said.given_name, said.surname, email)
        users.settle(work, user, groups.named(work, domain, member_of or []))
    else:
        _describe(user, said.given_name, said.surname, email)
        if member_of is not None:
            groups.assign(work, user, groups.named(work, domain, member_of))
    reuse = work.switched(TOKEN_REUSE) == TOKEN_REUSE.default
    return tokens.shown(work, tokens.login(work, user, "saml", reuse=reuse)).access_token


def _read(work: Work, domain: str, token: str, mac: str) -> SamlToken:
    if not work.look_up(Organization, "domain", [domain]):
        raise _refused(f"There is no domain '{domain}'.", "domain")
    try:
        # A plus sign that a client did not escape in its form arrives as a space.
        reply = base64.b64decode("".join(token.replace(" ", "+").split()), validate=True)
    except (binascii.Error, ValueError):
        raise _refused("IDToken1 is not base64.") from None
    key = saml.key(work.look_up(Application, "id", [1])[0], domain)
    right = hmac.new(key.encode(), reply, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), mac.strip().lower().encode("utf-8", "surrogatepass")):
        raise _refused(
            "IDToken2 is not the HMAC-SHA256 of the decoded IDToken1 with the key of the domain.", "IDToken2"
        )
    try:
        is_json = work.switched(SAML_REPLY) == SAML_REPLY.default
        said = SamlToken.model_validate(json.loads(reply) if is_json else saml.read_xml(reply))
    except ValidationError as error:
        flaws = [flaw_of(one) for one in error.errors()]
        raise _refused("; ".join(f"{one.name}: {one.reason}" for one in flaws)) from None
    except (ValueError, RecursionError):
        raise _refused(f"The decoded IDToken1 is not {'JSON' if is_json else 'a response of SAML in XML'}.") from None
    now = work.token_now
    if said.not_before is not None and now < said.not_before:
        raise _refused("The reply is not valid yet.")
    if said.not_on_or_after is not None and now >= said.not_on_or_after:
        raise _refused("The reply is not valid any more.")
    return said


def sync(work: Work, caller: Caller, wanted: Sequence[SyncedUser]) -> tuple[int, int, int]:
    """Make the synced accounts of the caller's domain what the list says: how many were deleted, inserted, updated.

    inferred: the list is the whole truth, so that synced accounts it lacks are disabled; others are spared.
    """
    if caller.role is not Role.ADMIN and not caller.is_robot:
        raise ForbiddenError("Only an admin or a robot may sync accounts.", facts={"target": "role"})
    names = _names(wanted)
    known = {one.username: one for one in work.db.exec(select(User).where(User.domain == caller.domain))}
    meant = dict.fromkeys(group_name(text) for one in wanted for text in one.is_member_of)
    all_groups = {one.name: one for one in groups.named(work, caller.domain, list(meant))}
    for one in wanted:
        member_of = dict.fromkeys(group_name(text) for text in one.is_member_of)
        user = known.get(one.edu_person_principal_name)
        _sync_one(work, caller.domain, user, one, [all_groups[name] for name in member_of])
    absent = [one for one in known.values() if one.origin == _SYNC and one.username not in names]
    gone = [one for one in absent if one.is_enabled] if work.switched(SYNC_ABSENT) == SYNC_ABSENT.default else []
    for user in gone:
        users.set_enabled(work, user, enabled=False)
    updated = len(known.keys() & names)
    return len(gone), len(names) - updated, updated


def _names(wanted: Sequence[SyncedUser]) -> set[str]:
    names: set[str] = set()
    flaws = []
    for index, one in enumerate(wanted):
        if one.edu_person_principal_name in names:
            flaws.append(Flaw(f"[{index}].eduPersonPrincipalName", "is in the list twice"))
        names.add(one.edu_person_principal_name)
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return names


def _sync_one(work: Work, domain: str, user: User | None, wanted: SyncedUser, member_of: list[Group]) -> None:
    if user is None:
        user = users.new(work, domain, wanted.edu_person_principal_name, wanted.org_role, origin=_SYNC)
        _describe(user, wanted.given_name, wanted.surname, None)
        users.settle(work, user, member_of)
        return
    _describe(user, wanted.given_name, wanted.surname, None)
    if user.role != wanted.org_role:
        user.role, user.capabilities = wanted.org_role.value, [one.value for one in CAPABILITIES_OF[wanted.org_role]]
    if not user.is_enabled:
        users.set_enabled(work, user, enabled=True)
    groups.assign(work, user, member_of)


def group_name(member_of: str) -> str:
    """The group that a membership of the directory means.

    `i:infn:cnaf:sistema_informativo::n:member` is `sistema_informativo` (inferred: the last part of the path, without
    the type and the role behind it); what has no such form is the name itself.
    """
    path, mark, _ = member_of.partition("::")
    last = path.rpartition(":")[2]
    return last if mark and last else member_of


def _describe(user: User, name: str | None, surname: str | None, email: str | None) -> None:
    user.name, user.surname, user.email = name or user.name, surname or user.surname, email or user.email


def _refused(detail: str, target: str = "IDToken1") -> ConflictError:
    return ConflictError(detail, facts={"target": target})
