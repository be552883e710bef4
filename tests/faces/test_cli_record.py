"""`localsign record`, and what it says when it cannot."""

import json
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.faces.commanding import NOWHERE, Commands
from tests.recording.replaying import replay
from tests.world import World

from localsign.cli.exits import Exit


@pytest.fixture
def commands(server: Server, world: World, tmp_path: Path) -> Commands:
    return Commands(server, world, tmp_path)


def test_a_test_is_written_and_passes(commands: Commands, world: World, tmp_path: Path) -> None:
    world.sign(world.session())
    file = tmp_path / "test_rental.py"
    assert commands.ok("record", str(file)) == f"{file} is written.\n"
    replay(commands.server, file.read_text())
    assert "def test_rental(" in commands.ok("record", "--name", "rental")


def test_a_recording_is_saved_and_made_something_of_without_a_server(
    commands: Commands, world: World, tmp_path: Path
) -> None:
    world.sign(world.session())
    saved = tmp_path / "rental.json"
    told = commands.told("record", str(saved), "--to", "json")
    assert told == {"written": str(saved), "kind": "json", "notes": []}
    away = {"LOCALSIGN_URL": NOWHERE}
    diagram = tmp_path / "rental.mmd"
    commands.ok("record", "--from", str(saved), str(diagram), **away)
    assert diagram.read_text().startswith("sequenceDiagram\n")
    source = commands.ok("record", "--from", str(saved), **away)
    assert source == commands.ok("record")
    collection = json.loads(commands.ok("record", "--from", "-", "--to", "postman", given=saved.read_text()))
    assert [one["name"] for one in collection["item"]][-1].endswith("sandbox.act_on_signing_session")


def test_an_archive_and_commands_come_from_the_journal(commands: Commands, world: World, tmp_path: Path) -> None:
    world.upload()
    archive = tmp_path / "rental.har"
    commands.ok("record", str(archive), "--operation", "sign.upload_document")
    assert len(json.loads(archive.read_text())["log"]["entries"]) == 1
    assert "curl -s" in commands.ok("record", "--to", "curl")
    assert "a running server gives it" in commands.refused(Exit.USAGE, "record", "--from", str(archive), "--to", "har")


def test_what_is_no_recording_is_said(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for content, why in (("{", "no recording"), ("[]", "no recording"), ('{"steps": 1}', "workspace: Field required")):
        file.write_text(content)
        assert why in commands.refused(Exit.BAD_CONFIGURATION, "record", "--from", str(file))
    commands.refused(Exit.ERROR, "record", "--from", str(tmp_path / "nowhere.json"))
    assert "--name a-b" in commands.refused(Exit.USAGE, "record", "--name", "a-b")


def test_what_cannot_be_done_again_is_told(commands: Commands, world: World) -> None:
    session = world.session()
    commands.ok("journal", "clear")
    since = commands.told("journal", "count")["last"]
    world.read(session)
    done = commands.run("record", "--since", str(since))
    assert f"localsign: Entry {since + 1} is about {session['id']}, which no earlier answer has." in done.stderr
    assert done.exit_code == 0


def test_a_test_that_begins_with_a_snapshot_has_it_beside_it(commands: Commands, world: World, tmp_path: Path) -> None:
    session = world.session()
    commands.ok("snapshot", "save", "before")
    world.sign(session)
    file = tmp_path / "test_signed.py"
    archive = tmp_path / "before.zip"
    said = commands.ok("record", str(file), "--after", "before")
    assert said == f"{file} is written, and {archive}, which has the secrets of the world.\n"
    assert archive.stat().st_mode & 0o077 == 0
    replay(commands.server, file.read_text(), folder=tmp_path)
    assert "--after is for tests" in commands.refused(Exit.USAGE, "record", "--to", "har", "--after", "before")
