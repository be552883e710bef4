"""Pages for the end user: forms, and the way out."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from localsign.core.errors import Flaw
from localsign.core.work import Work
from localsign.mint.engine.catalog import StepType, items, mapping, text
from localsign.mint.engine.results import Done, Result, StepError, Wait
from localsign.mint.engine.turn import Turn, as_flag, as_text
from localsign.mint.models import JourneyWait

CATEGORY = "Signicat"
KINDS = ("text", "email", "number", "date", "multiline", "checkbox", "choice", "file")
MOST_FIELDS = 50
LONGEST = 10_000  # characters of an answer
_NUMBER = re.compile(r"-?\d{1,100}(\.\d{1,100})?", re.ASCII)


def _form(turn: Turn) -> Result:
    fields = [_field(one, index) for index, one in enumerate(turn.items("fields"))]
    if len(fields) > MOST_FIELDS:
        raise StepError(f"The form has more than {MOST_FIELDS} fields.")
    if len({one["name"] for one in fields}) < len(fields):
        raise StepError("Two fields of the form have the same name.")
    facts = {
        "title": turn.text("title") or turn.step.title,
        "text": turn.text("description") or turn.text("text"),
        "fields": fields,
        "button": turn.text("button", "Continue"),
    }
    return Wait(facts)


def _field(wanted: Any, index: int) -> dict[str, Any]:
    """A field, given as an object or just by its name."""
    given: dict[str, Any] = {"name": wanted} if isinstance(wanted, str) else wanted if isinstance(wanted, dict) else {}
    name = as_text(given.get("name") or given.get("key") or given.get("id")).strip()
    if not name:
        raise StepError(f"Field {index + 1} of the form has no name.")
    kind = as_text(given.get("type") or "text").casefold()
    if kind not in KINDS:
        raise StepError(f"The field '{name}' must be one of {', '.join(KINDS)}; it is '{kind}'.")
    options = given.get("options") or []
    if kind == "choice" and not (isinstance(options, list) and options):
        raise StepError(f"The field '{name}' is a choice and has no options, a list.")
    return {
        "name": name,
        "label": as_text(given.get("label") or name),
        "type": kind,
        "required": as_flag(given.get("required")),
        "value": as_text(given.get("value")),
        "options": [as_text(one) for one in options] if isinstance(options, list) else [],
        "hint": as_text(given.get("hint")),
    }


def check_form(_work: Work | None, wait: JourneyWait, came: Mapping[str, Any]) -> list[Flaw]:
    """What is wrong with the answers, by field. Answers that the form does not ask for are taken as well."""
    flaws = []
    for one in wait.facts["fields"]:
        answer = came.get(one["name"])
        is_empty = answer is None or answer == "" or answer is False
        if one["required"] and is_empty:
            flaws.append(Flaw(one["name"], "is required"))
        elif not is_empty and (reason := _wrong(one, answer)):
            flaws.append(Flaw(one["name"], reason))
    return flaws


def _wrong(field: Mapping[str, Any], answer: Any) -> str | None:
    text = as_text(answer)
    match field["type"]:
        case "email" if "@" not in text.strip("@"):
            return "must be an e-mail address"
        case "number" if not _NUMBER.fullmatch(text):
            return "must be a number"
        case "date" if not _is_date(text):
            return "must be a date, as 2026-01-31"
        case "choice" if text not in field["options"]:
            return f"must be one of {', '.join(field['options'])}"
    return f"must be at most {LONGEST} characters" if len(text) > LONGEST and field["type"] != "file" else None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _filled(turn: Turn) -> Result:
    kinds = {one["name"]: one["type"] for one in turn.facts["fields"]}
    came = turn.came or {}
    answers = {name: _typed(kinds.get(name, "text"), value) for name, value in came.items()}
    missing: dict[str, Any] = {name: False if kind == "checkbox" else None for name, kind in kinds.items()}
    return Done(output={**missing, **answers})


def _typed(kind: str, value: Any) -> Any:
    if kind == "checkbox":
        return as_flag(value)
    if kind == "number" and isinstance(value, str) and value:
        return float(value) if "." in value else int(value)
    return value


def _redirect(turn: Turn) -> Result:
    """The browser goes there when the journey has nothing more to show."""
    turn.needed("url")
    url = turn.text("url").strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or any(ord(letter) < 33 for letter in url):
        raise StepError("The input 'url' must be an http or https address.")
    turn.journey.onward = url
    return Done()


TYPES = (
    StepType(
        "Form",
        "Form",
        CATEGORY,
        "Shows a form and waits for the answers; without fields it is a page to confirm.",
        _form,
        _filled,
        check_form,
        interactive=True,
        inputs={
            "title": text("The heading."),
            "description": text("What is said above the fields."),
            "fields": items(f"Objects with name, label, type ({', '.join(KINDS)}), required, value, options, hint."),
            "button": text("What the button says."),
        },
        outputs={"*": mapping("Each answer by the name of its field.")},
        asks="form",
        page="form",
    ),
    StepType(
        "RedirectUser",
        "Redirect user",
        CATEGORY,
        "Sends the browser to an address when the journey has nothing more to show.",
        _redirect,
        interactive=True,
        inputs={"url": text("The address.", required=True)},
        aliases=("Redirect",),
    ),
)
