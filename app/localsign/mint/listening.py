"""What Mint hears of other APIs: a signing session, or a share, that has ended resumes the step that waits for it."""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import select

from localsign.core.tables import Announcement
from localsign.core.work import Work
from localsign.mint.engine import journeys
from localsign.mint.engine.catalog import subject_of
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, JourneyWait

_SESSION = (
    "signing-session.completed",
    "signing-session.rejected",
    "signing-session.expired",
    "signing-session.deleted",
)
_GOING = (JourneyState.SUSPENDED, JourneyState.RUNNING)
_SHARE = ("share.completed", "share.expired", "share.deleted")


def _waking(kind: str) -> Callable[[Work, Announcement], None]:
    def wake(work: Work, announcement: Announcement) -> None:
        subject = subject_of(kind, UUID(announcement.subject))
        for wait in work.db.exec(select(JourneyWait).where(JourneyWait.subject == subject)).all():
            if work.get(Journey, wait.journey_id).state in _GOING:  # one that has faulted keeps its waits
                journeys.wake_soon(work, wait, {})

    return wake


LISTENS = {
    **{f"sign:{name}": _waking("sign") for name in _SESSION},
    **{f"secure-share:{name}": _waking("secure-share") for name in _SHARE},
}
