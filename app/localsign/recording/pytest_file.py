"""A recording as a pytest file. It uses the fixture `localsign`, and passes in any new workspace."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from localsign.recording import documents, spelling
from localsign.recording.spelling import Code, call, source
from localsign.recording.steps import ANYTHING, NO_JSON, Document, Recording, Step, Take, split
from localsign.recording.tracing import used

_OF_PATH = "/:@!$&'()*+,;=~"  # may stand in the path of a URL
_JSON = "application/json"
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_CUT = '''

def cut(text: str, after: str, before: str) -> str:
    """What stands in `text` after `after`, and before `before` if that is given."""
    rest = text.split(after, 1)[1] if after else text
    return rest.split(before, 1)[0] if before else rest
'''


def written(recording: Recording, name: str = "recorded") -> str:
    """The source of a test file; `name` becomes that of its test."""
    return _File(recording).written(name)


class _File:
    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._documents: dict[str, tuple[str, str]] = {}  # by digest: name and source
        self._needs: set[str] = set()

    def written(self, name: str) -> str:
        recording = self._recording
        body = "\n".join(self._body())
        mark = f"@pytest.mark.localsign(seed={source(recording.seed)})\n" if recording.seed is not None else ""
        notes = "".join(f"# {_one_line(note)}\n" for note in recording.notes)
        said = f"What was asked of the workspace {recording.workspace}, recorded by localsign {recording.localsign}."
        pieces = [
            f'"""{said}"""\n\n{self._imports(body, bool(mark))}',
            f"\n{notes}" if notes else "",
            self._constants(),
            _CUT if "cut(" in body else "",
            f"\n\n{mark}def test_{name}(localsign: Workspace) -> None:\n{body}\n",
        ]
        return "".join(pieces)

    def _imports(self, body: str, is_marked: bool) -> str:
        constants = self._constants()
        lines = ["import base64\n"] if "base64." in constants + body else []
        lines += ["import hmac\n"] if "hmac.new(" in body else []
        lines += ["import json\n"] if "json.dumps(" in body else []
        lines += ["from pathlib import Path\n"] if "Path(" in constants else []
        lines += ["from unittest.mock import ANY\n"] if "ANY" in body else []
        blocks = ["".join(lines)] if lines else []
        lines = ["import httpx\n"] if "httpx." in body else []
        lines += ["import pytest\n"] if is_marked or "pytest." in body else []
        lines += ["\n"] if lines else []
        blocks.append("".join(lines) + "from localsign import Workspace\n")
        if "DOCUMENTS" in constants:
            blocks[-1] += "from localsign.resources import fixtures_folder\n"
        return "\n".join(blocks)

    def _constants(self) -> str:
        lines = [f"{name} = {code}\n" for name, code in self._documents.values()]
        if self._recording.world is not None:
            lines.insert(0, f'WORLD = Path(__file__).with_name("{self._recording.world}.zip")\n')
        if any("DOCUMENTS" in line for line in lines):
            lines.insert(0, 'DOCUMENTS = fixtures_folder() / "documents"\n')
        return "\n" + "".join(lines) if lines else ""

    # ---- the test

    def _body(self) -> Iterator[str]:
        recording = self._recording
        steps = used(recording.steps)
        text = "".join(step.model_dump_json() for step in steps)
        if recording.world is not None:
            yield f'    localsign.snapshots.upload("{recording.world}", WORLD.read_bytes())'
            yield f'    localsign.restore("{recording.world}")'
        yield "    http = localsign.http.anonymous"
        if any(step.kind == "control" for step in steps):
            yield "    control = localsign.http.control"
        if "⟦url⟧" in text:
            yield "    url = localsign.url"
        if "⟦origin⟧" in text:
            yield '    origin = localsign.url.partition("/w/")[0]'
        if "⟦host⟧" in text:
            yield '    host = localsign.url.split("/")[2]'
        for take in recording.credentials:
            yield f"    {take.name} = {_credential(take.path)}"
        if recording.chosen:
            yield "    # in the place of secrets that were sent"
        for name, value in recording.chosen.items():
            yield f"    {name} = {source(value)}"
        for step in steps:
            yield ""
            yield from self._step(step)

    def _step(self, step: Step) -> Iterator[str]:
        name = step.operation or f"{step.method} {step.path}, which is no operation"
        before = ", before the recording began" if step.is_before else ""
        yield f"    # {f'{step.number}: ' if step.number else ''}{_one_line(name)}{before}"
        if step.reply is not None:
            made = f"json.dumps({source(step.reply.said, 1, 22)}).encode()"
            yield f"    said = {made if step.reply.is_json else repr(NO_JSON.encode())}"
            yield f"    {step.reply.token} = base64.b64encode(said).decode()"
            if step.reply.mac is not None:
                key = spelling.text(str(step.reply.key))
                yield f'    {step.reply.mac} = hmac.new({key}.encode(), said, "sha256").hexdigest()'
        function, arguments = self._request(step)
        if step.status is None:
            yield "    with pytest.raises(httpx.TransportError):"
            yield call(function, arguments, 2)
            return
        yield "    answer = " + call(function, arguments, 1).lstrip()
        yield f"    assert answer.status_code == {step.status}, answer.text"
        if step.has_answer and step.answer != ANYTHING:
            yield f"    assert answer.json() == {source(step.answer, 1, 25)}"
        elif step.media_type and not step.has_answer and step.kind == "request" and not step.is_before:
            yield f'    assert answer.headers["content-type"].startswith({source(step.media_type)})'
        for take in step.takes:
            yield f"    {take.name} = {_taken(take)}"

    def _request(self, step: Step) -> tuple[str, list[tuple[str, Any]]]:
        client = "control" if step.kind == "control" else "http"
        path = step.path.removeprefix("/_sandbox/v1") if step.kind == "control" else step.path
        arguments: list[tuple[str, Any]] = [("", _path(path))]
        function = f"{client}.{step.method.lower()}"
        if step.method not in _METHODS or (
            step.sent is not None and step.method in ("GET", "DELETE", "HEAD", "OPTIONS")
        ):
            function = f"{client}.request"
            arguments.insert(0, ("", step.method))
        if step.query:
            arguments.append(("params", _mapping(step.query)))
        headers = dict(step.headers)
        arguments += self._sent(step, headers)
        if headers:
            arguments.insert(-1 if step.sent is not None else len(arguments), ("headers", headers))
        if step.auth is not None:
            arguments.append(("auth", step.auth))
        return function, arguments

    def _sent(self, step: Step, headers: dict[str, str]) -> list[tuple[str, Any]]:
        sent = step.sent
        if sent is None:
            return []
        is_refused = (step.status or 0) >= 400
        if sent.form is not None:
            return [("data", _mapping(sent.form))]
        if sent.parts is not None:
            parts = [
                (part.name, (part.filename, Code(self._named(part.document, is_refused)), part.document.media_type))
                if part.document is not None
                else (part.name, (Code("None"), part.value))
                for part in sent.parts
            ]
            return [("files", parts)]
        if sent.document is not None or sent.text is not None or sent.value is None:
            if sent.media_type:
                headers["Content-Type"] = sent.media_type
            if sent.document is not None:
                return [("content", Code(self._named(sent.document, is_refused)))]
            return [("content", sent.text if sent.text is not None else "null")]
        if sent.media_type and sent.media_type != _JSON:
            headers["Content-Type"] = sent.media_type
        return [("json", sent.value)]

    def _named(self, document: Document, is_refused: bool) -> str:
        key = f"{document.sha256} {is_refused and document.sample is None}"
        if key not in self._documents:
            number = len(self._documents) + 1
            code = documents.bytes_of(document, number, is_refused)
            told = f"  # stands in for {document.size} bytes of {_one_line(document.media_type) or 'unknown type'}"
            self._documents[key] = (f"DOCUMENT_{number}", code + ("" if document.sample else told))
        return self._documents[key][0]


def _credential(place: list[str | int]) -> str:
    found = "localsign.credentials"
    for one in place:
        match found.rpartition(".")[2]:
            case "accounts":
                found = f"{found.removesuffix('accounts')}account({source(one)})"
            case "saml_keys":
                found += f"[{source(one)}]"
            case _:
                found += f".{one}"
    return found


def _path(path: str) -> str:
    return "".join(
        f"⟦{piece}⟧" if index % 2 else quote(piece, safe=_OF_PATH) for index, piece in enumerate(split(path))
    )


def _mapping(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        earlier = found.get(name)
        found[name] = value if earlier is None else [*(earlier if isinstance(earlier, list) else [earlier]), value]
    return found


def _taken(take: Take) -> str:
    match take.source:
        case "header":
            found = f"answer.headers{_subscripts(take.path)}"
        case "text":
            found = "answer.text"
        case _:
            found = f"answer.json(){_subscripts(take.path)}"
    if take.after or take.before:
        return f"cut({found}, {spelling.text(take.after)}, {spelling.text(take.before)})"
    return found


def _subscripts(path: list[str | int]) -> str:
    return "".join(f"[{source(one)}]" for one in path)


def _one_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
