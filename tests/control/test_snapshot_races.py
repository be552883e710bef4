"""Snapshots, and whole workspaces, are removed while others use them: no bytes are lost, and nobody gets a 500."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.world import World, refused, terms

from localsign.core.blobs import Blobs
from localsign.snapshots import archive, comparing, store


@pytest.fixture
def kept(server: Server, world: World) -> Path:
    """The folder of the snapshot `before`."""
    assert world.control("POST", "snapshots", {"name": "before"}).status_code == 201
    return server.sandbox.find(world.name).folder / "snapshots" / "before"


def remove(folder: Path) -> None:
    """As another process of the server does."""
    shutil.rmtree(folder.rename(folder.with_name(".gone")))


def once(action: Callable[[], Any], function: Callable[..., Any], *, first: bool = True) -> Callable[..., Any]:
    """`function`, with `action` before or after its first call."""
    left = [action]

    def called(*args: Any, **more: Any) -> Any:
        if first and left:
            left.pop()()
        result = function(*args, **more)
        if not first and left:
            left.pop()()
        return result

    return called


def test_a_world_keeps_its_bytes_when_the_snapshot_goes_while_it_is_restored(
    world: World, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    document = world.upload(terms(), "text/plain")
    assert world.control("POST", "snapshots", {"name": "before"}).status_code == 201
    folder = server.sandbox.find(world.name).folder / "snapshots" / "before"
    monkeypatch.setattr(Blobs, "copy_to", once(lambda: remove(folder), Blobs.copy_to, first=False))
    refused(world.control("POST", "snapshots/before/restore"), 404, code="snapshot_not_found")
    assert world.download(document) == terms()


@pytest.mark.parametrize(
    ("method", "path", "module", "function"),
    [
        ("POST", "snapshots/before/restore", store, "opened"),
        ("DELETE", "snapshots/before", store, "Ids"),
        ("GET", "snapshots/before", store, "_size"),
        ("GET", "snapshots/before/diff", comparing, "opened"),
        ("GET", "snapshots/before/diff", comparing, "_tables"),
        ("GET", "snapshots/before/archive", archive, "_entry"),
    ],
)
def test_a_snapshot_that_has_just_gone_is_not_found(
    world: World, kept: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str, module: Any, function: str
) -> None:
    monkeypatch.setattr(module, function, once(lambda: remove(kept), getattr(module, function)))
    refused(world.control(method, path), 404, code="snapshot_not_found")


def test_a_list_leaves_out_what_has_just_gone(world: World, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_size", once(lambda: remove(kept), store._size))
    assert world.control("GET", "snapshots").json() == []


def test_a_snapshot_of_a_workspace_that_is_deleted_meanwhile_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = server.world()
    end = once(lambda: server.sandbox.delete(world.name), store._size)
    monkeypatch.setattr(store, "_size", end)
    refused(world.control("POST", "snapshots", {"name": "late"}), 409, code="world_changed")
    world.close()


@pytest.mark.parametrize("function", ["_check_end", "check_database"])
def test_an_upload_to_a_workspace_that_is_deleted_meanwhile_is_refused(
    server: Server, world: World, kept: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    packed = world.control("GET", "snapshots/before/archive").content
    other = server.world()
    monkeypatch.setattr(archive, function, once(lambda: server.sandbox.delete(other.name), getattr(archive, function)))
    answer = httpx.put(
        f"{other.url}/_sandbox/v1/snapshots/late/archive", content=packed, headers={"Content-Type": "application/zip"}
    )
    refused(answer, 409, code="world_changed")
    other.close()
