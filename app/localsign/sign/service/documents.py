"""Documents: stored, described, deleted, and forgotten when their time has come."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core.blobs import Arrived
from localsign.core.errors import BadInputError, Flaw, NotFoundError, UnsupportedMediaTypeError
from localsign.core.switches import Switch
from localsign.core.work import Work
from localsign.sign.lifecycle import DOCUMENT, VISIBLE, DocumentEvent, DocumentState
from localsign.sign.models import (
    Document,
    Package,
    SessionDocument,
    SigningSession,
    documents_of,
    packages_of,
    signatures_of,
)
from localsign.sign.schemas import DocumentMetadata
from localsign.sign.switches import MARKDOWN, UNSUPPORTED_MEDIA_TYPE

PDF = "application/pdf"
# documented: the first two; inferred from a platform that wraps the API: markdown
MARKDOWN_TYPE = "text/markdown"
MEDIA_TYPES = (PDF, "text/plain", MARKDOWN_TYPE)
ORPHANS_LIVE = timedelta(minutes=30)  # documented: retention and deletion
GRACE = timedelta(days=7)  # documented: soft-deleted data is kept so long


def media_type_of(content_type: str | None, switched: Callable[[Switch], str]) -> str:
    """The type that an upload declares, without parameters; BadInputError where it is not accepted.

    `switched` tells how the world has a switch.
    """
    if not content_type:
        raise BadInputError.of("Content-Type", "is required")
    media_type = content_type.partition(";")[0].strip().lower()
    refused = (MARKDOWN_TYPE,) if switched(MARKDOWN) == "refuse" else ()
    accepted = [one for one in MEDIA_TYPES if one not in refused]
    if media_type not in accepted:
        flaw = Flaw("Content-Type", f"'{media_type}' is not one of {', '.join(accepted)}")
        if switched(UNSUPPORTED_MEDIA_TYPE) == "415":
            raise UnsupportedMediaTypeError(f"{flaw.name}: {flaw.reason}", flaws=[flaw])
        raise BadInputError.of_flaws([flaw])
    return media_type


def check_content(arrived: Arrived, media_type: str) -> None:
    """Refuse what cannot be signed: an empty body, what is no PDF, a PDF that only opens with a password."""
    if arrived.blob.size == 0:
        raise BadInputError.of("body", "is empty")
    if media_type != PDF:
        return
    from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, inspect_pdf

    try:
        inspect_pdf(arrived.path)
    except EncryptedPdfError:
        raise BadInputError.of("body", "is an encrypted PDF, which cannot be signed") from None
    except NotAPdfError:
        raise BadInputError.of("body", "is not a PDF that can be opened") from None


def store(work: Work, arrived: Arrived, media_type: str) -> Document:
    """A document that a client uploaded; without a signing session it lives 30 minutes."""
    document = _new(work, arrived, media_type, DocumentState.UNASSIGNED)
    work.schedule("sign.orphan", document.id, work.now + ORPHANS_LIVE)
    return document


def store_result(work: Work, arrived: Arrived, media_type: str, filename: str) -> Document:
    """A document that signing or packaging made; it lives as long as the session it comes from."""
    document = _new(work, arrived, media_type, DocumentState.ASSIGNED)
    document.filename = filename
    return document


def _new(work: Work, arrived: Arrived, media_type: str, state: DocumentState) -> Document:
    blob = work.keep(arrived)
    document = Document(
        id=work.new_id(),
        state=state,
        mime_type=media_type,
        digest=blob.digest,
        size=blob.size,
        created_at=work.now,
    )
    work.db.add(document)
    return document


def read(work: Work, document_id: UUID) -> Document:
    document = work.glance(Document, document_id)
    DOCUMENT.check(document, DocumentEvent.READ)
    return document


def describe(work: Work, document_id: UUID, wanted: DocumentMetadata) -> Document:
    """Change the metadata members that were sent."""
    document = work.get(Document, document_id)
    work.fire(DOCUMENT, document, DocumentEvent.DESCRIBE)
    for name in wanted.model_fields_set & {"filename", "description", "title"}:
        setattr(document, name, getattr(wanted, name))
    return document


def delete(work: Work, document_id: UUID) -> None:
    """Delete a document, also one that a session refers to (inferred); 404 the second time."""
    document = work.find(Document, document_id)
    if document is None or DOCUMENT.row(document.state, DocumentEvent.DELETE) is None:
        raise NotFoundError(f"There is no document with the id {document_id}.")
    _end(work, document, DocumentEvent.DELETE)


def assign(work: Work, document: Document) -> None:
    """A session refers to the document, which was only glanced at; from now on it lives as long as its sessions."""
    DOCUMENT.check(document, DocumentEvent.ASSIGN)
    if document.state is DocumentState.UNASSIGNED:
        work.cancel_timers(document.id)
        work.fire(DOCUMENT, work.get(Document, document.id), DocumentEvent.ASSIGN)


def let_go(work: Work, session: SigningSession, happened: DocumentEvent) -> None:
    """End the documents and results of `session` that no other session of the present holds."""
    own = {one.result_id for one in signatures_of(work, session)}
    own |= {one.result_id for one in packages_of(work, session) if one.result_id}
    places = documents_of(work, session)
    collections = {one.collection_id for one in places} - _held(work, session, SessionDocument.collection_id)
    packages = work.db.exec(select(Package.result_id).where(col(Package.collection_id).in_(collections))).all()
    documents = {one.document_id for one in places} - _held(work, session, SessionDocument.document_id)
    for document_id in sorted(own | documents | {result_id for result_id in packages if result_id}):
        document = work.find(Document, document_id)
        if document is not None and not document.is_gone:
            _end(work, document, happened)


def _held(work: Work, session: SigningSession, column: Any) -> set[UUID]:
    """What other sessions, whose due date is still to come, hold: documents or collections, by the `column`."""
    here = select(column).where(SessionDocument.session_id == session.id)
    others = select(SigningSession.id).where(
        SigningSession.id != session.id,
        col(SigningSession.state).in_(VISIBLE),
        col(SigningSession.due_at) > work.now,
    )
    query = select(column).where(column.in_(here), col(SessionDocument.session_id).in_(others))
    return set(work.db.exec(query).all())


def _end(work: Work, document: Document, happened: DocumentEvent) -> None:
    work.fire(DOCUMENT, document, happened)
    work.cancel_timers(document.id)
    work.schedule("sign.purge", document.id, work.now + GRACE)


def orphan_due(work: Work, subject: str) -> None:
    """30 minutes have passed."""
    document = work.find(Document, UUID(subject))
    if document is not None and document.state is DocumentState.UNASSIGNED:
        _end(work, document, DocumentEvent.EXPIRE)


def purge_due(work: Work, subject: str) -> None:
    """The grace period is over: row and bytes go."""
    document = work.find(Document, UUID(subject))
    if document is not None:
        work.db.delete(document)
        work.db.flush()
        work.drop_unused(document.digest)
