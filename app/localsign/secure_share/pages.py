"""The recipient's site: what the `url` of a recipient opens. Server-rendered, without scripts.

The link alone shows no file. Who it was made for shows who they are, by a one-time code or a simulated eID; a signed
cookie then proves it for a while. Every click runs the verbs of `actions`, as the control plane does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import select

from localsign.core import pages, people
from localsign.core.http import perform
from localsign.core.pages import InsteadError
from localsign.core.people import Persona
from localsign.core.work import Work
from localsign.secure_share import actions
from localsign.secure_share.actions import Refusal
from localsign.secure_share.lifecycle import ShareState
from localsign.secure_share.models import FileAccess, Recipient, Share, SharedFile
from localsign.signicat.tokens import signing_key
from localsign.workspace import Workspace

router = APIRouter(route_class=pages.PageRoute, include_in_schema=False)

Token = Annotated[str, Path(description="What the link of the recipient carries.")]
Chosen = Annotated[str, Query(alias="method", description="Which of the recipient's methods, from 0.")]

PROOF_LIVES = timedelta(minutes=30)
LONGEST = 200  # characters of a field
NAMES = {  # of the identity providers that the sources show
    "otp-sms": "Code by text message",
    "otp-email": "Code by e-mail",
    "nbid": "Norwegian BankID",
    "sbid": "Swedish BankID",
    "mitid": "MitID",
    "ftn": "Finnish Trust Network",
    "idin": "iDIN",
    "digid": "DigiD",
    "eherkenning": "eHerkenning",
}

_TOKEN = re.compile(r"[0-9A-Za-z]{40}")
_KEEP = 3  # letters of an address or number that are shown


@dataclass(frozen=True)
class Way:
    """A method of the recipient as the page offers it. `number` is its place in their list."""

    number: int
    provider: str
    name: str
    is_code: bool
    target: str  # where a code goes, mostly hidden
    asks: tuple[str, ...]  # what an eID must match: nin, idpId
    has_code: bool  # one was sent that can still be used


@dataclass(frozen=True)
class Paper:
    """A file as the page lists it."""

    file: SharedFile
    downloaded_at: datetime | None


@dataclass(frozen=True)
class Visit:
    """What one transaction found behind a link. `key` makes the proof of who one is."""

    token: str
    share: Share
    recipient: Recipient
    now: datetime
    ways: tuple[Way, ...]
    papers: tuple[Paper, ...]
    personas: tuple[Persona, ...]  # who can log in with an eID that asks for a number
    key: bytes
    purpose: str
    home: str

    @property
    def cookie(self) -> str:
        return f"localsign-recipient-{self.recipient.id.hex}"

    @property
    def greeting(self) -> str:
        return " ".join(one for one in (self.recipient.first_name, self.recipient.last_name) if one)

    def is_proven(self, request: Request) -> bool:
        facts = pages.unsealed(self.key, self.purpose, request.cookies.get(self.cookie, ""))
        return facts is not None and bool(facts["until"] > self.now.timestamp())

    def way(self, chosen: str) -> Way | None:
        """The method that the address names, or the only one."""
        if len(self.ways) == 1:
            return self.ways[0]
        return next((one for one in self.ways if str(one.number) == chosen), None)

    def here(self, way: Way | None = None) -> str:
        return self.home if way is None or len(self.ways) == 1 else f"{self.home}?method={way.number}"


# ---- routes


@router.get("/open/{token}", operation_id="recipient_page")
async def recipient_page(request: Request, token: Token, method: Chosen = "") -> Response:
    """The files for who has shown who they are; the ways to do so for everybody else."""
    visit = await _look(request, token, opens=True)
    if visit.is_proven(request):
        return pages.page("secure_share/files.html", visit=visit)
    return _entrance(visit, visit.way(method), {})


@router.post("/open/{token}", status_code=303, operation_id="act_on_recipient_page")
async def act_on_recipient_page(request: Request, token: Token, method: Chosen = "") -> Response:
    """Do what the recipient clicked, then send the browser on."""
    if pages.is_cross_site(request):
        raise InsteadError("secure_share/closed.html", 403, why="cross_site")
    form = await pages.read_form(request)
    visit = await _look(request, token)
    sent = _filled(visit, form)
    if sent.get("action") == "leave":
        answer = pages.redirect(visit.home)
        answer.delete_cookie(visit.cookie, path=visit.home)
        return answer
    way = visit.way(method)
    verb = None if way is None else _verb(visit, way, sent)
    if way is None or verb is None:
        return _entrance(visit, way, {"": "Choose one of the buttons."}, status=422)
    flaws = _flaws(way, sent)
    if flaws:
        return _entrance(visit, way, flaws, sent, status=422)

    def run(work: Work) -> Refusal | None:
        return verb(work, _same(work, visit))

    refusal, _ = await perform(request, run)
    if refusal is not None:
        again = await _look(request, token)
        return _refused(again, again.way(method), refusal)
    answer = pages.redirect(visit.here(way))
    return answer if sent["action"] == "send" else _proven(request, visit, answer)


@router.get("/open/{token}/files/{file_id}", operation_id="recipient_file")
async def recipient_file(request: Request, token: Token, file_id: str) -> Response:
    """A file to keep, for who has shown who they are and may see it."""
    visit = await _look(request, token)
    if not visit.is_proven(request):
        raise InsteadError("secure_share/closed.html", 403, why="unproven", here=visit.home)
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        recipient = _same(work, visit)
        file = next((one for one in actions.visible(work, recipient) if str(one.id) == file_id.lower()), None)
        if file is None:
            raise InsteadError("secure_share/closed.html", 404, why="no_file")
        actions.download(work, recipient, file)
        # Opened within, so that what is remembered as downloaded is sent, whatever happens to the share from now on.
        content = work.blobs.open(file.digest)
    return pages.download(content, file.name, file.content_type)


# ---- what the routes do


def _filled(visit: Visit, sent: dict[str, str]) -> dict[str, str]:
    """A form with the number of the persona that is chosen in it, where one is."""
    chosen = next((one for one in visit.personas if one.key == sent.get("persona")), None)
    return sent if chosen is None else {**sent, "nin": chosen.national_id or ""}


def _verb(visit: Visit, way: Way, sent: dict[str, str]) -> Callable[[Work, Recipient], Refusal | None] | None:
    """What the button that was clicked does."""
    method = visit.recipient.authentication[way.number]
    match sent.get("action"):
        case "send" if way.is_code:
            return lambda work, recipient: actions.send_code(work, recipient, method)
        case "enter" if way.is_code:
            return lambda work, recipient: actions.enter_code(work, recipient, method, sent.get("code", ""))
        case "login" if not way.is_code:
            nin, idp_id = sent.get("nin", "").strip(), sent.get("idpId", "").strip()
            return lambda work, recipient: actions.use_eid(work, recipient, method, nin, idp_id)
        case "fail" if not way.is_code:
            return actions.fail
    return None


def _flaws(way: Way, sent: dict[str, str]) -> dict[str, str]:
    """What is wrong with a form, by field."""
    labels = {"enter": {"code": "The code"}, "login": {"nin": "The number", "idpId": "The id"}}
    asked = {name: label for name, label in labels.get(sent["action"], {}).items() if way.is_code or name in way.asks}
    flaws = {}
    for name, label in asked.items():
        text = sent.get(name, "").strip()
        if not text:
            flaws[name] = f"{label} is missing."
        elif len(text) > LONGEST:
            flaws[name] = f"{label} may have at most {LONGEST} characters."
    return flaws


def _entrance(
    visit: Visit, way: Way | None, flaws: dict[str, str], sent: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    """Where somebody shows who they are: the choice of a way, or the form of the one that was chosen."""
    typed = {name: (sent or {}).get(name, "").strip() for name in ("nin", "idpId", "persona")}
    values: dict[str, object] = {"visit": visit, "way": way, "flaws": flaws, "typed": typed, "longest": LONGEST}
    values["personas"] = [("", "Somebody else"), *((one.key, one.name) for one in visit.personas)]
    template = "secure_share/ways.html" if way is None else "secure_share/enter.html"
    return pages.page(template, status, **values)


def _refused(visit: Visit, way: Way | None, refusal: Refusal) -> Response:
    """The page for somebody who was not let in: with the form again where another try is possible."""
    match refusal.code:
        case "wrong_code" if refusal.left:
            left = "one try" if refusal.left == 1 else f"{refusal.left} tries"
            flaw = {"code": f"This is not the code that was sent. You have {left} left with it."}
            return _entrance(visit, way, flaw, status=422)
        case "wrong_code":
            return _entrance(visit, way, {"": "The code was wrong too often. Ask for a new one."}, status=422)
        case "no_code":
            return _entrance(visit, way, {"": "This code can no longer be used. Ask for a new one."}, status=422)
    status = 429 if refusal.until else 403
    answer = pages.page("secure_share/turned_away.html", status, visit=visit, way=way, refusal=refusal)
    if refusal.until:
        answer.headers["Retry-After"] = str(max(1, int((refusal.until - visit.now).total_seconds())))
    return answer


def _proven(request: Request, visit: Visit, answer: Response) -> Response:
    """Remember in the browser that this person has shown who they are."""
    facts = {"until": (visit.now + PROOF_LIVES).timestamp()}
    answer.headers["Location"] = visit.home
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


# ---- looking


async def _look(request: Request, token: str, *, opens: bool = False) -> Visit:
    """What is behind the link now; InsteadError for a link that shows nothing."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        recipient = _recipient(work, token)
        share = actions.share_of(work, recipient)
        if opens and recipient.opened_at is None:
            actions.open_link(work, recipient)
        accesses = work.look_up(FileAccess, "recipient_id", [recipient.id])
        downloaded = {one.file_id: one.downloaded_at for one in accesses}
        offered = actions.methods(work, recipient)
        return Visit(
            token=token,
            share=share,
            recipient=recipient,
            now=work.now,
            ways=tuple(_way(work, recipient, number, one) for number, one in enumerate(offered)),
            personas=tuple(one for one in people.known(work) if one.national_id),
            papers=tuple(Paper(one, downloaded.get(one.id)) for one in actions.visible(work, recipient)),
            key=signing_key(work).pem.encode(),
            purpose=f"recipient {recipient.id} by {token}, {recipient.login_version}, in {workspace.tag}",
            home=f"{request.scope['root_path']}/open/{token}",
        )


def _recipient(work: Work, token: str) -> Recipient:
    query = select(Recipient).where(Recipient.token == token)
    recipient = work.db.exec(query).first() if _TOKEN.fullmatch(token) else None
    share = recipient and work.find(Share, recipient.share_id)
    if recipient is None or share is None:
        raise InsteadError("secure_share/closed.html", 404, why="unknown")
    if share.state is ShareState.EXPIRED:
        raise InsteadError("secure_share/closed.html", 410, why="expired", expired_at=share.expires_at)
    return recipient


def _same(work: Work, visit: Visit) -> Recipient:
    """The recipient of a visit, if who may log in is still the same as when it was looked at."""
    recipient = _recipient(work, visit.token)
    if recipient.login_version != visit.recipient.login_version:
        raise InsteadError("secure_share/closed.html", 403, why="unproven", here=visit.home)
    return recipient


def _way(work: Work, recipient: Recipient, number: int, method: dict[str, Any]) -> Way:
    provider = method["identityProvider"]
    channel = actions.CHANNELS.get(provider)
    target = "" if channel is None else (recipient.email if provider == "otp-email" else recipient.mobile) or ""
    return Way(
        number=number,
        provider=provider,
        name=NAMES.get(provider, provider),
        is_code=channel is not None,
        target=hidden(target),
        asks=() if channel else tuple(name for name in ("nin", "idpId") if method[name]),
        has_code=channel is not None and actions.live_code(work, recipient, provider) is not None,
    )


def hidden(target: str) -> str:
    """`+47•••567` or `kar•••@example.com`: enough to know which of one's own it is."""
    name, at, host = target.partition("@")
    if at:
        return f"{name[: min(_KEEP, len(name) // 2)]}•••@{host}"
    return f"{target[:_KEEP]}•••{target[-_KEEP:]}" if len(target) > 2 * _KEEP else "•••"
