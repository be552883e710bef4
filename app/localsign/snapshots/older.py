"""Uploaded snapshots that an older localsign made, brought up to the tables of this one before they are taken in."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from localsign.core.database import Blank, revision_of
from localsign.core.errors import ConflictError
from localsign.snapshots.checks import check_tables
from localsign.snapshots.store import read_only


def bring_up(folder: Path, manifest: dict[str, Any], blank: Blank, name: str) -> None:
    """Give an unpacked upload, which may be anything, the tables of today, and say so in its manifest.

    ConflictError unless it says that a released version made it; UnfitError where it has not the tables of that.
    """
    if manifest["schema"] == blank.version:
        return
    from localsign.upgrades.upgrading import converted, is_released, schema_of

    if not is_released(manifest["schema"]):
        raise ConflictError(
            f"The snapshot was made by localsign {manifest['localsign']}, whose tables are others, and no release that "
            "is older than this one.",
            code="other_version",
        )
    path = folder / "world.db"
    with closing(read_only(path)) as raw:
        check_tables(raw, blank, schema_of(revision_of(manifest["schema"]), blank), manifest["schema"])
        with converted(raw, folder, blank, name) as new, closing(sqlite3.connect(folder / "new.db")) as made:
            new.backup(made)
    (folder / "new.db").replace(path)
    manifest["schema"] = blank.version
