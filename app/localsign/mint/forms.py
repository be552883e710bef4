"""What people who are no browser answer at a step: what a willing person would, and files in words."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from localsign.core.errors import BadInputError
from localsign.core.people import Persona, built_in
from localsign.core.work import Work
from localsign.mint.engine import files
from localsign.mint.engine.turn import as_text
from localsign.mint.models import JourneyWait

_SAMPLE = {"filename": "sample.txt", "contentType": "text/plain", "text": "This file stands for one of your own.\n"}


def willing(wait: JourneyWait, persona: Persona | None) -> dict[str, Any]:
    """What a willing person gives at a step: answers to a form, or who they are."""
    who = persona or built_in()[0]
    if wait.type != "Form":
        return {} if persona is None else {"persona": persona.key}
    return {one["name"]: _answer(one, who) for one in wait.facts["fields"]}


def _answer(field: Mapping[str, Any], who: Persona) -> Any:
    if field["type"] == "file":
        return _SAMPLE if field["required"] else None
    if field["value"]:
        return field["value"]
    plain = who.name if "name" in field["name"].casefold() else "Test"
    answers: dict[str, Any] = {
        "email": who.email or "test@example.com",
        "number": 1,
        "date": "2000-01-01",
        "checkbox": True,
        "choice": (field["options"] or [""])[0],
    }
    return answers.get(field["type"], plain)


def with_files(work: Work, wait: JourneyWait, came: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with the files that they spell out stored, and referred to as those that a browser uploads."""
    stored = dict(came)
    for one in wait.facts.get("fields", ()) if wait.type == "Form" else ():
        answer = came.get(one["name"])
        if one["type"] == "file" and isinstance(answer, dict) and not answer.keys().isdisjoint(("base64", "text")):
            arrived = work.blobs.take(_content(answer, f"data.{one['name']}"))
            filename = as_text(answer.get("filename")) or "file"
            kind = as_text(answer.get("contentType")) or "application/octet-stream"
            file = files.keep(work, arrived, filename, kind, journey_id=wait.journey_id, step_id=wait.step_id)
            stored[one["name"]] = files.reference(file)
    return stored


def _content(answer: Mapping[str, Any], place: str) -> bytes:
    if "text" in answer:
        return as_text(answer["text"]).encode("utf-8", "replace")
    try:
        return base64.b64decode(as_text(answer["base64"]), validate=True)
    except (binascii.Error, ValueError):
        raise BadInputError.of(f"{place}.base64", "is not base64") from None
