"""The signer's page: what `signatureUrl` opens. Server-rendered, without scripts.

Whoever has the link may act. Where the session asks for authentication first, a signed cookie proves it.
Every click runs the verbs of `actions`, as the control plane does.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from localsign.core import pages, people
from localsign.core.errors import ConflictError, IllegalTransitionError, WorldChangedError
from localsign.core.http import perform
from localsign.core.pages import InsteadError
from localsign.core.people import Persona
from localsign.core.work import Slow, Work
from localsign.sign import actions, artefacts
from localsign.sign.commands import ActingSigner, SessionCommand
from localsign.sign.lifecycle import SessionState
from localsign.sign.models import SigningSession
from localsign.sign.service import sessions
from localsign.sign.service.documents import PDF
from localsign.signicat.tokens import signing_key
from localsign.workspace import Workspace

router = APIRouter(route_class=pages.PageRoute, include_in_schema=False)

Token = Annotated[str, Query(alias="sessionId", description="What the link of the session carries.")]

PROOF_LIVES = timedelta(minutes=30)
LONGEST = {"name": 200, "nin": 64, "reason": 2048}  # the last: documented
REDIRECTS = {"sign": "success", "reject": "reject", "cancel": "cancel", "error": "error"}
ENDINGS = ("cancel", "error")  # that leave the session as it is, so that only the address can tell them

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True)
class Paper:
    """A document, or a result of signing, as the page lists it."""

    id: UUID
    name: str
    filename: str
    media_type: str
    size: int
    path: Path
    is_gone: bool
    role: str  # SIGN, VIEW, or what kind of result it is
    description: str | None = None


@dataclass(frozen=True)
class Visit:
    """What one transaction found behind a link. `key` makes the proof of authentication; None if none is asked for."""

    token: str
    session: SigningSession
    now: datetime
    papers: tuple[Paper, ...]
    results: tuple[Paper, ...]
    key: bytes | None
    purpose: str
    home: str
    personas: tuple[Persona, ...]

    @property
    def wanted(self) -> dict[str, Any]:
        return self.session.wanted

    @property
    def signer(self) -> dict[str, Any]:
        return dict(self.wanted.get("signer") or {})

    @property
    def asks_nin(self) -> bool:
        return not self.signer.get("restrictUse")

    @property
    def here(self) -> str:
        return f"{self.home}?sessionId={self.token}"

    @property
    def cookie(self) -> str:
        return f"localsign-signer-{self.session.id.hex}"

    def eids(self, *, before_reading: bool) -> list[str]:
        """The eIDs to choose from, by the names the integrator gave."""
        offered = before_reading and (self.wanted.get("preAuthentication") or {}).get("identityProviders")
        return list(dict.fromkeys(one["idpName"] for one in offered or ())) or artefacts.eids(self.session)

    def proof(self, request: Request) -> dict[str, Any] | None:
        """Who the signer has shown to be before, empty where nobody has to; None if it is still to be shown."""
        if self.key is None:
            return {}
        facts = pages.unsealed(self.key, self.purpose, request.cookies.get(self.cookie, ""))
        return facts if facts and facts["until"] > self.now.timestamp() else None

    def onward(self, action: str) -> str | None:
        """Where the integrator wants the browser after `action`. Which parameters the vendor adds: inferred."""
        url = (self.wanted.get("redirectSettings") or {}).get(REDIRECTS[action])
        reference = self.wanted.get("externalReference")
        added = {} if reference is None else {"externalReference": reference}
        return url and pages.with_query(url, {**added, "sessionId": str(self.session.id)})


@dataclass(frozen=True)
class Form:
    """What the signer typed and chose."""

    action: str = ""
    name: str = actions.NO_NAME
    nin: str = ""
    eid: str = ""
    consent: bool = False
    reason: str = ""
    persona: str = ""

    @classmethod
    def of(cls, sent: dict[str, str]) -> "Form":
        fields = ("name", "nin", "eid", "reason", "persona")
        name, nin, eid, reason, persona = (sent.get(field, "").strip() for field in fields)
        return cls(sent.get("action", ""), name, nin, eid, bool(sent.get("consent")), reason, persona)

    def filled(self, visit: Visit) -> "Form":
        """This form with what the chosen persona is, where one is chosen."""
        chosen = next((one for one in visit.personas if one.key == self.persona), None)
        if chosen is None:
            return replace(self, persona="")
        eid = chosen.eid_among(visit.eids(before_reading=self.action == "authenticate"))
        return replace(self, name=chosen.name, nin=chosen.national_id or self.nin, eid=eid or self.eid)

    def flaws(self, visit: Visit) -> dict[str, str]:
        """What is wrong, by field; the empty name is the form's own."""
        if self.action in ENDINGS:
            return {}
        if self.action not in ("sign", "reject", "authenticate"):
            return {"": "Choose one of the buttons."}
        if self.action == "reject":
            return self._reason_flaw()
        flaws = {}
        if self.action == "sign" and visit.wanted.get("signText") and not self.consent:
            flaws["consent"] = "Tick the box to say that you agree; without it you cannot sign."
        if self.eid and self.eid not in visit.eids(before_reading=self.action == "authenticate"):
            flaws["eid"] = "Choose one of the eIDs."
        if flaw := _text_flaw("Your name", self.name, LONGEST["name"], is_required=True):
            flaws["name"] = flaw
        must_match = bool(visit.signer.get("validations"))
        flaw = _text_flaw("The number", self.nin, LONGEST["nin"], is_required=must_match)
        if flaw and visit.asks_nin:
            flaws["nin"] = flaw
        return flaws

    def _reason_flaw(self) -> dict[str, str]:
        longest, count = LONGEST["reason"], len(self.reason)
        if count <= longest:
            return {}
        return {"reason": f"The reason may have at most {longest} characters; yours has {count}."}


def _text_flaw(what: str, text: str, longest: int, *, is_required: bool) -> str | None:
    if is_required and not text:
        return f"{what} is missing."
    if len(text) > longest:
        return f"{what} may have at most {longest} characters."
    return f"{what} has characters that cannot be printed." if _UNPRINTABLE.search(text) else None


# ---- routes


@router.get("/", operation_id="signing_page")
async def signing_page(request: Request, token: Token = "", ended: str = "") -> Response:
    """The page in the state that the session is in; the first look at one that is READY opens it."""
    visit = await _look(request, token, opens=True)
    if visit.session.state is not SessionState.READY:
        return _state_page(request, visit)
    if ended in ENDINGS:
        return pages.page("sign/left.html", visit=visit, ended=ended)
    proof = visit.proof(request)
    form = Form(nin=visit.signer.get("nationalIdentificationNumber") or "")
    if proof:
        form = replace(form, name=proof["name"], nin=proof["nin"] or form.nin, eid=proof["eid"])
    return await _form_page(visit, form, {}, is_open=proof is not None)


@router.post("/", status_code=303, operation_id="act_on_signing_page")
async def act_on_signing_page(request: Request, token: Token = "") -> Response:
    """Do what the signer clicked, then send the browser on."""
    if pages.is_cross_site(request):
        raise InsteadError("sign/closed.html", 403, why="cross_site")
    form = Form.of(await pages.read_form(request))
    visit = await _look(request, token)
    form = form.filled(visit)
    if visit.session.state is not SessionState.READY:
        return _state_page(request, visit, is_late=True)
    is_open = visit.proof(request) is not None
    if not is_open and form.action not in ("authenticate", *ENDINGS):
        return await _form_page(visit, form, {"": "Show who you are first."}, is_open=False, status=403)
    if flaws := form.flaws(visit):
        return await _form_page(visit, form, flaws, is_open=is_open, status=422)
    try:
        return await (_authenticate if form.action == "authenticate" else _act)(request, visit, form)
    except IllegalTransitionError:
        return _state_page(request, await _look(request, token), is_late=True)
    except WorldChangedError:
        raise
    except ConflictError as error:
        is_mismatch = error.code == "signer_mismatch"
        flaws = {"nin": "This is not the number of the person who is asked to sign."}
        flaws = flaws if is_mismatch else {"": error.detail}
        return await _form_page(visit, form, flaws, is_open=is_open, status=422 if is_mismatch else 409)


@router.get("/view/{document_id}", operation_id="signing_page_document")
async def signing_page_document(request: Request, document_id: str, token: Token = "") -> Response:
    """A document of the session, or what signing it gave, to keep."""
    paper = await _paper(request, token, document_id)
    try:
        content = paper.path.open("rb")
    except FileNotFoundError:  # deleted since the look
        raise InsteadError("sign/closed.html", 404, why="no_document") from None
    return pages.download(content, pages.safe_filename(paper.filename, paper.media_type), paper.media_type)


@router.get("/view/{document_id}/{page}.png", operation_id="signing_page_picture")
async def signing_page_picture(request: Request, document_id: str, page: str, token: Token = "") -> Response:
    """A page of a PDF as a picture; the first is 1."""
    paper = await _paper(request, token, document_id)
    if paper.media_type != PDF or not re.fullmatch(r"[1-9][0-9]{0,5}", page):
        raise InsteadError("sign/closed.html", 404, why="no_page")
    try:
        return await pages.picture(paper.path, int(page))
    except LookupError:
        raise InsteadError("sign/closed.html", 404, why="no_page") from None


# ---- what the routes do


async def _authenticate(request: Request, visit: Visit, form: Form) -> Response:
    """Remember in the browser who the signer has shown to be."""
    nin = form.nin if visit.asks_nin else ""
    signer = ActingSigner(name=form.name, nin=nin or None, eid=form.eid or None)
    await perform(request, lambda work: actions.check_signer(_session(work, visit.token), signer))
    answer = pages.redirect(visit.here)
    if visit.key is not None:
        until = (visit.now + PROOF_LIVES).timestamp()
        facts = {"name": form.name, "nin": nin, "eid": form.eid, "until": until}
        answer.set_cookie(
            visit.cookie,
            pages.sealed(visit.key, visit.purpose, facts),
            max_age=int(PROOF_LIVES.total_seconds()),
            path=visit.home,
            secure=str(request.scope["state"]["origin"]).startswith("https:"),
            httponly=True,
            samesite="lax",
        )
    return answer


async def _act(request: Request, visit: Visit, form: Form) -> Response:
    """Run the verb; the redirect leaves after the session is in its new state."""
    command = _command(visit, form)

    def verb(work: Work) -> SigningSession | Slow[Any, SigningSession]:
        return actions.act(work, _session(work, visit.token).id, command)

    await perform(request, verb)
    own = f"{visit.here}&ended={form.action}" if form.action in ENDINGS else visit.here
    return pages.redirect(visit.onward(form.action) or own)


def _command(visit: Visit, form: Form) -> SessionCommand:
    nin = (form.nin if visit.asks_nin else "") or None
    signer = {"name": form.name, "nin": nin, "eid": form.eid or None} if form.action == "sign" else None
    reason = form.reason if form.action == "reject" else ""
    return SessionCommand.model_validate({"action": form.action, "reason": reason or None, "signer": signer})


async def _form_page(visit: Visit, form: Form, flaws: dict[str, str], *, is_open: bool, status: int = 200) -> Response:
    """The documents and the form below them; where the signer is still to be known, only the form for that."""
    values: dict[str, object] = {"visit": visit, "form": form, "flaws": flaws, "longest": LONGEST}
    eids = visit.eids(before_reading=not is_open)
    values |= {"eids": eids, "chosen": form.eid if form.eid in eids else eids[0]}
    values["personas"] = [("", "Somebody else"), *((one.key, one.name) for one in visit.personas)]
    if not is_open:
        return pages.page("sign/authenticate.html", status, **values)
    papers = [
        (paper, pages.Preview() if paper.is_gone else await pages.preview(paper.path, paper.media_type))
        for paper in visit.papers
    ]
    return pages.page("sign/ready.html", status, papers=papers, **values)


def _state_page(request: Request, visit: Visit, *, is_late: bool = False) -> Response:
    """The page of a session that cannot be signed now, or no more."""
    status = 409 if is_late else 200
    if visit.session.state is SessionState.BLOCKED:
        return pages.page("sign/blocked.html", status, visit=visit)
    is_signed = visit.session.state is SessionState.SIGNED
    may_keep = is_signed and visit.proof(request) is not None
    kept = [paper for paper in visit.results if may_keep and not paper.is_gone]
    onward = visit.onward("sign" if is_signed else "reject")
    values = {"visit": visit, "is_signed": is_signed, "results": kept, "onward": onward, "is_late": is_late}
    return pages.page("sign/final.html", status, **values)


# ---- looking


async def _look(request: Request, token: str, *, opens: bool = False) -> Visit:
    """What is behind the link now; InsteadError for a link that shows nothing."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        session = _session(work, token)
        if opens and session.state is SessionState.READY and session.opened_at is None:
            actions.open_session(work, session)
        is_guarded = bool((session.wanted.get("preAuthentication") or {}).get("enabled"))
        return Visit(
            token=str(session.url_token),
            session=session,
            now=work.now,
            papers=tuple(_papers(work, sessions.papers(work, session))),
            results=tuple(_papers(work, sessions.results(work, session))),
            key=signing_key(work).pem.encode() if is_guarded else None,
            purpose=f"signer of {session.id} by {session.url_token} in {workspace.tag}",
            home=f"{request.scope['root_path']}/",
            personas=tuple(people.known(work)),
        )


def _session(work: Work, token: str) -> SigningSession:
    session = sessions.by_url(work, UUID(token)) if _ID.fullmatch(token) else None
    if session is None:
        raise InsteadError("sign/closed.html", 404, why="unknown")
    if session.is_gone:
        why = "withdrawn" if session.state is SessionState.DELETED else "due"
        raise InsteadError("sign/closed.html", 410, why=why)
    is_open = session.state in (SessionState.READY, SessionState.BLOCKED)
    if is_open and session.url_expires_at <= work.now:
        raise InsteadError("sign/closed.html", 410, why="expired")
    return session


def _papers(work: Work, found: list[sessions.Held]) -> list[Paper]:
    return [
        Paper(
            id=document.id,
            name=document.title or document.filename or "Document without a name",
            filename=document.filename or document.title or "",
            media_type=document.mime_type,
            size=document.size,
            path=work.blobs.path(document.digest),
            is_gone=document.is_gone,
            role=role,
            description=document.description,
        )
        for document, role in found
    ]


async def _paper(request: Request, token: str, document_id: str) -> Paper:
    """A document that the link shows; InsteadError for all others."""
    visit = await _look(request, token)
    if visit.session.state not in (SessionState.READY, SessionState.SIGNED):
        raise InsteadError("sign/closed.html", 403, why="not_shown")
    if visit.proof(request) is None:
        raise InsteadError("sign/closed.html", 403, why="unproven", here=visit.here)
    for paper in (*visit.papers, *visit.results):
        if str(paper.id) == document_id.lower() and not paper.is_gone and paper.path.is_file():
            return paper
    raise InsteadError("sign/closed.html", 404, why="no_document")
