"""Locks that the processes of one server have against one another. The system takes them from a process that dies."""

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

FOLDER = "locks"  # of a world that several processes share


class Held:
    """A lock on a file, until `release`, or until this object or its process is gone."""

    def __init__(self, handle: int | None, passing: Path | None = None) -> None:
        self._handle = handle
        self._passing = passing  # a file that goes with the lock

    def release(self) -> None:
        """Let others have it."""
        handle, self._handle = self._handle, None
        if handle is not None:
            if self._passing is not None:
                self._passing.unlink(missing_ok=True)
            os.close(handle)

    def __del__(self) -> None:
        self.release()


def take(path: Path, *, waits: bool) -> Held | None:
    """The lock on `path`, which is made; None where another has it and `waits` is false.

    Where there can be none, as the folder of the world is gone or takes no file, there is nobody to be kept out.
    """
    try:
        import fcntl

        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except (ImportError, OSError):
        return Held(None)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return Held(handle)


def take_new(folder: Path, name: str) -> Held:
    """A lock that nobody else has, on a file of its own whose name begins with `name`; see `is_taken`."""
    try:
        import fcntl

        folder.mkdir(mode=0o700, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix=f"{name}.", dir=folder)
    except (ImportError, OSError):
        return Held(None)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return Held(handle, Path(path))


def is_taken(folder: Path, name: str) -> bool:
    """Whether a process holds what `take_new` gave it; files of those that were killed go.

    Ask within a transaction of the world, as `take_new` is called: then no file is between being made and being held.
    """
    import fcntl

    for path in folder.glob(f"{name}.*"):
        try:
            handle = os.open(path, os.O_RDWR)
        except FileNotFoundError:  # let go at this moment
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
    return False


class Lock:
    """A lock of threads that, where `path` gives a file, is one of processes as well."""

    def __init__(self, path: Callable[[], Path | None]) -> None:
        self._path = path
        self._here = threading.Lock()
        self._held: Held | None = None

    def acquire(self, blocking: bool = True) -> bool:
        """Take it; whether it was had, which it always is in the end unless `blocking` is false."""
        if not self._here.acquire(blocking):
            return False
        try:
            path = self._path()
            held = None if path is None else take(path, waits=blocking)
        except BaseException:
            self._here.release()
            raise
        if path is not None and held is None:
            self._here.release()
            return False
        self._held = held
        return True

    def release(self) -> None:
        """Give it back, from whatever thread."""
        held, self._held = self._held, None
        if held is not None:
            held.release()
        self._here.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
