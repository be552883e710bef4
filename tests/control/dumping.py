"""All that a world holds, for comparing worlds."""

from typing import Any

from sqlalchemy import text

from localsign.core.database import tables
from localsign.workspace import Workspace

Dump = dict[str, list[tuple[Any, ...]]]


def dump(workspace: Workspace) -> Dump:
    """Every row of every table as it is stored, and the bytes by digest; not how often it became another world."""
    with workspace.work() as work:
        rows = {
            str(model.__tablename__): sorted(
                (
                    tuple(value for name, value in row.items() if name != "epoch")
                    for row in work.connection.execute(text(f'SELECT * FROM "{model.__tablename__}"')).mappings()
                ),
                key=repr,
            )
            for model in tables()
        }
    return {**rows, "bytes": sorted((digest,) for digest in workspace.blobs.digests())}


def ids_in(workspace: Workspace) -> set[str]:
    """Every id of every row, as the wire shows it, except those of the kernel's own tables."""
    found: set[str] = set()
    with workspace.work() as work:
        for model in tables():
            if "id" in model.model_fields and model.__tablename__ not in ("world", "timer", "announcement"):
                found |= {str(row.id) for row in work.everything(model)}  # type: ignore[attr-defined]
    return {one for one in found if len(one) >= 16}
