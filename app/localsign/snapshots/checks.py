"""Whether a database that came from outside is a world of this localsign: its tables exactly, and every value."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, String, Table, Uuid, select
from sqlalchemy.exc import SQLAlchemyError

from localsign.core.database import Blank, Json, Moment, State, Stored, adopt, tables
from localsign.core.tables import World
from localsign.snapshots.store import read_only

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
# The more special types first: some are built on the others.
_TYPES: tuple[tuple[Any, Any], ...] = (
    (Moment, datetime),
    (State, StrEnum),
    (Uuid, UUID),
    (Boolean, bool),
    (Float, (float, int)),
    (Integer, int),
    (LargeBinary, bytes),
    (String, str),
)


class UnfitError(Exception):
    """It is no snapshot of this localsign; the text says why, as what follows the name of the body."""


def check_database(path: Path, blank: Blank) -> None:
    """Raise UnfitError unless the file at `path` is a world that could have been made here."""
    try:
        with closing(read_only(path)) as raw:
            check_tables(raw, blank, blank.schema(), blank.version)
            _check_rows(raw)
    except (sqlite3.Error, SQLAlchemyError, OverflowError):
        raise UnfitError("has a world.db that is not a whole SQLite database") from None


def check_tables(raw: sqlite3.Connection, blank: Blank, schema: set[tuple[Any, ...]], version: int) -> None:
    """Raise UnfitError unless a database has exactly the tables of `schema`, and is whole."""
    raw.execute("PRAGMA trusted_schema = OFF")
    raw.execute("PRAGMA cell_size_check = ON")
    if _schema(raw) != schema:
        raise UnfitError("has a world.db whose tables are not those of the localsign that it names")
    if raw.execute("PRAGMA user_version").fetchone() != (version,):
        raise UnfitError("has a world.db with another user_version")
    for pragma in ("page_size", "encoding", "auto_vacuum"):
        if raw.execute(f"PRAGMA {pragma}").fetchone() != blank.pragma(pragma):
            raise UnfitError(f"has a world.db with another {pragma}")
    if raw.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise UnfitError("has a world.db that is damaged")


def _schema(raw: sqlite3.Connection) -> set[tuple[Any, ...]]:
    return set(raw.execute(Blank.SCHEMA).fetchall())


def _check_rows(raw: sqlite3.Connection) -> None:
    connection = adopt(raw)
    try:
        for model in tables():
            table: Table = model.__table__  # type: ignore[attr-defined]
            checks = [_check_of(model, column) for column in table.c]
            try:
                for row in connection.execute(select(table)):
                    for check, value in zip(checks, row, strict=True):
                        check(value)
            except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
                raise UnfitError(f"has a world.db with a value in '{table.name}' that cannot be one") from None
        worlds = connection.execute(select(World.__table__)).mappings().all()  # type: ignore[attr-defined]
        if len(worlds) != 1 or not _is_possible(World(**worlds[0])):
            raise UnfitError("has a world.db that does not say which world it is, or a time that cannot be one")
    except OverflowError:
        raise UnfitError("has a world.db with a time that cannot be one") from None
    finally:
        connection.close()


def _check_of(model: type[Stored], column: "Column[Any]") -> Callable[[Any], object]:
    """What raises ValueError for a value that the column cannot have."""
    if isinstance(column.type, Json):
        annotation: Any = model.model_fields[column.name].annotation
        return TypeAdapter(annotation).validate_python
    expected = next((kind for of, kind in _TYPES if isinstance(column.type, of)), object)

    def check(value: Any) -> None:
        if value is not None and not isinstance(value, expected):
            raise ValueError(column.name)

    return check


def _is_possible(world: World) -> bool:
    return world.id == 1 and world.drawn >= 0 and _FIRST <= world.clock.now() < _LAST
