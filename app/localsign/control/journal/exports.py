"""`/_sandbox/v1/journal/…`: the requests that match, oldest first, for other tools."""

import json
from http.client import CREATED
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from sqlmodel import col, select

from localsign.control.context import address_of, sandbox_of
from localsign.control.journal.asking import Asked, Journaled, in_thread, matching
from localsign.control.journal.filters import Filters
from localsign.core import people
from localsign.core.journal import Entry, Kind
from localsign.core.outbox import Message
from localsign.recording import curl, mermaid, postman, pytest_file
from localsign.recording.har import Har, HarEntry, HarLog
from localsign.recording.sources import Note, Surroundings
from localsign.recording.steps import Recording
from localsign.recording.tracing import record
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1/journal", tags=["journal"])


@router.get("/har", operation_id="export_har", response_model_exclude_none=True)
async def export_har(workspace: Journaled, asked: Asked) -> Har:
    """The requests that match, oldest first, as HAR 1.2."""

    def made() -> Har:
        entries = matching(workspace.journal, asked)
        return Har(log=HarLog(entries=[HarEntry.of(one) for one in entries if one.kind is Kind.REQUEST]))

    return await in_thread(made)


@router.get("/curl", operation_id="export_curl", response_class=PlainTextResponse)
async def export_curl(workspace: Journaled, asked: Asked) -> Response:
    """The requests that match, oldest first, as curl commands; `$TOKEN` and the like stand for what is hidden."""

    def made() -> str:
        entries = [one for one in matching(workspace.journal, asked) if one.kind is Kind.REQUEST]
        return "".join(f"{curl.comment(one)}\n{curl.command(one)}\n" for one in entries)

    return PlainTextResponse(await in_thread(made))


@router.get("/recording", operation_id="export_recording")
async def export_recording(request: Request, workspace: Journaled, asked: Asked) -> Recording:
    """What happened, as steps that can be taken again in a new workspace; `localsign record` reads it."""
    return await in_thread(lambda: _recorded(request, workspace, asked))


@router.get("/pytest", operation_id="export_pytest", response_class=PlainTextResponse)
async def export_pytest(request: Request, workspace: Journaled, asked: Asked) -> Response:
    """A test with the fixture `localsign` that does the same again, and passes in any new workspace."""
    made = await in_thread(lambda: pytest_file.written(_recorded(request, workspace, asked)))
    return PlainTextResponse(made, media_type="text/x-python")


@router.get("/mermaid", operation_id="export_mermaid", response_class=PlainTextResponse)
async def export_mermaid(request: Request, workspace: Journaled, asked: Asked) -> Response:
    """A sequence diagram."""
    made = await in_thread(lambda: mermaid.written(_recorded(request, workspace, asked)))
    return PlainTextResponse(made, media_type="text/vnd.mermaid")


@router.get("/postman", operation_id="export_postman")
async def export_postman(request: Request, workspace: Journaled, asked: Asked) -> postman.Collection:
    """A Postman collection, format 2.1."""
    return await in_thread(lambda: postman.collection(_recorded(request, workspace, asked)))


def _recorded(request: Request, workspace: Workspace, asked: Filters) -> Recording:
    entries = matching(workspace.journal, asked)
    described = sandbox_of(request).describe(workspace, address_of(request, workspace.name))
    with workspace.work() as work:
        seed = work.ids.seed
        personas = {one.national_id: one.key for one in people.known(work) if one.national_id is not None}
        messages = list(work.db.exec(select(Message).order_by(col(Message.seq).desc())))
        sent = _places(entries)
        notes = [
            Note(one.kind, one.recipient, one.links, one.codes, sent[str(one.id)])
            for one in messages
            if str(one.id) in sent
        ]
    return record(entries, workspace.name, seed, Surroundings(_credentials(described, _made(entries)), personas, notes))


def _made(entries: list[Entry]) -> set[str]:
    """The ids of clients that were made meanwhile."""
    made = (entry.answer_body for entry in entries if entry.name == "sandbox.create_client" and entry.status == CREATED)
    return {str(json.loads(body.content or b"{}").get("client_id")) for body in made if body is not None}


def _credentials(described: dict[str, Any], made: set[str]) -> dict[tuple[str, ...], str]:
    """What a workspace has from its beginning, by its place in `localsign.credentials`."""
    today = described["signing_today"]
    client = next((one for one in described["clients"] if one["client_id"] not in made), described["clients"][0])
    found: dict[tuple[str, ...], str] = {(name,): client[name] for name in ("client_id", "client_secret")}
    found |= {("signing_today", name): today[name] for name in ("client_id", "client_secret")}
    for one in today["accounts"]:
        if one["password"] is not None:
            found["signing_today", "accounts", one["username"], "password"] = one["password"]
    return found | {("signing_today", "saml_keys", one["domain"]): one["saml_key"] for one in today["domains"]}


def _places(entries: list[Entry]) -> dict[str, int]:
    """Which entry sent a message to a person."""
    return {change["id"]: place for place, entry in enumerate(entries) for change in entry.caused if "sent" in change}
