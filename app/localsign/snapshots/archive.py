"""A snapshot as one file: written for a download, and read with suspicion from an upload."""

import hashlib
import json
import re
import sqlite3
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from localsign.core.clock import parse_instant, show
from localsign.core.errors import BadInputError, StorageFullError, TooLargeError, WorldChangedError
from localsign.core.failures import failure_of
from localsign.snapshots import older, store
from localsign.snapshots.checks import UnfitError, check_database
from localsign.snapshots.store import FORMAT, Snapshot
from localsign.workspace import Workspace

_BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_MOST_OF_MANIFEST = 64 * 1024
_MOST_OF_DIRECTORY = 16 * 1024 * 1024  # bytes of a zip's list of entries; read into memory as a whole
_CHUNK = 1024 * 1024
_UNREADABLE = (
    sqlite3.Error,
    UnfitError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    UnicodeError,
    RuntimeError,
    OSError,
)
_END = 22  # bytes of the record that a zip ends with


def pack(snapshot: Snapshot) -> BinaryIO:
    """The snapshot as a zip, in a file without a name, at its beginning."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        _pack(snapshot, packed)
        snapshot.check_there()
    except BaseException as error:
        packed.close()
        if isinstance(error, FileNotFoundError):
            snapshot.check_there()
        raise
    packed.seek(0)
    return cast(BinaryIO, packed)


def _pack(snapshot: Snapshot, packed: IO[bytes]) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_entry("manifest.json"), json.dumps(snapshot.manifest(), indent=1))
        files = {"world.db": snapshot.database}
        files |= {
            f"blobs/{digest[:2]}/{digest}": snapshot.blobs.path(digest) for digest in sorted(snapshot.blobs.digests())
        }
        for name, path in files.items():
            with path.open("rb") as source, archive.open(_entry(name), "w") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # dated 1980, so that equal snapshots are equal files
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def take_in(workspace: Workspace, name: str, path: Path) -> Snapshot:
    """The snapshot in the zip at `path`, which may be anything; BadInputError says what is wrong with it."""
    with store.making(workspace, name) as folder:
        try:
            _check_end(path)
            with zipfile.ZipFile(path) as archive:
                manifest = _unpack(archive, folder, workspace.house.settings.max_snapshot_bytes)
            older.bring_up(folder, manifest, workspace.house.blank, workspace.name)
            check_database(folder / "world.db", workspace.house.blank)
        except _UNREADABLE as error:
            if not (folder.exists() and path.exists()):
                raise WorldChangedError from None  # the workspace was reset or deleted, and so not read to its end
            if isinstance(failure_of(error, folder, name), StorageFullError):
                raise  # no fault of the file
            reason = str(error) if isinstance(error, UnfitError) else "is not a zip that can be read"
            raise BadInputError.of("body", reason) from None
        return store.place(workspace, folder, name, manifest)


def _check_end(path: Path) -> None:
    """Look at the end of the file before the list of entries is read: it says how long that is."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END - 20))
        tail = file.read()
    end = tail[-_END:]
    if len(end) < _END or end[:4] != b"PK\x05\x06" or end[-2:] != b"\0\0":
        raise UnfitError("is not a zip, or has a comment")
    if tail[:4] == b"PK\x06\x07" or int.from_bytes(end[12:16], "little") > _MOST_OF_DIRECTORY:
        raise UnfitError("is a zip with more entries than a snapshot has")


def _unpack(archive: zipfile.ZipFile, folder: Path, limit: int) -> dict[str, Any]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise UnfitError("has two entries with one name")
    for name in ("manifest.json", "world.db"):
        if name not in names:
            raise UnfitError(f"has no {name}")
    for entry in entries:
        if entry.filename not in ("manifest.json", "world.db") and not _BLOB.fullmatch(entry.filename):
            raise UnfitError(f"has an entry that no snapshot has: {entry.filename[:100]!r}")
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnfitError("has an entry that is encrypted, or packed in another way than deflate")
    if sum(entry.file_size for entry in entries) > limit:
        raise TooLargeError(f"Unpacked, the snapshot has more than {limit} bytes.")
    manifest = _manifest(archive)
    left = limit
    for entry in entries:
        if entry.filename != "manifest.json":
            left = _extract(archive, entry, folder / entry.filename, left)
    return manifest


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one entry out; returns how many bytes may still come, whatever the entries said of their sizes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooLargeError("Unpacked, the snapshot is too large.")
            digest.update(chunk)
            file.write(chunk)
    if entry.filename.startswith("blobs/") and digest.hexdigest() != target.name:
        raise UnfitError(f"has bytes that are not those of their name: {entry.filename}")
    return left


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    entry = archive.getinfo("manifest.json")
    if entry.file_size > _MOST_OF_MANIFEST:
        raise UnfitError("has a manifest that is too long")
    try:
        given = json.loads(archive.read(entry))
        text = {name: str(given[name])[:200] for name in ("localsign", "workspace")}
        json.dumps(text, ensure_ascii=False).encode()
        found = {"format": int(given["format"]), "schema": int(given["schema"]), "at": show(parse_instant(given["at"]))}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise UnfitError("has a manifest that is none") from None
    if found["format"] != FORMAT:
        raise UnfitError(f"has the format {found['format']}; this localsign reads {FORMAT}")
    return {**found, **text}
