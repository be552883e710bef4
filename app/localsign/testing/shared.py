"""One server for all workers of pytest-xdist: the process that controls them starts it, and ends it."""

from contextlib import ExitStack
from typing import Any

import pytest

from localsign.testing.choices import SHARED, SHARED_URL, settings_of
from localsign.testing.servers import server

_RUNNING = pytest.StashKey[dict[str, Any]]()


def tell(node: Any) -> None:
    """Tell a worker that is about to start where the server is; the first finds that there is none yet."""
    config: pytest.Config = node.config
    if _RUNNING not in config.stash:
        config.stash[_RUNNING] = _start(config)
    node.workerinput |= config.stash[_RUNNING]


def _start(config: pytest.Config) -> dict[str, Any]:
    """Fixtures that a project overrides are not known here: only its configuration counts."""
    until_the_end = ExitStack()
    sandbox = until_the_end.enter_context(server(config, str(config.getini("localsign_address")), settings_of(config)))
    config.add_cleanup(until_the_end.close)
    # A container calls this machine, on which workers have their receivers, by another name than the machine itself.
    own = sandbox.server
    return {SHARED_URL: sandbox.url, SHARED: [sandbox.control_token, own.listen_on, own.reached_as]}
