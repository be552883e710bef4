"""The workspaces of tests: made as markers say, dropped afterwards, kept where a test failed and that was asked for."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localsign.resources import fixtures_folder
from localsign.testing import endings, marks
from localsign.testing.choices import Choice
from localsign.testing.endings import World
from localsign.testing.keys import OBSERVER, VARIANT, WORLDS
from localsign.testing.marks import Beginning

if TYPE_CHECKING:
    from localsign import Sandbox, Workspace

_LONGEST_NAME = 40  # of the part that tells of the test


@contextmanager
def new_world(request: pytest.FixtureRequest, sandbox: "Sandbox", seed: str | int | None) -> "Iterator[Workspace]":
    """A workspace that begins as the markers of the test say."""
    node = request.node
    beginning = Beginning.of(node.iter_markers(marks.NAME), seed)
    fixture, document = beginning.fixture, _varied(node, beginning.document)
    name = _name(node)
    if document is None:
        workspace = sandbox.workspace(name, seed=beginning.seed, fixture=fixture)
        fixture = None
    else:
        workspace = sandbox.workspace(name, seed=beginning.seed, document=document)
    with _kept_in_mind(node, workspace):
        if fixture is not None:  # now, as the document may have set the clock and what people do
            workspace.seed(_file_of(fixture))
        yield workspace


@contextmanager
def forked_world(request: pytest.FixtureRequest, original: "Workspace") -> "Iterator[Workspace]":
    """A copy of the workspace of a module; markers of the test alone, not those of its module, add to it."""
    node = request.node
    own = [
        mark
        for holder, mark in node.iter_markers_with_node(marks.NAME)
        if isinstance(holder, pytest.Item | pytest.Class)
    ]
    beginning = Beginning.of(own)
    if beginning.seed is not None or beginning.fixture is not None:
        raise pytest.UsageError("localsign_module is a copy: give seed and fixture to the module, by its pytestmark")
    with _kept_in_mind(node, original.fork(_name(node))) as workspace:
        document = _varied(node, beginning.document)
        if document is not None:
            workspace.seed(document)
        yield workspace


@contextmanager
def _kept_in_mind(node: pytest.Item | pytest.Collector, workspace: "Workspace") -> "Iterator[Workspace]":
    """While a test runs, its report can find the workspace; after it, it is dropped, or kept."""
    config = node.config
    choice = Choice.of(config)
    world = World(workspace, ends_with_run=choice.mode != "url" or choice.is_shared)
    worlds = node.stash.setdefault(WORLDS, [])
    worlds.append(world)
    try:
        yield workspace
    finally:
        worlds.remove(world)
        observer = config.pluginmanager.get_plugin(OBSERVER)
        if observer is not None:
            observer.look(node, workspace)
        endings.leave(config, world)


def _file_of(fixture: str) -> Path:
    """The seed document called `fixture` that comes with localsign."""
    folder = fixtures_folder() / "seeds"
    known = {path.stem: path for path in folder.glob("*.yaml")}
    if fixture not in known:
        raise pytest.UsageError(f"there is no fixture '{fixture}'; there are {', '.join(sorted(known))}")
    return known[fixture]


def _varied(node: pytest.Item | pytest.Collector, document: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The document, with the choice that the test runs again for."""
    if VARIANT not in node.stash:
        return document
    name, value = node.stash[VARIANT]
    document = document or {}
    return {**document, "switches": {**document.get("switches", {}), name: value}}


def _name(node: pytest.Item | pytest.Collector) -> str:
    """A name that tells of the test, and that no other run on the same server can have as well."""
    told = re.sub("[^a-z0-9]+", "-", node.name.lower()).strip("-")[:_LONGEST_NAME].strip("-") or "test"
    return f"{told}-{secrets.token_hex(5)}"
