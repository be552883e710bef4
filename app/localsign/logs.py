"""How the server logs, uvicorn's lines and ours alike: for people on a terminal, else one JSON object a line.

No line holds a secret: whatever looks like one is hidden, also in tracebacks.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from localsign.settings import Settings

Told = dict[str, Any]  # what a line says by name, beside its text: the attribute `told` of its record


def configuration(settings: Settings) -> dict[str, Any]:
    """For `logging.config.dictConfig`; also worker processes get it."""
    is_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    level = settings.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "localsign.logs.Text" if is_text else "localsign.logs.Json"}},
        "handlers": {
            "lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"},
        },
        "loggers": {
            name: {"handlers": ["lines"], "level": level, "propagate": False} for name in ("localsign", "uvicorn")
        },
    }


class Text(logging.Formatter):
    """`12:30:01.250 info sign.get_signing_session: GET /sign/… 200 3.1 ms (default, 4f0c…)`."""

    def format(self, record: logging.LogRecord) -> str:
        told: Told = getattr(record, "told", {})
        at = f"{_moment(record):%H:%M:%S}.{int(record.msecs):03}"
        who = told.get("operation") or record.name
        more = f" {told['ms']} ms ({told['workspace']}, {told['request_id']})" if "ms" in told else ""
        line = f"{at} {record.levelname.lower()} {who}: {record.getMessage()}{more}"
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return _harmless(_scrubbed(line), "") + _harmless(_scrubbed(trace), "\n")


class Json(logging.Formatter):
    """`{"at": ..., "level": ..., "logger": ..., "message": ...}`, and what is told beside."""

    def format(self, record: logging.LogRecord) -> str:
        line: Told = {
            "at": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _scrubbed(record.getMessage()),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            line["exception"] = _scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _harmless(text: str, but: str) -> str:
    """`text` without what a terminal obeys, or what begins a line, which a path may hold; `but` stays."""
    return "".join(one if one.isprintable() or one in but else one.encode("unicode_escape").decode() for one in text)


def _scrubbed(text: str) -> str:
    from localsign.apis import links
    from localsign.core.secrecy import scrubbed_line

    return scrubbed_line(text, links())
