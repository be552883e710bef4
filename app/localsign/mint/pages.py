"""The end user's pages: what `workflowUrl` and `journeyUrl` open. Server-rendered, without scripts.

An address that is still good begins a visit; whoever has the address of a visit may stay until the journey ends.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.routing import Match
from starlette.types import Scope

from localsign.core import pages, people
from localsign.core.errors import ConflictError, IllegalTransitionError
from localsign.core.http import base_url, perform
from localsign.core.pages import InsteadError
from localsign.core.people import Persona
from localsign.core.work import Work
from localsign.mint import actions, uploads
from localsign.mint.engine import links
from localsign.mint.engine.catalog import StepType, find
from localsign.mint.engine.steps.signicat import check_form
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, JourneyLink, JourneyWait, waits_of
from localsign.mint.service import journeys, workflows
from localsign.mint.uploads import Sent
from localsign.sign.lifecycle import SessionState
from localsign.sign.models import SigningSession
from localsign.sign.service import sessions
from localsign.workspace import Workspace

_SLUG = re.compile(r"[0-9a-f][0-9a-f-]{7,35}")  # 8 digits; longer ones are known to nobody, and answered as pages too
_MOST_INPUTS = 100
_LONGEST_INPUT = 4000
_INTERACTIVE = ("form", "identify", "sign", "capture")


class SlugRoute(pages.PageRoute):
    """The public address of a workflow stands right below the mount; other words there are the API's."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        slug = child.get("path_params", {}).get("slug", "")
        return (match, child) if match is Match.NONE or _SLUG.fullmatch(slug) else (Match.NONE, {})


router = APIRouter(route_class=pages.PageRoute, include_in_schema=False)
public = APIRouter(route_class=SlugRoute, include_in_schema=False)


@dataclass(frozen=True)
class Visit:
    """What one transaction found behind the address of a visit."""

    token: str
    journey: Journey
    wait: JourneyWait | None  # the step to be shown
    type: StepType | None
    personas: tuple[Persona, ...] = ()
    session: SigningSession | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def page(self) -> str | None:
        return self.type.page if self.type else None


# ---- addresses


@router.get("/go/{token}", operation_id="open_journey")
async def open_journey(request: Request, token: str) -> Response:
    """A time-limited address: a journey URL, or the way back from another page."""

    def verb(work: Work) -> tuple[str, str]:
        link = links.find(work, token[:64], "journey", "return")
        if link is None:
            raise InsteadError("mint/closed.html", 404, why="unknown")
        if link.expires_at is not None and link.expires_at <= work.now:
            raise InsteadError("mint/closed.html", 410, why="expired", kind=link.kind)
        return links.make_visit(work, work.get(Journey, link.journey_id)), link.kind

    (visit, kind), _ = await perform(request, verb, is_patient=True)
    return pages.redirect(_visit_url(request, visit, returned=kind == "return"))


def _visit_url(request: Request, token: str, *, returned: bool = False) -> str:
    return f"{base_url(request)}/mint/visit/{token}{'?returned=1' if returned else ''}"


@router.get("/visit/{token}", operation_id="show_journey")
async def show_journey(request: Request, token: str, returned: str = "", late: str = "") -> Response:
    """Where the journey is: a form, a hand-over to another page, or what it waits for."""
    visit = await _look(request, token, leaves=not returned)
    if visit.page == "sign" and visit.session is not None and not returned:
        return pages.redirect(f"{base_url(request)}/sign/?sessionId={visit.session.url_token}")
    return _shown(visit, {}, is_late=bool(late))


@router.post("/visit/{token}", status_code=303, operation_id="act_on_journey_page")
async def act_on_journey_page(request: Request, token: str) -> Response:
    """Do what the end user clicked, then show what comes next."""
    if pages.is_cross_site(request):
        raise InsteadError("mint/closed.html", 403, why="cross_site")
    sent = await uploads.read(request)
    try:
        visit = await _look(request, token)
        here = _visit_url(request, visit.token)
        if visit.wait is None or visit.wait.step_id != sent.fields.get("step"):
            return pages.redirect(f"{here}?late=1")
        if visit.page not in ("form", "identify", "capture"):
            return pages.redirect(here)
        action, came = _came(visit, sent)
        if action == "complete" and (flaws := _flaws(visit.wait, came)):
            return _shown(visit, flaws, values=came, status=422)
        return await _perform(request, visit.wait, action, came, sent, here)
    finally:
        sent.discard()


async def _perform(
    request: Request, wait: JourneyWait, action: actions.Action, came: dict[str, Any], sent: Sent, here: str
) -> Response:
    def verb(work: Work) -> actions.Outcome:
        found = actions.open_wait(work, wait.id)
        kept = uploads.keep(work, found, sent) if action == "complete" else {}
        return actions.act_at(work, found, action, {**came, **kept})

    try:
        await perform(request, verb, is_patient=True)
    except (IllegalTransitionError, ConflictError):
        return pages.redirect(f"{here}?late=1")
    return pages.redirect(here)


def _came(visit: Visit, sent: Sent) -> tuple[actions.Action, dict[str, Any]]:
    """What the end user decided, and what the step gets for it."""
    if sent.fields.get("action") == "fail":
        return "fail", {"reason": "The end user said that it failed."}
    if visit.page == "form":
        assert visit.wait is not None
        names = [one["name"] for one in visit.wait.facts["fields"] if one["type"] != "file"]
        answers: dict[str, Any] = {name: sent.fields.get(f"field:{name}", "").strip() for name in names}
        for one in visit.wait.facts["fields"]:
            if one["type"] == "checkbox":
                answers[one["name"]] = bool(answers[one["name"]])
            if one["type"] == "file" and f"field:{one['name']}" in sent.files:
                answers[one["name"]] = sent.files[f"field:{one['name']}"].filename
        return "complete", answers
    known = {name: sent.fields[name] for name in ("persona", "eid") if sent.fields.get(name)}
    return "complete", known


def _flaws(wait: JourneyWait, came: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the answers to a form, in words for the page."""
    if wait.type != "Form":
        return {}
    labels = {one["name"]: one["label"] for one in wait.facts["fields"]}
    return {f"field:{one.name}": f"{labels[one.name]} {one.reason}." for one in check_form(None, wait, came)}


# ---- approval


@router.get("/approval/{token}", operation_id="show_approval")
async def show_approval(request: Request, token: str) -> Response:
    """The page of who is asked to approve."""
    link, journey, wait = await _approval(request, token)
    return pages.page("mint/approval.html", journey=journey, wait=wait, token=link.token)


@router.post("/approval/{token}", status_code=303, operation_id="decide_approval")
async def decide_approval(request: Request, token: str) -> Response:
    """Approve or reject."""
    if pages.is_cross_site(request):
        raise InsteadError("mint/closed.html", 403, why="cross_site")
    form = await pages.read_form(request)
    link, _, wait = await _approval(request, token)
    here = f"{base_url(request)}/mint/approval/{link.token}"
    action = form.get("action")
    if wait is None or action not in ("approve", "reject"):
        return pages.redirect(here)
    wanted: actions.Action = "approve" if action == "approve" else "reject"
    said = {"message": form.get("message", "")[:_LONGEST_INPUT] or None}
    try:
        await perform(
            request,
            lambda work: actions.act_at(work, actions.open_wait(work, wait.id), wanted, said),
            is_patient=True,
        )
    except (IllegalTransitionError, ConflictError):
        return pages.redirect(here)
    return pages.redirect(here)


async def _approval(request: Request, token: str) -> tuple[JourneyLink, Journey, JourneyWait | None]:
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        link = links.find(work, token[:64], "approval")
        if link is None:
            raise InsteadError("mint/closed.html", 404, why="unknown")
        journey = work.get(Journey, link.journey_id)
        waits = [one for one in waits_of(work, journey) if one.step_id == link.step_id]
        is_open = journey.state is JourneyState.SUSPENDED
        return link, journey, waits[0] if waits and is_open else None


# ---- the public address of a workflow


@public.get("/{slug}", operation_id="open_workflow")
async def open_workflow(request: Request, slug: str) -> Response:
    """Start a journey; query parameters that the workflow declares become its input (documented)."""
    given = {name: value[:_LONGEST_INPUT] for name, value in list(request.query_params.items())[:_MOST_INPUTS]}

    def verb(work: Work) -> Any:
        workflow = workflows.by_slug(work, slug)
        version = None if workflow is None else workflows.published_version(work, workflow.id)
        if workflow is None or version is None:
            raise InsteadError("mint/closed.html", 404, why="no_workflow")
        declared = {name: value for name, value in given.items() if name in (version.parameters or ())}
        return journeys.start(work, workflow.id, declared, base_url(request))

    journey, _ = await perform(request, verb, is_patient=True)
    token, _ = await perform(
        request, lambda work: links.make_visit(work, work.get(Journey, journey.id)), is_patient=True
    )
    return pages.redirect(_visit_url(request, token))


# ---- looking


async def _look(request: Request, token: str, *, leaves: bool = False) -> Visit:
    """What is behind a visit now; InsteadError where nothing is. With `leaves`, the way back begins to run out."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        link = links.find(work, token[:64], "visit")
        if link is None:
            raise InsteadError("mint/closed.html", 404, why="unknown")
        journey = work.get(Journey, link.journey_id)
        wait = _to_show(work, journey)
        step_type = find(wait.type) if wait else None
        page = step_type.page if step_type else None
        session = _session(work, wait) if wait is not None and page == "sign" else None
        if wait is not None and session is not None and leaves:
            links.start_return(work, journey.id, wait.facts.get("urlTtl"))
        personas = tuple(people.known(work)) if page in ("identify", "capture") else ()
        return Visit(link.token, journey, wait, step_type, personas, session)


def _to_show(work: Work, journey: Journey) -> JourneyWait | None:
    """The step that the end user can do something at; else the first that waits."""
    if journey.state is not JourneyState.SUSPENDED:
        return None
    waits = waits_of(work, journey)
    own = [one for one in waits if (found := find(one.type)) is not None and found.page in _INTERACTIVE]
    return (own or waits)[0] if waits else None


def _session(work: Work, wait: JourneyWait) -> SigningSession | None:
    """The session to be signed, with an address that works; None where it cannot be signed now."""
    found = work.find(SigningSession, UUID(wait.facts["sessionId"]))
    if found is None or found.state is not SessionState.READY:
        return None
    return sessions.read(work, found.id)


def _shown(
    visit: Visit,
    flaws: Mapping[str, str],
    *,
    values: Mapping[str, Any] | None = None,
    status: int = 200,
    is_late: bool = False,
) -> Response:
    fields = visit.wait.facts.get("fields", ()) if visit.wait else ()
    ids = {f"field:{one['name']}": f"field-{index}" for index, one in enumerate(fields, 1)}
    facts: dict[str, Any] = {"visit": visit, "flaws": flaws, "ids": ids, "is_late": is_late, "values": values or {}}
    if visit.page in ("form", "identify", "capture"):
        return pages.page(f"mint/{visit.page}.html", status, **facts)
    if visit.journey.onward and visit.page != "sign" and visit.journey.state is not JourneyState.FAULTED:
        return pages.redirect(visit.journey.onward)
    return pages.page("mint/state.html", status, **facts)
