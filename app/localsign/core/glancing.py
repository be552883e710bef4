"""Reading and adding rows without a session: for the few statements that every request runs.

SQLAlchemy's session finds, loads, watches and flushes objects, which costs more than all the rest of a short request.
These functions run statements that were compiled once, and hand out objects that nobody watches.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, insert, select

from localsign.core.database import Stored

AnyRow = TypeVar("AnyRow", bound=Stored)
_MOST_VALUES = 500  # in one statement; SQLite takes some more


def rows(connection: Connection, model: type[AnyRow], column: str, values: Sequence[Any]) -> list[AnyRow]:
    """The rows whose `column` is one of `values`, in the order they were made; changing one fails."""
    found: list[AnyRow] = []
    for start in range(0, len(values), _MOST_VALUES):
        some = values[start : start + _MOST_VALUES]
        statement, bind, readers = _selecting(model, column, len(some), connection)
        cursor = _cursor(connection)
        cursor.execute(statement, tuple(bind(value) for value in some))
        found += [_read(model, readers, row) for row in cursor.fetchall()]
    return found


def everything(connection: Connection, model: type[AnyRow]) -> list[AnyRow]:
    """All rows of a table, in no order; changing one fails."""
    table = _table(model)
    cursor = _cursor(connection)
    names = ", ".join(f'"{one.key}"' for one in table.c)  # quoted: SQL has words such as group
    cursor.execute(f'SELECT {names} FROM "{table.name}"')
    readers = _readers(model, connection)
    return [_read(model, readers, row) for row in cursor.fetchall()]


def add(connection: Connection, model: type[Stored], values: Sequence[dict[str, Any]]) -> None:
    """Insert rows, each with the same columns."""
    statement, binders = _inserting(model, tuple(values[0]), connection)
    _cursor(connection).executemany(
        statement, [tuple(bind(row[name]) if bind else row[name] for name, bind in binders) for row in values]
    )


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


def _read(model: type[AnyRow], readers: "_Converters", row: Sequence[Any]) -> AnyRow:
    values = {name: read(value) if read else value for (name, read), value in zip(readers, row, strict=True)}
    return unwatched(model, values)


def _cursor(connection: Connection) -> Any:
    # Past SQLAlchemy's own execution, which wraps each result in objects that nobody here looks at.
    return connection.connection.cursor()


_Converters = list[tuple[str, Any]]  # a column, and what turns its value into the other side's, or None
_Selecting = tuple[str, Callable[[Any], Any], _Converters]
_selectings: dict[tuple[Any, ...], _Selecting] = {}
_insertings: dict[tuple[Any, ...], tuple[str, _Converters]] = {}


def _selecting(model: type[Stored], column: str, count: int, connection: Connection) -> _Selecting:
    dialect = connection.dialect
    key = model, column, count, dialect.name
    if key not in _selectings:
        table = _table(model)
        order = [table.c.seq] if "seq" in table.c else []
        query = select(table).where(table.c[column].in_([None] * count)).order_by(*order)
        compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        binder = table.c[column].type.dialect_impl(dialect).bind_processor(dialect)
        _selectings[key] = str(compiled), binder or _same, _readers(model, connection)
    return _selectings[key]


def _readers(model: type[Stored], connection: Connection) -> _Converters:
    dialect = connection.dialect
    return [(one.name, one.type.dialect_impl(dialect).result_processor(dialect, None)) for one in _table(model).c]


def _inserting(model: type[Stored], names: tuple[str, ...], connection: Connection) -> tuple[str, _Converters]:
    dialect = connection.dialect
    key = model, names, dialect.name
    if key not in _insertings:
        table = _table(model)
        compiled = insert(table).values(dict.fromkeys(names)).compile(dialect=dialect, column_keys=names)
        binders: _Converters = [
            (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ]
        _insertings[key] = str(compiled), binders
    return _insertings[key]


def _same(value: Any) -> Any:
    return value


def _table(model: type[Stored]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
