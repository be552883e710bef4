"""`$filter` and `$orderBy`: RSQL text to a tree, and the tree to SQL expressions with bound values.

The documentation shows two samples and no grammar; both are RSQL as jirutka/rsql-parser reads it (inferred): `;` or
` and ` binds tighter than `,` or ` or `, parentheses group, values are bare or quoted. Not documented either: `*` at
an end of a value for any text, a bare `null` for absence. As in SQL, an absent value satisfies no other comparison.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from localsign.core.errors import BadInputError
from localsign.signing_today.rsql_fields import Field

OPERATORS = {
    **{"==": "==", "!=": "!=", "<": "<", "=lt=": "<", "<=": "<=", "=le=": "<="},
    **{">": ">", "=gt=": ">", ">=": ">=", "=ge=": ">=", "=in=": "=in=", "=out=": "=out="},
}
LONGEST = 8000  # characters
DEEPEST = 30  # parentheses inside one another
MOST_COMPARISONS = 200
MOST_VALUES = 500  # in one list

_TOKEN = re.compile(
    r"""[ \t]*(?:
        (?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<operator>=[a-z]*=|!=|<=|<|>=|>)
      | (?P<mark>[();,])
      | (?P<bare>[^"'();,=<>!~ \t]+)
      | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class RsqlError(Exception):
    """The text is no RSQL, or asks for what is not there; the message begins with the position."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"character {position + 1}: {reason}")
        self.position = position


@dataclass(frozen=True)
class Value:
    """One argument. A bare `null` stands for absence."""

    text: str
    position: int
    is_quoted: bool = False

    @property
    def is_null(self) -> bool:
        return self.text == "null" and not self.is_quoted


@dataclass(frozen=True)
class Comparison:
    selector: str
    operator: str  # one of the values of OPERATORS
    values: tuple[Value, ...]
    position: int


@dataclass(frozen=True)
class Both:
    """All of the parts hold."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class Either:
    """At least one of the parts holds."""

    parts: "tuple[Node, ...]"


Node = Comparison | Both | Either


def parse(text: str) -> Node:
    """The tree of an expression; RsqlError says where it ends to be one."""
    if len(text) > LONGEST:
        raise RsqlError(LONGEST, f"the expression is longer than {LONGEST} characters")
    if found := _UNSTORABLE.search(text):
        raise RsqlError(found.start(), "this character is not allowed")
    return _Parser(text).whole()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._read(text)
        self._next = 0
        self._depth = 0
        self._comparisons = 0

    def _read(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        while not tokens or tokens[-1].kind != "end":
            found = _TOKEN.match(text, position)
            if found is None:
                start = len(text) - len(text[position:].lstrip(" \t"))
                if text[start] in "\"'":
                    raise RsqlError(start, "the quotation has no end")
                raise RsqlError(start, f"'{text[start]}' is not expected here")
            kind = str(found.lastgroup)
            tokens.append(_Token(kind, found[kind], found.start(kind)))
            position = found.end()
        return tokens

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._here
        self._next += 1
        return token

    def _is(self, mark: str, word: str) -> bool:
        token = self._here
        if token.kind == "bare" and token.text == word:
            end = token.position + len(word)
            is_apart = self._text[token.position - 1] in " \t" and self._text[end : end + 1] in (" ", "\t")
            if not is_apart:
                raise RsqlError(token.position, f"'{word}' needs a blank before and behind it")
            return True
        return token.kind == "mark" and token.text == mark

    def whole(self) -> Node:
        node = self._either()
        if self._here.kind != "end":
            raise RsqlError(self._here.position, f"'{self._here.text}' is not expected here")
        return node

    def _either(self) -> Node:
        parts = [self._both()]
        while self._is(",", "or"):
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._constraint()]
        while self._is(";", "and"):
            self._take()
            parts.append(self._constraint())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _constraint(self) -> Node:
        token = self._take()
        if token.kind == "mark" and token.text == "(":
            self._depth += 1
            if self._depth > DEEPEST:
                raise RsqlError(token.position, f"there are more than {DEEPEST} parentheses inside one another")
            node = self._either()
            self._expect(")")
            self._depth -= 1
            return node
        if token.kind != "bare":
            raise RsqlError(token.position, f"the name of a field is expected, not {_shown(token)}")
        return self._comparison(token)

    def _comparison(self, selector: _Token) -> Comparison:
        self._comparisons += 1
        if self._comparisons > MOST_COMPARISONS:
            raise RsqlError(selector.position, f"there are more than {MOST_COMPARISONS} comparisons")
        sign = self._take()
        if sign.kind != "operator":
            raise RsqlError(sign.position, f"an operator is expected, not {_shown(sign)}")
        if sign.text not in OPERATORS:
            raise RsqlError(sign.position, f"'{sign.text}' is not one of {' '.join(OPERATORS)}")
        operator = OPERATORS[sign.text]
        values = self._values() if operator in ("=in=", "=out=") else (self._value(),)
        return Comparison(selector.text, operator, values, selector.position)

    def _values(self) -> tuple[Value, ...]:
        if (self._here.kind, self._here.text) != ("mark", "("):
            return (self._value(),)
        opening = self._take()
        values = [self._value()]
        while (self._here.kind, self._here.text) == ("mark", ","):
            self._take()
            values.append(self._value())
        self._expect(")")
        if len(values) > MOST_VALUES:
            raise RsqlError(opening.position, f"the list has more than {MOST_VALUES} values")
        return tuple(values)

    def _value(self) -> Value:
        token = self._take()
        if token.kind == "quoted":
            return Value(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL), token.position, is_quoted=True)
        if token.kind != "bare":
            raise RsqlError(token.position, f"a value is expected, not {_shown(token)}")
        return Value(token.text, token.position)

    def _expect(self, mark: str) -> None:
        token = self._take()
        if (token.kind, token.text) != ("mark", mark):
            raise RsqlError(token.position, f"'{mark}' is expected, not {_shown(token)}")


def _shown(token: _Token) -> str:
    return "the end" if token.kind == "end" else f"'{token.text}'"


# ---- to SQL


def compiled(node: Node, fields: Mapping[str, Field]) -> ColumnElement[bool]:
    """The tree as an expression; RsqlError for a field, an operator or a value that does not fit."""
    if isinstance(node, Both):
        return and_(*(compiled(part, fields) for part in node.parts))
    if isinstance(node, Either):
        return or_(*(compiled(part, fields) for part in node.parts))
    field = fields.get(node.selector)
    if field is None:
        raise RsqlError(node.position, f"'{node.selector}' is not one of {', '.join(fields)}")
    if node.operator not in (allowed := field.operators):
        raise RsqlError(node.position, f"'{node.selector}' can be compared by {' '.join(allowed)} only")
    return field.compare(node.operator, [_read(field, value) for value in node.values])


def _read(field: Field, value: Value) -> Any:
    if value.is_null:
        return None
    try:
        return field.read(value.text)
    except ValueError as error:
        raise RsqlError(value.position, f"'{value.text}' {error}") from None


def condition(text: str | None, fields: Mapping[str, Field]) -> ColumnElement[bool] | None:
    """What `$filter` asks for; BadInputError names the position of what is wrong with it."""
    # Tolerated: the examples of the documentation repeat the parameter's name in its value.
    wanted = (text or "").removeprefix("$filter=")
    if not wanted.strip(" \t"):
        return None
    try:
        return compiled(parse(wanted), fields)
    except RsqlError as error:
        raise BadInputError.of("$filter", str(error)) from None


def order(text: str | None, fields: Mapping[str, Field]) -> Sequence[ColumnElement[Any]]:
    """What `$orderBy` asks for: names, each with `,asc` or `,desc` behind it or without.

    Documented for one name; several are inferred.
    """
    wanted = (text or "").removeprefix("$orderBy=")
    words = [_Token("bare", *one) for one in _words(wanted)]
    terms: list[ColumnElement[Any]] = []
    sorted_by: set[str] = set()
    while words and wanted.strip():
        name = words.pop(0)
        if name.text not in fields or not fields[name.text].is_sortable:
            known = ", ".join(one for one, field in fields.items() if field.is_sortable)
            raise _bad_order(name, f"'{name.text}' is not one of {known}")
        if name.text in sorted_by:
            raise _bad_order(name, f"'{name.text}' is repeated")
        sorted_by.add(name.text)
        column = fields[name.text].column
        is_descending = bool(words) and words[0].text.lower() == "desc"
        if words and words[0].text.lower() in ("asc", "desc"):
            words.pop(0)
        terms.append(column.desc() if is_descending else column.asc())
    return terms


def _words(text: str) -> Iterator[tuple[str, int]]:
    """What stands between the commas, and where it begins."""
    start = 0
    for part in text.split(","):
        yield part.strip(), start + len(part) - len(part.lstrip())
        start += len(part) + 1


def _bad_order(word: _Token, reason: str) -> BadInputError:
    return BadInputError.of("$orderBy", str(RsqlError(word.position, reason)))
