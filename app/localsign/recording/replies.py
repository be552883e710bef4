"""Logins by SAML: a reply is signed with a key of the world, so another world's step signs it with that one's key."""

import base64
import hashlib
import hmac
import json
from typing import Any

from localsign.core.secrecy import is_secret
from localsign.recording.labels import Labels
from localsign.recording.sources import Sources
from localsign.recording.steps import Reply, Step

OPERATION = "signing-today.authSamlPOST"
_FIELDS = ("IDToken1", "IDToken2")
# When a reply is good. One that was good is to be good again, whenever that is.
_WHEN = ("_not_before", "_not_onorafter")
_REFUSED = 400


def sign_anew(index: int, step: Step, keys: dict[str, str], sources: Sources, labels: Labels) -> None:
    """Let `step` make its reply itself. `keys` are those of the domains.

    One in JSON is made again. In the place of one that is none, and was refused, stands something that is none; one
    that was taken all the same is XML, of which nobody knows what in it must not be shown.
    """
    form = dict(step.sent.form or ()) if step.operation == OPERATION and step.sent is not None else {}
    token, mac = (form.get(name, "") for name in _FIELDS)
    content = _decoded(labels.raw.get(token[1:-1], token)) if token.startswith("⟦") else None
    if content is None:
        return
    is_taken = step.status is not None and step.status < _REFUSED
    value = _read(content)
    if value is None and is_taken:
        return
    reply = Reply(token=token[1:-1])
    sources.make(index, token)
    key = keys.get(form.get("domain", ""))
    if key is not None and mac.startswith("⟦"):
        right = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
        if hmac.compare_digest(right, labels.raw[mac[1:-1]].strip().lower()):
            reply.key, reply.mac = sources.credential(labels.mask("saml_key", key)), mac[1:-1]
            sources.make(index, mac)
    if isinstance(value, dict):
        value = {name: one for name, one in value.items() if not (is_taken and name in _WHEN)}
    reply.said = _shown("", value, index, sources, labels)
    reply.is_json = value is not None
    step.reply = reply


def _decoded(token: str) -> bytes | None:
    try:
        return base64.b64decode("".join(token.replace(" ", "+").split()), validate=True)
    except ValueError:
        return None


def _read(content: bytes) -> Any:
    """What the JSON of a reply says; None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _shown(name: str, value: Any, index: int, sources: Sources, labels: Labels) -> Any:
    """`value` with variables for what came from elsewhere, and for what must not be shown."""
    if isinstance(value, dict):
        return {one: _shown(one, inner, index, sources, labels) for one, inner in value.items()}
    if isinstance(value, list):
        return [_shown(name, one, index, sources, labels) for one in value]
    if isinstance(value, str) and value and is_secret(name):
        value = labels.mask(name, value)
    if isinstance(value, str):
        value = sources.use(index, value)
    sources.given.add(value)
    return value
