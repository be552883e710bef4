"""What Mint hears of other APIs: a signing session that has ended resumes the step that waits for it."""

from uuid import UUID

from sqlmodel import select

from localsign.core.tables import Announcement
from localsign.core.work import Work
from localsign.mint.engine import journeys
from localsign.mint.engine.catalog import subject_of
from localsign.mint.models import JourneyWait

_ENDS = ("signing-session.completed", "signing-session.rejected", "signing-session.expired")


def _session_ended(work: Work, announcement: Announcement) -> None:
    subject = subject_of("sign", UUID(announcement.subject))
    for wait in work.db.exec(select(JourneyWait).where(JourneyWait.subject == subject)).all():
        journeys.wake_soon(work, wait, {})


LISTENS = {f"sign:{name}": _session_ended for name in _ENDS}
