"""The server of a test run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from localsign.testing.choices import SHARED, Choice, address_of
from localsign.testing.keys import SERVERS

if TYPE_CHECKING:
    from localsign import Sandbox


@contextmanager
def server(
    config: pytest.Config, address: str, settings: Mapping[str, Any], mode: str | None = None
) -> "Iterator[Sandbox]":
    """The server that was chosen, started where it has to be. `mode` replaces the one that was chosen."""
    from localsign import CannotStartError, Sandbox

    choice = Choice.of(config)
    chosen: Any = mode or choice.mode
    if chosen == "url":
        token, listen_on, reached_as = getattr(config, "workerinput", {}).get(SHARED, (None, None, None))
        sandbox = Sandbox(choice.url, control_token=token)
        if choice.is_shared:
            sandbox.server.listen_on, sandbox.server.reached_as = listen_on, reached_as
    else:
        more = {"image": config.getini("localsign_image")} if chosen == "docker" else _listening(chosen, address)
        sandbox = Sandbox(mode=chosen, **more, **settings)
    try:
        sandbox.start()
    except CannotStartError as error:
        raise CannotStartError(f"{error}{_hint(config, address)}") from error.__cause__
    running = config.stash.setdefault(SERVERS, [])
    running.append(sandbox)
    try:
        yield sandbox
    finally:
        running.remove(sandbox)
        sandbox.close()


def _listening(mode: str, address: str) -> dict[str, Any]:
    """Where to listen, in the modes in which that can be said."""
    if mode not in ("thread", "subprocess"):
        return {}
    host, port = address_of(address)
    return {"host": host, "port": port}


def _hint(config: pytest.Config, address: str) -> str:
    """What may be wrong where each worker of pytest-xdist wants the same port."""
    if not hasattr(config, "workerinput") or address.endswith(":0"):
        return ""
    return f" Each worker starts a server of its own at {address}: use port 0, or --localsign-shared."
