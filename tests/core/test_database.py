"""Where rows live: typed columns, the blank world, and one statement cache for all worlds."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col, select, update

from localsign.apis import APIS
from localsign.core.database import Blank, Json, Moment, State, schema_script
from localsign.core.errors import ConflictError
from localsign.core.work import Work
from localsign.sandbox import Sandbox
from localsign.sign.lifecycle import DocumentState
from localsign.sign.models import Document
from localsign.storage import Storage
from localsign.workspace import Workspace

DIALECT = DefaultDialect()


class Colour(StrEnum):
    RED = "red-ish"
    BLUE = "blue"


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    sandbox = Sandbox()
    yield sandbox.create()
    sandbox.close()


def a_document(work: Work, state: Any = DocumentState.UNASSIGNED) -> Document:
    document = Document(
        id=work.new_id(), state=state, mime_type="text/plain", digest="0", size=1, created_at=work.now, title="t"
    )
    work.db.add(document)
    return document


# ---- states (trap 7: table models do not validate)


def write_bogus(workspace: Workspace) -> None:
    with workspace.work() as work:
        a_document(work, state=cast(DocumentState, "BOGUS"))


def test_a_state_that_is_none_is_refused_by_the_column(workspace: Workspace) -> None:
    with pytest.raises(StatementError, match="'BOGUS' is not a valid DocumentState"):
        write_bogus(workspace)


@pytest.mark.parametrize("statement", ["UPDATE document SET state = 'BOGUS'", "UPDATE document SET state = NULL"])
def test_a_state_that_is_none_is_refused_by_the_database_itself(workspace: Workspace, statement: str) -> None:
    with workspace.work() as work:
        a_document(work)

    def write() -> None:
        with workspace.work() as work:
            work.connection.execute(text(statement))

    with pytest.raises(IntegrityError, match="constraint failed"):
        write()


def test_every_state_column_has_its_check() -> None:
    for entry in APIS:
        entry.import_tables()
    script = schema_script()
    for table in ("document", "signing_session", "document_collection", "package"):
        body = script.partition(f"CREATE TABLE {table} (")[2].partition(";")[0]
        assert "CHECK (state IN (" in body, table


def test_a_state_is_stored_by_its_value() -> None:
    column = State(Colour)
    assert column.process_bind_param(Colour.RED, DIALECT) == "red-ish"
    assert column.process_result_value("red-ish", DIALECT) is Colour.RED
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None


# ---- moments and JSON


def test_a_moment_is_stored_as_a_number_that_sorts() -> None:
    column = Moment()
    moments = [
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2030, 1, 1, 0, 0, 0, 1, UTC),
    ]
    stored = [column.process_bind_param(moment, DIALECT) for moment in moments]
    assert stored == [-86_400_000_000, 0, 1_893_456_000_000_001]
    assert [column.process_result_value(one, DIALECT) for one in stored] == moments
    assert column.process_bind_param(None, DIALECT) is None


def test_json_is_stored_as_it_is() -> None:
    column = Json()
    values: list[Any] = [{"ø": [1, None, True, "x"]}, [], "text", 0, False]
    for value in values:
        stored = column.process_bind_param(value, DIALECT)
        assert column.process_result_value(stored, DIALECT) == value
    assert column.process_bind_param(None, DIALECT) is None


def test_what_is_stored_is_read_again(workspace: Workspace) -> None:
    with workspace.work() as work:
        document = a_document(work)
        document_id, created = document.id, document.created_at
    with workspace.work() as work:
        for found in (work.get(Document, document_id), work.glance(Document, document_id)):
            assert (found.created_at, found.state, found.title) == (created, DocumentState.UNASSIGNED, "t")
        work.db.exec(update(Document).where(col(Document.id) == document_id).values(state=DocumentState.DELETED))
        assert work.db.exec(select(Document.state).where(Document.id == document_id)).one() is DocumentState.DELETED


# ---- the blank world


@pytest.fixture
def blank() -> Iterator[Blank]:
    blank = Blank()
    yield blank
    blank.close()


def test_worlds_in_memory_are_apart(blank: Blank) -> None:
    first, second = blank.in_memory(), blank.in_memory()
    first.execute("INSERT INTO choice VALUES ('a', 'b')")
    assert second.execute("SELECT count(*) FROM choice").fetchone() == (0,)
    for raw in (first, second):
        raw.close()


def test_a_world_in_a_file_is_there_when_it_is_opened_again(blank: Blank, tmp_path: Path) -> None:
    first = blank.lay(tmp_path / "world.db")
    first.execute("INSERT INTO choice VALUES ('a', 'b')")
    first.close()
    second = blank.in_file(tmp_path / "world.db")
    assert second.execute("SELECT value FROM choice").fetchone() == ("b",)
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert second.execute("PRAGMA foreign_keys").fetchone() == (1,)
    second.close()


def test_a_file_of_another_version_is_refused_and_left_alone(blank: Blank, tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE mine (x)")
    raw.execute("PRAGMA user_version = 1")
    raw.close()
    with pytest.raises(ConflictError, match="use that version, or delete the file"):
        Storage(tmp_path).open(blank)
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    raw.close()


def test_the_version_follows_the_tables() -> None:
    blanks = [Blank(), Blank()]
    assert blanks[0].version == blanks[1].version > 0
    for blank in blanks:
        blank.close()


def test_the_tables_of_a_host_project_are_none_of_ours() -> None:
    from sqlmodel import SQLModel

    assert not set(SQLModel.metadata.tables) & {"document", "world", "client"}
