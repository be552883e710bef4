"""Recipients: added, read, changed, removed, reminded."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core import decisions
from localsign.core.errors import ConflictError, Flaw, NotFoundError
from localsign.core.work import Work
from localsign.secure_share.lifecycle import RECIPIENT, SHARE, RecipientEvent, RecipientState, ShareEvent
from localsign.secure_share.models import FileAccess, LoginCode, Recipient, Share, files_of, recipients_of
from localsign.secure_share.schemas import CreateRecipient, UpdateRecipient
from localsign.secure_share.service import checks, notices, standing

_CLEARABLE = ("first_name", "last_name", "email", "mobile", "external_reference", "notification", "file_restrictions")
_PLAIN = {"first_name", "last_name", "email", "mobile", "external_reference"}
_TOKEN = 40  # letters and digits


def create(work: Work, share_id: UUID, wanted: CreateRecipient, base_url: str) -> Recipient:
    """Add a recipient to a share, and notify them if they are to be."""
    share = standing.find(work, share_id)
    work.fire(SHARE, share, ShareEvent.CHANGE)
    flaws: list[Flaw] = []
    checks.unknown(work, wanted, flaws)
    check_new(work, wanted, (str(one.id) for one in files_of(work, share_id)), "", flaws)
    checks.refuse(flaws)
    if len(recipients_of(work, share_id)) >= checks.MOST_RECIPIENTS:
        raise ConflictError(f"The share has {checks.MOST_RECIPIENTS} recipients, which is the limit.")
    recipient = add(work, share, wanted, base_url)
    standing.settle(work, share)
    return recipient


def check_new(work: Work, wanted: CreateRecipient, files: Iterable[str], at: str, flaws: list[Flaw]) -> None:
    """What is wrong with a recipient to be added to a share with these files; `at` is its path in the request."""
    names = [one.identity_provider for one in wanted.authentication]
    notification = wanted.notification.sent() if wanted.notification else None
    checks.reachable({"email": wanted.email, "mobile": wanted.mobile}, names, notification, at, flaws)
    checks.providers(work, wanted.authentication, at, flaws)
    checks.restrictions(wanted.file_restrictions or (), files, at, flaws)


def add(work: Work, share: Share, wanted: CreateRecipient, base_url: str) -> Recipient:
    """A recipient who has been checked."""
    recipient = Recipient(
        id=work.new_id(),
        share_id=share.id,
        state=RecipientState.INVITED,
        token=work.ids.token(_TOKEN),
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        email=wanted.email,
        mobile=wanted.mobile,
        external_reference=wanted.external_reference,
        file_restrictions=_ids(wanted.file_restrictions),
        authentication=[one.stored() for one in wanted.authentication],
        notification=wanted.notification.sent() if wanted.notification else None,
        tags=share.tags,
    )
    work.db.add(recipient)
    notices.invite(work, share, recipient, base_url)
    return recipient


def _ids(restrictions: list[UUID] | None) -> list[str]:
    return list(dict.fromkeys(map(str, restrictions or ())))


def read(work: Work, share_id: UUID, recipient_id: UUID) -> Recipient:
    standing.read(work, share_id)
    return of_share(work.glance(Recipient, recipient_id), share_id)


def find(work: Work, share_id: UUID, recipient_id: UUID) -> tuple[Share, Recipient]:
    share = standing.find(work, share_id)
    return share, of_share(work.get(Recipient, recipient_id), share_id)


def of_share(recipient: Recipient, share_id: UUID) -> Recipient:
    if recipient.share_id != share_id:
        raise NotFoundError(f"There is no recipient with the id {recipient.id} in this share.")
    return recipient


def change(work: Work, share_id: UUID, recipient_id: UUID, wanted: UpdateRecipient, base_url: str) -> Recipient:
    """Change the members that were sent; the rules then hold for the whole."""
    share, recipient = find(work, share_id, recipient_id)
    work.fire(SHARE, share, ShareEvent.CHANGE)
    work.fire(RECIPIENT, recipient, RecipientEvent.CHANGE)
    members = standing.changed(work, wanted, clearable=_CLEARABLE)
    new: dict[str, Any] = {name: getattr(wanted, name) for name in members & _PLAIN}
    if "file_restrictions" in members:
        new["file_restrictions"] = _ids(wanted.file_restrictions)
    if wanted.authentication is not None:
        new["authentication"] = [one.stored() for one in wanted.authentication]
    if "notification" in members:
        sent = wanted.notification.sent() if wanted.notification else None
        new["notification"] = None if sent is None else standing.merged(work, recipient.notification or {}, sent)
    checks.refuse(_flaws_of_change(work, recipient, wanted, new))
    keys = ("authentication", "email", "mobile")
    if any(name in new and new[name] != getattr(recipient, name) for name in keys):
        recipient.login_version += 1
        recipient.is_asked = False  # it may be somebody else now
        recipient.failures, recipient.locked_until = 0, None
        forget_codes(work, recipient)
    for name, value in new.items():
        setattr(recipient, name, value)
    standing.settle(work, share)
    notices.invite(work, share, recipient, base_url)
    return recipient


def _flaws_of_change(work: Work, recipient: Recipient, wanted: UpdateRecipient, new: dict[str, Any]) -> list[Flaw]:
    flaws: list[Flaw] = []
    checks.unknown(work, wanted, flaws)
    after = {name: new.get(name, getattr(recipient, name)) for name in ("email", "mobile")}
    methods = new.get("authentication", recipient.authentication)
    notification = new.get("notification", recipient.notification)
    checks.reachable(after, [one["identityProvider"] for one in methods], notification, "", flaws)
    checks.providers(work, wanted.authentication or (), "", flaws)
    known = {*(str(one.id) for one in files_of(work, recipient.share_id)), *recipient.file_restrictions}
    checks.restrictions(wanted.file_restrictions or (), known, "", flaws)
    return flaws


def delete(work: Work, share_id: UUID, recipient_id: UUID) -> None:
    """Remove a recipient; their link leads nowhere from now on."""
    share, recipient = find(work, share_id, recipient_id)
    work.fire(SHARE, share, ShareEvent.CHANGE)
    remove(work, [recipient])
    standing.settle(work, share)


def remove(work: Work, gone: Sequence[Recipient]) -> None:
    """Take out the rows and what is known of the recipients' visits."""
    for recipient in gone:
        work.fire(RECIPIENT, recipient, RecipientEvent.DELETE)
        decisions.withdraw(work, recipient.id)
    ids = [recipient.id for recipient in gone]
    for access in work.db.exec(select(FileAccess).where(col(FileAccess.recipient_id).in_(ids))).all():
        work.db.delete(access)
    forget_codes(work, *gone)
    for recipient in gone:
        work.db.delete(recipient)


def forget_codes(work: Work, *whose: Recipient) -> None:
    """End all one-time codes that were sent to these recipients."""
    ids = [recipient.id for recipient in whose]
    for code in work.db.exec(select(LoginCode).where(col(LoginCode.recipient_id).in_(ids))).all():
        work.db.delete(code)


def remind(work: Work, share_id: UUID, recipient_id: UUID, base_url: str) -> None:
    """Send the reminder. What cannot be reminded is refused (inferred): who has everything, or wants no messages."""
    share, recipient = find(work, share_id, recipient_id)
    work.fire(SHARE, share, ShareEvent.CHANGE)
    work.fire(RECIPIENT, recipient, RecipientEvent.REMIND)
    if not notices.remind(work, share, recipient, base_url):
        raise ConflictError(
            "The recipient cannot be reminded: neither sendEmail nor sendSms of their notification is true.",
            code="not_notified",
        )
