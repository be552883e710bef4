"""YAML and JSON written by people: bounded, without tags, and with the line of every member for errors."""

import json
import math
import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from localsign.core.flaws import path_of

MOST_YAML = 1024 * 1024  # bytes; reading it is slow
_MOST_NODES = 100_000  # with aliases followed, so that few bytes cannot become much
_DEEPEST = 60
_TAGS = "tag:yaml.org,2002:"


class MarkupError(Exception):
    """It cannot be read; `line` counts from 1."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")


@dataclass
class Markup:
    """What was read, and the line of each member, by its path (`sign.documents[0].name`); JSON has no lines."""

    value: Any
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, path: str) -> int | None:
        """The line of a member, or of the nearest one around it."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path)


def read(content: bytes, *, is_json: bool) -> Markup:
    """The one document in `content`; MarkupError says what is wrong with it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MarkupError("is not UTF-8 text") from None
    markup = Markup(_json(text)) if is_json else _yaml(text, len(content))
    check_text(markup.value)
    return markup


def _json(text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) != len(pairs):
            names = [name for name, _ in pairs]
            raise MarkupError(f"has the member {next(n for n in names if names.count(n) > 1)!r} twice")
        return found

    def refuse(constant: str) -> Any:
        raise MarkupError(f"has {constant}, which is not JSON")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise MarkupError(f"is not JSON: {error.msg}", error.lineno) from None
    except (RecursionError, ValueError):
        raise MarkupError("is nested too deep, or has a number that is too long") from None


def check_text(value: Any, depth: int = 0) -> None:
    """Refuse what is too deep, and text that is none."""
    if depth > _DEEPEST:
        raise MarkupError("is nested too deep")
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise MarkupError("has a character that is no text")
    if isinstance(value, float) and not math.isfinite(value):
        raise MarkupError("has a number that is too large")
    inner = (*value.keys(), *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        check_text(one, depth + 1)


_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]{1,3})?|[-+]?[0-9]{1,18}[eE][-+]?[0-9]{1,3}"


class _Loader(yaml.SafeLoader):
    """YAML as version 1.2 reads plain words: `no` is a word, and a date is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?[0-9]{1,18}", list("-+0123456789")),
    (
        "float",
        _FLOAT,
        list("-+.0123456789"),
    ),
):
    _Loader.add_implicit_resolver(_TAGS + _tag, re.compile(rf"^(?:{_pattern})$"), _first)


def _yaml(text: str, size: int) -> Markup:
    if size > MOST_YAML:
        raise MarkupError(f"has {size} bytes; YAML may have {MOST_YAML}, JSON may have more")
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise MarkupError(f"is not YAML: {error.problem}", mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError):
        raise MarkupError("is not YAML: it has a character that is no text") from None
    except RecursionError:
        raise MarkupError("is nested too deep") from None
    markup = Markup(None)
    markup.value = _Reader(markup.lines).value(node, ()) if node is not None else None
    return markup


class _Reader:
    def __init__(self, lines: dict[str, int]) -> None:
        self._lines = lines
        self._left = _MOST_NODES

    def value(self, node: Node, path: tuple[int | str, ...]) -> Any:
        line = node.start_mark.line + 1
        self._left -= 1
        if self._left < 0:
            raise MarkupError(f"has more than {_MOST_NODES} members, aliases followed")
        if len(path) > _DEEPEST:
            raise MarkupError("is nested too deep", line)
        self._lines.setdefault(path_of(path), line)
        if isinstance(node, MappingNode) and node.tag == f"{_TAGS}map":
            return self._mapping(node, path)
        if isinstance(node, SequenceNode) and node.tag == f"{_TAGS}seq":
            return [self.value(one, (*path, index)) for index, one in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return _scalar(node, line)
        raise MarkupError(f"has the tag {node.tag!r}; tags are not allowed", line)

    def _mapping(self, node: MappingNode, path: tuple[int | str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                raise MarkupError("has a name that is no text", line)
            name: Hashable = _scalar(key, line)
            if not isinstance(name, str):
                raise MarkupError(f"has the name {key.value}, which is no text; put it in quotes", line)
            if name in found:
                raise MarkupError(f"has the member {name!r} twice", line)
            self._lines[path_of((*path, name))] = line
            found[name] = self.value(value, (*path, name))
        return found


def _scalar(node: ScalarNode, line: int) -> Any:
    match node.tag.removeprefix(_TAGS):
        case "str":
            return node.value
        case "null":
            return None
        case "bool" if node.value in ("true", "false"):
            return node.value == "true"
        case "int" if re.fullmatch(r"[-+]?[0-9]{1,18}", node.value):
            return int(node.value)
        case "float" if re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]{1,3})?", node.value):
            return float(node.value)
    raise MarkupError(f"has the tag {node.tag!r}; tags are not allowed", line)
