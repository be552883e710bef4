"""The signature tray: what the link of a ticket opens. Server-rendered, without scripts.

Documented: signing and declining happen in a browser, and a ticket is a link that needs no login. The page is ours. It
shows all that the person of the ticket has to do in the DST, and runs the verbs of `actions`.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import select

from localsign.core import pages
from localsign.core.errors import ApiError, IllegalTransitionError, WorldChangedError
from localsign.core.http import perform
from localsign.core.pages import InsteadError, Preview
from localsign.core.work import Work
from localsign.signing_today import actions, artefacts
from localsign.signing_today.dst_switches import TEXT_MEMBER
from localsign.signing_today.lifecycle.dsts import DstState, TurnState
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, Turn, documents_of, turns_of
from localsign.signing_today.models.people import User
from localsign.signing_today.service import plans
from localsign.workspace import Workspace

router = APIRouter(route_class=pages.PageRoute, include_in_schema=False)

LONGEST = {"text": 10_000, "reason": 2000}
PDF = artefacts.PDF

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_CLOSED = "signing_today/tray_closed.html"


@dataclass(frozen=True)
class Paper:
    """A document as it is now. `readable` is the PDF of it, which is shown; `file` is what is handed out."""

    number: int
    name: str
    status: str
    filename: str
    media_type: str
    size: int
    file: Path
    readable: Path | None


@dataclass(frozen=True)
class Task:
    """One thing that the person has to do, or has done."""

    id: UUID
    field: str  # begins the names of its fields on the page
    is_fill: bool
    state: TurnState
    document: str
    reason: str | None = None
    description: str | None = None
    profile: str = ""
    is_declinable: bool = False
    page: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Visit:
    """What one transaction found behind a ticket."""

    ticket: UUID
    dst: Dst
    who: str
    person: str
    creator: str
    papers: tuple[Paper, ...]
    tasks: tuple[Task, ...]
    text_member: str

    @property
    def title(self) -> str:
        return self.dst.title or "Documents without a title"

    @property
    def fills(self) -> list[Task]:
        return [one for one in self.tasks if one.is_fill and one.state is TurnState.PENDING]

    @property
    def signs(self) -> list[Task]:
        return [one for one in self.tasks if not one.is_fill and one.state is TurnState.PENDING]

    @property
    def waiting(self) -> list[Task]:
        return [one for one in self.tasks if one.state is TurnState.WAITING]


@dataclass(frozen=True)
class Form:
    """What the person typed and clicked: the `tasks` it is about, texts by task, and a reason."""

    action: str = ""
    tasks: tuple[Task, ...] = ()
    texts: dict[UUID, str] = field(default_factory=dict)
    reason: str = ""

    @classmethod
    def of(cls, sent: dict[str, str], visit: Visit) -> "Form":
        action, _, wanted = sent.get("action", "").partition(" ")
        offered = visit.fills if action == "fill" else visit.signs
        tasks = tuple(one for one in offered if wanted in ("all", str(one.id)))
        texts = {one.id: sent.get(f"{one.field}-text", "").strip() for one in visit.fills}
        reason = sent.get(f"{tasks[0].field}-reason", "").strip() if tasks else ""
        return cls(action, tasks, texts, reason)

    def flaws(self) -> dict[str, str]:
        """What is wrong, by field; the empty name is the form's own."""
        if self.action not in ("fill", "sign", "decline") or not self.tasks:
            return {"": "Choose one of the buttons."}
        flaws = {}
        for number, task in enumerate(self.tasks if self.action == "fill" else (), 1):
            text, label = self.texts[task.id], f"Text {number}" if len(self.tasks) > 1 else "The text"
            if not text:
                flaws[f"{task.field}-text"] = f"{label} is missing."
            elif len(text) > LONGEST["text"]:
                flaws[f"{task.field}-text"] = f"{label} may have at most {LONGEST['text']} characters."
        if self.action == "decline":
            [task] = self.tasks[:1]
            if not task.is_declinable:
                flaws[""] = "This signature cannot be declined."
            elif len(self.reason) > LONGEST["reason"]:
                flaws[f"{task.field}-reason"] = f"The reason may have at most {LONGEST['reason']} characters."
        return flaws


# ---- routes


@router.get("/ticket/{token}", operation_id="tray")
async def tray(request: Request, token: str) -> Response:
    """What the person of the ticket has to do, or what became of the DST."""
    return await _page(await _look(request, token), Form(), {})


@router.post("/ticket/{token}", status_code=303, operation_id="act_in_tray")
async def act_in_tray(request: Request, token: str) -> Response:
    """Do what the person clicked, then show what is left to do."""
    if pages.is_cross_site(request):
        raise InsteadError(_CLOSED, 403, why="cross_site")
    sent = await pages.read_form(request)
    visit = await _look(request, token)
    if not (visit.fills or visit.signs):
        return await _page(visit, Form(), {}, status=409, is_late=True)
    form = Form.of(sent, visit)
    if flaws := form.flaws():
        return await _page(visit, form, flaws, status=422)
    try:
        for task in form.tasks:
            await _do(request, visit, form, task)
    except WorldChangedError:
        raise
    except IllegalTransitionError:
        return await _page(await _look(request, token), Form(), {}, status=409, is_late=True)
    except ApiError as error:
        return await _page(await _look(request, token), form, {"": error.detail}, status=error.status)
    return pages.redirect(f"{request.scope['root_path']}/ticket/{visit.ticket}")


@router.get("/ticket/{token}/document/{number}", operation_id="tray_document")
async def tray_document(request: Request, token: str, number: str) -> Response:
    """A document of the DST as it is now, to keep."""
    paper = _paper(await _look(request, token), number)
    try:
        content = paper.file.open("rb")
    except FileNotFoundError:  # deleted since the look
        raise InsteadError(_CLOSED, 404, why="no_document") from None
    return pages.download(content, pages.safe_filename(paper.filename, paper.media_type), paper.media_type)


@router.get("/ticket/{token}/document/{number}/{page}.png", operation_id="tray_picture")
async def tray_picture(request: Request, token: str, number: str, page: str) -> Response:
    """A page of a document as a picture; the first is 1."""
    paper = _paper(await _look(request, token), number)
    if paper.readable is None or not re.fullmatch(r"[1-9][0-9]{0,5}", page):
        raise InsteadError(_CLOSED, 404, why="no_page")
    try:
        return await pages.picture(paper.readable, int(page))
    except LookupError:
        raise InsteadError(_CLOSED, 404, why="no_page") from None


# ---- what the routes do


async def _do(request: Request, visit: Visit, form: Form, task: Task) -> None:
    def verb(work: Work) -> Any:
        if form.action == "fill":
            return actions.fill(work, task.id, {visit.text_member: form.texts[task.id]})
        if form.action == "sign":
            return actions.sign(work, task.id)
        return actions.decline(work, task.id, form.reason or None)

    await perform(request, verb)


async def _page(
    visit: Visit, form: Form, flaws: dict[str, str], *, status: int = 200, is_late: bool = False
) -> Response:
    shown = [(paper, await _preview(paper)) for paper in visit.papers]
    values = {"visit": visit, "papers": shown, "form": form, "flaws": flaws, "is_late": is_late, "longest": LONGEST}
    template = "tray" if visit.fills or visit.signs else "tray_state"
    return pages.page(f"signing_today/{template}.html", status, **values)


async def _preview(paper: Paper) -> Preview:
    return Preview() if paper.readable is None else await pages.preview(paper.readable, PDF)


# ---- looking


async def _look(request: Request, ticket: str) -> Visit:
    """What is behind the ticket now; InsteadError for one that shows nothing."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        turn = _turn(work, ticket)
        dst = work.find(Dst, turn.dst_id) if turn else None
        if turn is None or dst is None:
            raise InsteadError(_CLOSED, 404, why="unknown")
        if dst.is_gone:
            raise InsteadError(_CLOSED, 410, why="withdrawn")
        documents = {document.number: document for document in documents_of(work, dst)}
        papers = _told_apart([one for document in documents.values() if (one := _shown(work, document))])
        names = {paper.number: paper.name for paper in papers}
        creator = work.find(User, dst.created_by)
        return Visit(
            ticket=turn.ticket,
            dst=dst,
            who=turn.who,
            person=plans.name_of(documents[turn.document].signers()[turn.signer_id]),
            creator=creator.full_name if creator else "",
            papers=papers,
            tasks=tuple(
                _task(documents[one.document], one, names) for one in turns_of(work, dst.id) if one.who == turn.who
            ),
            text_member=work.switched(TEXT_MEMBER),
        )


def _told_apart(papers: list[Paper]) -> tuple[Paper, ...]:
    """The documents, numbered where two have the same name: buttons are called after them."""
    count = Counter(paper.name for paper in papers)
    return tuple(
        replace(paper, name=f"{paper.name} (document {paper.number})") if count[paper.name] > 1 else paper
        for paper in papers
    )


def _turn(work: Work, ticket: str) -> Turn | None:
    if not _ID.fullmatch(ticket):
        return None
    return work.db.exec(select(Turn).where(Turn.ticket == UUID(ticket))).first()


def _task(document: DstDocument, turn: Turn, names: dict[int, str]) -> Task:
    request: dict[str, Any] = next((one for one in document.requests if one["id"] == turn.request_id), {})
    form: dict[str, Any] = next((one for one in document.forms if one["id"] == turn.form_id), {})
    return Task(
        id=turn.id,
        field=f"task-{turn.seq}",
        is_fill=turn.is_fill,
        state=turn.state,
        document=names.get(turn.document, f"Document {turn.document}"),
        reason=request.get("reason"),
        description=request.get("description"),
        profile=request.get("signProfile") or "",
        is_declinable=bool(request.get("declinable")),
        page=form.get("page"),
        text=plans.text_in(form.get("extraData") or {}) or "",
    )


def _shown(work: Work, document: DstDocument) -> Paper | None:
    """A document as the tray lists it: with the signatures that are there."""
    current = work.find(Resource, document.signed_id) if document.signed_id else artefacts.base_of(work, document)
    plain = work.find(Resource, document.plain_id) if document.plain_id else None
    if current is None or plain is None:
        return None
    readable = current
    if current.mimetype != PDF:  # a CAdES envelope: what is in it is read
        readable = (work.find(Resource, document.filled_id) if document.filled_id else None) or plain
    return Paper(
        number=document.number,
        name=plain.title or plain.filename,
        status=document.status,
        filename=current.filename,
        media_type=current.mimetype,
        size=current.size,
        file=work.blobs.path(current.digest),
        readable=work.blobs.path(readable.digest),
    )


def _paper(visit: Visit, number: str) -> Paper:
    """A document that the ticket shows; InsteadError for all others."""
    if visit.dst.state not in (DstState.TO_FILL, DstState.TO_SIGN, DstState.SIGNED):
        raise InsteadError(_CLOSED, 403, why="not_shown")
    for paper in visit.papers:
        if _NUMBER.fullmatch(number) and paper.number == int(number) and paper.file.is_file():
            return paper
    raise InsteadError(_CLOSED, 404, why="no_document")
