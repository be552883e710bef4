"""A world: made, found, reset, closed, ended; kept in files or in memory; one transaction at a time."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from localsign import sandbox as sandbox_module
from localsign import travel
from localsign.core import clock as clock_module
from localsign.core.errors import ConflictError, NotFoundError, WorldChangedError
from localsign.core.tables import Choice, Timer
from localsign.core.work import Slow, Work
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.signicat.models import Client, clients

NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def folder(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def choose(work: Work, name: str, value: str) -> None:
    work.db.add(Choice(name=name, value=value))


def chosen(sandbox: Sandbox, workspace: str, name: str) -> str | None:
    with sandbox.find(workspace).work() as work:
        found = work.db.get(Choice, name)
        return found.value if found else None


# ---- names


def test_the_default_workspace_is_always_there(sandbox: Sandbox) -> None:
    assert sandbox.default.name == "default"
    assert sandbox.find("default") is sandbox.default
    assert sandbox.names() == ["default"]


def test_other_workspaces_have_to_be_made(sandbox: Sandbox) -> None:
    with pytest.raises(NotFoundError, match="There is no workspace called 'mine'"):
        sandbox.find("mine")
    made = sandbox.create("mine")
    assert sandbox.find("mine") is made
    with pytest.raises(ConflictError):
        sandbox.create("mine")


def test_a_workspace_is_found_by_its_tag(sandbox: Sandbox) -> None:
    made = sandbox.create("mine")
    assert sandbox.find_by_tag(made.tag) == "mine"
    assert sandbox.find_by_tag(sandbox.default.tag) == "default"
    assert sandbox.find_by_tag("nothing") is None
    sandbox.delete("mine")
    assert sandbox.find_by_tag(made.tag) is None


@pytest.mark.parametrize("is_kept", [False, True])
def test_of_many_who_make_one_name_at_once_one_wins(is_kept: bool, tmp_path: Path) -> None:
    """Trap 5: two threads that asked for the same new workspace collided."""
    sandbox = Sandbox(Settings(data_dir=tmp_path) if is_kept else Settings())
    outcomes: list[str] = []
    together(8, lambda: outcomes.append(made_or_refused(sandbox)))
    assert sorted(outcomes) == ["made", *["refused"] * 7]
    with sandbox.find("wanted").work() as work:
        assert len(clients(work)) == 1
    sandbox.close()


def made_or_refused(sandbox: Sandbox) -> str:
    try:
        sandbox.create("wanted")
    except ConflictError:
        return "refused"
    return "made"


@pytest.mark.parametrize("is_kept", [False, True])
def test_all_who_find_the_default_at_once_find_the_same(is_kept: bool, tmp_path: Path) -> None:
    sandbox = Sandbox(Settings(data_dir=tmp_path) if is_kept else Settings())
    found: list[object] = []
    together(8, lambda: found.append(sandbox.default))
    assert len(found) == 8
    assert len({id(one) for one in found}) == 1
    with sandbox.default.work() as work:
        assert [one.client_id for one in clients(work)] == ["localsign"]
    sandbox.close()


def together(count: int, act: Callable[[], object]) -> None:
    """Let `count` threads do something at the same time."""
    barrier = Barrier(count)

    def wait_and_act() -> None:
        barrier.wait()
        act()

    threads = [Thread(target=wait_and_act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


# ---- many


def test_hundreds_of_workspaces_in_memory_can_be_made_and_ended(sandbox: Sandbox) -> None:
    names = [sandbox.create().name for _ in range(500)]
    assert len(set(names)) == 500
    for name in names:
        sandbox.delete(name)
    assert sandbox.names() == []


def test_only_so_many_files_are_open_and_all_worlds_work(folder: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "_MOST_OPEN_FILES", 5)
    sandbox = Sandbox(folder)
    made = [sandbox.create(f"w{number}") for number in range(12)]
    assert [one.is_open for one in made] == [False] * 7 + [True] * 5

    for number, workspace in enumerate(made):
        with sandbox.find(workspace.name).work() as work:
            choose(work, "number", str(number))
    assert sum(one.is_open for one in made) <= 5
    assert [chosen(sandbox, one.name, "number") for one in made] == [str(number) for number in range(12)]
    sandbox.close()


def test_a_few_files_all_stay_open(folder: Settings) -> None:
    sandbox = Sandbox(folder)
    made = [sandbox.create() for _ in range(5)]
    for workspace in made:
        sandbox.find(workspace.name)
    assert all(one.is_open for one in made)
    sandbox.close()


# ---- files


def test_everything_outlives_the_process(folder: Settings) -> None:
    first = Sandbox(folder)
    workspace = first.create("kept", seed="s")
    travel.advance(workspace, by=timedelta(days=100))
    with workspace.work() as work:
        choose(work, "a", "b")
        drawn = [work.new_id() for _ in range(3)]
        credentials = [(one.client_id, one.secrets) for one in clients(work)]
        work.schedule("sign.purge", drawn[0], NEW_YEAR.replace(year=2100))
    first.close()

    second = Sandbox(folder)
    assert second.names() == ["kept"]
    again = second.find("kept")
    assert again.clock.now() - clock_module.wall() > timedelta(days=99)
    assert again.next_due == NEW_YEAR.replace(year=2100)
    with again.work() as work:
        assert [(one.client_id, one.secrets) for one in clients(work)] == credentials
        assert work.new_id() not in drawn
    assert chosen(second, "kept", "a") == "b"
    second.close()


def test_a_clock_that_stood_still_still_stands(folder: Settings) -> None:
    first = Sandbox(folder)
    travel.freeze(first.create("kept"), NEW_YEAR)
    first.close()
    second = Sandbox(folder)
    assert second.find("kept").clock.now() == NEW_YEAR
    second.close()


def test_what_was_due_while_nobody_ran_is_due_at_once(folder: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Sandbox(folder)
    workspace = first.create("kept")
    with workspace.work() as work:
        work.schedule("sign.purge", work.new_id(), work.now + timedelta(minutes=30))
    first.close()

    later = clock_module.wall() + timedelta(hours=1)
    monkeypatch.setattr(clock_module, "wall", lambda: later)
    second = Sandbox(folder)
    again = second.find("kept")
    assert again.is_due()
    assert [one.kind for one in second.catch_up(again)] == ["sign.purge"]
    assert not again.is_due()
    second.close()


def test_the_settings_client_gets_into_a_default_workspace_that_is_already_there(tmp_path: Path) -> None:
    first = Sandbox(Settings(data_dir=tmp_path))
    assert first.default.is_open
    first.close()
    changed = Sandbox(Settings(data_dir=tmp_path, client_secret="new"))
    with changed.default.work() as work:
        assert [(one.client_id, one.secrets) for one in clients(work)] == [("localsign", ["localsign-secret", "new"])]
    changed.close()


def test_a_world_of_another_version_is_refused_with_a_sentence(folder: Settings) -> None:
    first = Sandbox(folder)
    first.create("old")
    first.close()
    assert folder.data_dir is not None
    path = folder.data_dir / "workspaces" / "old" / "world.db"
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 1")
    raw.close()
    second = Sandbox(folder)
    with pytest.raises(ConflictError, match="was written by another version of localsign") as refusal:
        second.find("old")
    assert str(path) in str(refusal.value)
    second.close()


def test_a_deleted_world_leaves_no_files(folder: Settings) -> None:
    sandbox = Sandbox(folder)
    workspace = sandbox.create("gone")
    workspace.blobs.keep(workspace.blobs.take(b"bytes"))
    assert workspace.folder.exists()
    sandbox.delete("gone")
    assert not workspace.folder.exists()
    with pytest.raises(NotFoundError):
        sandbox.find("gone")
    sandbox.create("gone")
    sandbox.close()


def test_a_world_in_memory_leaves_no_files_either(sandbox: Sandbox) -> None:
    workspace = sandbox.create()
    workspace.blobs.keep(workspace.blobs.take(b"bytes"))
    folder = workspace.folder
    sandbox.close()
    assert not folder.exists()


# ---- reset


def test_a_reset_is_one_step_for_everybody_else(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may meet the world between its emptying and the return of its clients."""
    workspace = sandbox.default
    seen: list[int] = []

    def look() -> None:
        with workspace.work() as work:
            seen.append(len(clients(work)))

    lookers: list[Thread] = []
    copy = workspace.house.blank.copy_into

    def copy_and_let_others_look(target: sqlite3.Connection) -> None:
        copy(target)
        lookers.extend(Thread(target=look) for _ in range(4))
        for looker in lookers:
            looker.start()

    monkeypatch.setattr(workspace.house.blank, "copy_into", copy_and_let_others_look)
    sandbox.reset(workspace)
    for looker in lookers:
        looker.join(30)
    assert seen == [1, 1, 1, 1]


def test_a_reset_removes_files_and_timers(sandbox: Sandbox) -> None:
    workspace = sandbox.create()
    blob = workspace.blobs.keep(workspace.blobs.take(b"bytes"))
    with workspace.work() as work:
        work.schedule("sign.purge", work.new_id(), work.now)
    sandbox.reset(workspace)
    assert blob.digest not in workspace.blobs.digests()
    assert workspace.next_due is None
    with workspace.work() as work:
        assert work.db.exec(select(Timer)).all() == []


# ---- what is under way while the world changes


def slowly(meanwhile: Callable[[], None]) -> Callable[[Work], str | Slow[None, str]]:
    """A verb that lets something happen between its two transactions, and then writes."""

    def settle(work: Work, made: None) -> str:
        choose(work, "settled", "yes")
        return "settled"

    return lambda work: Slow(meanwhile, settle)


def test_what_was_begun_before_a_reset_is_not_settled_after_it(sandbox: Sandbox) -> None:
    workspace = sandbox.create()
    with pytest.raises(WorldChangedError):
        workspace.perform(slowly(lambda: sandbox.reset(workspace)))
    assert chosen(sandbox, workspace.name, "settled") is None


def test_what_was_begun_in_a_deleted_world_is_refused(sandbox: Sandbox) -> None:
    workspace = sandbox.create()
    with pytest.raises(WorldChangedError):
        workspace.perform(slowly(lambda: sandbox.delete(workspace.name)))


def test_what_is_undisturbed_is_settled(sandbox: Sandbox) -> None:
    workspace = sandbox.create()
    result, followed = workspace.perform(slowly(lambda: None))
    assert (result, followed.entries) == ("settled", [])
    assert chosen(sandbox, workspace.name, "settled") == "yes"


def test_slow_may_follow_slow(sandbox: Sandbox) -> None:
    workspace = sandbox.create()

    def settle(work: Work, one: int) -> Slow[int, str]:
        return Slow(lambda: one + 1, lambda last, two: f"settled with {two}")

    def verb(work: Work) -> str | Slow[int, str]:
        return Slow(lambda: 1, settle)

    assert workspace.perform(verb)[0] == "settled with 2"


# ---- several processes on one folder


def test_two_processes_share_their_worlds(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    made = one.create("shared", seed="s")
    drawn = []
    for sandbox in (one, other, one, other):
        with sandbox.find("shared").work() as work:
            drawn.append(work.new_id())
    assert len(set(drawn)) == 4
    with made.work() as work:
        choose(work, "a", "b")
        work.db.add(Client(client_id="second", secrets=["x"], permissions=[], number=1))
    assert chosen(other, "shared", "a") == "b"
    with other.find("shared").work() as work:
        assert [one.client_id for one in clients(work)][1:] == ["second"]
    travel.freeze(made, NEW_YEAR)
    with other.find("shared").work() as work:
        assert work.now == NEW_YEAR

    other.delete("shared")
    with pytest.raises(NotFoundError):
        one.find("shared")
    one.close()
    other.close()


def test_a_reset_that_fails_leaves_the_world_as_it_was(folder: Settings) -> None:
    sandbox = Sandbox(folder)
    workspace = sandbox.create("kept", seed="s")
    with workspace.work() as work:
        choose(work, "a", "b")
        credentials = [(one.client_id, one.secrets) for one in clients(work)]

    def fail(work: Work) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        workspace.reset(fail, lambda work: list(clients(work)))
    assert chosen(sandbox, "kept", "a") == "b"
    with workspace.work() as work:
        assert [(one.client_id, one.secrets) for one in clients(work)] == credentials
    sandbox.close()


def test_what_was_made_is_discarded_when_it_cannot_be_settled(sandbox: Sandbox) -> None:
    workspace = sandbox.create()
    discarded: list[str] = []

    def settle(work: Work, made: str) -> str:
        raise ConflictError("Not now.")

    def verb(work: Work) -> str | Slow[str, str]:
        return Slow(lambda: "made", settle, discarded.append)

    with pytest.raises(ConflictError):
        workspace.perform(verb)
    assert discarded == ["made"]
