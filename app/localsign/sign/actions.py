"""What others do: the signer opens, signs, rejects, cancels or fails; packages are made. No client can call these.

The signer's page and the control plane run the same verbs.
"""

from typing import Any
from uuid import UUID

from localsign.core import decisions
from localsign.core.errors import BadInputError, ConflictError, IllegalTransitionError
from localsign.core.work import Slow, Work
from localsign.sign import artefacts
from localsign.sign.artefacts import Artefact, Made, Plan
from localsign.sign.commands import ActingSigner, SessionCommand
from localsign.sign.lifecycle import (
    COLLECTION,
    PACKAGE,
    SESSION,
    CollectionEvent,
    CollectionState,
    PackageEvent,
    PackageState,
    SessionEvent,
)
from localsign.sign.models import (
    ArchivedDocument,
    DocumentCollection,
    Package,
    Signature,
    SigningSession,
)
from localsign.sign.schemas import retention_days
from localsign.sign.service import collections, documents, sessions

NO_NAME = "Test Signer"


def act(work: Work, session_id: UUID, command: SessionCommand) -> "SigningSession | Slow[Any, SigningSession]":
    """Do what the signer does; IllegalTransitionError says what the session is when it is too late."""
    session = work.get(SigningSession, session_id)
    match command.action:
        case "open":
            return open_session(work, session)
        case "reject":
            return reject(work, session, command.reason)
        case "cancel":
            return leave(work, session, SessionEvent.CANCEL)
        case "error":
            return leave(work, session, SessionEvent.FAIL)
    return sign(work, session, command.signer or ActingSigner())


def open_session(work: Work, session: SigningSession) -> SigningSession:
    """The signer opened the link."""
    work.fire(SESSION, session, SessionEvent.OPEN)
    session.opened_at = session.opened_at or work.now
    return session


def reject(work: Work, session: SigningSession, reason: str | None) -> SigningSession:
    """The signer refuses for good."""
    work.fire(SESSION, session, SessionEvent.REJECT)
    session.reject_reason, session.ended_at = reason, work.now
    decisions.command(work, session.id, "reject")
    return session


def leave(work: Work, session: SigningSession, happened: SessionEvent) -> SigningSession:
    """The signer cancels, or the eID fails the signer; the session can still be signed."""
    work.fire(SESSION, session, happened)
    decisions.command(work, session.id, "cancel" if happened is SessionEvent.CANCEL else "error")
    return session


def sign(work: Work, session: SigningSession, signer: ActingSigner) -> Slow[Any, SigningSession]:
    """The signer signs every document: each gets its artefact, made outside of the transaction."""
    _check_may_sign(session)
    check_signer(session, signer)
    name, nin = signer.name or NO_NAME, signer.nin or _expected_nin(session)
    plan = artefacts.plan(work, session, name, None if _hides_nin(session) else nin, signer.eid)
    return Slow(
        lambda: artefacts.make(plan),
        lambda later, made: _settle(later, session.id, signer, plan, made),
        _discard,
    )


def _check_may_sign(session: SigningSession) -> None:
    try:
        SESSION.check(session, SessionEvent.SIGN)
    except IllegalTransitionError as error:
        if session.reject_reason:
            error.facts["rejectReason"] = session.reject_reason
        raise


def check_signer(session: SigningSession, signer: ActingSigner) -> None:
    """Documented: with the validation the number of who signs must be the one that was asked for."""
    if signer.eid is not None and signer.eid not in (offered := artefacts.eids(session)):
        raise BadInputError.of("signer.eid", f"is not one of {', '.join(offered)}, which this session offers")
    wanted = session.wanted.get("signer") or {}
    if not wanted.get("validations") or signer.nin in (None, wanted["nationalIdentificationNumber"]):
        return
    raise ConflictError(
        "The national identification number of the signer is not the one that the session asks for.",
        code="signer_mismatch",
        facts={"state": session.state.value},
    )


def _expected_nin(session: SigningSession) -> str | None:
    nin: str | None = (session.wanted.get("signer") or {}).get("nationalIdentificationNumber")
    return nin


def _hides_nin(session: SigningSession) -> bool:
    restrictions = (session.wanted.get("signer") or {}).get("restrictUse") or []
    return any(one["parameter"] == "NIN" for one in restrictions)


def _settle(
    work: Work, session_id: UUID, signer: ActingSigner, plan: Plan, made: list[Made]
) -> "SigningSession | Slow[Any, SigningSession]":
    session = work.get(SigningSession, session_id)
    _check_may_sign(session)
    if artefacts.is_outdated(work, plan):  # another signer was faster: sign what that one left
        _discard(made)
        return sign(work, session, signer)
    for one in made:
        result = documents.store_result(work, one.arrived, one.media_type, one.filename)
        signature = Signature(
            session_id=session.id,
            collection_id=one.collection_id,
            original_id=one.original_id,
            result_id=result.id,
            type=one.type,
        )
        work.db.add(signature)
        _archive(work, session, signature, one)
    session.ended_at, session.ended_by, session.ended_with = work.now, plan.signer_name, plan.eid
    work.fire(SESSION, session, SessionEvent.SIGN)
    decisions.command(work, session.id, "sign")
    work.db.flush()
    sessions.unblock_after(work, session)
    collections.settle(work, session)
    return session


def _discard(made: list[Made]) -> None:
    for one in made:
        one.arrived.discard()


def _archive(work: Work, session: SigningSession, signature: Signature, made: Made) -> None:
    settings = session.wanted.get("archive") or {}
    if not settings.get("sendSignatureResultsToArchive"):
        return
    archived = ArchivedDocument(
        id=work.new_id(), digest=made.arrived.blob.digest, mime_type=made.media_type, filename=made.filename
    )
    signature.archive_id = archived.id
    work.db.add(archived)
    days = retention_days(settings["retentionPeriod"])
    work.schedule_new("sign.archive", archived.id, artefacts.days_after(work.now, days))


def archive_due(work: Work, subject: str) -> None:
    """The retention period of an archived document is over."""
    archived = work.find(ArchivedDocument, UUID(subject))
    if archived is not None:
        work.db.delete(archived)
        work.db.flush()
        work.drop_unused(archived.digest)


# ---- packages


def package_due(work: Work, subject: str) -> Slow[Any, None] | None:
    """The lag of a package has passed: make it."""
    package = work.find(Package, UUID(subject))
    if package is None or package.state is not PackageState.PENDING:
        return None
    plan = artefacts.plan_package(work, package)
    if plan is None:  # what it would hold was deleted meanwhile
        _fail(work, package)
        return None

    def settle(later: Work, made: Artefact) -> None:
        found = later.find(Package, UUID(subject))
        if found is None or found.state is not PackageState.PENDING:
            made.arrived.discard()
            return
        result = documents.store_result(later, made.arrived, made.media_type, made.filename)
        found.result_id = result.id
        later.fire(PACKAGE, found, PackageEvent.COMPLETE)
        _finish_collection(later, found, CollectionEvent.FINISH)

    return Slow(lambda: artefacts.make_package(plan), settle, lambda made: made.arrived.discard())


def complete_package(work: Work, package_id: UUID) -> Package:
    """End the lag of a package by command; its timer is due now."""
    package = work.get(Package, package_id)
    PACKAGE.check(package, PackageEvent.COMPLETE)
    work.schedule("sign.package", package.id, work.now)
    return package


def fail_package(work: Work, package_id: UUID) -> Package:
    """Let a package fail by command."""
    package = work.get(Package, package_id)
    _fail(work, package)
    work.cancel_timers(package.id)
    return package


def _fail(work: Work, package: Package) -> None:
    work.fire(PACKAGE, package, PackageEvent.FAIL)
    _finish_collection(work, package, CollectionEvent.REOPEN)


def _finish_collection(work: Work, package: Package, happened: CollectionEvent) -> None:
    collection = package.collection_id and work.find(DocumentCollection, package.collection_id)
    if collection and collection.state is CollectionState.PACKAGING:
        work.fire(COLLECTION, collection, happened)
