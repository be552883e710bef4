"""What the report of a failed test says of its workspaces."""

import os
from pathlib import Path

import pytest

from localsign.testing.endings import SNAPSHOT, World, archive_of, timeline_of
from localsign.testing.keys import ENDED, WORLDS

TIMELINE = "localsign timeline"
KEPT = "localsign kept"


def add_sections(report: pytest.TestReport, item: pytest.Item) -> None:
    """Tell what happened in each workspace of `item`, and where it is kept. It never fails: the test has already."""
    for world in _worlds(item):
        report.sections.append((TIMELINE, timeline_of(world)))
        if item.config.option.localsign_keep_failed:
            folder = Path(item.config.rootpath, str(item.config.getini("localsign_keep_dir")))
            report.sections.append((KEPT, _kept(world, folder)))


def _worlds(item: pytest.Item) -> list[World]:
    """Those of the test, and those that end with it; else that of its module, if arranging it has failed."""
    own = item.stash.get(WORLDS, []) + item.config.stash.get(ENDED, [])
    module = item.getparent(pytest.Module)
    if own or module is None or "localsign_module_world" not in getattr(item, "fixturenames", ()):
        return own
    return module.stash.get(WORLDS, [])


def _kept(world: World, folder: Path) -> str:
    """Keep the workspace, and say how to look at it."""
    workspace = world.workspace
    if not world.ends_with_run:
        world.is_kept = True
        return f"It stays at {workspace.url} until you drop it:\n  curl -X DELETE {_control(world)}"
    try:
        file = _write(folder, f"{workspace.name}.zip", archive_of(world))
    except Exception as error:
        return f"It could not be kept: {error}"
    return _HOW_TO_LOOK.format(file=os.path.relpath(file), snapshot=SNAPSHOT)


def _control(world: World) -> str:
    return f"{world.workspace.sandbox.server.url}/_sandbox/v1/workspaces/{world.workspace.name}"


def _write(folder: Path, name: str, content: bytes) -> Path:
    """The file, in a folder that version control ignores, and readable for its owner only: it holds secrets."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    file = folder / name
    file.touch(0o600)
    file.write_bytes(content)
    return file


_HOW_TO_LOOK = """\
Its server ends with this run; the whole world, secrets included, is in {file}.
Look at it in a server of its own (localsign serve):
  curl -X PUT -H 'Content-Type: application/zip' --data-binary @{file} \\
    http://127.0.0.1:8480/_sandbox/v1/snapshots/{snapshot}/archive
  curl -X POST http://127.0.0.1:8480/_sandbox/v1/snapshots/{snapshot}/restore"""
