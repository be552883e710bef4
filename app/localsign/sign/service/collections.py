"""Document collections, and when they are complete."""

from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import BadInputError, ConflictError, Flaw, IllegalTransitionError
from localsign.core.work import Work
from localsign.sign.lifecycle import COLLECTION, PACKAGE, CollectionEvent, CollectionState, PackageState, SessionState
from localsign.sign.models import (
    CollectedDocument,
    Document,
    DocumentCollection,
    Package,
    SessionDocument,
    SigningSession,
    documents_of,
    packages_of,
    sessions_on,
)
from localsign.sign.schemas import CollectionRequest
from localsign.sign.service.documents import PDF
from localsign.sign.switches import CLOSED_COLLECTION


def create(work: Work, wanted: CollectionRequest) -> tuple[DocumentCollection, list[CollectedDocument]]:
    """A collection of documents that exist. Being in one does not keep a document from being an orphan."""
    flaws = []
    for index, reference in enumerate(wanted.documents):
        document = work.find(Document, reference.document_id)
        if document is None or document.is_gone:
            reason = f"there is no document with the id {reference.document_id}"
            flaws.append(Flaw(f"documents[{index}].documentId", reason))
    if flaws:
        raise BadInputError.of_flaws(flaws)
    collection = DocumentCollection(
        id=work.new_id(),
        state=CollectionState.OPEN,
        package_to=list(wanted.package_to),
        created_at=work.now,
    )
    collected = [
        CollectedDocument(
            collection_id=collection.id, document_id=reference.document_id, description=reference.description
        )
        for reference in wanted.documents
    ]
    work.db.add(collection)
    work.db.add_all(collected)
    return collection, collected


def collected_in(work: Work, collection: DocumentCollection) -> list[CollectedDocument]:
    return list(
        work.db.exec(
            select(CollectedDocument)
            .where(CollectedDocument.collection_id == collection.id)
            .order_by(col(CollectedDocument.seq))
        ).all()
    )


def read(work: Work, collection_id: UUID) -> DocumentCollection:
    """The collection, for a client that asks for it."""
    collection = work.get(DocumentCollection, collection_id)
    if work.waits_for_reads:
        for one in packages_of(work, collection):
            work.saw(one.id)
    return collection


def delete(work: Work, collection_id: UUID) -> None:
    """Delete a collection; its documents and sessions stay (inferred)."""
    work.fire(COLLECTION, work.get(DocumentCollection, collection_id), CollectionEvent.DELETE)


def settle(work: Work, session: SigningSession) -> None:
    """After `session` was signed: package what is complete by that.

    Documented: a collection is packaged when all sessions that refer to its documents are signed.
    """
    if session.wanted.get("packageTo") and can_package(work, [session]):
        start_packages(work, session, session.wanted["packageTo"])
    for collection_id in dict.fromkeys(one.collection_id for one in documents_of(work, session)):
        collection = work.find(DocumentCollection, collection_id)
        if collection is None or collection.state is not CollectionState.OPEN or not collection.package_to:
            continue
        sessions = sessions_of(work, collection)
        if are_all_signed(sessions) and can_package(work, sessions):
            work.fire(COLLECTION, collection, CollectionEvent.PACKAGE)
            start_packages(work, collection, collection.package_to)


def package(work: Work, owner: SigningSession | DocumentCollection) -> None:
    """Package on command, also what did not ask for it when it was made.

    Inferred: refused with 409 unless everything is signed, and when there is a package already.
    """
    sessions = [owner] if isinstance(owner, SigningSession) else sessions_of(work, owner)
    if not are_all_signed(sessions):
        raise ConflictError(f"Not every session of this {owner.called} is signed, so it cannot be packaged.")
    if not can_package(work, sessions):
        raise ConflictError("Only PDF documents that were signed by AUTHENTICATION_BASED sessions can be packaged.")
    states = {one.state for one in packages_of(work, owner)}
    if PackageState.COMPLETED in states:
        raise ConflictError(f"This {owner.called} has been packaged already.")
    if PackageState.PENDING in states:
        raise ConflictError(f"The package of this {owner.called} is being made.")
    if isinstance(owner, DocumentCollection):
        work.fire(COLLECTION, owner, CollectionEvent.PACKAGE)
    start_packages(work, owner, ["PADES_CONTAINER"])


def start_packages(work: Work, owner: SigningSession | DocumentCollection, types: list[str]) -> None:
    """One package per type asked for, ready when the lag `packaging` has passed."""
    for package_type in dict.fromkeys(types):
        made = Package(id=work.new_id(), state=PackageState.PENDING, type=package_type)
        if isinstance(owner, SigningSession):
            made.session_id = owner.id
        else:
            made.collection_id = owner.id
        work.db.add(made)
        work.followed.began(PACKAGE, made)
        work.lag("packaging", "sign.package", made.id)


def sessions_of(work: Work, collection: DocumentCollection) -> list[SigningSession]:
    """The sessions that refer to documents of `collection`."""
    return sessions_on(work, SessionDocument.collection_id == collection.id)


def are_all_signed(sessions: list[SigningSession]) -> bool:
    """Whether there are sessions and each is signed; a rejected one keeps the package from being made (inferred)."""
    return bool(sessions) and all(session.state is SessionState.SIGNED for session in sessions)


def can_package(work: Work, sessions: list[SigningSession]) -> bool:
    """Documented: no package for PKISIGNING; shown by a platform that wraps the API: none for text."""
    if any(session.is_pki for session in sessions):
        return False
    documents = {one.document_id for session in sessions for one in documents_of(work, session)}
    found = (work.find(Document, document_id) for document_id in documents)
    return all(document is not None and document.mime_type == PDF for document in found)


def check_open(work: Work, collection: DocumentCollection) -> str | None:
    """Why no session can be added to `collection`, if so."""
    if work.switched(CLOSED_COLLECTION) == "accept":
        return None
    try:
        COLLECTION.check(collection, CollectionEvent.ADD_SESSION)
    except IllegalTransitionError:
        return "the collection is closed: it has been packaged"
    return None
