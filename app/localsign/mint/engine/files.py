"""The files of journeys and workflows."""

import re
from typing import Any
from uuid import UUID

from localsign.core.blobs import Arrived
from localsign.core.work import Work
from localsign.mint.engine.results import StepError
from localsign.mint.engine.turn import Turn
from localsign.mint.models import MintFile, files_of

PDF = "application/pdf"
LONGEST_NAME = 255
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(; ?[\w-]+=[\w.\"-]+)*", re.ASCII)


def keep(
    work: Work,
    arrived: Arrived,
    filename: str,
    content_type: str,
    *,
    workflow_id: UUID | None = None,
    journey_id: UUID | None = None,
    step_id: str | None = None,
) -> MintFile:
    """Store bytes that arrived as a file of a workflow or of a journey."""
    blob = work.keep(arrived)
    owner = {"workflow_id": workflow_id, "journey_id": journey_id, "step_id": step_id}
    return link(work, blob.digest, blob.size, filename, content_type, **owner)


def link(work: Work, digest: str, size: int, filename: str, content_type: str, **owner: Any) -> MintFile:
    """A file whose bytes are there already; `owner` is its workflow, or its journey and step."""
    file = MintFile(
        id=work.new_id(),
        filename=filename[-LONGEST_NAME:],
        content_type=content_type if _MEDIA_TYPE.fullmatch(content_type) else "application/octet-stream",
        digest=digest,
        size=size,
        created_at=work.now,
        **owner,
    )
    work.db.add(file)
    work.db.flush()
    return file


def keep_for(turn: Turn, content: bytes, filename: str, content_type: str) -> dict[str, Any]:
    """Store what a step made; how its data refers to the file."""
    arrived = turn.work.blobs.take(content)
    file = keep(turn.work, arrived, filename, content_type, journey_id=turn.journey.id, step_id=turn.step.id)
    return reference(file)


def reference(file: MintFile) -> dict[str, Any]:
    """A file in the data of a step."""
    return {"id": file.id.hex, "filename": file.filename, "contentType": file.content_type, "size": file.size}


def found(turn: Turn, wanted: Any) -> MintFile:
    """The file of the journey, or of its workflow, that an input names: by what a step gave, by id, or by name."""
    name = wanted.get("id") or wanted.get("fileId") or wanted.get("filename") if isinstance(wanted, dict) else wanted
    known = [
        *files_of(turn.work, journey_id=turn.journey.id),
        *files_of(turn.work, workflow_id=turn.journey.workflow_id),
    ]
    for file in reversed(known):
        if name in (file.id.hex, str(file.id), file.filename):
            return file
    raise StepError(f"The journey has no file '{str(name)[:80]}'.")


def all_found(turn: Turn, name: str) -> list[MintFile]:
    """The files that the input `name` lists; StepError where there is none."""
    listed = turn.items(name)
    if not listed:
        raise StepError(f"The input '{name}' is required: the files.")
    return [found(turn, one) for one in listed]
