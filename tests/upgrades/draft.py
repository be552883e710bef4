"""Writes down what a changed table needs: `make migration`.

It runs the migrations that there are on the tables of the last release, compares what comes out with the models, and
appends what is missing to the newest migration; then it writes `schemas/<revision>.sql`. Look at what it wrote: a
rename is a column that went and one that came, and what has to become of the rows only you know.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel.sql.sqltypes import AutoString

from localsign.apis import import_tables
from localsign.core.database import REVISION, Json, Moment, State, Stored, schema_script
from localsign.upgrades import upgrading

HERE = Path(__file__).parent
SPELLINGS: tuple[tuple[type[Any], str], ...] = (
    (Moment, "sa.BigInteger()"),
    (State, "sa.String()"),
    (Json, "sa.Text()"),
    (AutoString, "sa.String()"),
)
TEMPLATE = '''"""The tables of the release after {after}."""

import sqlalchemy as sa
from alembic import op

revision = "{new:04}"
down_revision = "{old:04}"


def upgrade() -> None:
    """What changed since."""
'''


def released() -> dict[int, str]:
    """The releases that have a data folder here, by the revision of their tables."""
    found = [json.loads(path.read_text()) for path in HERE.glob("*/expected.json")]
    return {one["revision"]: one["version"] for one in found}


@contextmanager
def migrated(revision: int) -> Iterator[Connection]:
    """An empty database with the tables of a revision, after all migrations that follow it."""
    raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    raw.executescript(upgrading.script_of(revision))
    engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: raw)
    with engine.connect() as connection:
        if revision < REVISION:
            upgrading.migrate(connection, revision)
        yield connection
    engine.dispose()


def missing(revision: int) -> str:
    """What the migrations from a revision on do not do, as Python; empty where they lead to the tables of today."""
    import_tables()
    with migrated(revision) as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        script = produce_migrations(context, Stored.metadata)
        assert script.upgrade_ops is not None
        if script.upgrade_ops.is_empty():
            return ""
        code = render_python_code(script.upgrade_ops, render_as_batch=True, render_item=_spelled)
        return dedent("\n".join(line for line in code.splitlines() if line.strip() and "###" not in line))


def _spelled(kind: str, item: Any, _context: Any) -> Any:
    if kind == "type":
        for special, spelling in SPELLINGS:
            if isinstance(item, special):
                return spelling
    return False


def main() -> int:
    import_tables()
    schema = upgrading.FOLDER / "schemas" / f"{REVISION:04}.sql"
    if REVISION in released() and schema.read_text(encoding="utf-8").rstrip("\n") != schema_script():
        print(f"Revision {REVISION} was released. Raise REVISION in core/database.py, and run this again.")  # noqa: T201
        return 1
    path = upgrading.FOLDER / "versions" / f"v{REVISION:04}.py"
    if not path.exists():
        last = released().get(REVISION - 1, f"revision {REVISION - 1}")
        path.write_text(TEMPLATE.format(after=last, new=REVISION, old=REVISION - 1), encoding="utf-8")
    if lines := missing(REVISION - 1):
        with path.open("a", encoding="utf-8") as file:
            file.write(indent(lines, "    ") + "\n")
        print(f"Look at what was added to {path}; then run `make format`.")  # noqa: T201
    schema.write_text(schema_script() + "\n", encoding="utf-8")
    print(f"{schema} says what the tables are.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
