"""Several processes on one data folder: what one of them ends, none of them goes on with."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from localsign.core.database import Blank
from localsign.core.errors import NotFoundError, WorldChangedError
from localsign.core.work import Slow, Work
from localsign.sandbox import Sandbox
from localsign.settings import Settings


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Sandbox, Sandbox]]:
    """Two sandboxes on one folder, as two processes have them."""
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    yield one, other
    one.close()
    other.close()


def test_a_name_is_free_again_wherever_its_workspace_was_deleted(both: tuple[Sandbox, Sandbox]) -> None:
    one, other = both
    one.create("again")
    other.delete("again")
    assert one.create("again").name == "again"
    assert other.find("again").name == "again"


def test_a_world_that_another_process_ended_is_forgotten(both: tuple[Sandbox, Sandbox]) -> None:
    one, other = both
    one.create("short")
    other.delete("short")
    with pytest.raises(NotFoundError):
        one.find("short")
    assert one.opened() == []


def test_work_of_a_world_that_another_process_replaced_is_not_settled(both: tuple[Sandbox, Sandbox]) -> None:
    one, other = both
    workspace = one.create("same")

    def replace() -> None:
        other.delete("same")
        other.create("same")
        assert one.find("same") is not workspace

    def verb(work: Work) -> bool | Slow[None, bool]:
        return Slow(replace, lambda later, made: True)

    with pytest.raises(WorldChangedError):
        workspace.perform(verb)


def test_a_world_is_not_opened_again_as_another_one(both: tuple[Sandbox, Sandbox]) -> None:
    one, other = both
    workspace = one.create("same")
    workspace.close()
    with (workspace.folder / "world.db").open("rb"):  # so that the new file cannot be where the old one was
        other.delete("same")
        other.create("same")
        with pytest.raises(WorldChangedError), workspace.work():
            pass


def test_a_world_that_ends_while_it_is_opened_is_not_found(
    both: tuple[Sandbox, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    one.create("short")

    def open_late(*_: object) -> NoReturn:
        one.delete("short")
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Blank, "in_file", open_late)
    with pytest.raises(NotFoundError):
        other.find("short")
