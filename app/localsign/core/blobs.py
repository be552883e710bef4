"""Bytes by digest. Rows hold the digest; equal bytes are kept once."""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from localsign.core.errors import ApiError, DamagedError, StorageError, TooLargeError, WorldChangedError
from localsign.core.failures import told

_RACE = 300.0  # seconds after a reset in which somebody may still ask for bytes of before
_MOST_REMEMBERED = 10_000  # digests of what was removed
_log = logging.getLogger("localsign.blobs")


@dataclass(frozen=True)
class Blob:
    """Stored bytes: their SHA-256 in lower-case hexadecimal, and how many they are."""

    digest: str
    size: int


@dataclass(frozen=True)
class Arrived:
    """Bytes that are there and do not count yet: a transaction keeps them, or they are discarded."""

    path: Path
    blob: Blob

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


class Blobs:
    """The files of one world, in `folder`, which is made when the first one comes.

    Bytes are kept and dropped in transactions only, so that no row ever refers to bytes that another one has dropped.
    """

    def __init__(self, folder: Path, name: str = "", *, makes_parents: bool = True, is_shared: bool = False) -> None:
        self.folder = folder
        self.name = name or folder.parent.name  # of the world, for errors
        self._makes_parents = makes_parents  # else the world is gone where its folder is
        self._is_shared = is_shared  # other processes remove bytes as well
        self._removed: set[str] = set()
        self._emptied_at = -_RACE
        self.is_closed = False  # once the world has been deleted, nothing arrives any more

    def path(self, digest: str) -> Path:
        """The file that holds the bytes of `digest`. WorldChangedError if they have just been removed.

        DamagedError where nobody removed them, and they are not there.
        """
        found = self._path(digest)
        if not found.exists():
            raise self._lack(digest)
        return found

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _lack(self, digest: str) -> ApiError:
        is_race = self.is_closed or self._is_shared or digest in self._removed
        if is_race or monotonic() - self._emptied_at < _RACE:
            return WorldChangedError()
        return DamagedError.of(self.name, f"the bytes with the digest {digest} are missing")

    def read(self, digest: str) -> bytes:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise self._lack(digest) from None

    def open(self, digest: str) -> BinaryIO:
        """The bytes, to be read even if they are dropped, or the world is reset, meanwhile."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise self._lack(digest) from None

    def sweep(self, held: set[str]) -> None:
        """Remove what a process left that was killed: bytes that no row holds, and what it had not kept yet.

        `held` has the digests that rows hold. For a world in which nothing is under way.
        """
        found = {path.name: path for path in self.folder.glob("??/*")}
        for path in (*self.folder.glob("arriving-*"), *(found[name] for name in found.keys() - held)):
            path.unlink(missing_ok=True)
        if lost := held - found.keys():
            _log.warning("bytes are missing in %s: %s", self.folder, ", ".join(sorted(lost)[:10]))

    async def receive(self, chunks: AsyncIterator[bytes], limit: int) -> Arrived:
        """Take in a stream of up to `limit` bytes; TooLargeError as soon as it is longer, and nothing is left."""
        digest, size = hashlib.sha256(), 0
        arriving = self._arriving()
        try:
            with told(self.folder, self.name), arriving:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLargeError(f"The body is larger than {limit} bytes.")
                    digest.update(chunk)
                    arriving.write(chunk)
        except BaseException:
            Path(arriving.name).unlink(missing_ok=True)
            raise
        return Arrived(Path(arriving.name), Blob(digest.hexdigest(), size))

    def take(self, content: bytes) -> Arrived:
        """Take in `content`."""
        arriving = self._arriving()
        try:
            with told(self.folder, self.name), arriving:
                arriving.write(content)
        except StorageError:
            Path(arriving.name).unlink(missing_ok=True)
            raise
        return Arrived(Path(arriving.name), Blob(hashlib.sha256(content).hexdigest(), len(content)))

    def keep(self, arrived: Arrived) -> Blob:
        """Store what arrived; equal bytes that are there already are replaced by themselves."""
        target = self._path(arrived.blob.digest)
        self._removed.discard(arrived.blob.digest)
        try:
            target.parent.mkdir(exist_ok=True)
            os.replace(arrived.path, target)  # noqa: PTH105  an atomic move
        except FileNotFoundError:  # `clear` was faster
            raise WorldChangedError from None
        return arrived.blob

    def drop(self, digest: str) -> None:
        """Remove the bytes; the caller knows that no row refers to them."""
        if len(self._removed) >= _MOST_REMEMBERED:
            self._removed.clear()
        self._removed.add(digest)
        self._path(digest).unlink(missing_ok=True)

    def copy_to(self, other: "Blobs") -> set[str]:
        """Give all kept bytes to `other` as well; their digests.

        Files are linked, which is safe as none is ever written to again. WorldChangedError if one is removed meanwhile.
        """
        copied = set()
        for path in self.folder.glob("??/*"):
            target = other._path(path.name)
            copied.add(path.name)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(path, target)
            except FileNotFoundError:
                raise WorldChangedError from None
        return copied

    def digests(self) -> set[str]:
        """What is kept."""
        return {path.name for path in self.folder.glob("??/*")}

    def keep_only(self, digests: set[str]) -> None:
        """Remove all other bytes, and what arrives at this moment, which is refused then as by `clear`."""
        self._emptied_at = monotonic()
        for path in (*self.folder.glob("??/*"), *self.folder.glob("arriving-*")):
            if path.name not in digests:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all bytes; what arrives at this moment is refused with WorldChangedError."""
        self._emptied_at = monotonic()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _arriving(self) -> "tempfile._TemporaryFileWrapper[bytes]":
        if self.is_closed:
            raise WorldChangedError
        try:
            with told(self.folder, self.name):
                self.folder.mkdir(parents=self._makes_parents, exist_ok=True)
                return tempfile.NamedTemporaryFile(dir=self.folder, prefix="arriving-", delete=False)
        except (FileNotFoundError, FileExistsError):  # `clear` removes the folder at this moment
            raise WorldChangedError from None


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except FileExistsError:
        return
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        shutil.copyfile(path, target)
