"""The rules that a schema cannot say. Each adds to `flaws` what it finds, and all flaws are told at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from localsign.core.errors import BadInputError, Flaw
from localsign.core.flaws import unknown_members
from localsign.core.work import Work
from localsign.secure_share import switches
from localsign.secure_share.schemas import KNOWN_PROVIDERS, OTP_EMAIL, OTP_SMS, AuthenticationDto

MOST_RECIPIENTS = 500  # of a share; ours, so that one request cannot keep the workspace busy for long


def refuse(flaws: Sequence[Flaw]) -> None:
    if flaws:
        raise BadInputError.of_flaws(flaws)


def unknown(work: Work, wanted: BaseModel, flaws: list[Flaw]) -> None:
    """Members that the schema does not have; contact details may have any."""
    if work.switched(switches.UNKNOWN_MEMBERS) == "reject":
        flaws += [one for one in unknown_members(wanted) if not one.name.startswith("contactDetails.")]


def expiry(expires: int | None, now: int, flaws: list[Flaw]) -> None:
    if expires is not None and expires <= now:
        flaws.append(Flaw("expires", "must lie in the future"))


def reachable(
    contact: Mapping[str, str | None],
    providers: Iterable[str],
    notification: Mapping[str, Any] | None,
    at: str,
    flaws: list[Flaw],
) -> None:
    """Documented: e-mail, or mobile, is needed without the other, and where it is used. `at` is the path before."""
    used, wanted = set(providers), notification or {}
    email_by = [f"the authentication {OTP_EMAIL}"] * (OTP_EMAIL in used)
    mobile_by = [f"the authentication {OTP_SMS}"] * (OTP_SMS in used)
    email_by += ["notification.sendEmail"] * bool(wanted.get("sendEmail"))
    mobile_by += ["notification.sendSms"] * bool(wanted.get("sendSms"))
    has_email, has_mobile = (bool((contact[name] or "").strip()) for name in ("email", "mobile"))
    if email_by and not has_email:
        flaws.append(Flaw(f"{at}email", f"is required: it is used by {' and '.join(email_by)}"))
    if mobile_by and not has_mobile:
        flaws.append(Flaw(f"{at}mobile", f"is required: it is used by {' and '.join(mobile_by)}"))
    if not (has_email or has_mobile or email_by or mobile_by):
        flaws.append(Flaw(f"{at}email", "is required when mobile is not given"))


def providers(work: Work, methods: Sequence[AuthenticationDto], at: str, flaws: list[Flaw]) -> None:
    if work.switched(switches.PROVIDERS) == "any":
        return
    for index, one in enumerate(methods):
        if one.identity_provider not in KNOWN_PROVIDERS:
            reason = f"'{one.identity_provider}' is not one of {', '.join(KNOWN_PROVIDERS)}"
            flaws.append(Flaw(f"{at}authentication[{index}].identityProvider", reason))


def restrictions(wanted: Sequence[UUID], known: Iterable[str], at: str, flaws: list[Flaw]) -> None:
    """`known` are the ids of the share's files, and those that the recipient is restricted to already."""
    there = set(known)
    flaws += [
        Flaw(f"{at}fileRestrictions[{index}]", f"{one} is not a file of this share")
        for index, one in enumerate(wanted)
        if str(one) not in there
    ]
