"""Bringing a world that another localsign made up to the tables of this one; imported only when there is one.

Everything happens in a copy. Alembic takes its tables from revision to revision; then its rows go into a blank world,
so that what comes out has our tables to the letter and keeps their rules. That is copied over the world at once.
"""

import logging
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from localsign.core.database import REVISION, Blank, adopt, revision_of, tables, version_of
from localsign.core.errors import ConflictError, DamagedError
from localsign.version import VERSION

FOLDER = Path(__file__).parent
_ROWS = 500  # at once
_guard = threading.Lock()  # Alembic has one context for all
_log = logging.getLogger("localsign.upgrades")


def bring_up(live: sqlite3.Connection, path: Path, blank: Blank) -> None:
    """Give the world that is open as `live` the tables of today, whole or not at all.

    ConflictError where a newer localsign, or one between two releases, made it; DamagedError where it is no world.
    """
    name = path.parent.name
    with _alone(path.parent):
        if version_in(live) == blank.version:  # another process was faster
            return
        check(live, blank, str(path), name)
        with converted(live, path.parent, blank, name) as new:
            new.backup(live)
        _log.warning("the workspace %s was brought up to the tables of localsign %s", name, VERSION)


def check(old: sqlite3.Connection, blank: Blank, called: str, name: str) -> None:
    """Raise what keeps a database from being brought up; `called` is what the error calls it."""
    version = version_in(old)
    revision = revision_of(version)
    if revision > REVISION:
        raise ConflictError(
            f"{called} was written by a newer localsign{_maker(old)}: its tables have revision {revision}, and "
            f"this one knows them up to {REVISION}. Use that version, or delete the workspace.",
            code="other_version",
        )
    if version == 0 and not old.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise DamagedError.of(name, "its database is empty")
    if revision == 0:
        raise ConflictError(
            f"{called} was written by another version of localsign; use that version, or delete the file.",
            code="other_version",
        )
    if revision < REVISION and (
        missing := _names(schema_of(revision, blank)) - _names(set(old.execute(Blank.SCHEMA).fetchall()))
    ):
        raise DamagedError.of(name, f"its database lacks {', '.join(sorted(missing)[:5])}")


@contextmanager
def converted(raw: sqlite3.Connection, folder: Path, blank: Blank, name: str) -> Iterator[sqlite3.Connection]:
    """A world with the tables of today that has the rows of `raw`, which has been checked; made in `folder`."""
    with ExitStack() as stack:
        made = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder, prefix="upgrading-")))
        old = stack.enter_context(closing(_opened(made / "old.db")))
        new = stack.enter_context(closing(_opened(made / "new.db")))
        raw.backup(old)
        _convert(old, new, blank, name)
        yield new


def _convert(old: sqlite3.Connection, new: sqlite3.Connection, blank: Blank, name: str) -> None:
    """Fill `new`, which is empty, with the rows of `old`, which is changed on the way, and closed."""
    revision = revision_of(version_in(old))
    old.execute("PRAGMA foreign_keys = OFF")
    with closing(adopt(old)) as connection:
        if revision < REVISION:
            migrate(connection, revision)
        _fill(old, new, blank, name)


def _fill(old: sqlite3.Connection, new: sqlite3.Connection, blank: Blank, name: str) -> None:
    blank.copy_into(new)
    new.execute("PRAGMA foreign_keys = OFF")
    try:
        new.execute("BEGIN")
        for model in tables():
            _carry(old, new, str(model.__tablename__), name)
        new.execute("UPDATE world SET localsign = ?", (VERSION,))
        new.execute("COMMIT")
        broken = new.execute("PRAGMA foreign_key_check").fetchone()
    except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
        raise DamagedError.of(name, f"its rows do not fit the tables of this version ({error})") from error
    if broken is not None:
        raise DamagedError.of(name, f"its table {broken[0]} speaks of rows that are not there")


def schema_of(revision: int, blank: Blank) -> "set[tuple[str, ...]]":
    """Everything that a database of a revision declares, as SQLite keeps it."""
    if revision == REVISION:
        return blank.schema()
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.executescript(script_of(revision))
        return set(raw.execute(Blank.SCHEMA).fetchall())


def script_of(revision: int) -> str:
    """The statements that made the tables of a revision."""
    return (FOLDER / "schemas" / f"{revision:04}.sql").read_text(encoding="utf-8").rstrip("\n")


def is_released(version: int) -> bool:
    """Whether a `user_version` is that of a release before this one, whose tables are known to the letter."""
    revision = revision_of(version)
    return 0 < revision < REVISION and version == version_of(script_of(revision), revision)


def migrate(connection: Connection, revision: int) -> None:
    """Take the tables of a database from a revision to those of today, by our migrations."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _guard:
        command.stamp(config, f"{revision:04}")
        command.upgrade(config, "head")


def _carry(old: sqlite3.Connection, new: sqlite3.Connection, table: str, name: str) -> None:
    """Put the rows of a table into the new one of the same columns, in the order they were made."""
    columns, given = _columns(new, table), _columns(old, table)
    if set(columns) != set(given):
        odd = ", ".join(sorted(set(columns) ^ set(given)))
        raise DamagedError.of(name, f"its table '{table}' does not fit that of this version: it differs in {odd}")
    new.execute(f'DELETE FROM "{table}"')  # the samples that every new world has
    named = ", ".join(f'"{one}"' for one in columns)
    marks = ", ".join("?" * len(columns))
    found = old.execute(f'SELECT {named} FROM "{table}" ORDER BY rowid')
    while rows := found.fetchmany(_ROWS):
        new.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', rows)


def _columns(raw: sqlite3.Connection, table: str) -> list[str]:
    return [str(one[1]) for one in raw.execute(f'PRAGMA table_info("{table}")')]


def _opened(path: Path) -> sqlite3.Connection:
    """A database that is thrown away whatever happens."""
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    raw.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    return raw


def version_in(raw: sqlite3.Connection) -> int:
    """Which tables a database says that it has."""
    return int(raw.execute("PRAGMA user_version").fetchone()[0])


def _maker(raw: sqlite3.Connection) -> str:
    """The version that made a world, with a space in front; nothing where it does not say."""
    try:
        found = raw.execute("SELECT localsign FROM world").fetchone()
    except sqlite3.Error:
        return ""
    return f" {str(found[0])[:50]}" if found and found[0] else ""


def _names(schema: "set[tuple[str, ...]]") -> set[str]:
    return {f"the {kind} {name}" for kind, name, *_ in schema if not name.startswith("sqlite_")}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Of several processes, one at a time."""
    try:
        import fcntl
        import os
    except ImportError:  # a system without locks, where one process has the folder
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
