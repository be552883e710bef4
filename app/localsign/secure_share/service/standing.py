"""Where a share stands: who can still reach it, and what follows from a change of it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select

from localsign.core import decisions
from localsign.core.errors import GoneError, NotFoundError
from localsign.core.work import Work
from localsign.secure_share import switches
from localsign.secure_share.lifecycle import (
    RECIPIENT,
    SHARE,
    RecipientEvent,
    RecipientState,
    ShareEvent,
    ShareState,
)
from localsign.secure_share.models import FileAccess, Recipient, Share, SharedFile, files_of


def read(work: Work, share_id: UUID) -> Share:
    """The share, for somebody who only looks."""
    return _reachable(work, work.glance(Share, share_id))


def find(work: Work, share_id: UUID) -> Share:
    """The share, to be changed if its table allows."""
    return _reachable(work, work.get(Share, share_id))


def _reachable(work: Work, share: Share) -> Share:
    """Documented: after the expiry the sender has no access either. How that looks is a switch."""
    if share.state is ShareState.EXPIRED:
        choice = work.switched(switches.AFTER_EXPIRY)
        if choice == "not_found":
            raise NotFoundError(f"There is no share with the id {share.id}.")
        if choice == "gone":
            raise GoneError(f"The share {share.id} has expired.")
    return share


def changed(work: Work, wanted: BaseModel, *, clearable: Sequence[str]) -> set[str]:
    """The members that an update changes. Null leaves a member as it is, unless a switch says that it clears."""
    clears = work.switched(switches.NULLS) == "clear"
    return {
        name
        for name in wanted.model_fields_set & type(wanted).model_fields.keys()
        if getattr(wanted, name) is not None or (clears and name in clearable)
    }


def merged(work: Work, old: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """An object within an update: what is sent replaces what is there, and null does as it does elsewhere."""
    clears = work.switched(switches.NULLS) == "clear"
    return {**old, **{name: value for name, value in sent.items() if value is not None or clears}}


def settle(work: Work, share: Share, *, only: Recipient | None = None) -> None:
    """Let recipients, and with them the share, complete or open again, after anything that may have changed that.

    `only`: the one whom it concerns. A share can have hundreds, and each of them many files.
    """
    work.flush()
    files = files_of(work, share.id)
    column, value = ("share_id", share.id) if only is None else ("recipient_id", only.id)
    accesses = {(one.recipient_id, one.file_id) for one in work.look_up(FileAccess, column, [value])}
    for recipient in _everybody(work, share) if only is None else [only]:
        visible = [one for one in files if recipient.may_see(one)]
        fetched = [one for one in visible if (recipient.id, one.id) in accesses]
        _settle_recipient(work, recipient, visible, fetched)
    work.flush()
    states = work.db.exec(select(Recipient.state).where(Recipient.share_id == share.id).distinct()).all()
    is_done = states == [RecipientState.DOWNLOADED]
    if is_done and share.state is ShareState.ACTIVE:
        work.fire(SHARE, share, ShareEvent.COMPLETE)
    elif not is_done and share.state is ShareState.COMPLETED:
        work.fire(SHARE, share, ShareEvent.REOPEN)


def _everybody(work: Work, share: Share) -> Sequence[Recipient]:
    return work.db.exec(select(Recipient).where(Recipient.share_id == share.id).order_by(col(Recipient.seq))).all()


def _settle_recipient(
    work: Work, recipient: Recipient, visible: Sequence[SharedFile], fetched: Sequence[SharedFile]
) -> None:
    """Inferred: a recipient has completed with every file that they may see; one without any stays what they are."""
    takes_any = work.switched(switches.COMPLETION) == "any_file"
    has_enough = bool(fetched) and (takes_any or len(fetched) == len(visible))
    if has_enough and recipient.state is RecipientState.LOGGED_IN:
        work.fire(RECIPIENT, recipient, RecipientEvent.COMPLETE)
        recipient.is_asked = False
    elif visible and not has_enough and recipient.state is RecipientState.DOWNLOADED:
        work.fire(RECIPIENT, recipient, RecipientEvent.REOPEN)
    if visible and recipient.state is not RecipientState.DOWNLOADED and not recipient.is_asked:
        recipient.is_asked = True
        work.flush()  # a decision looks at the recipient
        decisions.ask(work, "secure-share", "recipient", recipient.id)
