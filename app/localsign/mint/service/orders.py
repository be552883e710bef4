"""Signing orders as Mint v1 shows them: a document with attachments, in the words of Signicat's signing product.

Inferred: the document is what the signing steps made, an attachment is one of its files. Steps of the sign order family
make a sign order, those of Sign API v2 a document collection.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import NotFoundError
from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.models import Journey, SignOrder, StepOutput
from localsign.sign.lifecycle import PackageState, SessionState
from localsign.sign.models import (
    Document,
    DocumentCollection,
    SessionDocument,
    Signature,
    SigningSession,
    documents_of,
    packages_of,
)
from localsign.sign.service import collections

# The client library of the signing product has these (EX).
Status = Literal["unsigned", "waiting_for_attachments", "partialsigned", "signed", "canceled", "expired"]
Format = Literal["unsigned", "native", "standard_packaging", "pades", "xades"]
_FORMATS: dict[str, Format] = {"PADES": "pades", "XADES": "xades"}


@dataclass(frozen=True)
class Order:
    """A document to be signed: its attachments, each with what it is in Sign, and how its sessions stand.

    An attachment that has not been sent is None in Sign; so is the state of a session of which nothing is left.
    """

    id: UUID
    attachments: Mapping[UUID, UUID | None]
    states: Sequence[SessionState | None]
    signers: int
    collection: DocumentCollection | None


def find(work: Work, document_id: UUID) -> Order:
    """The order, or the collection, with this id. NotFoundError where there is none."""
    order = work.find(SignOrder, document_id)
    if order is not None:
        return _of_order(work, order)
    collection = work.find(DocumentCollection, document_id)
    if collection is None or collection.is_gone:
        raise NotFoundError(f"There is no document with the id {document_id}.")
    return _of_collection(work, collection)


def of(work: Work, journey: Journey) -> list[Order]:
    """What a journey gave to be signed, by either family of steps."""
    found = work.look_up(SignOrder, "journey_id", [journey.id])
    sent = {one.collection_id for one in found}
    outputs = work.look_up(StepOutput, "journey_id", [journey.id])
    others = dict.fromkeys(one for output in outputs for one in _collections_in(work, output.data))
    made = [work.find(DocumentCollection, one) for one in others if one not in sent]
    return [
        *(_of_order(work, one) for one in found),
        *(_of_collection(work, one) for one in made if one is not None and not one.is_gone),
    ]


def _collections_in(work: Work, data: Any) -> Iterator[UUID]:
    """The collections that the data of a step names, or that its session is about."""
    if not isinstance(data, dict):
        return
    named, session_id = data.get("documentCollectionId"), data.get("signingSessionId")
    if isinstance(named, str) and (collection_id := ids.parse(named)):
        yield collection_id
    if isinstance(session_id, str) and (found := ids.parse(session_id)):
        session = work.find(SigningSession, found)
        yield from (one.collection_id for one in (documents_of(work, session) if session else ()))


def _of_order(work: Work, order: SignOrder) -> Order:
    """The documents of its collection are in the order of its files."""
    collection = work.find(DocumentCollection, order.collection_id) if order.collection_id else None
    is_there = collection is not None and not collection.is_gone
    held = collections.collected_in(work, collection) if collection is not None and is_there else []
    originals: list[UUID | None] = [one.document_id for one in held]
    files = [UUID(one["id"]) for one in order.documents]
    originals += [None] * (len(files) - len(originals))
    sessions = [work.find(SigningSession, UUID(one["sessionId"])) for one in order.signers if "sessionId" in one]
    states = [None if one is None else one.state for one in sessions]
    return Order(order.id, dict(zip(files, originals, strict=False)), states, len(order.signers), collection)


def _of_collection(work: Work, collection: DocumentCollection) -> Order:
    """Deleted sessions count only where no other is left."""
    theirs = select(SessionDocument.session_id).where(SessionDocument.collection_id == collection.id)
    query = select(SigningSession.state).where(col(SigningSession.id).in_(theirs)).order_by(col(SigningSession.seq))
    states = [SessionState(one) for one in work.db.exec(query)]
    states = [one for one in states if one is not SessionState.DELETED] or states
    attachments = {one.document_id: one.document_id for one in collections.collected_in(work, collection)}
    return Order(collection.id, attachments, states, len(states), collection)


def status(order: Order) -> Status:
    if not order.attachments:
        return "waiting_for_attachments"
    if SessionState.EXPIRED in order.states:
        return "expired"
    if any(one in (None, SessionState.REJECTED, SessionState.DELETED) for one in order.states):
        return "canceled"
    signed = order.states.count(SessionState.SIGNED)
    if not signed:
        return "unsigned"
    return "signed" if signed == order.signers else "partialsigned"


def formats(work: Work, order: Order) -> dict[UUID, list[Format]]:
    """In which forms each attachment can be had: as it was sent, and as it was signed."""
    found: dict[UUID, list[Format]] = {}
    for attachment in order.attachments:
        signature = _newest(work, order, attachment)
        found[attachment] = ["unsigned", *([_FORMATS[signature.type]] if signature else [])]
    return found


def completed(work: Work, order: Order) -> list[Format]:
    """In which forms all of it can be had: those that every attachment has, and a package of all."""
    held = formats(work, order).values()
    common: list[Format] = [one for one in ("unsigned", "pades", "xades") if held and all(one in some for some in held)]
    packages = packages_of(work, order.collection) if order.collection else []
    is_packaged = any(one.state is PackageState.COMPLETED for one in packages)
    return [*common, "standard_packaging"] if is_packaged else common


def signed_file(work: Work, order: Order, attachment: UUID) -> Document:
    """What signing an attachment gave; NotFoundError while nobody has signed it."""
    if attachment not in order.attachments:
        raise NotFoundError(f"The document {order.id} has no attachment with the id {attachment}.")
    signature = _newest(work, order, attachment)
    if signature is None:
        raise NotFoundError(f"The attachment {attachment} is not signed.")
    return work.get(Document, signature.result_id)


def _newest(work: Work, order: Order, attachment: UUID) -> Signature | None:
    """The signature that came last: the result of one signer is what the next one signs."""
    original = order.attachments[attachment]
    if original is None or order.collection is None:
        return None
    query = select(Signature).where(Signature.collection_id == order.collection.id, Signature.original_id == original)
    return work.db.exec(query.order_by(col(Signature.seq).desc())).first()
