"""Bytes by digest. Rows hold the digest; equal bytes are kept once."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from localsign.core.errors import TooLargeError, WorldChangedError


@dataclass(frozen=True)
class Blob:
    """Stored bytes: their SHA-256 in lower-case hexadecimal, and how many they are."""

    digest: str
    size: int


class Blobs:
    """The files of one world, in `folder`, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """The file that holds the bytes of `digest`."""
        return self.folder / digest[:2] / digest

    def read(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()

    def keep(self, content: bytes) -> Blob:
        """Store `content`."""
        arriving = self._arriving()
        with arriving:
            arriving.write(content)
        return self._settle(Path(arriving.name), hashlib.sha256(content).hexdigest(), len(content))

    async def receive(self, chunks: AsyncIterator[bytes], limit: int) -> Blob:
        """Store a stream of up to `limit` bytes; TooLargeError as soon as it is longer, and nothing is kept."""
        digest, size = hashlib.sha256(), 0
        arriving = self._arriving()
        try:
            with arriving:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLargeError(f"The body is larger than {limit} bytes.")
                    digest.update(chunk)
                    arriving.write(chunk)
        except BaseException:
            Path(arriving.name).unlink(missing_ok=True)
            raise
        return self._settle(Path(arriving.name), digest.hexdigest(), size)

    def drop(self, digest: str) -> None:
        """Remove the bytes; the caller knows that no row refers to them."""
        self.path(digest).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all bytes; what arrives at this moment is refused with WorldChangedError."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _arriving(self) -> "tempfile._TemporaryFileWrapper[bytes]":
        self.folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self.folder, prefix="arriving-", delete=False)

    def _settle(self, arrived: Path, digest: str, size: int) -> Blob:
        target = self.path(digest)
        try:
            target.parent.mkdir(exist_ok=True)
            os.replace(arrived, target)  # noqa: PTH105  an atomic move, also over the same bytes
        except FileNotFoundError:  # `clear` was faster
            raise WorldChangedError from None
        return Blob(digest, size)
