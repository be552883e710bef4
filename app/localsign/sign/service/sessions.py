"""Signing sessions: created all or nothing, read, listed, deleted, and ended by their due date."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, func, select

from localsign.core import decisions
from localsign.core import flaws as findings
from localsign.core.errors import BadInputError
from localsign.core.glancing import unwatched
from localsign.core.paging import Page, Window, cut
from localsign.core.work import Work
from localsign.sign.lifecycle import SESSION, VISIBLE, DocumentEvent, SessionEvent, SessionState
from localsign.sign.models import (
    Document,
    Predecessor,
    SessionDocument,
    SigningSession,
    documents_of,
    packages_of,
    signatures_of,
)
from localsign.sign.schemas import SessionRequest
from localsign.sign.service import documents
from localsign.sign.service.checks import LONGEST, Checked, check
from localsign.sign.switches import SIGNED_AFTER_DUE, UNKNOWN_MEMBERS, URL_RENEWAL

Held = tuple[Document, str]  # a document, and what it is to its session

SORTABLE = {"createdAt": SigningSession.created_at, "dueDate": SigningSession.due_at}


def create(work: Work, wanted: Sequence[SessionRequest]) -> list[SigningSession]:
    """All the sessions in `wanted`, or none; BadInputError names every flaw of every one."""
    flaws = findings.unknown_members(list(wanted)) if refuses_unknown(work) else []
    checked = check(work, wanted, flaws)
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return [_create(work, one) for one in checked]


def refuses_unknown(work: Work) -> bool:
    """Whether members that the schema does not have are refused (inferred; a switch)."""
    return work.switched(UNKNOWN_MEMBERS) == "reject"


def _create(work: Work, checked: Checked) -> SigningSession:
    wanted = checked.wanted
    due_at = wanted.due_date or work.now + LONGEST
    values = {
        "id": work.new_id(),
        "state": SessionState.BLOCKED if checked.waits_for else SessionState.READY,
        "title_folded": wanted.title.casefold(),
        "created_at": work.now,
        "due_at": due_at,
        "url_token": work.new_id(),
        "url_ttl": wanted.signature_url_ttl,
        "url_expires_at": _url_expiry(work.now, wanted.signature_url_ttl, due_at),
        "wanted": _echo(wanted),
        "opened_at": None,
        "ended_at": None,
        "ended_by": None,
        "ended_with": None,
        "reject_reason": None,
        "contact": _contact(wanted),
    }
    work.insert(SigningSession, values)
    session = unwatched(SigningSession, values)
    places = [
        {
            "session_id": session.id,
            "collection_id": one.document_collection_id,
            "document_id": one.document_id,
            "action": one.action,
        }
        for one in wanted.documents
    ]
    work.insert(SessionDocument, *places)
    for document in checked.documents:
        documents.assign(work, document)
    if checked.waits_for:
        before = [{"session_id": session.id, "predecessor_id": one} for one in checked.waits_for]
        work.insert(Predecessor, *before)
    work.schedule_new("sign.session_due", session.id, due_at)
    if session.state is SessionState.READY:
        decisions.ask(work, "sign", "session", session.id)
    return session


def _contact(wanted: SessionRequest) -> dict[str, str] | None:
    """How to reach the signer: retired members of the request, which answers do not show. Decisions look at them.

    As they are documented to be ignored, anything may be in them; what is no address is ignored indeed.
    """
    signer = wanted.signer
    found = {} if signer is None else {"email": signer.email, "phone": signer.mobile}
    return {name: value for name, value in found.items() if value and len(value) <= 320 and value.isprintable()} or None


def _echo(wanted: SessionRequest) -> dict[str, object]:
    """The request as answers repeat it: what was sent, without what is not the schema's."""
    return wanted.model_dump(mode="json", by_alias=True, exclude_unset=True, include=set(type(wanted).model_fields))


def _url_expiry(now: datetime, ttl: int | None, due_at: datetime) -> datetime:
    """Inferred: without a TTL the link is good until the due date; with one never longer than that."""
    return due_at if ttl is None else min(now + timedelta(minutes=ttl), due_at)


def read(work: Work, session_id: UUID) -> SigningSession:
    """The session for a client that asks for it, with a link that works."""
    session = work.glance(SigningSession, session_id)
    if work.waits_for_reads:
        for package in packages_of(work, session):
            work.saw(package.id)
    return _renewed(work, session) if _needs_new_url(work, session) else session


def _needs_new_url(work: Work, session: SigningSession) -> bool:
    """Inferred: reading a session whose link has expired gives it a new one; a setting turns it off."""
    is_over = session.url_expires_at <= work.now and session.due_at > work.now
    return is_over and session.state in _SIGNABLE and work.switched(URL_RENEWAL) == "on_read"


def _renewed(work: Work, glanced: SigningSession) -> SigningSession:
    session = work.get(SigningSession, glanced.id)
    session.url_token = work.new_id()
    session.url_expires_at = _url_expiry(work.now, session.url_ttl, session.due_at)
    return session


_SIGNABLE = (SessionState.BLOCKED, SessionState.READY)


def listed(
    work: Work,
    window: Window,
    *,
    created: tuple[datetime | None, datetime | None],
    due: tuple[datetime | None, datetime | None],
    states: Sequence[SessionState],
    title_like: str | None,
) -> Page[SigningSession]:
    """The sessions that match, bounds included."""
    query = select(SigningSession).where(col(SigningSession.state).in_(states or VISIBLE))
    for column, (first, last) in ((SigningSession.created_at, created), (SigningSession.due_at, due)):
        if first is not None:
            query = query.where(col(column) >= first)
        if last is not None:
            query = query.where(col(column) <= last)
    if title_like:
        query = query.where(func.instr(SigningSession.title_folded, title_like.casefold()) > 0)
    filters = created, due, tuple(states), title_like
    return cut(work, SigningSession, query, window, SORTABLE, tie=SigningSession.seq, filters=filters)


def delete(work: Work, session_id: UUID) -> None:
    """Delete a session, and the documents that no other session holds (documented)."""
    session = work.get(SigningSession, session_id)
    work.fire(SESSION, session, SessionEvent.DELETE)
    decisions.withdraw(work, session.id)
    work.cancel_timers(session.id)
    documents.let_go(work, session, DocumentEvent.RELEASE)


def due(work: Work, subject: str) -> None:
    """The due date has passed: an open session ends, and the documents of any go (documented).

    Inferred: a signed or rejected session itself stays readable; a switch.
    """
    session = work.find(SigningSession, UUID(subject))
    if session is None or session.is_gone:
        return
    if session.state in _SIGNABLE:
        work.fire(SESSION, session, SessionEvent.EXPIRE)
        decisions.withdraw(work, session.id)
    elif work.switched(SIGNED_AFTER_DUE) == "gone":
        work.fire(SESSION, session, SessionEvent.DELETE)
    documents.let_go(work, session, DocumentEvent.EXPIRE)


def unblock_after(work: Work, signed: SigningSession) -> None:
    """Let go every session that waited only for `signed`.

    Inferred: a predecessor that is rejected, expired or deleted unsigned keeps the others blocked for good.
    """
    fulfilled = work.db.exec(select(Predecessor).where(Predecessor.predecessor_id == signed.id)).all()
    for one in fulfilled:
        work.db.delete(one)
    work.db.flush()
    for session_id in dict.fromkeys(one.session_id for one in fulfilled):
        session = work.find(SigningSession, session_id)
        if session is not None and session.state is SessionState.BLOCKED and not waits_for(work, session_id):
            work.fire(SESSION, session, SessionEvent.UNBLOCK)
            decisions.ask(work, "sign", "session", session.id)


def waits_for(work: Work, session_id: UUID) -> list[UUID]:
    """The sessions that must still be signed before this one."""
    query = select(Predecessor.predecessor_id).where(Predecessor.session_id == session_id)
    return list(work.db.exec(query.order_by(col(Predecessor.seq))).all())


def by_url(work: Work, token: UUID) -> SigningSession | None:
    """The session whose link carries `token`."""
    return work.db.exec(select(SigningSession).where(SigningSession.url_token == token)).first()


def papers(work: Work, session: SigningSession) -> list[Held]:
    """The documents to read or to sign, with the action; also deleted ones, until they are purged."""
    return _held(work, [(one.document_id, one.action) for one in documents_of(work, session)])


def results(work: Work, session: SigningSession) -> list[Held]:
    """What signing and packaging the session gave, with the type."""
    signatures = [(one.result_id, one.type) for one in signatures_of(work, session)]
    packages = [(one.result_id, one.type) for one in packages_of(work, session) if one.result_id]
    return _held(work, signatures + packages)


def _held(work: Work, wanted: list[tuple[UUID, str]]) -> list[Held]:
    query = select(Document).where(col(Document.id).in_([document_id for document_id, _ in wanted]))
    found = {one.id: one for one in work.db.exec(query).all()}
    return [(found[document_id], role) for document_id, role in wanted if document_id in found]
