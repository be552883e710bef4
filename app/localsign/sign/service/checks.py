"""What a request for sessions must satisfy beyond its schema: the things it names, and what fits together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from localsign.core.clock import show
from localsign.core.errors import Flaw
from localsign.core.work import Work
from localsign.sign.lifecycle import SessionState
from localsign.sign.models import CollectedDocument, Document, DocumentCollection, SigningSession
from localsign.sign.schemas import SessionRequest
from localsign.sign.service.collections import check_open
from localsign.sign.service.documents import PDF
from localsign.sign.switches import EMPTY_TITLE, PKI_VENDOR

LONGEST = timedelta(days=45)  # documented
TEXT_VENDORS = ("SBID",)  # documented: PKI signing that takes plain text only, and needs signText


@dataclass
class Checked:
    """A request that may become a session, with what it refers to."""

    wanted: SessionRequest
    documents: list[Document] = field(default_factory=list)
    waits_for: list[UUID] = field(default_factory=list)


@dataclass
class _Known:
    """The rows that the requests of one call name, by id."""

    documents: dict[UUID, Document]
    collections: dict[UUID, DocumentCollection]
    members: set[tuple[UUID, UUID]]
    predecessors: dict[UUID, SigningSession]


def check(work: Work, wanted: Sequence[SessionRequest], flaws: list[Flaw]) -> list[Checked]:
    """Every request with what it refers to; adds what is wrong to `flaws`."""
    known = _look_up(work, wanted)
    checked = []
    for index, one in enumerate(wanted):
        path = f"[{index}]"
        _check_due_date(work, one, path, flaws)
        found = _check_documents(work, one, known, path, flaws)
        if not one.title and work.switched(EMPTY_TITLE) == "refuse":
            flaws.append(Flaw(f"{path}.title", "must not be empty"))
        _check_flow(work, one, {document.mime_type for document in found}, path, flaws)
        _check_validations(one, path, flaws)
        waits_for = _check_predecessors(one, known, path, flaws)
        checked.append(Checked(one, list({document.id: document for document in found}.values()), waits_for))
    return checked


def _look_up(work: Work, wanted: Sequence[SessionRequest]) -> _Known:
    named = [document for one in wanted for document in one.documents]
    collections = list({document.document_collection_id for document in named})
    members = work.look_up(CollectedDocument, "collection_id", collections)
    return _Known(
        documents=_by_id(work, Document, (document.document_id for document in named)),
        collections=_by_id(work, DocumentCollection, collections),
        members={(one.collection_id, one.document_id) for one in members},
        predecessors=_by_id(work, SigningSession, (one for request in wanted for one in request.subsequent_to)),
    )


def _by_id(work: Work, model: Any, ids: Iterable[UUID]) -> dict[UUID, Any]:
    found = work.look_up(model, "id", list(set(ids)))
    return {row.id: row for row in found if not row.is_gone}


def _check_due_date(work: Work, one: SessionRequest, path: str, flaws: list[Flaw]) -> None:
    if one.due_date is None:
        return
    if one.due_date > work.now + LONGEST:
        latest = show(work.now + LONGEST)
        flaws.append(Flaw(f"{path}.dueDate", f"must be at most 45 days ahead, which is {latest}"))
    if one.due_date <= work.now:
        flaws.append(Flaw(f"{path}.dueDate", f"must lie in the future; it is {show(work.now)}"))


def _check_documents(work: Work, one: SessionRequest, known: _Known, path: str, flaws: list[Flaw]) -> list[Document]:
    found = []
    for position, reference in enumerate(one.documents):
        here = f"{path}.documents[{position}]"
        collection = known.collections.get(reference.document_collection_id)
        document = known.documents.get(reference.document_id)
        if collection is None:
            reason = f"there is no document collection with the id {reference.document_collection_id}"
            flaws.append(Flaw(f"{here}.documentCollectionId", reason))
        elif closed := check_open(work, collection):
            flaws.append(Flaw(f"{here}.documentCollectionId", closed))
        if document is None:
            reason = f"there is no document with the id {reference.document_id}"
            flaws.append(Flaw(f"{here}.documentId", reason))
        elif collection is not None and (collection.id, document.id) not in known.members:
            flaws.append(Flaw(f"{here}.documentId", "the document is not in that collection"))
        if document is not None:
            found.append(document)
    if len({document.mime_type for document in found}) > 1:
        flaws.append(Flaw(f"{path}.documents", "all documents of a session must have the same media type"))
    return found


def _check_flow(work: Work, one: SessionRequest, media_types: set[str], path: str, flaws: list[Flaw]) -> None:
    [setup] = one.signing_setup
    here = f"{path}.signingSetup[0]"
    if setup.signing_flow != "PKISIGNING":
        return
    if setup.vendor is None and work.switched(PKI_VENDOR) == "required":
        flaws.append(Flaw(f"{here}.vendor", "is required when signingFlow is PKISIGNING"))
    elif setup.vendor in TEXT_VENDORS:
        if media_types - {"text/plain"}:
            flaws.append(Flaw(f"{path}.documents", f"{setup.vendor} signs documents of type text/plain only"))
        if not one.sign_text:
            flaws.append(Flaw(f"{path}.signText", f"is required when the vendor is {setup.vendor}"))
    elif media_types - {PDF}:
        signs = setup.vendor or setup.signing_flow
        flaws.append(Flaw(f"{path}.documents", f"{signs} signs documents of type {PDF} only"))
    if one.package_to:
        flaws.append(Flaw(f"{path}.packageTo", "is not supported when signingFlow is PKISIGNING"))


def _check_validations(one: SessionRequest, path: str, flaws: list[Flaw]) -> None:
    signer = one.signer
    if signer is not None and signer.validations and not signer.national_identification_number:
        reason = "is required when validations asks for NATIONAL_IDENTIFICATION_NUMBER"
        flaws.append(Flaw(f"{path}.signer.nationalIdentificationNumber", reason))


def _check_predecessors(one: SessionRequest, known: _Known, path: str, flaws: list[Flaw]) -> list[UUID]:
    """The sessions that this one has to wait for."""
    waits_for = []
    for position, predecessor_id in enumerate(one.subsequent_to):
        predecessor = known.predecessors.get(predecessor_id)
        if predecessor is None:
            reason = f"there is no signing session with the id {predecessor_id}"
            flaws.append(Flaw(f"{path}.subsequentTo[{position}]", reason))
        elif predecessor.state is not SessionState.SIGNED:
            waits_for.append(predecessor_id)
    return list(dict.fromkeys(waits_for))
