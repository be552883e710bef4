"""The documents that signing gives: planned in a transaction, made outside of one.

Source of what comes out of which flow: spec 4.3. AUTHENTICATION_BASED gives a XAdES document per original and signer,
PKISIGNING a signed PDF (XAdES for text), and a package is one signed PDF with originals and evidence inside.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import col, select

from localsign.core.blobs import Arrived, Blobs
from localsign.core.errors import ConflictError
from localsign.core.work import Work
from localsign.sign.models import (
    Document,
    DocumentCollection,
    Package,
    SessionDocument,
    Signature,
    SigningSession,
    documents_of,
    sessions_on,
    signatures_of,
)
from localsign.sign.service.documents import PDF

if TYPE_CHECKING:
    from localsign.core.sealing.authority import Authority

XML = "application/xml"  # inferred
NO_EID = "simulated eID"  # where the session names none
_EXTENSIONS = {PDF: ".pdf", "text/plain": ".txt", "text/markdown": ".md", XML: ".xml"}


@dataclass(frozen=True)
class PlannedDocument:
    """A document to sign. `base` is the digest that is signed: the original, or what earlier signers left of it."""

    collection_id: UUID
    original_id: UUID
    name: str
    media_type: str
    base: str
    slot: int


@dataclass(frozen=True)
class Plan:
    """All that signing one session needs, taken out of the transaction."""

    session_id: UUID
    title: str
    sign_text: str
    signer_name: str
    nin: str | None
    eid: str
    at: datetime
    entropy: bytes
    is_pki: bool
    documents: tuple[PlannedDocument, ...]
    blobs: Blobs
    authority: "Callable[[], Authority]"


@dataclass(frozen=True)
class Artefact:
    """A document that was made; it is kept when the signing settles, or discarded."""

    arrived: Arrived
    media_type: str
    filename: str


@dataclass(frozen=True)
class Made(Artefact):
    """A signature: PADES or XADES, and of which original."""

    type: str
    collection_id: UUID
    original_id: UUID


def plan(work: Work, session: SigningSession, signer_name: str, nin: str | None, eid: str | None) -> Plan:
    """What to make when `session` is signed now; ConflictError if one of its documents was deleted."""
    return Plan(
        session_id=session.id,
        title=session.wanted["title"],
        sign_text=session.wanted.get("signText") or "",
        signer_name=signer_name,
        nin=nin,
        eid=eid or eids(session)[0],
        at=work.now,
        entropy=work.ids.entropy(),
        is_pki=session.is_pki,
        documents=_planned(work, session),
        blobs=work.blobs,
        authority=lambda: work.house.authority,
    )


def is_outdated(work: Work, made_from: Plan) -> bool:
    """Whether another signer has signed one of the planned documents since."""
    session = work.find(SigningSession, made_from.session_id)
    return session is None or _planned(work, session) != made_from.documents


def make(planned: Plan) -> list[Made]:
    """The artefacts, one per document. Slow: some 50 ms for a PDF."""
    return [_pades(planned, one) if _is_pades(planned, one) else _xades(planned, one) for one in planned.documents]


def days_after(moment: datetime, days: int) -> datetime:
    """`days` later, or about a thousand years later if that is less."""
    return moment + timedelta(days=min(days, 365_000))


def _planned(work: Work, session: SigningSession) -> tuple[PlannedDocument, ...]:
    planned = []
    for place in documents_of(work, session):
        if place.action != "SIGN":
            continue
        document = work.find(Document, place.document_id)
        if document is None or document.is_gone:
            raise ConflictError(
                f"The document {place.document_id} of this session was deleted, so it cannot be signed.",
                code="document_deleted",
                facts={"state": session.state.value},
            )
        planned.append(_planned_one(work, session, place, document))
    return tuple(planned)


def _planned_one(work: Work, session: SigningSession, place: SessionDocument, document: Document) -> PlannedDocument:
    # Inferred: signers of one PDF by PKI sign one after another into the same file.
    earlier = _pades_on(work, place) if session.is_pki else []
    latest = work.find(Document, earlier[-1].result_id) if earlier else None
    return PlannedDocument(
        collection_id=place.collection_id,
        original_id=document.id,
        name=_name_of(document),
        media_type=document.mime_type,
        base=latest.digest if latest is not None and not latest.is_gone else document.digest,
        slot=len(earlier),
    )


def _pades_on(work: Work, place: SessionDocument) -> list[Signature]:
    query = select(Signature).where(
        Signature.original_id == place.document_id,
        Signature.collection_id == place.collection_id,
        Signature.type == "PADES",
    )
    return list(work.db.exec(query.order_by(col(Signature.seq))).all())


def _name_of(document: Document) -> str:
    return document.filename or f"{document.title or 'document'}{_EXTENSIONS[document.mime_type]}"


def eids(session: SigningSession) -> list[str]:
    """The eIDs that the session offers, by the names the integrator gave; the first is the default."""
    setup = session.setup
    named = [one["idpName"] for one in setup.get("identityProviders") or ()]
    return list(dict.fromkeys(named)) or [setup.get("vendor") or NO_EID]


def _is_pades(planned: Plan, one: PlannedDocument) -> bool:
    return planned.is_pki and one.media_type == PDF


def _pades(planned: Plan, one: PlannedDocument) -> Made:
    from localsign.core.sealing.pdf import Seal, seal_pdf

    seal = Seal(
        signer_name=planned.signer_name,
        session_id=str(planned.session_id),
        at=planned.at,
        entropy=_entropy(planned.entropy, one.original_id),
        field_name=f"Signature{one.slot + 1}",
        national_id=planned.nin,
        reason=planned.sign_text or None,
        slot=one.slot,
    )
    signed = seal_pdf(planned.authority(), planned.blobs.read(one.base), seal)
    return _made(planned, one, signed, PDF, "PADES", f"{PurePosixPath(one.name).stem}-signed.pdf")


def _xades(planned: Plan, one: PlannedDocument) -> Made:
    from localsign.core.sealing.xml import Evidence, seal_xml

    evidence = Evidence(
        document_name=one.name,
        media_type=one.media_type,
        content=planned.blobs.read(one.base),
        signer_name=planned.signer_name,
        eid=planned.eid,
        session_id=str(planned.session_id),
        session_title=planned.title,
        sign_text=planned.sign_text,
        at=planned.at,
        entropy=_entropy(planned.entropy, one.original_id),
        national_id=planned.nin,
    )
    sealed = seal_xml(planned.authority(), evidence)
    return _made(planned, one, sealed, XML, "XADES", f"{PurePosixPath(one.name).stem}-signature.xml")


def _made(planned: Plan, one: PlannedDocument, content: bytes, media_type: str, kind: str, filename: str) -> Made:
    return Made(
        arrived=planned.blobs.take(content),
        media_type=media_type,
        filename=filename[-255:],
        type=kind,
        collection_id=one.collection_id,
        original_id=one.original_id,
    )


def _entropy(entropy: bytes, subject: UUID) -> bytes:
    return hashlib.blake2b(entropy + subject.bytes, digest_size=32).digest()


# ---- packages


@dataclass(frozen=True)
class Signed:
    """One signing that a package tells of: the session, and the evidence it left on a document."""

    session_id: UUID
    signer_name: str
    eid: str
    at: datetime
    original_id: UUID
    evidence_name: str
    evidence: str


@dataclass(frozen=True)
class PackagePlan:
    """All that making a package needs. `originals`: id, name, media type and digest, in order."""

    package_id: UUID
    title: str
    originals: tuple[tuple[UUID, str, str, str], ...]
    signed: tuple[Signed, ...]
    at: datetime
    entropy: bytes
    blobs: Blobs
    authority: "Callable[[], Authority]"


def plan_package(work: Work, package: Package) -> PackagePlan | None:
    """What the package holds; None if that was deleted meanwhile.

    Documented: a collection's package holds that collection's signed documents only.
    """
    if package.collection_id is not None:
        collection = work.find(DocumentCollection, package.collection_id)
        owner_is_gone = collection is None or collection.is_gone
        sessions = sessions_on(work, SessionDocument.collection_id == package.collection_id)
    else:
        session = package.session_id and work.find(SigningSession, package.session_id)
        owner_is_gone = not session or session.is_gone
        sessions = [session] if session else []
    signed = [] if owner_is_gone else _signed(work, package, sessions)
    originals = {one.original_id: work.find(Document, one.original_id) for one in signed}
    if not signed or any(document is None or document.is_gone for document in originals.values()):
        return None
    return PackagePlan(
        package_id=package.id,
        title=sessions[0].wanted["title"],
        originals=tuple(
            (document.id, _name_of(document), document.mime_type, document.digest)
            for document in originals.values()
            if document is not None
        ),
        signed=tuple(signed),
        at=work.now,
        entropy=work.ids.entropy(),
        blobs=work.blobs,
        authority=lambda: work.house.authority,
    )


def _signed(work: Work, package: Package, sessions: list[SigningSession]) -> list[Signed]:
    signed = []
    for session in sessions:
        for signature in signatures_of(work, session):
            if package.collection_id not in (None, signature.collection_id):
                continue
            result = work.find(Document, signature.result_id)
            if result is None or session.ended_at is None:
                continue
            signed.append(
                Signed(
                    session_id=session.id,
                    signer_name=session.ended_by or "",
                    eid=session.ended_with or "",
                    at=session.ended_at,
                    original_id=signature.original_id,
                    evidence_name=_name_of(result),
                    evidence=result.digest,
                )
            )
    return signed


def make_package(planned: PackagePlan) -> Artefact:
    """The PADES_CONTAINER: pages of all originals, originals and evidence attached, one signature over it all."""
    from localsign.core.sealing.container import EvidenceFile, Part, Signing, seal_container
    from localsign.core.sealing.pdf import Seal

    signings = {
        one.session_id: Signing(one.signer_name, str(one.session_id), one.eid, one.at) for one in planned.signed
    }
    content = seal_container(
        planned.authority(),
        title=planned.title,
        parts=[Part(name, media_type, planned.blobs.read(digest)) for _, name, media_type, digest in planned.originals],
        signings=list(signings.values()),
        evidence=[EvidenceFile(one.evidence_name, planned.blobs.read(one.evidence)) for one in planned.signed],
        seal=Seal(
            signer_name="localsign test seal",
            session_id=str(planned.package_id),
            at=planned.at,
            entropy=planned.entropy,
            field_name="Seal",
            page=-1,
        ),
    )
    return Artefact(planned.blobs.take(content), PDF, "package.pdf")
