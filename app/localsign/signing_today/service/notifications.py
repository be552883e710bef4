"""What a user is told about DSTs."""

from uuid import UUID

from sqlmodel import col, select

from localsign.core.work import Work
from localsign.signing_today.models.dsts import Notification
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service import lists
from localsign.signing_today.service.lists import Listed, Wanted


def listed(work: Work, caller: Caller, wanted: Wanted) -> Listed[Notification]:
    """The caller's, newest first (documented), without those that were consumed."""
    query = select(Notification).where(Notification.user_id == caller.user_id, col(Notification.is_consumed).is_(False))
    return lists.cut(work, Notification, query, wanted, order=[col(Notification.id).desc()])


def consume(work: Work, caller: Caller, dst_id: UUID) -> None:
    """The caller has seen all that is told about a DST; that there is nothing is no error (inferred: no 404)."""
    query = select(Notification).where(
        Notification.user_id == caller.user_id,
        Notification.dst_id == dst_id,
        col(Notification.is_consumed).is_(False),
    )
    for one in work.db.exec(query):
        one.is_consumed = True
