"""What is uploaded as a snapshot may be anything; what is none is refused, leaves nothing, and changes nothing."""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from tests.control.test_snapshots import download, save, upload
from tests.world import World, refused

Files = dict[str, bytes]


@pytest.fixture
def good(world: World) -> Files:
    """The files of a snapshot that would be taken."""
    world.session()
    save(world)
    with zipfile.ZipFile(BytesIO(download(world))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def is_refused(world: World, content: bytes, *words: str) -> None:
    body = refused(upload(world, content), 400, "body")
    for word in words:
        assert word in body["detail"]
    assert [one["name"] for one in world.control("GET", "snapshots").json()] in ([], ["before"])


def test_what_was_packed_anew_is_taken(world: World, good: Files) -> None:
    for number, method in enumerate((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)):
        assert upload(world, packed(good, method), f"again-{number}").status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", b"PK", b"PK\x05\x06" + bytes(17), bytes(100_000), b"%PDF-1.7",
        b"PK\x05\x06" + bytes(8) + b"\xff\xff\xff\x01" + b"\0" * 6,
        b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + bytes(18),
        b"PK\x03\x04" + bytes(30) + b"PK\x05\x06" + bytes(4) + b"\x01\0\x01\0" + b"\x20\0\0\0" + bytes(6),
    ],
)  # fmt: skip
def test_what_is_no_zip_is_refused(world: World, content: bytes) -> None:
    is_refused(world, content, "zip")


@pytest.mark.parametrize("cut", [1, 100, 5000])
def test_a_zip_that_is_cut_or_changed_is_refused(world: World, good: Files, cut: int) -> None:
    whole = packed(good)
    is_refused(world, whole[:-cut])
    changed = bytearray(packed(good, zipfile.ZIP_STORED))
    changed[200 + cut] ^= 0xFF
    is_refused(world, bytes(changed))


@pytest.mark.parametrize(
    "name",
    [
        "../../evil",
        "/etc/passwd",
        "blobs/../../evil",
        "blobs/ab/cd",
        "world.db-wal",
        "manifest.json/x",
        "a\\b",
        "world.db ",
    ],
)
def test_an_entry_that_no_snapshot_has_is_refused(world: World, good: Files, name: str) -> None:
    is_refused(world, packed({**good, name: b"x"}))


def test_bytes_are_those_of_their_name(world: World, good: Files) -> None:
    digest = hashlib.sha256(b"right").hexdigest()
    is_refused(world, packed({**good, f"blobs/{digest[:2]}/{digest}": b"wrong"}), "bytes")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(world: World, good: Files) -> None:
    whole = BytesIO(packed(good))
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("world.db", b"another")
    is_refused(world, whole.getvalue(), "two entries")


def test_an_entry_packed_in_another_way_is_refused(world: World, good: Files) -> None:
    is_refused(world, packed(good, zipfile.ZIP_BZIP2), "deflate")
    encrypted = bytearray(packed(good))
    for at in (encrypted.find(b"PK\x03\x04") + 6, encrypted.find(b"PK\x01\x02") + 8):
        encrypted[at] |= 1
    is_refused(world, bytes(encrypted), "encrypted")


def test_a_bomb_does_not_go_off(world: World, good: Files) -> None:
    digest = hashlib.sha256(bytes(700 * 1024 * 1024)[:10]).hexdigest()
    whole = BytesIO(packed(good))
    with (
        zipfile.ZipFile(whole, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"blobs/{digest[:2]}/{digest}", "w") as entry,
    ):
        for _ in range(550):
            entry.write(bytes(1024 * 1024))
    assert len(whole.getvalue()) < 2 * 1024 * 1024
    refused(upload(world, whole.getvalue()), 413)
    liar = whole.getvalue().replace((550 * 1024 * 1024).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    is_refused(world, liar)


@pytest.mark.parametrize("missing", ["world.db", "manifest.json"])
def test_an_entry_that_every_snapshot_has_is_missed(world: World, good: Files, missing: str) -> None:
    is_refused(world, packed({name: content for name, content in good.items() if name != missing}), missing)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{", b"null", b"{}", b"\xff", b'{"format": "x"}', b"[" * 5000, b"[" + b" " * 70_000 + b"]"],
)
def test_a_manifest_that_is_none_is_refused(world: World, good: Files, manifest: bytes) -> None:
    is_refused(world, packed({**good, "manifest.json": manifest}), "manifest")


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("format", 2, 400), ("at", "yesterday", 400), ("at", 5, 400), ("workspace", "\ud800", 400), ("schema", 5, 409),
     ("format", 1e400, 400), ("schema", None, 400)],
)  # fmt: skip
def test_a_manifest_of_something_else_is_refused(
    world: World, good: Files, name: str, value: object, status: int
) -> None:
    manifest = {**json.loads(good["manifest.json"]), name: value}
    answer = upload(world, packed({**good, "manifest.json": json.dumps(manifest).encode()}))
    assert answer.status_code == status, answer.text


# ---- the database


def changed(tmp_path: Path, database: bytes, *statements: str) -> bytes:
    path = tmp_path / "world.db"
    path.write_bytes(database)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statements", "word"),
    [
        (["CREATE TABLE extra (x)"], "tables"),
        (["CREATE TRIGGER t AFTER INSERT ON document BEGIN DELETE FROM client; END"], "tables"),
        (["CREATE VIEW v AS SELECT 1"], "tables"),
        (["DROP TABLE document"], "tables"),
        (["DROP INDEX ix_document_digest"], "tables"),
        (["ALTER TABLE document ADD COLUMN extra"], "tables"),
        (
            [
                "PRAGMA writable_schema=ON",
                "UPDATE sqlite_schema SET sql='CREATE TABLE document(x)' WHERE name='document'",
            ],
            "",
        ),
        (["PRAGMA user_version = 5"], "user_version"),
        (["PRAGMA page_size = 512", "VACUUM"], "page_size"),
        (["PRAGMA ignore_check_constraints=ON", "UPDATE document SET state='BOGUS'"], ""),
        (["UPDATE document SET created_at='yesterday'"], "'document'"),
        (["UPDATE document SET created_at=9e18"], "'document'"),
        (["UPDATE document SET size='many'"], "'document'"),
        (["UPDATE document SET id='not an id'"], "'document'"),
        (["UPDATE document SET id=x'00ff'"], "'document'"),
        (["UPDATE document SET filename=CAST(x'ff' AS TEXT)"], ""),
        (["UPDATE signing_session SET wanted='{'"], "'signing_session'"),
        (["UPDATE signing_session SET wanted=5.5"], "'signing_session'"),
        (["DELETE FROM world"], "which world"),
        (["INSERT INTO world (id, drawn, epoch, offset_us) VALUES (2, 0, 0, 0)"], "which world"),
        (["UPDATE world SET drawn=-1"], "world"),
        (["UPDATE world SET offset_us=9223372036854775807"], "time"),
        (["UPDATE world SET frozen_at=-5"], "time"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_database_that_is_no_world_is_refused(
    world: World, good: Files, tmp_path: Path, statements: list[str], word: str
) -> None:
    is_refused(world, packed({**good, "world.db": changed(tmp_path, good["world.db"], *statements)}), "world.db", word)


def spoil(at: int) -> Callable[[bytes], bytes]:
    return lambda database: database[:at] + b"\xff" * 64 + database[at + 64 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda database: b"",
        lambda database: b"x" * 5000,
        lambda database: database[:4096],
        lambda database: database[:-100],
        spoil(0),
        spoil(100),
        spoil(4096 * 3),
        spoil(4096 * 5 + 2),
    ],
)
def test_a_damaged_database_is_refused(world: World, good: Files, damage: Callable[[bytes], bytes]) -> None:
    is_refused(world, packed({**good, "world.db": damage(good["world.db"])}), "world.db")
