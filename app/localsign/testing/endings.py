"""Worlds whose fixture has ended. They stay until the report of that phase is made, as it may have to tell of them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from localsign.testing.keys import ENDED, LASTS, SERVERS

if TYPE_CHECKING:
    from localsign import Workspace

SNAPSHOT = "failed"


@dataclass
class World:
    """A workspace of a test, as its report needs it.

    `ends_with_run`: nobody can look at it when the run is over. `is_kept`: a report has said that it stays. `text` and
    `archive` are what is left of one that had to end before the report: its timeline, and a snapshot if it may be kept.
    """

    workspace: "Workspace"
    ends_with_run: bool
    is_kept: bool = False
    text: str | None = None
    archive: bytes | None = None


def leave(config: pytest.Config, world: World) -> None:
    """End `world` when the report of this phase is made; now, if none will be."""
    lasts = config.stash.get(LASTS, None)
    if lasts is None:
        _end(world)
        return
    if not _outlives(config, world, lasts=lasts):
        world.text = timeline_of(world)
        if config.option.localsign_keep_failed:
            with suppress(Exception):  # a report says that it could not be kept
                world.archive = archive_of(world)
        _end(world)
    config.stash.setdefault(ENDED, []).append(world)


def finish(config: pytest.Config) -> list[str]:
    """End what has stayed for a report; a sentence for each that could not be dropped."""
    worlds = config.stash[ENDED]
    del config.stash[ENDED]
    return [said for world in worlds if world.text is None and (said := _end_somehow(world))]


def timeline_of(world: World) -> str:
    """What happened in it. It never fails: the test has already."""
    if world.text is not None:
        return world.text
    try:
        with _reached(world) as workspace:
            return workspace.timeline().text
    except Exception as error:  # a server that has died must not hide why
        return f"It cannot be told: {error}"


def archive_of(world: World) -> bytes:
    """All of it, as a file that another server takes."""
    if world.archive is not None:
        return world.archive
    with _reached(world) as workspace:
        return workspace.snapshot(SNAPSHOT).archive()


def _outlives(config: pytest.Config, world: World, *, lasts: bool) -> bool:
    """Whether its server is still there when the report is made."""
    from localsign.client.servers.server import Remote

    sandbox = world.workspace.sandbox
    is_ours = any(sandbox is one for one in config.stash.get(SERVERS, []))  # whose fixture lasts as long as the run
    return isinstance(sandbox.server, Remote) or (lasts and is_ours)


def _end_somehow(world: World) -> str | None:
    """End it where no fixture can fail any more; what it failed by."""
    try:
        _end(world)
    except Exception as error:
        return f"{world.workspace.name} could not be dropped: {error}"
    return None


def _end(world: World) -> None:
    if world.is_kept:
        world.workspace.keep = True
    with _reached(world) as workspace:
        workspace.keep = world.workspace.keep
        workspace.close()


@contextmanager
def _reached(world: World) -> "Iterator[Workspace]":
    """The workspace, also where the fixture of its server has ended before the server."""
    from localsign import Sandbox, SandboxError

    sandbox = world.workspace.sandbox
    try:
        _ = sandbox.url
    except SandboxError:  # it is closed
        server = sandbox.server
        with Sandbox(server.url, control_token=sandbox.control_token, ca=server.ca) as again:
            yield again.attach(world.workspace.name)
    else:
        yield world.workspace
