"""What is different between two worlds: rows, by table, and bytes, by digest. Secrets are never shown."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from localsign.core.clock import show
from localsign.core.database import Stored, adopt
from localsign.snapshots.store import Snapshot, opened
from localsign.workspace import Workspace

MOST_ROWS = 200  # of each kind and table
_MOST_TEXT = 2000
_SECRET = re.compile(
    r"(^|_|-)(secrets?|passwords?|pem|tokens?|jwks|credentials?|otp|pin|authorization)(_hash)?$", re.IGNORECASE
)
_OURS = ("epoch", "localsign")  # how often the workspace became another world, and which version made it
_HIDDEN = "(secret)"

Row = dict[str, Any]


@dataclass
class TableDiff:
    """What changed in one table; `changed` has the key and, by member, the values before and after."""

    table: str
    added: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Diff:
    """The tables that differ, and the digests of bytes that came and went."""

    tables: list[TableDiff]
    added: list[str]
    removed: list[str]


def compare(workspace: Workspace, before: Snapshot, after: Snapshot | None) -> Diff:
    """What leads from `before` to `after`, or to the world as it is now."""
    later = _now(workspace) if after is None else opened(workspace, after)
    with opened(workspace, before) as first, later as second:
        tables = _tables(adopt(first), adopt(second))
        kept = before.blobs.digests(), (workspace if after is None else after).blobs.digests()
        for one in (before, after):
            if one is not None:
                one.check_there()
    return Diff(tables, sorted(kept[1] - kept[0]), sorted(kept[0] - kept[1]))


@contextmanager
def _now(workspace: Workspace) -> Iterator[sqlite3.Connection]:
    with closing(workspace.house.blank.in_memory()) as raw:
        workspace.copy_to(raw)
        yield raw


def _tables(before: Connection, after: Connection) -> list[TableDiff]:
    found = []
    try:
        for table in Stored.metadata.sorted_tables:
            diff = _of_table(table.name, _rows(before, table), _rows(after, table))
            if any(diff.counts.values()):
                found.append(diff)
    finally:
        before.close()
        after.close()
    return found


def _of_table(name: str, before: dict[str, Row], after: dict[str, Row]) -> TableDiff:
    added = [key for key in after if key not in before]
    removed = [key for key in before if key not in after]
    changed = [key for key in before if key in after and before[key] != after[key]]
    return TableDiff(
        table=name,
        added=[_shown(after[key]) for key in added[:MOST_ROWS]],
        removed=[_shown(before[key]) for key in removed[:MOST_ROWS]],
        changed=[_changes(key, before[key], after[key]) for key in changed[:MOST_ROWS]],
        counts={"added": len(added), "removed": len(removed), "changed": len(changed)},
    )


def _rows(connection: Connection, table: Table) -> dict[str, Row]:
    """The rows by the key that the API has for them: the id, else the primary key."""
    key = table.c["id"] if "id" in table.c else next(iter(table.primary_key.columns))
    rows = connection.execute(select(table)).mappings().all()
    return {str(row[key.name]): {name: row[name] for name in row if name not in _OURS} for row in rows}


def _changes(key: str, before: Row, after: Row) -> Row:
    members = {
        name: {"before": _value(name, before[name]), "after": _value(name, after[name])}
        for name in before
        if before[name] != after[name]
    }
    return {"key": key, "members": members}


def _shown(row: Row) -> Row:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    shown: Any = value
    if value is not None and _SECRET.search(name):
        shown = _HIDDEN
    elif isinstance(value, datetime):
        shown = show(value)
    elif isinstance(value, UUID):
        shown = str(value)
    elif isinstance(value, StrEnum):
        shown = value.value
    elif isinstance(value, bytes):
        shown = {"bytes": len(value), "sha256": sha256(value).hexdigest()}
    elif isinstance(value, dict):
        shown = {str(inner): _value(str(inner), one) for inner, one in value.items()}
    elif isinstance(value, list):
        shown = [_value("", one) for one in value]
    elif isinstance(value, str) and len(value) > _MOST_TEXT:
        shown = value[:_MOST_TEXT] + "…"
    return shown
