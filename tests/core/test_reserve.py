"""Worlds that are made ahead are as good as those made when they are asked for, and nobody gets one twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localsign.core.database import tables
from localsign.core.ids import tag_of
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.workspace import Workspace

MOST = 4


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One whose reserve is full."""
    sandbox = Sandbox(Settings())
    sandbox.create("first")
    wait_for(sandbox)
    yield sandbox
    sandbox.close()


def wait_for(sandbox: Sandbox) -> None:
    waited = threading.Event()
    for _ in range(1000):
        if len(sandbox.reserve) == MOST:
            return
        waited.wait(0.01)
    raise AssertionError(f"{len(sandbox.reserve)} worlds are ready")


def content(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database of a world."""
    names = [str(model.__tablename__) for model in tables()]
    return {name: workspace.raw.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def test_a_world_made_ahead_has_what_one_has_that_was_asked_for(sandbox: Sandbox) -> None:
    ahead = sandbox.create("ahead")
    asked = sandbox.create("asked", seed="1")

    found, wanted = content(ahead), content(asked)

    assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in wanted.items()}
    drawn = {name for name in found if found[name] != wanted[name]}
    assert drawn == {"world", "client", "st_application"}
    assert (ahead.name, ahead.tag, ahead.blobs.name) == ("ahead", tag_of("ahead"), "ahead")


def test_nobody_gets_the_world_of_another(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: sandbox.create(f"w-{number}"), range(40)))

    described = [sandbox.describe(one, "http://sandbox") for one in made]

    assert [one["name"] for one in described] == [f"w-{number}" for number in range(40)]
    assert len({one["clients"][0]["client_id"] for one in described}) == 40
    assert len({one["clients"][0]["client_secret"] for one in described}) == 40
    assert len({one["signing_today"]["client_id"] for one in described}) == 40
    assert len({one["signing_today"]["accounts"][0]["password"] for one in described}) == 40


def test_what_is_in_reserve_is_no_workspace(sandbox: Sandbox) -> None:
    assert sandbox.names() == ["first"]
    assert [one.name for one in sandbox.opened()] == ["first"]


def test_it_is_filled_up_again(sandbox: Sandbox) -> None:
    for number in range(2 * MOST):
        sandbox.create(f"w-{number}")

    wait_for(sandbox)


def test_no_thread_and_no_world_is_left_in_the_end() -> None:
    sandbox = Sandbox(Settings())
    sandbox.create("first")
    wait_for(sandbox)

    sandbox.close()

    assert len(sandbox.reserve) == 0
    assert sandbox.create("late").is_open  # as the other worlds, it is made anew
    assert len(sandbox.reserve) == 0
    sandbox.close()


def test_a_sandbox_in_which_nobody_makes_worlds_makes_none_ahead(tmp_path: Any) -> None:
    for settings in (Settings(), Settings(data_dir=tmp_path)):
        sandbox = Sandbox(settings)
        assert sandbox.default.is_open
        if settings.data_dir is not None:
            sandbox.create("kept")
        assert len(sandbox.reserve) == 0
        sandbox.close()
