"""What a browser sends from a page of a journey: fields, and files where the form has some."""

from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread
from fastapi import Request
from starlette.datastructures import UploadFile

from localsign.core import pages
from localsign.core.blobs import Arrived
from localsign.core.work import Work
from localsign.mint.engine import files
from localsign.mint.models import JourneyWait
from localsign.mint.transfers import form_of, workspace_of
from localsign.workspace import Workspace

_MOST_FIELDS = 200
_MOST_FILES = 20


@dataclass(frozen=True)
class Upload:
    """A file that arrived with a form."""

    arrived: Arrived
    filename: str
    content_type: str


@dataclass(frozen=True)
class Sent:
    """A form: its fields, and its files by field."""

    fields: dict[str, str]
    files: dict[str, Upload] = field(default_factory=dict)

    def discard(self) -> None:
        """Remove the files that no journey kept."""
        for one in self.files.values():
            one.arrived.discard()


async def read(request: Request) -> Sent:
    """The form that the request carries, read before any transaction."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return Sent(await pages.read_form(request))
    workspace = workspace_of(request)
    request.scope["state"]["body_limit"] = workspace.house.settings.max_document_bytes
    sent = Sent({}, {})
    try:
        async with form_of(request, files=_MOST_FILES, fields=_MOST_FIELDS) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    sent.fields[name] = value.replace("\r\n", "\n")
                elif value.filename:
                    await _take(workspace, sent, name, value)
    except BaseException:
        sent.discard()
        raise
    return sent


async def _take(workspace: Workspace, sent: Sent, name: str, value: UploadFile) -> None:
    """Of several files of one field the last counts: none of ours takes more than one."""
    content = await value.read()
    arrived = await anyio.to_thread.run_sync(workspace.blobs.take, content)
    if name in sent.files:
        sent.files[name].arrived.discard()
    filename = value.filename or "file"
    sent.files[name] = Upload(arrived, filename, value.content_type or "application/octet-stream")


def keep(work: Work, wait: JourneyWait, sent: Sent) -> dict[str, Any]:
    """Store the files of a form as files of its journey; how the data of the step refers to each, by field."""
    kept = {}
    for one in wait.facts.get("fields", ()):
        upload = sent.files.get(f"field:{one['name']}")
        if one["type"] == "file" and upload is not None:
            file = files.keep(
                work,
                upload.arrived,
                upload.filename,
                upload.content_type,
                journey_id=wait.journey_id,
                step_id=wait.step_id,
            )
            kept[one["name"]] = files.reference(file)
    return kept
