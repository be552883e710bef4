"""Where the database of a world is: in memory, or in a file that other processes may have open as well."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from localsign.core.database import Blank
from localsign.core.errors import DamagedError, WorldChangedError

_PAGES = 50  # copied at once; a world has more, so that there are several steps


class Storage:
    """The database of one world, in `folder`; None keeps it in memory, where it ends with its connection.

    `is_new`: there is none yet; it is made when it is first opened, quickly, and is like others after `settle`.
    """

    def __init__(self, folder: Path | None, *, is_new: bool = False) -> None:
        self._path = folder and folder / "world.db"
        self._is_new = is_new
        self._inode: int | None = None

    @property
    def is_file(self) -> bool:
        return self._path is not None

    def open(self, blank: Blank) -> sqlite3.Connection:
        """A connection.

        WorldChangedError where the file is gone, or is another one than before. ConflictError and DamagedError where
        it is none that this localsign can open.
        """
        if self._path is None:
            return blank.in_memory()
        if self._is_new:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds secrets and keys
            self._is_new = False
            return blank.lay(self._path)
        inode = self._found()
        if inode is None or self._inode not in (None, inode):
            raise WorldChangedError
        raw = blank.in_file(self._path)
        try:
            raw = self._fitting(raw, blank, self._path)
        except BaseException:
            raw.close()
            raise
        self._inode = inode
        return raw

    def _fitting(self, raw: sqlite3.Connection, blank: Blank, path: Path) -> sqlite3.Connection:
        """`raw`, if its tables are ours, or have become so."""
        [found] = raw.execute("PRAGMA user_version").fetchone()
        if found != blank.version:
            from localsign.upgrades.upgrading import bring_up

            bring_up(raw, path, blank)
        if set(raw.execute(Blank.SCHEMA).fetchall()) != blank.schema():
            raise DamagedError.of(path.parent.name, "it lacks tables that it must have")
        return raw

    def replace(self, live: sqlite3.Connection, other: sqlite3.Connection, version: int | None) -> None:
        """Copy `other` over the database that is open as `live`, whole or not at all.

        `version`: the `data_version` that was seen; WorldChangedError where another process has written since. It is 0
        where no other process can, and None where that does not matter.
        """
        if not version or self._path is None:
            other.backup(live)
            return
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=10)) as witness:
            seen = _data_version(witness)

            def check(status: int, *_: int) -> None:
                # From the first step on the file is locked, so that what was not written by now, cannot be any more.
                if status == sqlite3.SQLITE_OK and _data_version(witness) != seen:
                    raise WorldChangedError

            if _data_version(live) != version:
                raise WorldChangedError
            other.backup(live, pages=_PAGES, progress=check)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Within, nobody writes to the file: those who want to, in whatever process, wait."""
        if self._path is None:
            yield
            return
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=10)) as witness:
            witness.execute("BEGIN IMMEDIATE")
            yield

    def settle(self, folder: Path) -> None:
        """The file, which is closed, has been moved to `folder`."""
        self._path = folder / "world.db"
        self._inode = self._found()

    def is_current(self) -> bool:
        """Whether the file is still the one that was opened; another process may have ended the world."""
        found = self._found()
        return self._path is None or (found is not None and self._inode in (None, found))

    def _found(self) -> int | None:
        try:
            return self._path.stat().st_ino if self._path is not None else None
        except FileNotFoundError:
            return None


def _data_version(raw: sqlite3.Connection) -> int:
    """What changes when another connection writes."""
    return int(raw.execute("PRAGMA data_version").fetchone()[0])
