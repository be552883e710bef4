"""What the hooks and the fixtures both know. Imported with the plugin, so it imports next to nothing."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localsign.testing.worlds import World  # noqa: F401  # named in a text below

MODES = ("thread", "asgi", "subprocess", "url", "docker")
WORLDS = pytest.StashKey["list[World]"]()  # of a test, or of a module
FAILED = pytest.StashKey[bool]()  # of a test, once a part of it has failed
