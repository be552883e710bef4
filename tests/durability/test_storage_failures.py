"""A disk that is full, files that cannot be written or read: a sentence, and nothing that was acknowledged is lost."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server, serve
from tests.control.test_restart import opened, running
from tests.faces.processes import run
from tests.mint.flows import Mint, flow, step
from tests.secure_share.sharing import Sender, a_share
from tests.signing_today.people import People
from tests.world import NO_TLS, World, agreement

from localsign.settings import Settings


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Server]:
    """A server whose worlds are in files."""
    yield from serve(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a disk cannot be mounted here: that takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def unusable(answer: httpx.Response, status: int, code: str) -> str:
    """The sentence of a refusal in the shape of the platform."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return str(answer.json()["detail"])


def fill(folder: Path) -> Path:
    """A file that takes all the space that is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 10):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
    return path


def until_full(call: Callable[[], httpx.Response]) -> httpx.Response:
    """The first answer that is no success: the database itself may have some room left."""
    return next(answer for answer in (call() for _ in range(500)) if not answer.is_success)


def test_a_full_disk_is_told_in_the_words_of_each_api_and_loses_nothing(disk: Path) -> None:
    with running(Settings(data_dir=disk)) as server:
        world = server.world("a")
        document, session = world.upload(), world.session()
        people, sender, mint = People(world, server), Sender(server, world), Mint(world)
        share = sender.share()
        workflow = mint.create(flow(step("a")))["id"]
        assert people.instructor.get("/DSTs").status_code == 200
        filler = fill(disk)

        pdf = {"Content-Type": "application/pdf"}
        detail = unusable(
            world.api.post("/sign/documents", content=agreement(), headers=pdf), 507, "insufficient_storage"
        )
        assert "no space left for the workspace 'a'" in detail
        refused = until_full(lambda: sender.call("POST", "", json=a_share(title="x" * 200)))
        assert (refused.status_code, refused.json()["title"]) == (507, "Insufficient storage")
        refused = until_full(lambda: people.instructor.post("/DSTs", json={"title": "x" * 200}))
        assert (refused.status_code, set(refused.json())) == (507, {"code", "message"})
        refused = until_full(lambda: mint.api.post(f"/mint/workflows/{workflow}/start", json={}))
        assert unusable(refused, 507, "insufficient_storage")
        assert world.control("POST", "snapshots", {"name": "x"}).status_code == 507
        assert world.control("POST", "workspaces/a/fork", {"name": "b"}).status_code == 507
        assert world.control("POST", "reset").status_code == 507

        assert world.download(document) == agreement()
        assert world.read(session)["lifecycle"]["state"] == "READY"
        assert sender.read(share)["id"] == share["id"]
        filler.unlink()
        assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
        names = [one["name"] for one in httpx.get(f"{server.url}/_sandbox/v1/workspaces", verify=NO_TLS).json()]
        assert names == ["a", "default"]
        fill(disk)
        assert httpx.delete(f"{server.url}/_sandbox/v1/workspaces/a", verify=NO_TLS).status_code == 204
        people.close()
        world.close()
        (disk / "filler").unlink()
    with running(Settings(data_dir=disk)) as server:
        assert [one["name"] for one in httpx.get(f"{server.url}/_sandbox/v1/workspaces").json()] == ["default"]


def test_a_server_on_a_full_disk_ends_with_7(disk: Path) -> None:
    fill(disk)
    ended = run("serve", "--port", "0", "--data-dir", str(disk / "data"))
    assert (ended.returncode, ended.stdout) == (7, "")
    assert "no space left" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_server_on_a_disk_that_is_for_reading_ends_with_5(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ended = run("serve", "--port", "0", "--data-dir", str(disk / "data"))
    assert (ended.returncode, ended.stdout) == (5, "")
    assert "Read-only file system" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_disk_that_is_for_reading_from_now_on_refuses_what_writes(disk: Path) -> None:
    with running(Settings(data_dir=disk)) as server:
        world = server.world("a")
        session = world.session()
        subprocess.run(["mount", "-o", "remount,ro,size=8m", disk], check=False, capture_output=True)
        raw = server.sandbox.find("a").raw
        raw.execute("PRAGMA query_only = ON")  # whether the remount was possible or not: files are open
        assert "cannot be used" in unusable(world.act(session, "reject"), 503, "storage_unavailable")
        subprocess.run(["mount", "-o", "remount,rw,size=8m", disk], check=True)
        assert world.read(session)["lifecycle"]["state"] == "READY"
        assert world.act(session, "reject").status_code == 200
        world.close()


@pytest.mark.parametrize("where", ["memory", "file"])
def test_a_database_that_may_not_grow_refuses_and_goes_on(where: str, server: Server, kept: Server) -> None:
    """Wherever no disk can be mounted."""
    here = server if where == "memory" else kept
    world = here.world()
    session = world.session()
    raw = here.sandbox.find(world.name).raw
    [pages] = raw.execute("PRAGMA page_count").fetchone()
    raw.execute(f"PRAGMA max_page_count = {pages}")
    refused = world.control("POST", "decisions", {"action": "reject", "match": {"externalReference": "x" * 60_000}})
    if refused.status_code != 400:  # the pages that are free may be enough for a short one
        assert unusable(refused, 507, "insufficient_storage")
    answers = [world.control("POST", "personas", {"name": "N" * 200, "key": f"p{n}"}) for n in range(300)]
    assert 507 in {one.status_code for one in answers} <= {201, 507}
    made = sum(one.status_code == 201 for one in answers)
    here.sandbox.find(world.name).raw.execute("PRAGMA max_page_count = 1000000")
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
    kept_now = [one for one in world.control("GET", "personas").json() if str(one["key"]).startswith("p")]
    assert len(kept_now) == made
    world.close()


# ---- damaged worlds


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all " * 1000)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def beheaded(path: Path) -> None:
    os.truncate(path, 50)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def without_a_table(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("DROP TABLE signing_session")
    raw.close()


DAMAGES = [garbage, truncated, beheaded, empty, without_a_table]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_world_says_so_and_the_others_go_on(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    settings = Settings(data_dir=tmp_path)
    with running(settings) as server:
        server.world("bad").close()
        server.world("good").close()
    damage(tmp_path / "workspaces" / "bad" / "world.db")
    with running(settings) as server:
        good = opened(server, "good")
        assert good.session()
        sessions = httpx.get(f"{server.url}/w/bad/sign/signing-sessions", verify=NO_TLS)
        assert "'bad' are damaged" in unusable(sessions, 503, "workspace_damaged")
        dsts = httpx.get(f"{server.url}/w/bad/api/DSTs", verify=NO_TLS)
        assert (dsts.status_code, set(dsts.json())) == (503, {"code", "message"})
        shares = httpx.get(f"{server.url}/w/bad/secure-share/shares", verify=NO_TLS)
        assert (shares.status_code, shares.headers["content-type"]) == (503, "application/json")
        control = httpx.post(f"{server.url}/_sandbox/v1/workspaces/bad/fork", verify=NO_TLS)
        assert unusable(control, 503, "workspace_damaged")
        assert {one["name"] for one in httpx.get(f"{server.url}/_sandbox/v1/workspaces").json()} >= {"bad", "good"}
        assert httpx.delete(f"{server.url}/_sandbox/v1/workspaces/bad", verify=NO_TLS).status_code == 204
        again = server.world("bad")
        assert again.session()
        again.close()
        good.close()


def test_a_world_that_is_damaged_inside_serves_what_it_still_can(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with running(settings) as server:
        world = server.world("bad")
        session = world.session()
        world.close()
    path = tmp_path / "workspaces" / "bad" / "world.db"
    raw = sqlite3.connect(path)
    [page] = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'signing_session'").fetchone()
    raw.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with running(settings) as server:
        world = opened(server, "bad")
        refused = world.api.get(f"/sign/signing-sessions/{session['id']}")
        assert unusable(refused, 503, "workspace_damaged")
        assert world.upload()
        world.close()


def test_a_server_whose_default_world_is_damaged_ends_with_7(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path)):
        pass
    garbage(tmp_path / "workspaces" / "default" / "world.db")
    ended = run("serve", "--port", "0", "--data-dir", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (7, "")
    assert "the workspace 'default' are damaged" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_world_without_its_log_is_what_it_was_when_that_was_last_written_back(tmp_path: Path) -> None:
    """Nothing can tell that it was there; what is left is a whole world."""
    settings = Settings(data_dir=tmp_path)
    with running(settings) as server:
        world = server.world("old")
        first = world.session()
        world.close()
    with running(settings) as server:
        world = opened(server, "old")
        world.session()
        folder = tmp_path / "workspaces" / "old"
        shutil.copytree(folder, tmp_path / "workspaces" / "copy", ignore=shutil.ignore_patterns("world.db-*"))
        world.close()
    with running(settings) as server:
        copy = opened(server, "copy")
        assert [one["id"] for one in copy.api.get("/sign/signing-sessions").json()["data"]] == [first["id"]]
        assert copy.sign(first)["lifecycle"]["state"] == "SIGNED"
        copy.close()


def test_bytes_that_are_missing_are_told_and_the_rest_goes_on(kept: Server) -> None:
    world: World = kept.world("holes")
    lost, whole = world.upload(b"lost", "text/plain"), world.upload(b"whole", "text/plain")
    blobs = kept.sandbox.find("holes").blobs
    [path] = [path for path in blobs.folder.glob("??/*") if path.read_bytes() == b"lost"]
    path.unlink()
    detail = unusable(world.api.get(f"/sign/documents/{lost}"), 503, "workspace_damaged")
    assert path.name in detail
    assert world.download(whole) == b"whole"
    assert world.upload(b"lost", "text/plain")
    assert world.download(lost) == b"lost"
    world.close()
