"""What Mint hears of other APIs: a signing session, or a share, that has ended resumes the step that waits for it."""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import select

from localsign.core.tables import Announcement
from localsign.core.work import Work
from localsign.mint.engine import journeys
from localsign.mint.engine.catalog import subject_of
from localsign.mint.models import JourneyWait

_SESSION = ("signing-session.completed", "signing-session.rejected", "signing-session.expired")
_SHARE = ("share.completed", "share.expired", "share.deleted")


def _waking(kind: str) -> Callable[[Work, Announcement], None]:
    def wake(work: Work, announcement: Announcement) -> None:
        subject = subject_of(kind, UUID(announcement.subject))
        for wait in work.db.exec(select(JourneyWait).where(JourneyWait.subject == subject)).all():
            journeys.wake_soon(work, wait, {})

    return wake


LISTENS = {
    **{f"sign:{name}": _waking("sign") for name in _SESSION},
    **{f"secure-share:{name}": _waking("secure-share") for name in _SHARE},
}
