"""A recording as a Postman collection (format 2.1), which other tools such as Bruno and Insomnia read as well.

Credentials are variables without a value: `localsign env` says what they are.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from localsign.recording.steps import HOST, NO_JSON, ORIGIN, URL, Document, Recording, Sent, Step, Take, spelled, split
from localsign.recording.tracing import used

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_DEFAULT_URL = "http://127.0.0.1:8480"
_OF_PATH = "/:@!$&'()*+,;=~"
_CUT = (
    "const cut = (text, after, before) => { "
    "const rest = after ? text.slice(text.indexOf(after) + after.length) : text; "
    "return before ? rest.split(before, 1)[0] : rest; };"
)


class Collection(BaseModel):
    """A collection as its schema has it; the members of requests are not told here."""

    info: dict[str, str]
    item: list[dict[str, Any]]
    variable: list[dict[str, str]]


def collection(recording: Recording) -> Collection:
    """The requests in order, each with a test of its status, and with scripts that keep what later ones need."""
    variables = [{"key": URL, "value": _DEFAULT_URL}, {"key": ORIGIN, "value": _DEFAULT_URL}]
    variables.append({"key": HOST, "value": _DEFAULT_URL.rpartition("/")[2]})
    variables += [{"key": take.name, "value": "", "description": _place(take)} for take in recording.credentials]
    variables += [{"key": name, "value": value} for name, value in recording.chosen.items()]
    return Collection(
        info={
            "name": f"localsign: {recording.workspace}",
            "description": "\n".join(["Run the requests in their order.", *recording.notes]),
            "schema": SCHEMA,
        },
        item=[_item(step) for step in used(recording.steps)],
        variable=variables,
    )


def _place(take: Take) -> str:
    return f"{' '.join(map(str, take.path))}, as `localsign env` prints it"


def _item(step: Step) -> dict[str, Any]:
    number = f"{step.number} " if step.number else ""
    script = [] if step.status is None else [_check(step.status)]
    if any(take.after or take.before for take in step.takes):
        script.append(_CUT)
    script += [_keep(take) for take in step.takes]
    item: dict[str, Any] = {
        "name": f"{number}{step.operation or step.method + ' ' + step.path}",
        "request": _request(step),
    }
    events = {"prerequest": _made(step), "test": script}
    item["event"] = [
        {"listen": when, "script": {"type": "text/javascript", "exec": lines}}
        for when, lines in events.items()
        if lines
    ]
    return item


def _made(step: Step) -> list[str]:
    """The script that signs what an identity provider says."""
    reply = step.reply
    if reply is None:
        return []
    text = json.dumps(_plain(reply.said), ensure_ascii=False) if reply.is_json else NO_JSON
    said = json.dumps(text, ensure_ascii=False)
    lines = [
        f"const said = pm.collectionVariables.replaceIn({said});",
        f'pm.collectionVariables.set("{reply.token}", CryptoJS.enc.Base64.stringify(CryptoJS.enc.Utf8.parse(said)));',
    ]
    if reply.mac is not None and reply.key is not None:
        key = f'pm.collectionVariables.get("{split(reply.key)[1]}")'
        lines.append(f'pm.collectionVariables.set("{reply.mac}", CryptoJS.HmacSHA256(said, {key}).toString());')
    return lines


def _plain(value: Any) -> Any:
    """`value` with variables as Postman has them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _shown(value) if isinstance(value, str) else value


def _check(status: int) -> str:
    return f'pm.test("answers {status}", () => pm.response.to.have.status({status}));'


def _keep(take: Take) -> str:
    found = {
        "header": f"pm.response.headers.get({json.dumps(take.path[0] if take.path else '')})",
        "text": "pm.response.text()",
    }.get(take.source, "pm.response.json()" + "".join(f"[{json.dumps(one)}]" for one in take.path))
    if take.after or take.before:
        found = f"cut({found}, {json.dumps(take.after)}, {json.dumps(take.before)})"
    return f"pm.collectionVariables.set({json.dumps(take.name)}, {found});"


def _request(step: Step) -> dict[str, Any]:
    headers = [{"key": name, "value": _shown(value)} for name, value in step.headers]
    if step.sent is not None and step.sent.media_type and step.sent.parts is None and step.sent.form is None:
        headers.append({"key": "Content-Type", "value": step.sent.media_type})
    request: dict[str, Any] = {"method": step.method, "header": headers, "url": _url(step)}
    if step.auth is None:
        request["auth"] = {"type": "noauth"}
    else:
        named = zip(("username", "password"), step.auth, strict=True)
        basic = [{"key": key, "value": _shown(value), "type": "string"} for key, value in named]
        request["auth"] = {"type": "basic", "basic": basic}
    if step.sent is not None:
        request["body"] = _body(step.sent)
    return request


def _url(step: Step) -> str:
    path = step.path
    if not re.fullmatch(r"⟦\w+⟧", path):
        quoted = "".join(
            f"⟦{piece}⟧" if index % 2 else quote(piece, safe=_OF_PATH) for index, piece in enumerate(split(path))
        )
        path = f"⟦{URL}⟧{quoted}"
    query = "&".join(f"{quote(name, safe='$')}={_quoted(value)}" for name, value in step.query)
    return _shown(f"{path}?{query}" if query else path)


def _quoted(value: str) -> str:
    return "".join(f"⟦{piece}⟧" if index % 2 else quote(piece, safe="") for index, piece in enumerate(split(value)))


def _body(sent: Sent) -> dict[str, Any]:
    if sent.form is not None:
        fields = [{"key": name, "value": _shown(value), "type": "text"} for name, value in sent.form]
        return {"mode": "urlencoded", "urlencoded": fields}
    if sent.parts is not None:
        parts = [
            {"key": part.name, "type": "file", "src": _file(part.document), "contentType": part.document.media_type}
            if part.document is not None
            else {"key": part.name, "value": _shown(part.value), "type": "text"}
            for part in sent.parts
        ]
        return {"mode": "formdata", "formdata": parts}
    if sent.document is not None:
        return {"mode": "file", "file": {"src": _file(sent.document)}}
    if sent.text is not None:
        return {"mode": "raw", "raw": _shown(sent.text)}
    raw = _shown(json.dumps(sent.value, ensure_ascii=False, indent=2))
    return {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}


def _file(document: Document) -> str:
    return document.sample or f"document-{document.sha256[:8] or document.size}"


def _shown(text: str) -> str:
    return spelled(text, lambda name: f"{{{{{name}}}}}")
