"""What keeps a world from being read or written and is no fault of a request: a full disk, a damaged file, a lock.

Whoever opens, reads or writes a world does it within `told`, so that clients get a sentence and no traceback.
"""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from localsign.core.errors import DamagedError, StorageError, StorageFullError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE}
_LITTLE = 1 << 20  # bytes; with fewer left, what SQLite calls an I/O error is a full disk
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CLOSED = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
_LACKING = ("no such table", "no such column")


@contextmanager
def told(folder: Path, name: str) -> Iterator[None]:
    """Raise StorageError in the place of what the database or the file system of a world says."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        failure = failure_of(error, folder, name)
        if failure is None:
            raise
        raise failure from error


def failure_of(error: BaseException, folder: Path, name: str) -> StorageError | None:
    """The error that says what is wrong with the world `name` in `folder`; None if `error` is of another kind."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _of_database(cause, folder, name)
    if isinstance(cause, OSError) and cause.errno in FULL:
        return _full(name)
    if isinstance(cause, OSError) and cause.errno in _REFUSED:
        return _closed(name, cause.strerror or str(cause))
    return None


def _of_database(error: sqlite3.Error, folder: Path, name: str) -> StorageError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code in _CLOSED and _is_full(folder)):
        return _full(name)
    if code in _CLOSED:
        return _closed(name, str(error))
    if code in _BUSY:
        return StorageError(
            f"Another process has had the database of the workspace '{name}' for long; nothing was written. Try again.",
            code="workspace_busy",
            headers={"Retry-After": "1"},
        )
    if code in _DAMAGED or str(error).startswith(_LACKING):
        return DamagedError.of(name, str(error))
    return None


def _full(name: str) -> StorageFullError:
    return StorageFullError(
        f"There is no space left for the workspace '{name}'; nothing was written, and what was there still is. "
        "Make room in the data folder and try again."
    )


def _closed(name: str, reason: str) -> StorageError:
    return StorageError(
        f"The files of the workspace '{name}' cannot be used ({reason}); nothing was written. "
        "Look at the permissions of the data folder and at its disk."
    )


def _is_full(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free < _LITTLE
    except OSError:
        return False
