"""What the hooks and the fixtures both know. Imported with the plugin, so it imports next to nothing."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localsign.testing.worlds import World  # noqa: F401  # named in a text below

MODES = ("thread", "asgi", "subprocess", "url", "docker")
WORLDS = pytest.StashKey["list[World]"]()  # of a test, or of a module
OBSERVER = "localsign-observer"  # the name of the plugin that looks at workspaces before they are dropped
FAILED = pytest.StashKey[bool]()  # of a test, once a part of it has failed
NODE_CHOICES = pytest.StashKey[set[str]]()  # the switches that its workspaces asked for
VARIANT = pytest.StashKey[tuple[str, str]]()  # of a test that runs again: the switch, and its other value
