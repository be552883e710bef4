"""Values of a recording as Python source."""

import json
import re
from typing import Any

from localsign.recording.steps import ANYTHING, split

WIDTH = 110
_INDENT = "    "
_NAME = re.compile(r"[a-z_]\w*")


def text(value: str) -> str:
    """A string, or the f-string or the name that makes it of variables."""
    pieces = split(value)
    if value == ANYTHING:
        return "ANY"
    if len(pieces) == 3 and not pieces[0] and not pieces[2]:
        return pieces[1]
    if len(pieces) == 1:
        return json.dumps(value, ensure_ascii=False)
    spelled = [
        f"{{{piece}}}"
        if index % 2
        else json.dumps(piece, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
        for index, piece in enumerate(pieces)
    ]
    return f'f"{"".join(spelled)}"'


def source(value: Any, depth: int = 0, used: int = 0) -> str:
    """`value` in one line if it fits, else a member a line. `used`: columns that the line has already."""
    flat = _flat(value)
    if len(flat) + used + depth * len(_INDENT) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner, outer = _INDENT * (depth + 1), _INDENT * depth
    if isinstance(value, dict):
        lines = []
        for name, one in value.items():
            key = f"{text(name)}: "
            lines.append(f"{inner}{key}{source(one, depth + 1, len(key) + 1)},\n")
        return "{\n" + "".join(lines) + outer + "}"
    return "[\n" + "".join(f"{inner}{source(one, depth + 1, 1)},\n" for one in value) + outer + "]"


def call(function: str, arguments: list[tuple[str, Any]], depth: int) -> str:
    """A call; an argument without a name comes first, one that is a Code stands as it is."""
    words = [(f"{name}=" if name else "") for name, _ in arguments]
    flat = ", ".join(word + _flat(value) for word, (_, value) in zip(words, arguments, strict=True))
    line = f"{_INDENT * depth}{function}({flat})"
    if len(line) <= WIDTH:
        return line
    inner = _INDENT * (depth + 1)
    lines = [
        f"{inner}{word}{source(value, depth + 1, len(word) + 1)},\n"
        for word, (_, value) in zip(words, arguments, strict=True)
    ]
    return f"{_INDENT * depth}{function}(\n{''.join(lines)}{_INDENT * depth})"


class Code(str):
    """What is source already."""

    __slots__ = ()


def _flat(value: Any) -> str:
    if isinstance(value, Code):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(name)}: {_flat(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_flat, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)
