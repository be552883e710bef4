"""Where somebody signs."""

from uuid import UUID

from sqlmodel import select

from localsign.core.errors import ForbiddenError, NotFoundError
from localsign.core.work import Work
from localsign.signing_today.lifecycle.dsts import DstEvent, TurnState
from localsign.signing_today.models.dsts import Turn
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service import access


def of(work: Work, caller: Caller, dst_id: UUID, document_id: int, request_id: int) -> Turn:
    """The caller's turn to sign. Inferred, as no 409 is listed: 404 while the DST is not to be signed, 403 for
    somebody else's signature and for one whose turn has not come, or is over."""
    dst = access.seen(work, caller, dst_id)
    query = select(Turn).where(Turn.dst_id == dst.id, Turn.document == document_id, Turn.request_id == request_id)
    turn = work.db.exec(query).first()
    if turn is None or dst.machine.row(dst.state, DstEvent.SIGN) is None:
        raise NotFoundError("There is no such signature to make in this DST.")
    if turn.user_id != caller.user_id:
        raise ForbiddenError("This signature is asked of somebody else.", facts={"target": "signId"})
    if turn.state is not TurnState.PENDING:
        raise ForbiddenError(f"It is not the caller's turn: the signature is {turn.state}.", facts={"target": "signId"})
    return turn
