"""How members look where the sources contradict each other, or themselves: a world may choose another spelling.

All of that is here, behind the schemas, which show every member.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Response

from localsign.core.switches import Switch
from localsign.core.work import Work

NULLS = Switch(
    "signing-today.nulls",
    "samples",
    ("shown", "left-out"),
    "OAS declares no member nullable; samples have null for errorMessage and rawCertificate.",
    "Which members without a value are null in answers and webhooks, and not left out: those two, all, or none.",
)
POSITIONS = Switch(
    "signing-today.positions",
    "numbers",
    ("strings",),
    "OAS declares floats, the samples of SEED are strings.",
    "How positionX, positionY, width and height of a form are written. Both are read.",
)
NOTE_DATE = Switch(
    "signing-today.note-date",
    "rfc3339",
    ("sample",),
    "OAS declares a date-time, the sample has a blank in it and no zone.",
    "How createdAt of a note is written.",
)
NOTIFICATION_EVENT = Switch(
    "signing-today.notification-event",
    "enum",
    ("sample",),
    "OAS: the sample of NotificationEvent.event begins with evt_, which no value of its enum does.",
    "Whether the events of notifications are those of the enum, or have evt_ in front.",
)
SWITCHES = (NULLS, POSITIONS, NOTE_DATE, NOTIFICATION_EVENT)

_PLACES = ("positionX", "positionY", "width", "height")
_FREE = "extraData"  # what is in there is the client's own
_NOTE = {"id", "dstId", "userId", "createdAt", "text"}
_NULL_IN_SAMPLES = {"errorMessage", "rawCertificate"}
Rewrite = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Spelling:
    """How one world wants its objects."""

    rewrites: tuple[Rewrite, ...]

    def of(self, value: Any) -> Any:
        """`value` and all that is in it, rewritten."""
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if not isinstance(value, dict):
            return value
        shown = {name: one if name == _FREE else self.of(one) for name, one in value.items()}
        for rewrite in self.rewrites:
            shown = rewrite(shown)
        return shown

    def respell(self, response: Response) -> Response:
        """An answer of JSON, rewritten in place; any other as it is."""
        if response.media_type == "application/json" and response.body:
            content = bytes(response.body)
            if self.rewrites == _USUAL and b"null" not in content:
                return response
            text = json.dumps(self.of(json.loads(content)), ensure_ascii=False, separators=(",", ":"))
            response.body = text.encode()
            response.headers["Content-Length"] = str(len(response.body))
        return response


def chosen(work: Work) -> Spelling:
    """The spelling of a world."""
    chosen = (rewrites.get(work.switched(switch)) for switch, rewrites in _REWRITES.items())
    return Spelling(tuple(rewrite for rewrite in chosen if rewrite is not None))


def _without_nulls(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if value is not None}


def _with_sample_nulls(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if value is not None or name in _NULL_IN_SAMPLES}


def _with_text_places(shown: dict[str, Any]) -> dict[str, Any]:
    if "positionX" not in shown:
        return shown
    return {name: f"{value:g}" if name in _PLACES and value is not None else value for name, value in shown.items()}


def _with_sample_date(shown: dict[str, Any]) -> dict[str, Any]:
    if shown.keys() != _NOTE:
        return shown
    at = datetime.fromisoformat(shown["createdAt"])
    return {**shown, "createdAt": f"{at:%Y-%m-%d %H:%M:%S.%f}"}


def _with_sample_event(shown: dict[str, Any]) -> dict[str, Any]:
    if not str(shown.get("event", "")).startswith("dst_"):
        return shown
    return {**shown, "event": f"evt_{shown['event']}"}


_REWRITES: Mapping[Switch, Mapping[str, Rewrite]] = {
    NULLS: {"samples": _with_sample_nulls, "left-out": _without_nulls},
    POSITIONS: {"strings": _with_text_places},
    NOTE_DATE: {"sample": _with_sample_date},
    NOTIFICATION_EVENT: {"sample": _with_sample_event},
}
_USUAL = (_with_sample_nulls,)
