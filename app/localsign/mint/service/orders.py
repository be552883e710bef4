"""Signing orders as Mint v1 shows them: a document with attachments, in the words of Signicat's signing product.

Inferred: the document is the order that the signing steps made, an attachment is one of its files.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import NotFoundError
from localsign.core.work import Work
from localsign.mint.models import SignOrder
from localsign.sign.lifecycle import SessionState
from localsign.sign.models import Document, DocumentCollection, Signature, SigningSession
from localsign.sign.service import collections

# The client library of the signing product has these (EX).
Status = Literal["unsigned", "waiting_for_attachments", "partialsigned", "signed", "canceled", "expired"]
Format = Literal["unsigned", "native", "standard_packaging", "pades", "xades"]
_FORMATS: dict[str, Format] = {"PADES": "pades", "XADES": "xades"}


def attachments(order: SignOrder) -> list[UUID]:
    return [UUID(one["id"]) for one in order.documents]


def status(work: Work, order: SignOrder) -> Status:
    if not order.documents:
        return "waiting_for_attachments"
    states = [_state(work, one["sessionId"]) for one in order.signers if "sessionId" in one]
    if SessionState.EXPIRED in states:
        return "expired"
    if any(one in (None, SessionState.REJECTED, SessionState.DELETED) for one in states):
        return "canceled"
    signed = states.count(SessionState.SIGNED)
    if not signed:
        return "unsigned"
    return "signed" if signed == len(order.signers) else "partialsigned"


def _state(work: Work, session_id: str) -> SessionState | None:
    """None where nothing is left of the session; one that has expired is gone for Sign's clients only."""
    session = work.find(SigningSession, UUID(session_id))
    return None if session is None else session.state


def formats(work: Work, order: SignOrder) -> dict[UUID, list[Format]]:
    """In which forms each attachment can be had: as it was sent, and as it was signed."""
    found: dict[UUID, list[Format]] = {}
    for attachment in attachments(order):
        signature = _newest(work, order, attachment)
        found[attachment] = ["unsigned", *([_FORMATS[signature.type]] if signature else [])]
    return found


def signed_file(work: Work, order: SignOrder, attachment: UUID) -> Document:
    """What signing an attachment gave; NotFoundError while nobody has signed it."""
    if attachment not in attachments(order):
        raise NotFoundError(f"The document {order.id} has no attachment with the id {attachment}.")
    signature = _newest(work, order, attachment)
    if signature is None:
        raise NotFoundError(f"The attachment {attachment} is not signed.")
    return work.get(Document, signature.result_id)


def _newest(work: Work, order: SignOrder, attachment: UUID) -> Signature | None:
    """The signature that came last: the result of one signer is what the next one signs."""
    original = _original(work, order, attachments(order).index(attachment))
    if original is None:
        return None
    query = select(Signature).where(Signature.collection_id == order.collection_id, Signature.original_id == original)
    return work.db.exec(query.order_by(col(Signature.seq).desc())).first()


def _original(work: Work, order: SignOrder, place: int) -> UUID | None:
    """The document in Sign that an attachment became; they are in the same order."""
    collection = work.find(DocumentCollection, order.collection_id) if order.collection_id else None
    if collection is None or collection.is_gone:
        return None
    collected: Sequence[UUID] = [one.document_id for one in collections.collected_in(work, collection)]
    return collected[place] if place < len(collected) else None
