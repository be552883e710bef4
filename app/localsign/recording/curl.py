"""Entries as curl commands. What is hidden stands as a variable, so that a command can be run."""

import json
import re
import shlex
from typing import Any
from urllib.parse import quote

from localsign.core.journal import Entry
from localsign.core.secrecy import Pairs
from localsign.recording.redacted import Redacted

# What curl makes itself, or what depends on the connection.
_OF_CLIENT = {
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "user-agent",
    "transfer-encoding",
    "expect",
    "keep-alive",
}
_TOLD = re.compile(r"<[^>]*, \d+ bytes, (redacted|sha256:[0-9a-f]{64})>")  # a body that is told by size and digest
_TYPE = re.compile(r"<([\w.+-]+/[\w.+-]+), ")
_VARIABLE = re.compile("\ue000([A-Z][A-Z0-9_]*)\ue001")


def command(entry: Entry) -> str:
    """A command that asks the same again, where `$TOKEN` and the like hold what is hidden."""
    told = Redacted.of(entry, _as_variable)
    words = ["curl", "-s"]
    if told.method not in ("GET", "POST") or (told.method == "POST" and not told.body_size):
        words += ["-X", _quoted(told.method)]
    words += ["-H " + _quoted(f"{name}: {value}") for name, value in _kept(told)]
    words += _data(told)
    words.append(_quoted(told.url))
    return " ".join(words)


def comment(entry: Entry) -> str:
    """What a command did, in a line."""
    told = Redacted.of(entry)
    return _one_line(f"# {told.number}: {told.operation or 'no operation'}, answered with {told.status or 'nothing'}")


def _as_variable(name: str, _value: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    spelled = "_".join(words).upper()[:60]
    return f"\ue000{spelled if spelled[:1].isalpha() else 'SECRET'}\ue001"


def _quoted(text: str) -> str:
    """`text` as one word of a shell, in which variables for what is hidden are filled in."""
    return _VARIABLE.sub(lambda found: f"'\"${found[1]}\"'", shlex.quote(text.replace("\0", "")))


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", " ", text)


def _kept(told: Redacted) -> Pairs:
    is_parts = told.media_type.lower().startswith("multipart/")  # curl makes the boundary
    return [
        (name, value)
        for name, value in told.headers
        if name.lower() not in _OF_CLIENT and not (is_parts and name.lower() == "content-type")
    ]


def _data(told: Redacted) -> list[str]:
    if not told.body_size:
        return []
    body = told.body
    kind = told.media_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data" and isinstance(body, list):
        return [_field(part) for part in body]
    if kind == "application/x-www-form-urlencoded" and isinstance(body, dict):
        pairs = [(name, one) for name, value in body.items() for one in (value if isinstance(value, list) else [value])]
        return ["--data-urlencode " + _quoted(f"{quote(name, safe='')}={value}") for name, value in pairs]
    if isinstance(body, str) and _TOLD.fullmatch(body):
        return ["--data-binary @document"]
    return ["--data-raw " + _quoted(json.dumps(body, ensure_ascii=False))]


def _field(part: dict[str, Any]) -> str:
    """A part of a form. Whatever it is called and holds, curl reads no file for it but `document`."""
    name = part["name"].replace("=", "%3D")  # curl takes the first one for the end of the name
    if part.get("filename"):
        filename = part["filename"].replace("\\", "\\\\").replace('"', '\\"')
        found = _TYPE.match(part["value"])
        kind = f";type={found[1]}" if found else ""
        return "-F " + _quoted(f'{name}=@document{kind};filename="{filename}"')
    return "--form-string " + _quoted(f"{name}={part['value']}")
