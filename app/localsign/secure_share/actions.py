"""What recipients do, and no client can call: open the link, show who they are, fail to, download.

The recipient's site, the control plane and decisions run the same verbs. A verb that turns somebody away returns a
Refusal and raises nothing, because the wrong try has to be remembered.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from localsign.core import decisions
from localsign.core.asking import Refused
from localsign.core.clock import show
from localsign.core.errors import BadInputError, ConflictError, NotFoundError
from localsign.core.outbox import Channel
from localsign.core.work import Work
from localsign.secure_share import switches
from localsign.secure_share.commands import RecipientCommand
from localsign.secure_share.lifecycle import RECIPIENT, SHARE, RecipientEvent, RecipientState, ShareEvent
from localsign.secure_share.models import Download, FileAccess, LoginCode, Recipient, Share, SharedFile, files_of
from localsign.secure_share.schemas import OTP_EMAIL, OTP_SMS
from localsign.secure_share.service import notices, recipients, standing

# All five are ours: no source gives the limits of Secure Share.
CODE_LIVES = timedelta(minutes=10)
TRIES = 3  # of one code
MOST_FAILURES = 5  # in a row, codes and eIDs together, before the lock
LOCK = timedelta(minutes=15)
MOST_CODES = 5  # in an hour, without a login

CHANNELS = {OTP_EMAIL: Channel.EMAIL, OTP_SMS: Channel.SMS}
Method = Mapping[str, Any]  # an entry of `authentication`


@dataclass(frozen=True)
class Refusal(Refused):
    """Why somebody was not let in. `until`: when it is worth trying again; `left`: how often it can be tried now."""

    until: datetime | None = None
    left: int | None = None


def methods(work: Work, recipient: Recipient) -> list[dict[str, Any]]:
    """The ways in, by the names of the wire."""
    return recipient.authentication[: 1 if work.switched(switches.METHODS) == "first" else None]


def share_of(work: Work, recipient: Recipient) -> Share:
    """The recipient's share, which must still be open to recipients."""
    share = work.find(Share, recipient.share_id)
    if share is None:
        raise NotFoundError(f"There is no share with the id {recipient.share_id}.")
    SHARE.check(share, ShareEvent.DOWNLOAD)
    return share


def open_link(work: Work, recipient: Recipient) -> None:
    share_of(work, recipient)
    work.fire(RECIPIENT, recipient, RecipientEvent.OPEN)
    recipient.opened_at = recipient.opened_at or work.now


# ---- showing who one is


def send_code(work: Work, recipient: Recipient, method: Method) -> Refusal | None:
    """Send a one-time code; those before it are good no more."""
    share_of(work, recipient)
    if locked := _lock(work, recipient):
        return locked
    work.flush()
    hour_ago = work.now - timedelta(hours=1)
    recent = (col(LoginCode.recipient_id) == recipient.id, col(LoginCode.sent_at) > hour_ago)
    count, first = work.db.exec(select(func.count(), func.min(LoginCode.sent_at)).where(*recent)).one()
    if count >= MOST_CODES:
        until = first + timedelta(hours=1)
        return Refusal(
            "too_many_codes", f"{count} codes were sent within an hour; the next can be at {show(until)}.", until
        )
    code = f"{int.from_bytes(work.ids.entropy(8), 'big') % 1_000_000:06}"
    provider = method["identityProvider"]
    work.db.add(LoginCode(recipient_id=recipient.id, provider=provider, code=code, sent_at=work.now, tries_left=TRIES))
    minutes = CODE_LIVES // timedelta(minutes=1)
    notices.send_code(work, recipient, CHANNELS[provider], code, minutes)
    return None


def live_code(work: Work, recipient: Recipient, provider: str) -> LoginCode | None:
    """The code that can be used now: the newest, unless it is used up or too old."""
    work.flush()
    query = select(LoginCode).where(LoginCode.recipient_id == recipient.id, LoginCode.provider == provider)
    newest = work.db.exec(query.order_by(col(LoginCode.seq).desc()).limit(1)).first()
    is_live = newest is not None and newest.tries_left > 0 and work.now < newest.sent_at + CODE_LIVES
    return newest if is_live else None


def enter_code(work: Work, recipient: Recipient, method: Method, typed: str) -> Refusal | None:
    """Log in with a one-time code."""
    share_of(work, recipient)
    if locked := _lock(work, recipient):
        return locked
    code = live_code(work, recipient, method["identityProvider"])
    if code is None:
        return Refusal("no_code", "There is no code that could be used now: none was sent, or it is spent or too old.")
    given = re.sub(r"\s", "", typed).encode("utf-8", "replace")
    if hmac.compare_digest(given, code.code.encode()):
        _log_in(work, recipient)
        return None
    code.tries_left -= 1
    return _fail(work, recipient, Refusal("wrong_code", "The code is wrong.", left=code.tries_left))


def use_eid(work: Work, recipient: Recipient, method: Method, nin: str | None, idp_id: str | None) -> Refusal | None:
    """Log in with an eID, which says who somebody is. Inferred: `nin` and `idpId` must match where they are set."""
    share_of(work, recipient)
    if locked := _lock(work, recipient):
        return locked
    for name, given in (("nin", nin), ("idpId", idp_id)):
        wanted = method[name]
        if wanted and not hmac.compare_digest(wanted.encode(), (given or "").encode("utf-8", "replace")):
            detail = f"The eID belongs to somebody else: its {name} is not the one that the sender named."
            return _fail(work, recipient, Refusal("wrong_person", detail))
    _log_in(work, recipient)
    return None


def fail(work: Work, recipient: Recipient) -> Refusal:
    """The eID, or something technical, fails the recipient; it counts like a wrong code."""
    share_of(work, recipient)
    return _lock(work, recipient) or _fail(work, recipient, Refusal("failed", "The eID did not work."))


def _log_in(work: Work, recipient: Recipient) -> None:
    recipients.forget_codes(work, recipient)
    recipient.failures, recipient.locked_until = 0, None
    recipient.logged_in_at = work.now
    work.fire(RECIPIENT, recipient, RecipientEvent.LOG_IN)
    decisions.command(work, recipient.id, "authenticate")


def _fail(work: Work, recipient: Recipient, refusal: Refusal) -> Refusal:
    work.fire(RECIPIENT, recipient, RecipientEvent.FAIL)
    decisions.command(work, recipient.id, "fail")
    recipient.failures += 1
    if recipient.failures >= MOST_FAILURES:
        recipient.failures, recipient.locked_until = 0, work.now + LOCK
    return _lock(work, recipient) or refusal


def _lock(work: Work, recipient: Recipient) -> Refusal | None:
    until = recipient.locked_until
    if until is None or until <= work.now:
        return None
    detail = f"{MOST_FAILURES} tries in a row were wrong; the next is possible at {show(until)}."
    return Refusal("locked", detail, until)


# ---- downloading


def visible(work: Work, recipient: Recipient) -> list[SharedFile]:
    """The files that the recipient may see, in the order they were uploaded."""
    return [one for one in files_of(work, recipient.share_id) if recipient.may_see(one)]


def download(work: Work, recipient: Recipient, *files: SharedFile) -> None:
    """Remember that the recipient fetched files that they may see."""
    share = share_of(work, recipient)
    before = work.db.exec(select(FileAccess).where(FileAccess.recipient_id == recipient.id)).all()
    accesses = {one.file_id: one for one in before}
    for file in files:
        work.fire(SHARE, share, ShareEvent.DOWNLOAD)
        work.fire(RECIPIENT, recipient, RecipientEvent.DOWNLOAD)
        access = accesses.get(file.id) or FileAccess(
            share_id=share.id, recipient_id=recipient.id, file_id=file.id, downloaded_at=work.now
        )
        access.downloaded_at = work.now
        work.db.add(access)
        work.announce(Download.of(recipient, file), "recipient.downloaded")
    decisions.command(work, recipient.id, "download")
    standing.settle(work, share, only=recipient)


# ---- by command


def act(work: Work, recipient_id: UUID, command: RecipientCommand) -> Refusal | None:
    """Do what the recipient does; IllegalTransitionError says what they, or the share, are when it cannot be."""
    recipient = work.get(Recipient, recipient_id)
    match command.action:
        case "open":
            open_link(work, recipient)
            return None
        case "authenticate":
            return _authenticate(work, recipient, command)
        case "fail":
            locked = _lock(work, recipient)
            fail(work, recipient)
            return locked  # who is let in to nothing has failed as asked, who is locked out cannot even that
    return _download(work, recipient, command)


def _authenticate(work: Work, recipient: Recipient, command: RecipientCommand) -> Refusal | None:
    offered = methods(work, recipient)
    found = [one for one in offered if command.method in (None, one["identityProvider"])]
    if not found:
        names = ", ".join(one["identityProvider"] for one in offered)
        raise BadInputError.of("method", f"'{command.method}' is not one of {names}")
    method = found[0]
    if method["identityProvider"] not in CHANNELS:
        nin = method["nin"] if command.nin is None else command.nin
        return use_eid(work, recipient, method, nin, method["idpId"] if command.idp_id is None else command.idp_id)
    if command.code is not None:
        return enter_code(work, recipient, method, command.code)
    code = live_code(work, recipient, method["identityProvider"])
    if code is None:
        if refusal := send_code(work, recipient, method):
            return refusal
        code = live_code(work, recipient, method["identityProvider"])
    return enter_code(work, recipient, method, code.code if code else "")


def _download(work: Work, recipient: Recipient, command: RecipientCommand) -> Refusal | None:
    """Who has not shown who they are does so first: nobody downloads without."""
    share_of(work, recipient)
    there = visible(work, recipient)
    wanted = [one for one in there if command.file in (None, one.id)]
    if not wanted and command.file is not None:
        raise BadInputError.of("file", "is not a file that this recipient may see")
    if not wanted:
        raise ConflictError("There is nothing that this recipient may see.", code="nothing_to_download")
    if recipient.state is RecipientState.INVITED and (refusal := _authenticate(work, recipient, command)):
        return refusal
    download(work, recipient, *wanted)
    return None
