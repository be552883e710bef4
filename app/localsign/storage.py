"""Where the database of a world is: in memory, or in a file that other processes may have open as well."""

import sqlite3
from pathlib import Path
from typing import Any

from localsign.core.database import Blank
from localsign.core.errors import WorldChangedError


class Storage:
    """The database of one world, in `folder`; None keeps it in memory, where it ends with its connection."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder and folder / "world.db"
        self._inode: int | None = None

    def open(self, blank: Blank, world: dict[str, Any]) -> sqlite3.Connection:
        """A connection; where there is no world yet, to a new one with the row `world`.

        WorldChangedError where there is another one than before.
        """
        if self._path is None:
            return blank.in_memory()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds secrets and keys
        raw = blank.in_file(self._path, world)
        inode = self._found()
        if self._inode not in (None, inode):
            raw.close()
            raise WorldChangedError
        self._inode = inode
        return raw

    def is_current(self) -> bool:
        """Whether the file is still the one that was opened; another process may have ended the world."""
        found = self._found()
        return self._path is None or (found is not None and self._inode in (None, found))

    def _found(self) -> int | None:
        try:
            return self._path.stat().st_ino if self._path is not None else None
        except FileNotFoundError:
            return None
