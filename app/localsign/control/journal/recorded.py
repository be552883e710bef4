"""What is recorded of a journal: what was asked for, and what that needs from before."""

import json
from collections.abc import Collection
from http.client import BAD_REQUEST as BAD
from http.client import CREATED
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlmodel import col, select

from localsign.control.context import address_of, sandbox_of
from localsign.control.journal.asking import all_of
from localsign.control.journal.filters import Filters
from localsign.core import people
from localsign.core.errors import NotFoundError
from localsign.core.journal import Entry, Kind
from localsign.core.outbox import Message
from localsign.recording.sources import Note, Surroundings
from localsign.recording.steps import Recording
from localsign.recording.tracing import lacks, record
from localsign.snapshots import store
from localsign.workspace import Workspace


class RecordingFilters(Filters):
    """What is recorded; with a snapshot, what came after it was saved, in a world that begins as that."""

    snapshot: str | None = Field(None, max_length=63, description="The name of a snapshot of this workspace.")


AskedToRecord = Annotated[RecordingFilters, Query()]


def recorded(request: Request, workspace: Workspace, asked: Filters) -> Recording:
    """What was asked for; where that needs what was before, with that."""
    snapshot = asked.snapshot if isinstance(asked, RecordingFilters) else None
    everything = workspace.journal.entries()
    saved = None
    if snapshot is not None:
        saved = _saved(workspace, snapshot)
        everything = [one for one in everything if one.number > saved and not _has_saved(one, snapshot)]
    entries = all_of(everything, asked)
    made = _made_of(request, workspace, entries, (), saved)
    if lacks(made) and (earlier := _changing(everything, entries)):
        numbers = {one.number for one in (*earlier, *entries)}
        entries = [one for one in everything if one.number in numbers]
        made = _made_of(request, workspace, entries, {one.number for one in earlier}, saved)
    return made.model_copy(update={"world": snapshot})


def _saved(workspace: Workspace, name: str) -> int:
    """The last entry before a snapshot was saved. NotFoundError where there is none, or nobody knows any more."""
    store.find(workspace, name)
    found = workspace.journal.saved.get(name)
    if found is None:
        raise NotFoundError(
            f"The journal does not tell when the snapshot '{name}' was saved: it was uploaded, or saved before this "
            "server began.",
            code="snapshot_not_in_journal",
        )
    return found


def _has_saved(entry: Entry, name: str) -> bool:
    """Whether it is the call by which a snapshot was saved."""
    body = entry.answer_body.content if entry.name == "sandbox.save_snapshot" and entry.answer_body else None
    return bool(json.loads(body or b"{}").get("name") == name)


def _changing(everything: list[Entry], entries: list[Entry]) -> list[Entry]:
    """What came before the last of `entries`, is none of them, and may have made or changed something."""
    last = entries[-1].number if entries else 0
    wanted = {one.number for one in entries}
    return [
        one
        for one in everything
        if one.number < last
        and one.number not in wanted
        and (
            one.kind is Kind.TIMER
            or bool(one.caused)  # a page may change something when it is looked at
            or (one.method not in ("GET", "HEAD") and one.status is not None and one.status < BAD)
        )
    ]


def _made_of(
    request: Request, workspace: Workspace, entries: list[Entry], earlier: Collection[int], saved: int | None
) -> Recording:
    """A recording of `entries`; where there is a snapshot, `saved` is the last entry before that."""
    described = sandbox_of(request).describe(workspace, address_of(request, workspace.name))
    with workspace.work() as work:
        seed = work.ids.seed
        personas = {one.national_id: one.key for one in people.known(work) if one.national_id is not None}
        messages = list(work.db.exec(select(Message).order_by(col(Message.seq).desc())))
        sent = _places(entries)
        notes = [
            Note(one.kind, one.recipient, one.links, one.codes, sent.get(str(one.id), -1))
            for one in messages
            if saved is not None or str(one.id) in sent
        ]
    begins = 1 if saved is None else saved + 2  # saving it is an entry as well
    credentials = _credentials(described, _made(entries))
    around = Surroundings(credentials, personas, notes, begins, is_whole=saved is not None)
    return record(entries, workspace.name, seed, around, earlier)


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
