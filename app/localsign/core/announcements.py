"""How many announcements a world keeps."""

from sqlalchemy import delete
from sqlmodel import col

from localsign.core.tables import Announcement
from localsign.core.work import Work

MOST_ANNOUNCEMENTS = 10_000  # kept; the oldest go first, some at a time
_EACH = 500


def forget_old(work: Work, newest: Announcement) -> None:
    """Now and then, as announcements come, remove the oldest ones."""
    if newest.id is not None and newest.id % _EACH == 0:
        old = col(Announcement.id) <= newest.id - MOST_ANNOUNCEMENTS
        work.db.execute(delete(Announcement).where(old).execution_options(synchronize_session=False))
