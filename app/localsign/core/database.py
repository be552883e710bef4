"""Where rows live: typed columns, the blank world, and connections that share one statement cache."""

import json
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, Connection, Dialect, create_engine, event
from sqlalchemy.orm import registry
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import String, Text, TypeDecorator
from sqlmodel import SQLModel

from localsign.core.scopes import Scope

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
REVISION = 2  # of the tables: one more for each release that changed them, see docs/upgrades.md
FIRST = 546704493  # the whole digest, which localsign 0.1.0 has in the place of a revision


_registry = registry()


class Stored(SQLModel, registry=_registry):
    """The base of all tables. Its registry is our own: a host project's SQLModel metadata stays clean.

    `scope` says which reset empties the table.
    """

    model_config = {"defer_build": True}  # nobody validates rows
    scope: ClassVar[Scope] = Scope.DATA


class Moment(TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970 so that it sorts and compares exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class State(TypeDecorator[StrEnum]):
    """A member of one StrEnum, stored by value."""

    impl = String
    cache_ok = True

    def __init__(self, states: type[StrEnum]) -> None:
        super().__init__(max(map(len, states)))
        self.states = states

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.states(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.states(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: json.dumps would each time


class Json(TypeDecorator[Any]):
    """Plain JSON data. Replace the value to change it; a change inside it is not seen."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def tables() -> list[type[Stored]]:
    """Every table that is known so far, in the order in which their rows can be inserted."""
    found = {mapper.local_table: mapper.class_ for mapper in _registry.mappers}
    return [found[table] for table in Stored.metadata.sorted_tables]


def state_column(states: type[StrEnum], name: str = "state", *, index: bool = False) -> "Column[StrEnum]":
    """A typed state column; the database itself refuses a value that is no state."""
    allowed = ", ".join(f"'{state.value}'" for state in states)
    return Column(name, State(states), CheckConstraint(f"{name} IN ({allowed})"), nullable=False, index=index)


def schema_script() -> str:
    """The statements that make an empty world, for the tables imported so far."""
    dialect = _Engine().dialect
    statements: list[str] = []
    for table in Stored.metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in sorted_indexes(table.indexes)]
    return ";\n".join(statements) + ";"


def sorted_indexes(indexes: Iterable[Any]) -> list[Any]:
    return sorted(indexes, key=lambda index: str(index.name))


class _Engine:
    """One SQLAlchemy engine for connections to many databases.

    A statement is compiled once per dialect object; an engine per world would compile everything anew
    for each world, which costs more than making the world.
    """

    _shared: "_Engine | None" = None
    _guard = threading.Lock()

    def __new__(cls) -> "_Engine":
        with cls._guard:
            if cls._shared is None:
                cls._shared = super().__new__(cls)
                cls._shared._make()
        return cls._shared

    def _make(self) -> None:
        self._turn = threading.Lock()
        self._next: sqlite3.Connection | None = None
        self._engine = create_engine(
            "sqlite://", creator=self._take, poolclass=NullPool, query_cache_size=2000, hide_parameters=True
        )
        self.dialect = self._engine.dialect
        event.listen(self._engine, "begin", _begin)

    def _take(self) -> sqlite3.Connection:
        if self._next is None:
            raise RuntimeError("a connection was asked for outside adopt()")
        return self._next

    def adopt(self, raw: sqlite3.Connection, begin: str) -> Connection:
        with self._turn:
            self._next = raw
            try:
                connection = self._engine.connect()
            finally:
                self._next = None
        connection.info["begin"] = begin
        return connection


def _begin(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    raw.execute(connection.info.get("begin", "BEGIN"))


def version_of(script: str, revision: int = REVISION) -> int:
    """What the `user_version` of a database says: the revision of its tables, and 20 bits of what they are exactly.

    The bits tell worlds of a released version from those that were made on the way to it.
    """
    digest = zlib.crc32(script.encode())
    return FIRST if digest & 0x7FFFFFFF == FIRST else revision << 20 | digest & 0xFFFFF


def revision_of(version: int) -> int:
    """The revision that a `user_version` speaks of; 0 where it speaks of none."""
    return 1 if version == FIRST else version >> 20


class Blank:
    """The database of a world in which nothing has happened yet, copied for each new world.

    `lay` adds the rows that every world begins with.
    """

    SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema"

    def __init__(self, lay: Callable[[Connection], None] | None = None) -> None:
        _registry.configure()  # rows may be read before any session has asked for this
        script = schema_script()
        self.version = version_of(script)
        self._guard = threading.Lock()
        self._schema: set[tuple[Any, ...]] | None = None
        self._source = _raw(":memory:")
        self._source.executescript(script)
        self._source.execute(f"PRAGMA user_version = {self.version}")
        if lay is not None:
            self._fill(lay)

    def _fill(self, lay: Callable[[Connection], None]) -> None:
        # In a copy: closing the connection closes the database that it has taken over.
        filled = self.in_memory()
        with adopt(filled) as connection:
            with connection.begin():
                lay(connection)
            filled.backup(self._source)

    def close(self) -> None:
        self._source.close()

    def schema(self) -> set[tuple[Any, ...]]:
        """Everything that the database declares, as SQLite keeps it."""
        with self._guard:
            if self._schema is None:
                self._schema = set(self._source.execute(self.SCHEMA).fetchall())
            return self._schema

    def pragma(self, name: str) -> Any:
        """The answer to a PRAGMA."""
        with self._guard:
            return self._source.execute(f"PRAGMA {name}").fetchone()

    def in_memory(self) -> sqlite3.Connection:
        """A new world in memory."""
        target = _raw(":memory:")
        self.copy_into(target)
        return target

    def copy_into(self, target: sqlite3.Connection) -> None:
        with self._guard:
            self._source.backup(target)

    def in_file(self, path: Path) -> sqlite3.Connection:
        """The world that is in the file `path`, which must be there; its tables may be those of another version."""
        raw = _raw(f"{path.absolute().as_uri()}?mode=rw", is_uri=True)
        try:
            raw.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000;")
        except BaseException:
            raw.close()
            raise
        return raw

    def lay(self, path: Path) -> sqlite3.Connection:
        """A new world in the file `path`.

        Quick, and not safe from a crash: for a folder that nobody knows yet, until it is closed and opened `in_file`.
        """
        raw = _raw(str(path))
        try:
            raw.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
            self.copy_into(raw)
        except BaseException:
            raw.close()
            raise
        return raw


def _raw(address: str, *, is_uri: bool = False) -> sqlite3.Connection:
    raw = sqlite3.connect(address, isolation_level=None, check_same_thread=False, cached_statements=256, uri=is_uri)
    raw.execute("PRAGMA foreign_keys = ON")
    return raw


def peek(path: Path, query: str) -> Any:
    """The first value of `query` on a database that is not open here; sqlite3.Error where there is none."""
    raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    try:
        return raw.execute(query).fetchone()[0]
    finally:
        raw.close()


def adopt(raw: sqlite3.Connection, *, shared: bool = False) -> Connection:
    """`raw` as a SQLAlchemy connection. `shared` tells that other processes write to it as well."""
    return _Engine().adopt(raw, "BEGIN IMMEDIATE" if shared else "BEGIN")
