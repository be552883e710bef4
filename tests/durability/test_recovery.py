"""What a process leaves that was killed, what the next one makes of it, and processes that share a folder."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.mint.bench import FINISHED, Bench
from tests.mint.flows import flow, step

from localsign import sandbox as sandbox_module
from localsign import travel
from localsign.core.errors import ApiError, ConflictError, WorldChangedError
from localsign.core.work import Slow
from localsign.folders import Folders
from localsign.mint.models import Journey
from localsign.mint.service import journeys
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.sign.models import Document
from localsign.sign.service import documents
from localsign.storage import Storage


def names_of(sandbox: Sandbox) -> set[str]:
    """The files of bytes of the default workspace."""
    folder = sandbox.default.blobs.folder
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_bytes_of_nobody_go_when_their_world_is_opened_and_others_stay(tmp_path: Path) -> None:
    first = Sandbox(Settings(data_dir=tmp_path))
    workspace = first.default
    kept = workspace.blobs.take(b"kept")
    with workspace.work() as work:
        documents.store(work, kept, "text/plain")
    orphan = workspace.blobs.keep(workspace.blobs.take(b"its row was never committed"))
    workspace.blobs.take(b"never kept")
    (workspace.folder / "snapshots" / ".making-abc").mkdir(parents=True)
    assert len(names_of(first)) == 3
    first.close()

    second = Sandbox(Settings(data_dir=tmp_path))
    assert names_of(second) == {kept.blob.digest} != {orphan.digest}
    assert not list((second.default.folder / "snapshots").iterdir())
    second.close()


def test_an_upload_outlives_that_its_world_is_closed_and_opened_again(tmp_path: Path) -> None:
    sandbox = Sandbox(Settings(data_dir=tmp_path))
    workspace = sandbox.default

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one "
        workspace.close()
        with workspace.work() as work:
            assert work.everything(Document) == []
        yield b"two"

    arrived = asyncio.run(workspace.blobs.receive(chunks(), 100))
    with workspace.work() as work:
        assert workspace.blobs.read(work.keep(arrived).digest) == b"one two"
    sandbox.close()


@pytest.mark.parametrize("is_frozen", [True, False])
def test_a_journey_that_was_running_goes_on_when_its_world_is_opened(tmp_path: Path, is_frozen: bool) -> None:
    first = Bench(Settings(data_dir=tmp_path))
    workflow_id = first.save(flow(step("pdf", "CreatePdfFromTemplate", content="x"), step("after")))
    if is_frozen:
        travel.freeze(first.workspace, None)
    with first.work() as work:
        assert isinstance(journeys.start(work, workflow_id, {}), Slow)  # and nobody settles it
    first.sandbox.close()

    second = Bench(Settings(data_dir=tmp_path))
    with second.work() as work:
        [journey] = work.everything(Journey)
    assert second.workspace.is_due(), "without that anybody moves the clock"
    second.sandbox.catch_up(second.workspace)
    assert second.read(journey).state is FINISHED
    second.sandbox.close()


def test_the_first_of_several_processes_to_open_a_world_puts_it_in_order(tmp_path: Path) -> None:
    first = Bench(Settings(data_dir=tmp_path, workers=2))
    workflow_id = first.save(flow(step("pdf", "CreatePdfFromTemplate", content="x"), step("after")))
    travel.freeze(first.workspace, None)
    with first.work() as work:
        journeys.start(work, workflow_id, {})
    first.workspace.blobs.take(b"never kept")
    first.sandbox.close()
    Folders(tmp_path).mark_left()

    second, third = (Bench(Settings(data_dir=tmp_path, workers=2)) for _ in range(2))
    with second.work() as work:
        [journey] = work.everything(Journey)
    assert names_of(second.sandbox) == set()
    second.sandbox.catch_up(second.workspace)
    assert second.read(journey).state is FINISHED
    with second.work() as work:
        journeys.start(work, workflow_id, {})
    arriving = second.workspace.blobs.take(b"on its way")
    with third.work() as work:  # opens it now, and leaves alone what the second one does
        assert len(work.everything(Journey)) == 2
    assert not third.workspace.is_due()
    with second.work() as work:
        assert documents.store(work, arriving, "text/plain")
    second.sandbox.close()
    third.sandbox.close()


def test_a_fork_goes_on_with_the_journeys_that_it_was_copied_with(tmp_path: Path) -> None:
    bench = Bench(Settings(data_dir=tmp_path))
    workflow_id = bench.save(flow(step("pdf", "CreatePdfFromTemplate", content="x")))
    with bench.work() as work:
        journeys.start(work, workflow_id, {})
    copy = bench.sandbox.fork(bench.workspace)
    bench.sandbox.catch_up(copy)
    with copy.work() as work:
        [journey] = work.everything(Journey)
    assert journey.state is FINISHED
    bench.sandbox.close()


def test_a_world_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the moment at which a new one gets its name everything is in it."""
    sandbox = Sandbox(Settings(data_dir=tmp_path))
    source = sandbox.default
    blob = source.blobs.take(b"bytes")
    with source.work() as work:
        documents.store(work, blob, "text/plain")
    seen: list[tuple[list[str], bool]] = []
    move = Path.rename

    def watched(self: Path, target: Path) -> Path:
        seen.append((sandbox.names(), (self / "blobs" / blob.blob.digest[:2] / blob.blob.digest).exists()))
        return move(self, target)

    monkeypatch.setattr(Path, "rename", watched)
    sandbox.fork(source, "copy")
    sandbox.delete("copy")
    assert seen == [(["default"], True), (["copy", "default"], True)]
    assert sandbox.names() == ["default"]
    assert list((tmp_path / "scratch").iterdir()) == []
    sandbox.close()


def test_a_server_that_starts_removes_what_was_being_made(tmp_path: Path) -> None:
    for left in ("scratch/tmpabc/blobs", "workspaces/half/blobs"):
        (tmp_path / left).mkdir(parents=True)
    sandbox = Sandbox(Settings(data_dir=tmp_path))
    sandbox.create("whole")
    Folders(tmp_path).tidy()
    assert [path.name for path in (tmp_path / "workspaces").iterdir()] == ["whole"]
    assert not (tmp_path / "scratch").exists()
    sandbox.close()


def test_whoever_opens_a_database_only_so_many_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if it is the thread that sends webhooks, which finds worlds by no name."""
    monkeypatch.setattr(sandbox_module, "_MOST_OPEN_FILES", 3)
    sandbox = Sandbox(Settings(data_dir=tmp_path))
    worlds = [sandbox.create() for _ in range(8)]
    for workspace in worlds:
        with workspace.work():
            assert len(sandbox.opened()) <= 3
    sandbox.close()


# ---- several processes


def test_of_two_processes_that_make_one_name_one_wins(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    sandboxes = [Sandbox(settings), Sandbox(settings)]
    for number in range(10):
        outcomes: list[str] = []
        together = threading.Barrier(2)

        def make(sandbox: Sandbox, name: str, told: list[str], start: threading.Barrier) -> None:
            start.wait(20)
            try:
                with sandbox.create(name).work() as work:
                    told.append(str(work.new_id()))
            except ConflictError as error:
                told.append(error.code)

        threads = [threading.Thread(target=make, args=(one, f"w{number}", outcomes, together)) for one in sandboxes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(outcomes) == 2
        assert outcomes.count("workspace_exists") == 1
    for one in sandboxes:
        one.close()


def test_all_processes_find_the_same_default(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    sandboxes = [Sandbox(settings) for _ in range(4)]
    found: list[object] = []

    def find(sandbox: Sandbox) -> None:
        try:
            found.append(sandbox.default.folder.stat().st_ino)
        except ApiError as error:
            found.append(error)

    threads = [threading.Thread(target=find, args=[one]) for one in sandboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4
    assert len(set(found)) == 1
    for one in sandboxes:
        one.close()


@pytest.mark.parametrize("moment", ["still", "replace"])
def test_a_reset_keeps_what_another_process_writes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """After what is kept was read, and after the new world was made."""
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    workspace = one.create("shared")
    go_on, written = getattr(Storage, moment), [0]

    def write_first(self: Storage, *given: Any) -> Any:
        if not written[0]:
            written[0] = 1
            with other.find("shared").work() as there:
                there.choose("mine", "kept")
        return go_on(self, *given)

    monkeypatch.setattr(Storage, moment, write_first)
    one.reset(workspace)
    for sandbox in (one, other):
        with sandbox.find("shared").work() as work:
            assert work.choices["mine"] == "kept"
    one.close()
    other.close()


def test_a_reset_succeeds_while_another_process_writes_all_the_time(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    is_over, written = threading.Event(), list[int]()

    def write() -> None:
        while not is_over.is_set():
            with other.default.work() as work:
                work.choose("mine", str(len(written)))
            written.append(1)

    assert one.default
    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(10):
            one.reset(one.default)
    finally:
        is_over.set()
        thread.join(60)
    assert written
    one.close()
    other.close()


def test_a_seed_does_not_take_the_place_of_what_another_process_writes_meanwhile(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    workspace = one.create("shared")
    with one.scratch("shared", workspace) as scratch:
        with scratch.work() as work:
            work.choose("mine", "seeded")
        workspace.mark()
        with other.find("shared").work() as there:
            there.choose("other", "written")
        with workspace.exclusively(), pytest.raises(WorldChangedError):
            workspace.become(scratch.raw, None)
    with one.find("shared").work() as work:
        assert dict(work.choices) == {"other": "written"}
    one.close()
    other.close()
