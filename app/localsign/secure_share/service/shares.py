"""Shares: created, listed, changed, deleted, and ended by their expiry."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, func, select

from localsign.core import decisions
from localsign.core.errors import BadInputError, Flaw
from localsign.core.paging import Page, Window, cut
from localsign.core.work import Work
from localsign.secure_share import switches
from localsign.secure_share.lifecycle import OPEN, SHARE, ShareEvent, ShareState
from localsign.secure_share.models import Recipient, Share, SharedFile, recipients_of
from localsign.secure_share.moments import moment_of, ticks_of
from localsign.secure_share.schemas import CreateShare, UpdateShare
from localsign.secure_share.service import checks, files, recipients, standing

LIVES = timedelta(days=7)  # inferred: in every sample `expires` lies seven days after `created`
SORTABLE = {"title": Share.title_folded, "created": Share.created_at, "expires": Share.expires}  # documented
MOST_KEYWORDS = 20


def create(work: Work, wanted: CreateShare, base_url: str) -> Share:
    """A share with its recipients, or nothing; BadInputError names every flaw."""
    invited = wanted.recipients or []
    flaws: list[Flaw] = []
    checks.unknown(work, wanted, flaws)
    checks.expiry(wanted.expires, ticks_of(work.now), flaws)
    if len(invited) > checks.MOST_RECIPIENTS:
        flaws.append(Flaw("recipients", f"must have at most {checks.MOST_RECIPIENTS} items, has {len(invited)}"))
    for index, one in enumerate(invited):
        recipients.check_new(work, one, (), f"recipients[{index}].", flaws)
    checks.refuse(flaws)
    share = Share(
        id=work.new_id(),
        state=ShareState.ACTIVE,
        created_at=work.now,
        expires=wanted.expires or ticks_of(work.now + LIVES),
        title=wanted.title,
        title_folded=(wanted.title or "").casefold(),
        description=wanted.description,
        external_reference=wanted.external_reference,
        usage_reference=wanted.usage_reference,
        request_domain=wanted.request_domain,
        contact=wanted.contact_details.sent(),
        tags=wanted.tags or [],
    )
    work.db.add(share)
    work.schedule_new("secure-share.expire", share.id, share.expires_at)
    work.announce(share, "share.created")
    for one in invited:
        recipients.add(work, share, one, base_url)
    return share


def listed(
    work: Work,
    window: Window,
    *,
    created: tuple[int | None, int | None],
    search: str,
) -> Page[Share]:
    """The shares that match: created between the bounds (ticks), both included, with every keyword in the title."""
    keywords = sorted(set(search.casefold().split()))
    if len(keywords) > MOST_KEYWORDS:
        raise BadInputError.of("search", f"must have at most {MOST_KEYWORDS} keywords, has {len(keywords)}")
    shows_expired = work.switched(switches.AFTER_EXPIRY) == "readable"
    states = (*OPEN, ShareState.EXPIRED) if shows_expired else OPEN
    query = select(Share).where(col(Share.state).in_(states))
    first, last = created
    if first is not None:
        query = query.where(col(Share.created_at) >= moment_of(first))
    if last is not None:
        query = query.where(col(Share.created_at) <= moment_of(last))
    for keyword in keywords:
        query = query.where(func.instr(Share.title_folded, keyword) > 0)
    return cut(work, Share, query, window, SORTABLE, tie=Share.seq, filters=(states, first, last, tuple(keywords)))


def change(work: Work, share_id: UUID, wanted: UpdateShare) -> Share:
    """Change the members that were sent."""
    share = standing.find(work, share_id)
    work.fire(SHARE, share, ShareEvent.CHANGE)
    flaws: list[Flaw] = []
    checks.unknown(work, wanted, flaws)
    checks.expiry(wanted.expires, ticks_of(work.now), flaws)
    checks.refuse(flaws)
    for name in standing.changed(work, wanted, clearable=("title", "description")) & {"title", "description"}:
        setattr(share, name, getattr(wanted, name))
    share.title_folded = (share.title or "").casefold()
    if wanted.contact_details is not None:
        share.contact = standing.merged(work, share.contact, wanted.contact_details.sent())
    if wanted.expires is not None:
        share.expires = wanted.expires
        work.schedule("secure-share.expire", share.id, share.expires_at)
    return share


def delete(work: Work, share_id: UUID) -> None:
    """Remove a share with all the data in it (documented): recipients, files, and what is known of them."""
    share = standing.find(work, share_id)
    work.fire(SHARE, share, ShareEvent.DELETE)
    work.cancel_timers(share.id)
    recipients.remove(work, work.db.exec(select(Recipient).where(Recipient.share_id == share.id)).all())
    for file in work.db.exec(select(SharedFile).where(SharedFile.share_id == share.id)).all():
        files.remove(work, file)
    work.db.delete(share)


def expire_due(work: Work, subject: str) -> None:
    """The expiry has come. What is in the share stays until it is deleted; nobody can reach it."""
    share = work.find(Share, UUID(subject))
    if share is not None and share.state in OPEN:
        work.fire(SHARE, share, ShareEvent.EXPIRE)
        for recipient in recipients_of(work, share.id):
            decisions.withdraw(work, recipient.id)
