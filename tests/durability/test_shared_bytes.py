"""Bytes of a world that several processes share: whoever removes some, none go that a row of another process holds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localsign.core.blobs import Blobs
from localsign.core.errors import StorageError
from localsign.core.work import Work
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.sign.models import Document
from localsign.sign.service import documents
from localsign.snapshots import store
from localsign.storage import Storage
from localsign.workspace import Workspace

Both = tuple[Workspace, Workspace]


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    """One world, as two processes have it."""
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    yield one.default, other.default
    one.close()
    other.close()


def upload(workspace: Workspace, content: bytes) -> None:
    arrived = workspace.blobs.take(content)
    with workspace.work() as work:
        documents.store(work, arrived, "text/plain")


def remove(workspace: Workspace) -> None:
    """Remove every document, and bytes with it."""
    with workspace.work() as work:
        for document in work.everything(Document):
            work.db.delete(work.get(Document, document.id))
            work.flush()
            work.drop_unused(document.digest)


def contents(workspace: Workspace) -> list[bytes]:
    with workspace.work() as work:
        return sorted(workspace.blobs.read(one.digest) for one in work.everything(Document))


def once(verb: Callable[[], object]) -> Callable[[], None]:
    """`verb` at the first call, nothing at all others."""
    left = [verb]

    def run() -> None:
        if left:
            left.pop()()

    return run


def test_bytes_that_another_process_keeps_right_after_the_commit_stay(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    upload(one, b"equal")
    keep, close = once(lambda: upload(other, b"equal")), Work._close

    def close_late(work: Work) -> None:
        close(work)
        if work.blobs is one.blobs:
            keep()

    monkeypatch.setattr(Work, "_close", close_late)
    remove(one)
    assert contents(one) == contents(other) == [b"equal"]


@pytest.mark.parametrize("kind", ["reset", "restore"])
def test_bytes_that_come_while_a_world_becomes_another_one_stay(
    both: Both, monkeypatch: pytest.MonkeyPatch, kind: str, tmp_path: Path
) -> None:
    one, other = both
    upload(one, b"old")
    snapshot = store.save(one, "empty") if kind == "reset" else empty(one)
    come, replace = once(lambda: upload(other, b"new")), Storage.replace

    def replace_and_let_come(self: Storage, *given: Any) -> None:
        replace(self, *given)
        come()

    monkeypatch.setattr(Storage, "replace", replace_and_let_come)
    if kind == "reset":
        Sandbox(Settings(data_dir=tmp_path, workers=2)).reset(one)
    else:
        store.restore(one, snapshot)
    assert contents(one) == contents(other) == [b"new"]
    assert len(one.blobs.digests()) == 1


def empty(workspace: Workspace) -> store.Snapshot:
    """A snapshot without documents; the world gets back what it has."""
    full = store.save(workspace, "full")
    remove(workspace)
    made = store.save(workspace, "empty")
    store.restore(workspace, full)
    return made


def test_bytes_of_a_snapshot_that_another_process_drops_at_that_moment_come_back(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    upload(one, b"kept")
    snapshot = store.save(one, "full")
    drop, replace = once(lambda: remove(other)), Storage.replace

    def drop_and_replace(self: Storage, *given: Any) -> None:
        drop()
        replace(self, *given)

    monkeypatch.setattr(Storage, "replace", drop_and_replace)
    store.restore(one, snapshot)
    assert contents(one) == contents(other) == [b"kept"]


def test_nobody_removes_bytes_while_a_snapshot_is_taken(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = both
    upload(one, b"kept")
    other.raw.execute("PRAGMA busy_timeout = 0")
    copy_to, refused = Blobs.copy_to, list[str]()

    def copy_late(self: Blobs, target: Blobs) -> set[str]:
        with pytest.raises(StorageError, match="Another process"):
            remove(other)
        refused.append("refused")
        return copy_to(self, target)

    monkeypatch.setattr(Blobs, "copy_to", copy_late)
    snapshot = store.save(one, "full")
    monkeypatch.setattr(Blobs, "copy_to", copy_to)
    assert refused
    remove(other)
    store.restore(one, snapshot)
    assert contents(other) == [b"kept"]
