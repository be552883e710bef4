"""Where the snapshots of a world are: each a folder with its database, its bytes and a manifest."""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from localsign.core.blobs import Blobs
from localsign.core.clock import show
from localsign.core.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    StorageError,
    TooLargeError,
    WorldChangedError,
)
from localsign.core.failures import told
from localsign.core.ids import Ids
from localsign.core.leaving import leave_to
from localsign.core.work import Work
from localsign.version import VERSION
from localsign.workspace import Workspace

FORMAT = 1
MOST = 100
_MANIFEST = "manifest.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True)
class Snapshot:
    """A world as it was. `at` is what its clock showed, `schema` the version of its tables, `size` in bytes."""

    name: str
    folder: Path
    workspace: str
    at: str
    localsign: str
    schema: int
    size: int

    @property
    def database(self) -> Path:
        return self.folder / "world.db"

    @property
    def blobs(self) -> Blobs:
        return Blobs(self.folder / "blobs")

    def manifest(self) -> dict[str, Any]:
        """What travels with it."""
        return {
            "format": FORMAT,
            "localsign": self.localsign,
            "schema": self.schema,
            "workspace": self.workspace,
            "at": self.at,
        }

    @property
    def is_there(self) -> bool:
        """Whether nothing of it has been removed."""
        return (self.folder / _MANIFEST).exists()

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Its database, to be read. NotFoundError, also for what is done meanwhile, if it is removed."""
        try:
            with closing(read_only(self.database)) as raw:
                yield raw
        except (OSError, sqlite3.Error, WorldChangedError):
            self.check_there()
            raise

    def check_there(self) -> None:
        """Raise NotFoundError if it is removed meanwhile."""
        if not self.is_there:
            raise NotFoundError(f"The snapshot '{self.name}' was just deleted.", code="snapshot_not_found")


def read_only(path: Path) -> sqlite3.Connection:
    """A database file that nobody writes to."""
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def check_name(name: str) -> str:
    """`name`, if it can be that of a snapshot."""
    if not _NAME.fullmatch(name):
        raise BadInputError.of(
            "name", "must be 1 to 63 of a-z, 0-9, '.', '_' and '-', and begin with a letter or a digit"
        )
    return name


def listed(workspace: Workspace) -> list[Snapshot]:
    """Every snapshot of the workspace, by name."""
    found = (_read(_folder(workspace) / name) for name in _names(workspace))
    return [one for one in found if one is not None]


def _names(workspace: Workspace) -> list[str]:
    found = (path.parent.name for path in _folder(workspace).glob(f"*/{_MANIFEST}"))
    return sorted(name for name in found if _NAME.fullmatch(name))


def find(workspace: Workspace, name: str) -> Snapshot:
    """The snapshot called `name`; NotFoundError where there is none."""
    found = _read(_folder(workspace) / name) if _NAME.fullmatch(name) else None
    if found is None:
        known = ", ".join(_names(workspace)) or "none"
        raise NotFoundError(f"There is no snapshot called '{name}'. There are: {known}.", code="snapshot_not_found")
    return found


def save(workspace: Workspace, name: str | None) -> Snapshot:
    """Keep the world as it is now; the name is made up if not given. Bytes are linked, not copied."""
    limit = workspace.house.settings.max_snapshot_bytes
    with making(workspace, name) as folder:
        with closing(sqlite3.connect(folder / "world.db", isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous = OFF")
            workspace.copy_to(raw, Blobs(folder / "blobs"))
            raw.execute("PRAGMA journal_mode = DELETE")
        if (size := _size(folder)) > limit:
            raise TooLargeError(
                f"The world has {size} bytes, more than the {limit} that a snapshot may have; "
                "raise LOCALSIGN_MAX_SNAPSHOT_BYTES."
            )
        manifest = {
            "format": FORMAT,
            "localsign": VERSION,
            "schema": workspace.house.blank.version,
            "workspace": workspace.name,
            "at": show(workspace.clock.now()),
        }
        return place(workspace, folder, name, manifest)


@contextmanager
def making(workspace: Workspace, name: str | None) -> Iterator[Path]:
    """A folder in which a snapshot is made; what is left in it in the end goes.

    WorldChangedError if the workspace, and the folder with it, is deleted meanwhile.
    """
    if name is not None:
        check_name(name)
    known = _names(workspace)
    if len(known) >= MOST:
        raise ConflictError(
            f"The workspace has {len(known)} snapshots, which is the limit; delete some.", code="too_many_snapshots"
        )
    if name in known:
        raise _taken(str(name))
    made = _folder(workspace) / f".making-{Ids(None).hex(6)}"
    try:
        with told(workspace.folder, workspace.name):
            made.mkdir(mode=0o700, parents=True)
            yield made
    except (OSError, sqlite3.Error, StorageError):
        if not made.exists():
            raise WorldChangedError from None
        raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def place(workspace: Workspace, made: Path, name: str | None, manifest: dict[str, Any]) -> Snapshot:
    """Take in the snapshot in the folder `made`; its name is made up if not given."""
    (made / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    name = name or f"s-{Ids(None).hex(6)}"
    try:
        os.rename(made, _folder(workspace) / name)  # noqa: PTH104  refuses a folder that has something in it
    except OSError:
        if not made.exists():
            raise
        raise _taken(name) from None
    return find(workspace, name)


def restore(workspace: Workspace, snapshot: Snapshot) -> None:
    """Make the world what it was, time and credentials included; whole or not at all.

    What was on its way then is sent again, unless the snapshot is of another workspace, which sends it itself.
    """
    is_own = snapshot.workspace == workspace.name

    def settle(work: Work) -> None:
        if not is_own:
            leave_to(work, original=snapshot.workspace)
        if workspace.house.resume is not None:
            workspace.house.resume(work, None if is_own else snapshot.workspace)

    with workspace.travelling, opened(workspace, snapshot) as raw, workspace.exclusively():
        snapshot.blobs.copy_to(workspace.blobs)
        snapshot.check_there()  # else what was removed first was not copied, and the world would lack its bytes
        workspace.become(raw, snapshot.blobs, settle=settle)


@contextmanager
def opened(workspace: Workspace, snapshot: Snapshot) -> Iterator[sqlite3.Connection]:
    """The database of a snapshot, in a copy with the tables of today where it has others.

    ConflictError where they are those of a newer localsign.
    """
    blank = workspace.house.blank
    with snapshot.opened() as raw:
        if snapshot.schema == blank.version:
            yield raw
            return
        from localsign.upgrades.upgrading import check, converted

        check(raw, blank, f"The snapshot '{snapshot.name}'", workspace.name)
        with converted(raw, snapshot.folder.parent, blank, workspace.name) as new:
            yield new


def delete(workspace: Workspace, name: str) -> None:
    """Remove a snapshot."""
    found = find(workspace, name)
    gone = found.folder.with_name(f".gone-{Ids(None).hex(6)}")
    try:
        found.folder.rename(gone)
    except FileNotFoundError:  # somebody else was faster
        found.check_there()
        raise
    shutil.rmtree(gone, ignore_errors=True)


def _folder(workspace: Workspace) -> Path:
    return workspace.folder / "snapshots"


def _taken(name: str) -> ConflictError:
    return ConflictError(f"There is a snapshot called '{name}' already; delete it first.", code="snapshot_exists")


def _read(folder: Path) -> Snapshot | None:
    """The snapshot in `folder`; None where there is none, or none any more."""
    try:
        size = _size(folder)
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))  # last: it is there, so all was counted
    except FileNotFoundError:
        return None
    return Snapshot(
        name=folder.name,
        folder=folder,
        workspace=manifest["workspace"],
        at=manifest["at"],
        localsign=manifest["localsign"],
        schema=manifest["schema"],
        size=size,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
