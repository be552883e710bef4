"""What the hooks and the fixtures both know. Imported with the plugin, so it imports next to nothing."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from localsign import Sandbox  # noqa: F401  # these are named in texts below
    from localsign.testing.endings import World  # noqa: F401

MODES = ("thread", "asgi", "subprocess", "url", "docker")
WORLDS = pytest.StashKey["list[World]"]()  # of a test, or of a module
OBSERVER = "localsign-observer"  # the name of the plugin that looks at workspaces before they are dropped
# Of a configuration: worlds whose fixture has ended, which a report may have to tell of; while fixtures begin and end,
# whether the server of the run lasts until that report; and the servers that last as long as the run.
ENDED = pytest.StashKey["list[World]"]()
LASTS = pytest.StashKey[bool | None]()
SERVERS = pytest.StashKey["list[Sandbox]"]()
NODE_CHOICES = pytest.StashKey[set[str]]()  # the switches that its workspaces asked for
VARIANT = pytest.StashKey[tuple[str, str]]()  # of a test that runs again: the switch, and its other value
