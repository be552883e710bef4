"""Snapshots: kept, listed, gone back to, carried to another world, compared."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server, serve
from tests.control.dumping import dump
from tests.world import Json, World, refused

from localsign.core.errors import WorldChangedError
from localsign.core.work import Slow, Work
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.snapshots import store

START = "2030-01-01T00:00:00Z"


@pytest.fixture(params=["memory", "files"])
def home(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Server]:
    """A server that keeps its worlds in memory, and one that keeps them in files."""
    if request.param == "memory":
        yield server
    else:
        with contextmanager(serve)(Settings(data_dir=tmp_path)) as own:
            yield own


@pytest.fixture
def at_home(home: Server) -> Iterator[World]:
    world = home.world()
    yield world
    home.sandbox.delete(world.name)
    world.close()


def save(world: World, name: str = "before") -> Json:
    answer = world.control("POST", "snapshots", {"name": name})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def restore(world: World, name: str = "before") -> None:
    answer = world.control("POST", f"snapshots/{name}/restore")
    assert answer.status_code == 204, answer.text


def download(world: World, name: str = "before") -> bytes:
    answer = world.control("GET", f"snapshots/{name}/archive")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.zip"'
    return answer.content


def upload(world: World, content: bytes, name: str = "uploaded", kind: str = "application/zip") -> httpx.Response:
    path = f"/_sandbox/v1/snapshots/{name}/archive"
    return world.anonymous.put(path, content=content, headers={"Content-Type": kind})


# ---- keeping and going back


def test_a_world_becomes_what_it_was(home: Server, at_home: World) -> None:
    world = at_home
    world.freeze(START)
    session = world.session()
    document = world.upload(b"kept", "text/plain")
    workspace = home.sandbox.find(world.name)
    before = dump(workspace)
    saved = save(world)
    assert (saved["name"], saved["workspace"], saved["at"]) == ("before", world.name, START)
    assert saved["size"] > 1000

    world.sign(session)
    world.lag("manual")
    world.control("POST", "keys/rotate")
    world.advance("P60D")
    assert world.api.get(f"/sign/documents/{document}").status_code == 404

    for _ in range(2):  # a snapshot can be gone back to more than once
        restore(world)
        assert dump(workspace) == before
        assert world.now() == START
        assert world.download(document) == b"kept"
        assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


def test_snapshots_are_listed_read_and_deleted(at_home: World) -> None:
    made = [save(at_home, name) for name in ("zz", "aa")]
    listed = at_home.control("GET", "snapshots").json()
    assert listed == sorted(made, key=lambda one: str(one["name"]))
    assert at_home.control("GET", "snapshots/aa").json() == listed[0]
    assert at_home.control("DELETE", "snapshots/aa").status_code == 204
    refused(at_home.control("GET", "snapshots/aa"), 404, code="snapshot_not_found")
    assert [one["name"] for one in at_home.control("GET", "snapshots").json()] == ["zz"]


def test_a_name_is_made_up_and_checked_and_taken_once(world: World) -> None:
    made = world.control("POST", "snapshots").json()["name"]
    refused(world.control("POST", "snapshots", {"name": made}), 409, code="snapshot_exists")
    for name in ("", "..", "../x", ".hidden", "a/b", "A", "x" * 64):
        refused(world.control("POST", "snapshots", {"name": name}), 400, "name")
    refused(world.control("POST", "snapshots", {"nom": "x"}), 400, "nom")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("POST", "/restore"), ("GET", "/archive"), ("GET", "/diff")],
)
def test_what_is_not_there_is_a_404_that_names_the_known(world: World, method: str, path: str) -> None:
    save(world, "known")
    for name in ("unknown", ".making-x", "known%00", "..%2f"):
        answer = world.control(method, f"snapshots/{name}{path}")
        assert answer.status_code == 404, answer.text
    assert (
        "known" in refused(world.control(method, f"snapshots/unknown{path}"), 404, code="snapshot_not_found")["detail"]
    )


def test_a_workspace_has_only_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    for name in ("a", "b"):
        save(world, name)
    refused(world.control("POST", "snapshots"), 409, code="too_many_snapshots")


def test_a_reset_keeps_snapshots_and_a_deletion_takes_them(home: Server) -> None:
    world = home.world("short-lived")
    folder = home.sandbox.find("short-lived").folder
    session = world.session()
    save(world)
    world.control("POST", "reset")
    restore(world)
    assert world.read(session)["id"] == session["id"]
    home.sandbox.delete("short-lived")
    assert not folder.exists()
    world.close()


def test_work_that_was_under_way_is_not_settled_in_the_world_that_came_back(server: Server, world: World) -> None:
    save(world)
    workspace = server.sandbox.find(world.name)

    def verb(work: Work) -> bool | Slow[None, bool]:
        return Slow(lambda: restore(world), lambda later, made: True)

    with pytest.raises(WorldChangedError):
        workspace.perform(verb)


def test_a_world_that_is_too_large_is_not_kept() -> None:
    with contextmanager(serve)(Settings(max_snapshot_bytes=1024 * 1024)) as small:
        world = small.world()
        save(world, "fits")
        world.upload(b"x" * 1024 * 1024, "text/plain")
        body = refused(world.control("POST", "snapshots", {"name": "too-large"}), 413)
        assert "LOCALSIGN_MAX_SNAPSHOT_BYTES" in body["detail"]
        assert [one["name"] for one in world.control("GET", "snapshots").json()] == ["fits"]
        refused(upload(world, b"x" * (1024 * 1024 + 1)), 413)
        world.close()


def test_what_was_begun_before_another_process_reset_the_world_is_not_settled(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    workspace = one.create("shared")

    def verb(work: Work) -> bool | Slow[None, bool]:
        return Slow(lambda: other.reset(other.find("shared")), lambda later, made: True)

    with pytest.raises(WorldChangedError):
        workspace.perform(verb)
    one.close()
    other.close()


def test_work_of_one_process_is_not_settled_in_the_world_that_another_brought_back(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings)
    workspace = one.create("shared")
    store.save(other.find("shared"), "before")

    def bring_back() -> None:
        found = other.find("shared")
        store.restore(found, store.find(found, "before"))

    def verb(work: Work) -> bool | Slow[None, bool]:
        return Slow(bring_back, lambda later, made: True)

    with pytest.raises(WorldChangedError):
        workspace.perform(verb)
    one.close()
    other.close()


# ---- carrying


def test_a_snapshot_travels_to_another_server(home: Server, at_home: World, tmp_path: Path) -> None:
    at_home.freeze(START)
    session = at_home.session()
    save(at_home)
    archive = download(at_home)
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        assert json.loads(opened.read("manifest.json"))["workspace"] == at_home.name
        assert len(opened.namelist()) == 3

    with contextmanager(serve)(Settings(data_dir=tmp_path / "elsewhere")) as elsewhere:
        other = elsewhere.world()
        answer = upload(other, archive)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["name"], answer.json()["workspace"]) == ("uploaded", at_home.name)
        restore(other, "uploaded")
        arrived = World(httpx.get(f"{elsewhere.url}/_sandbox/v1/workspaces/{other.name}").json())
        assert arrived.client == at_home.client
        assert arrived.now() == START
        assert arrived.sign(session)["lifecycle"]["state"] == "SIGNED"
        arrived.close()
        other.close()
    assert at_home.read(session)["lifecycle"]["state"] == "READY"


def test_equal_snapshots_are_equal_files(world: World) -> None:
    world.freeze()
    world.upload()
    save(world, "one")
    assert download(world, "one") == download(world, "one")


def test_an_upload_does_not_take_a_name_that_is_taken(world: World) -> None:
    save(world)
    refused(upload(world, download(world), "before"), 409, code="snapshot_exists")
    refused(upload(world, download(world), "Before"), 400, "name")
    refused(upload(world, download(world), kind="text/plain"), 400, "Content-Type")


# ---- comparing


def difference(world: World, name: str = "before", **to: str) -> Json:
    answer = world.anonymous.get(f"/_sandbox/v1/snapshots/{name}/diff", params=to)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_nothing_has_changed(world: World) -> None:
    world.freeze()
    world.session()
    save(world)
    assert difference(world) == {
        "before": "before",
        "after": "now",
        "is_equal": True,
        "tables": [],
        "bytes_added": [],
        "bytes_removed": [],
    }


def test_what_signing_changes_can_be_seen(world: World) -> None:
    world.freeze()
    session = world.session()
    save(world)
    world.sign(session)
    save(world, "after")
    found = difference(world)
    assert {**found, "after": "after"} == difference(world, to="after")
    tables = {one["table"]: one for one in found["tables"]}
    [changed] = tables["signing_session"]["changed"]
    assert changed["key"] == session["id"]
    assert changed["members"]["state"] == {"before": "READY", "after": "SIGNED"}
    assert tables["signing_session"]["counts"] == {"added": 0, "removed": 0, "changed": 1}
    assert [one["type"] for one in tables["signature"]["added"]] == ["XADES"]
    assert len(found["bytes_added"]) == 1
    back = {one["table"]: one for one in difference(world, "after", to="before")["tables"]}
    assert [one["type"] for one in back["signature"]["removed"]] == ["XADES"]


def test_secrets_are_not_shown(world: World) -> None:
    save(world)
    world.control("POST", "clients", {"client_id": "extra", "client_secret": "not to be seen"})
    world.control("POST", "keys/rotate")
    shown = json.dumps(difference(world))
    assert "extra" in shown
    assert "(secret)" in shown
    for hidden in ("not to be seen", "PRIVATE KEY", world.client["client_secret"]):
        assert hidden not in shown


def test_a_long_difference_is_cut_and_counted(world: World) -> None:
    save(world)
    wanted = world.a_session()
    for _ in range(3):
        world.create(*[wanted] * 100)
    [table] = [one for one in difference(world)["tables"] if one["table"] == "signing_session"]
    assert (table["counts"]["added"], len(table["added"])) == (300, 200)
