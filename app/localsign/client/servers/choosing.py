"""From what a sandbox is given to its server."""

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from localsign.client.errors import CannotStartError, SandboxError
from localsign.client.servers.server import Remote, Server

Mode = Literal["thread", "asgi", "subprocess", "url", "docker"]
URL = "LOCALSIGN_URL"
TOKEN = "LOCALSIGN_CONTROL_TOKEN"
CA = "LOCALSIGN_CA"
DEFAULT_URL = "http://127.0.0.1:8480"
IMAGE = "localsign"
SECONDS_TO_START = 60.0


def choose(
    url: str | None,
    mode: Mode | None,
    *,
    control_token: str | None,
    ca: Path | str | None,
    image: str,
    docker_options: Sequence[str],
    timeout: float,
    settings: Mapping[str, Any],
) -> Server:
    """The server, not yet started. Without a mode: the one at `url` or LOCALSIGN_URL, else one in a thread."""
    if mode is not None and mode not in get_args(Mode):
        raise SandboxError(f"there is no mode '{mode}': choose one of {', '.join(get_args(Mode))}")
    if url is not None and mode not in (None, "url"):
        raise SandboxError(f"a url is of a server that runs already, so it does not go with the mode '{mode}'")
    chosen = mode or ("url" if url or os.environ.get(URL) else "thread")
    if chosen == "url":
        if settings:
            raise SandboxError(f"{', '.join(sorted(settings))}: the settings of a server that runs cannot be changed")
        address = url or os.environ.get(URL) or DEFAULT_URL
        token = control_token or os.environ.get(TOKEN) or None
        return Remote(address, token, timeout, ca or os.environ.get(CA) or None)
    if ca is not None:
        raise SandboxError(f"a ca is for a server that runs already; one in the mode '{chosen}' is trusted as it is")
    return _started_here(chosen, control_token, image, docker_options, timeout, settings)


def _started_here(
    mode: str,
    control_token: str | None,
    image: str,
    docker_options: Sequence[str],
    timeout: float,
    given: Mapping[str, Any],
) -> Server:
    from localsign.settings import LOOPBACK, Settings, SettingsError

    try:
        settings = Settings.from_environment(os.environ, **{"port": 0, **given}, control_token=control_token)
    except SettingsError as error:
        raise CannotStartError(str(error)) from None
    if settings.host not in LOOPBACK and settings.control_token is None:
        settings = settings.model_copy(update={"control_token": secrets.token_urlsafe(24)})  # others could ask as well
    if settings.workers > 1 and mode in ("thread", "asgi"):
        raise CannotStartError(f"several workers need processes of their own: mode 'subprocess' has them, not '{mode}'")
    if mode == "docker":
        from localsign.client.servers.docker import Docker

        return Docker(image, settings, timeout, docker_options)
    if mode == "subprocess":
        from localsign.client.servers.process import Process

        return Process(settings, timeout)
    from localsign.client.servers.inside import InProcess, Threaded

    return Threaded(settings) if mode == "thread" else InProcess(settings)
