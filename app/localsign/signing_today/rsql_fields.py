"""The kinds of fields that `$filter` can compare, each over one column."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, literal, not_, or_, select
from sqlalchemy.types import String

_PLAIN_COMPARISONS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "==": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}
_EQUALITY = ("==", "!=", "=in=", "=out=")
_ORDER = (*_EQUALITY, "<", "<=", ">", ">=")
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Field:
    """A column that can be compared. The base compares as SQL does; what cannot be read is a ValueError."""

    column: Any
    operators: ClassVar[tuple[str, ...]] = _ORDER
    is_sortable: ClassVar[bool] = True

    def read(self, text: str) -> Any:
        """The value that `text` stands for; the message of a ValueError goes on from the text."""
        return text

    def compare(self, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        """The comparison as SQL; None among the values stands for absence."""
        if operator in ("=in=", "=out="):
            return self._among(values) if operator == "=in=" else self._outside(values)
        [value] = values
        if value is None:
            return self._absence(operator)
        return self._against(operator, value)

    def _against(self, operator: str, value: Any) -> ColumnElement[bool]:
        return _PLAIN_COMPARISONS[operator](self.column, value)

    def _absence(self, operator: str) -> ColumnElement[bool]:
        if operator == "==":
            return _as_bool(self.column.is_(None))
        if operator == "!=":
            return _as_bool(self.column.is_not(None))
        return false()

    def _among(self, values: Sequence[Any]) -> ColumnElement[bool]:
        known = [value for value in values if value is not None]
        found = self.column.in_(known)
        return or_(found, self.column.is_(None)) if len(known) < len(values) else _as_bool(found)

    def _outside(self, values: Sequence[Any]) -> ColumnElement[bool]:
        known = [value for value in values if value is not None]
        return _as_bool(self.column.is_not(None) & self.column.not_in(known))


def _as_bool(expression: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = expression
    return found


class Text(Field):
    """Compared letter by letter; a `*` at an end stands for any text."""

    def _against(self, operator: str, value: Any) -> ColumnElement[bool]:
        if operator not in ("==", "!=") or not (value.startswith("*") or value.endswith("*")):
            return super()._against(operator, value)
        found = _like(self.column, value)
        return found if operator == "==" else not_(found)


def _like(column: Any, pattern: str) -> ColumnElement[bool]:
    """Without LIKE, which in SQLite does not tell capital letters from small ones."""
    opens, closes = pattern.startswith("*"), pattern.endswith("*")
    if pattern in ("*", "**"):
        return _as_bool(column.is_not(None))
    inner = pattern[1 if opens else 0 : -1 if closes else None]
    if opens and closes:
        return func.instr(column, inner) > 0
    if closes:
        return func.substr(column, 1, len(inner)) == inner
    return func.substr(column, -len(inner)) == inner


class Id(Field):
    """A UUID, with or without hyphens."""

    operators = _EQUALITY
    is_sortable = False

    def read(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            raise ValueError("is not a UUID") from None


class Moment(Field):
    """An RFC 3339 date-time, or a date for its first moment; without a zone it is UTC."""

    def read(self, text: str) -> datetime:
        try:
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError("is not a date-time such as 2026-01-31T12:00:00Z") from None


class Flag(Field):
    """`true` or `false`, in any case: Python's clients send `True`."""

    operators = ("==", "!=")

    def read(self, text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise ValueError("is neither true nor false")
        return text.lower() == "true"


class Number(Field):
    """A whole number of 64 bits."""

    def read(self, text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > _LARGEST:
            raise ValueError("is not a whole number")
        return int(text)


@dataclass(frozen=True)
class Choice(Field):
    """One of the values of an enum, or of some of them."""

    choices: Collection[StrEnum]
    operators: ClassVar[tuple[str, ...]] = _EQUALITY

    def read(self, text: str) -> StrEnum:
        for choice in self.choices:
            if choice == text:
                return choice
        raise ValueError(f"is not one of {', '.join(self.choices)}")


class Texts(Field):
    """A JSON array of strings: equal to a value is an array that holds it."""

    operators = _EQUALITY
    is_sortable = False

    def compare(self, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
        inside = func.json_each(self.column).table_valued("value")
        known = [literal(value, String) for value in values if value is not None]
        holds = select(inside.c.value).where(inside.c.value.in_(known)).exists()
        return not_(holds) if operator in ("!=", "=out=") else _as_bool(holds)


class Ids(Texts):
    """A JSON array of UUIDs."""

    def read(self, text: str) -> str:
        try:
            return str(UUID(text))
        except ValueError:
            raise ValueError("is not a UUID") from None
