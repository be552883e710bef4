"""Free-form data that can be stored and answered: JSON without its odd corners."""

import json
from typing import Any

DEEPEST = 60  # levels
LONGEST = 16 * 1024 * 1024  # characters of it as JSON


def flaw_of(value: Any) -> str | None:
    """Why `value` cannot be kept, if so."""
    if depth_of(value) > DEEPEST:
        return f"is nested deeper than {DEEPEST} levels"
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        return "has text with a lone surrogate, which is not Unicode"
    except (ValueError, TypeError, RecursionError):
        return "has a value that JSON does not have"
    return f"is longer than {LONGEST} characters" if len(text) > LONGEST else None


def read(text: str) -> Any:
    """What the JSON `text` says; ValueError where it is none, or says something that cannot be kept."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deep") from None
    reason = flaw_of(found)
    if reason is not None:
        raise ValueError(reason)
    return found


def depth_of(value: Any) -> int:
    """How many levels of lists and objects there are; it stops counting a little beyond DEEPEST."""
    level, deep = [value], 0
    while level and deep <= DEEPEST + 1:
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        deep += bool(level)
    return deep
