"""Data folders of every release are opened by this version, and go on; what is newer is refused."""

import json
import lzma
import re
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.control.test_restart import running
from tests.faces.processes import run
from tests.mint.flows import Mint
from tests.signing_today.transactions import Desk
from tests.upgrades.draft import HERE, missing, released
from tests.upgrades.release import NAME, Reader
from tests.world import NO_TLS, Json, refused

from localsign.core.database import FIRST, REVISION, Blank, revision_of, schema_script, version_of
from localsign.settings import Settings
from localsign.upgrades import upgrading

RELEASES = sorted(path.parent.name for path in HERE.glob("*/expected.json"))
CHANGED = """A table changed, and no migration says how. Run `make migration`, look at what it wrote, and commit it:
docs/upgrades.md has the rest."""


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Json]:
    """A data folder of a release, and what its server answered."""
    packed = lzma.decompress((HERE / request.param / "data.tar.xz").read_bytes())
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path, json.loads((HERE / request.param / "expected.json").read_text(encoding="utf-8"))


def reader_at(server: Server, expected: Json) -> Reader:
    return Reader({**expected["description"], "base_url": f"{server.url}/w/{NAME}"})


def placeless(answer: Any) -> Any:
    """An answer in which it cannot be seen where the server was, now or when it wrote something."""
    return json.loads(re.sub(r"http://127\.0\.0\.1:\d{4,5}/", "http://here/", json.dumps(answer)))


def holds(found: Any, old: Any) -> bool:
    """Whether everything that was answered is still; there may be more members, and null ones may be left out."""
    if isinstance(old, dict):
        return isinstance(found, dict) and all(holds(found.get(name), old[name]) for name in old)
    if isinstance(old, list):
        return len(found) == len(old) and all(holds(*pair) for pair in zip(found, old, strict=True))
    return bool(found == old)


def test_a_data_folder_of_a_release_is_opened_and_says_the_same(release: tuple[Path, Json]) -> None:
    folder, expected = release
    with running(Settings(data_dir=folder)) as server:
        reader = reader_at(server, expected)
        for path, old in expected["answers"].items():
            found = reader.get(path)
            assert holds(placeless(found), placeless(old)), (path, found, old)
        reader.close()


def test_a_world_of_a_release_goes_on(release: tuple[Path, Json]) -> None:
    folder, expected = release
    with running(Settings(data_dir=folder)) as server:
        reader = reader_at(server, expected)
        world, answers = reader.world, expected["answers"]
        [waiting] = [one for one in answers.values() if holds(one, {"lifecycle": {"state": "READY"}})]
        assert world.sign(waiting)["lifecycle"]["state"] == "SIGNED"
        journeys = [one for path, one in answers.items() if "/journeys/" in path]
        [journey] = [one for one in journeys if "wait" in waiting_steps(one)]
        assert Mint(world).resume(journey, "wait")["status"] == "finished"
        desk = Desk(reader.people)
        [dst] = [one for path, one in answers.items() if "/DST/" in path and one["status"] == "toSign"]
        assert desk.act(dst, "sign")["status"] == "signed"
        assert world.advance("P40D")

        assert world.control("POST", "snapshots/before/restore").status_code == 204
        world.log_in()
        assert world.read(waiting)["lifecycle"]["state"] == "READY"
        assert world.control("POST", "reset").status_code == 204
        assert world.session()
        reader.close()
    with running(Settings(data_dir=folder)) as server:
        reader = reader_at(server, expected)
        assert reader.world.api.get("/sign/signing-sessions").json()["total"] == 1
        reader.close()


def waiting_steps(journey: Json) -> list[str]:
    return [one["stepId"] for one in journey["activeSteps"]]


def test_a_journey_that_waits_inside_loops_goes_through_the_rest(release: tuple[Path, Json]) -> None:
    folder, expected = release
    [journey] = [
        one for path, one in expected["answers"].items() if "/journeys/" in path and "pause" in waiting_steps(one)
    ]
    with running(Settings(data_dir=folder)) as server:
        reader = reader_at(server, expected)
        mint = Mint(reader.world)
        listed = reader.world.api.get("/mint/journeys", params={"search": "ÆRLIG"})
        assert [one["id"] for one in listed.json()["data"]] == [journey["id"]], listed.text
        assert waiting_steps(mint.resume(journey, "pause", {"said": "second"})) == ["pause"]
        ended = mint.resume(journey, "pause", {"said": "third"})
        assert (ended["status"], ended["activeSteps"]) == ("finished", [])
        turns = [(one["index"], one["stepData"]) for one in ended["loops"]["inner"]]
        said = ((0, "first"), (1, "second"), (0, "third"))
        assert turns == [(at, {"check": {"result": True}, "pause": {"said": one}}) for at, one in said]
        reader.close()
    raw = sqlite3.connect(folder / "workspaces" / NAME / "world.db")
    assert raw.execute("SELECT count(*) FROM mint_item").fetchone() == (0,)
    raw.close()


def test_what_comes_out_has_our_tables_to_the_letter(release: tuple[Path, Json]) -> None:
    folder, expected = release
    path = folder / "workspaces" / NAME / "world.db"
    with closing(Blank()) as blank:
        assert schema_in(path) == upgrading.schema_of(expected["revision"], blank)
    with running(Settings(data_dir=folder)) as server:
        server.sandbox.find(NAME)
        blank = server.sandbox.house.blank
        assert schema_in(path) == blank.schema()
        raw = sqlite3.connect(path)
        assert raw.execute("PRAGMA user_version").fetchone() == (blank.version,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        raw.close()
    assert not list(path.parent.glob("upgrading-*"))


def schema_in(path: Path) -> set[tuple[Any, ...]]:
    raw = sqlite3.connect(path)
    try:
        return set(raw.execute(Blank.SCHEMA).fetchall())
    finally:
        raw.close()


def test_an_upgrade_that_is_cut_off_leaves_the_old_world(
    release: tuple[Path, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, expected = release
    path = folder / "workspaces" / NAME / "world.db"
    before = schema_in(path)

    def fail(*_: object) -> None:
        raise RuntimeError("killed")

    with running(Settings(data_dir=folder)) as server:
        with monkeypatch.context() as patch:
            patch.setattr(upgrading, "_carry", fail)
            with pytest.raises(RuntimeError):
                server.sandbox.find(NAME)
        assert schema_in(path) == before
        reader = reader_at(server, expected)
        reader.close()


def test_a_snapshot_of_a_release_is_taken_in_and_restored(release: tuple[Path, Json], tmp_path: Path) -> None:
    folder, expected = release
    with running(Settings(data_dir=folder)) as server:
        zipped = archive_of(folder / "workspaces" / NAME / "snapshots" / "before")
        world = server.world("other")
        answer = upload(world.url, zipped)
        assert answer.status_code == 201, answer.text
        assert answer.json()["localsign"] == expected["version"]
        assert world.control("GET", "snapshots/old/diff").status_code == 200
        assert world.control("POST", "snapshots/old/restore").status_code == 204
        world.close()
        there = httpx.get(f"{server.url}/_sandbox/v1/workspaces/other", verify=NO_TLS).json()
        assert there["clients"] == expected["description"]["clients"]


def test_a_snapshot_that_is_not_what_it_says_is_refused(release: tuple[Path, Json], tmp_path: Path) -> None:
    folder, _ = release
    snapshot = folder / "workspaces" / NAME / "snapshots" / "before"
    manifest = json.loads((snapshot / "manifest.json").read_text())
    with running(Settings(data_dir=folder)) as server:
        world = server.world("other")
        newer = archive_of(snapshot, manifest | {"schema": (REVISION + 1) << 20})
        refused(upload(world.url, newer), 409, code="other_version")
        between = archive_of(snapshot, manifest | {"schema": 1 << 20 | 5})
        refused(upload(world.url, between), 409, code="other_version")
        raw = sqlite3.connect(snapshot / "world.db")
        raw.execute("CREATE TRIGGER mine AFTER INSERT ON choice BEGIN DELETE FROM choice; END")
        raw.close()
        assert "tables are not those" in refused(upload(world.url, archive_of(snapshot)), 400, "body")["detail"]
        assert world.control("GET", "snapshots").json() == []
        world.close()


def archive_of(snapshot: Path, manifest: Json | None = None) -> bytes:
    """A snapshot's folder as the zip that its localsign would have made of it."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        text = (snapshot / "manifest.json").read_text()
        archive.writestr("manifest.json", json.dumps(manifest) if manifest else text)
        archive.writestr("world.db", (snapshot / "world.db").read_bytes())
        for path in snapshot.glob("blobs/??/*"):
            archive.writestr(f"blobs/{path.parent.name}/{path.name}", path.read_bytes())
    return packed.getvalue()


def upload(url: str, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/zip"}
    return httpx.put(f"{url}/_sandbox/v1/snapshots/old/archive", content=content, headers=headers, verify=NO_TLS)


# ---- what is not older


def made_by_a_newer_one(path: Path) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("UPDATE world SET localsign = '99.1.0'")
    raw.execute("ALTER TABLE world ADD COLUMN colour TEXT")
    raw.execute(f"PRAGMA user_version = {(REVISION + 1) << 20 | 5}")
    raw.close()


def test_a_world_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path)) as server:
        server.world("newer").close()
        server.world("mine").close()
    path = tmp_path / "workspaces" / "newer" / "world.db"
    made_by_a_newer_one(path)
    content = path.read_bytes()
    with running(Settings(data_dir=tmp_path)) as server:
        answer = httpx.get(f"{server.url}/w/newer/_sandbox/v1/clock", verify=NO_TLS)
        detail = refused(answer, 409, code="other_version")["detail"]
        assert "written by a newer localsign 99.1.0" in detail
        assert f"revision {REVISION + 1}" in detail
        assert httpx.get(f"{server.url}/w/mine/_sandbox/v1/clock", verify=NO_TLS).status_code == 200
    assert path.read_bytes() == content


def test_a_server_whose_default_world_is_newer_ends_with_5(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path)):
        pass
    made_by_a_newer_one(tmp_path / "workspaces" / "default" / "world.db")
    ended = run("serve", "--port", "0", "--data-dir", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (5, "")
    assert "written by a newer localsign 99.1.0" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_world_made_between_two_releases_is_taken_if_its_columns_are_ours(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path)) as server:
        server.world("fits").close()
        server.world("not").close()
    for name, statement in (("fits", "DROP INDEX ix_timer_due"), ("not", "ALTER TABLE world DROP COLUMN epoch")):
        raw = sqlite3.connect(tmp_path / "workspaces" / name / "world.db")
        raw.execute(statement)
        raw.execute(f"PRAGMA user_version = {REVISION << 20 | 5}")
        raw.close()
    with running(Settings(data_dir=tmp_path)) as server:
        assert httpx.get(f"{server.url}/w/fits/_sandbox/v1/clock", verify=NO_TLS).status_code == 200
        answer = httpx.get(f"{server.url}/w/not/_sandbox/v1/clock", verify=NO_TLS)
        assert (answer.status_code, answer.json()["code"]) == (503, "workspace_damaged")
        assert "differs in epoch" in answer.json()["detail"]


# ---- models and migrations


def test_the_models_have_the_tables_of_the_newest_revision() -> None:
    assert upgrading.script_of(REVISION) == schema_script(), CHANGED


@pytest.mark.parametrize("revision", range(1, REVISION))
def test_the_migrations_lead_to_the_models(revision: int) -> None:
    assert missing(revision) == "", CHANGED


def test_every_release_has_a_data_folder_and_its_tables_stay_what_they_were() -> None:
    assert set(range(1, REVISION)) <= released().keys()
    assert version_of(upgrading.script_of(1), 1) == FIRST
    for revision in released():
        assert revision_of(version_of(upgrading.script_of(revision), revision)) == revision


def test_nothing_of_alembic_is_loaded_until_a_world_is_older(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from localsign.sandbox import Sandbox; from localsign.settings import Settings\n"
        "for _ in range(2):\n  one = Sandbox(Settings(data_dir=Path(sys.argv[1]))); one.default; one.close()\n"
        "sys.exit(any(name.split('.')[0] == 'alembic' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
