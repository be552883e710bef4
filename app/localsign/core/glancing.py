"""Reading and adding rows without a session: for the few statements that every request runs.

SQLAlchemy's session finds, loads, watches and flushes objects, which costs more than all the rest of a short request.
These functions run statements that were compiled once, and hand out objects that nobody watches.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Select, Table, insert, select

from localsign.core.database import Stored

AnyRow = TypeVar("AnyRow", bound=Stored)
_MOST_VALUES = 500  # in one statement; SQLite takes some more


def rows(connection: Connection, model: type[AnyRow], column: str, values: Sequence[Any]) -> list[AnyRow]:
    """The rows whose `column` is one of `values`, in the order they were made; changing one fails."""
    found: list[AnyRow] = []
    for start in range(0, len(values), _MOST_VALUES):
        some = values[start : start + _MOST_VALUES]
        statement, bind, readers = _selecting(model, column, len(some), connection)
        result = connection.exec_driver_sql(statement, tuple(bind(value) for value in some))
        found += [_unwatched(model, readers, row) for row in result.fetchall()]
    return found


def unwatched(model: type[AnyRow], values: dict[str, Any]) -> AnyRow:
    """An object of `model` that shows `values`; no session knows it, and changing it fails."""
    row: AnyRow = model.__new__(model)
    row.__dict__.update(values)
    return row


def selected(connection: Connection, model: type[AnyRow], query: Select[Any]) -> list[AnyRow]:
    """The rows of any query of one model, only to be looked at."""
    result = connection.execute(query.with_only_columns(*_table(model).c, maintain_column_froms=True))
    names = list(result.keys())
    return [unwatched(model, dict(zip(names, row, strict=True))) for row in result]


@cache
def inserting(model: type[Stored]) -> Insert:
    """The statement that adds a row; the one object lets SQLAlchemy find its compiled form at once."""
    return insert(_table(model))


def _unwatched(model: type[AnyRow], readers: "_Readers", row: Sequence[Any]) -> AnyRow:
    return unwatched(
        model,
        {name: read(value) if read else value for (name, read), value in zip(readers, row, strict=True)},
    )


_Readers = list[tuple[str, Any]]  # a column, and what turns its stored value into ours, or None
_Selecting = tuple[str, Callable[[Any], Any], _Readers]
_selectings: dict[tuple[type[Stored], str, int, str], _Selecting] = {}


def _selecting(model: type[Stored], column: str, count: int, connection: Connection) -> _Selecting:
    dialect = connection.dialect
    key = model, column, count, dialect.name
    if key not in _selectings:
        table = _table(model)
        order = [table.c.seq] if "seq" in table.c else []
        query = select(table).where(table.c[column].in_([None] * count)).order_by(*order)
        compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        readers = [(one.name, one.type.dialect_impl(dialect).result_processor(dialect, None)) for one in table.c]
        binder = table.c[column].type.dialect_impl(dialect).bind_processor(dialect)
        _selectings[key] = str(compiled), binder or _same, readers
    return _selectings[key]


def _same(value: Any) -> Any:
    return value


def _table(model: type[Stored]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
