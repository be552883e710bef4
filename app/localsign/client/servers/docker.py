"""A server in a container, through the `docker` command."""

import contextlib
import os
import secrets
import shutil
import subprocess
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localsign.client.errors import CannotStartError
from localsign.client.servers.server import Server, wait_until_ready
from localsign.settings import PREFIX, Settings

PORT = 8480  # the one that the image exposes
HOST = "host.docker.internal"  # what a container calls the machine it runs on
SECONDS_FOR_A_COMMAND = 120
LAST_WORDS = 2000
FOLDERS = (("init_dir", "/init", "ro"), ("data_dir", "/kept", "rw"))  # settings that name folders of this machine


class Docker(Server):
    """`docker run` of an image of localsign; the container is removed in the end, also when this process ends."""

    listen_on = "0.0.0.0"  # on loopback, no container would reach it
    reached_as = HOST

    def __init__(self, image: str, settings: Settings, timeout: float, options: Sequence[str] = ()) -> None:
        allowed = (*settings.egress_allow, HOST) if HOST not in settings.egress_allow else settings.egress_allow
        # Whoever is on the container's network could ask, so there is a token.
        token = settings.control_token or secrets.token_urlsafe(24)
        inside: dict[str, Any] = {"host": "0.0.0.0", "port": PORT, "egress_allow": allowed, "control_token": token}
        self._volumes: list[str] = []
        for name, place, mode in FOLDERS:
            folder = getattr(settings, name)
            if folder is not None:
                self._volumes += ["--volume", f"{folder.absolute()}:{place}:{mode}"]
                inside[name] = Path(place)
        # A folder of one's own cannot be written by the image's user; group 0 has the image's folders.
        is_kept = settings.data_dir is not None and hasattr(os, "getuid")
        self._user = ["--user", f"{os.getuid()}:0"] if is_kept else []
        self._settings = settings.model_copy(update=inside)
        self.control_token = token
        self._image = image
        self._timeout = timeout
        self._options = list(options)
        self._container: str | None = None
        self._remove: weakref.finalize | None = None  # type: ignore[type-arg]

    def start(self) -> None:
        given = self._settings.environment()
        names = [word for name in sorted(given) for word in ("--env", name)]  # values stay out of the list of processes
        where = ["--publish", f"127.0.0.1::{PORT}", "--add-host", f"{HOST}:host-gateway"]
        # Without --rm: what ended by itself can still say why.
        options = [*where, *self._user, *self._volumes, *names, *self._options]
        container = _docker("run", "--detach", *options, self._image, given=given)
        self._container = container
        self._remove = weakref.finalize(self, _remove, container)
        try:
            addresses = _docker("port", container, f"{PORT}/tcp").split()
            self.url = f"http://{addresses[0]}"
            wait_until_ready(self.url, self._timeout, has_ended=lambda: _has_ended(container))
        except (CannotStartError, IndexError) as error:
            said = _last_words(container)
            self.stop()
            raise CannotStartError(f"the container of {self._image} did not start: {error} {said}".strip()) from None

    def stop(self) -> None:
        if self._remove is not None:
            self._remove()
            self._remove = self._container = None


def _docker(*command: str, given: dict[str, str] | None = None) -> str:
    """What the command says; CannotStartError with its words where it fails."""
    program = shutil.which("docker")
    if program is None:
        raise CannotStartError("there is no docker command on the PATH: install Docker, or choose another mode")
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    try:
        done = subprocess.run(
            [program, *command],
            env={**others, **(given or {})},
            capture_output=True,
            text=True,
            timeout=SECONDS_FOR_A_COMMAND,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotStartError(f"docker {command[0]} took more than {SECONDS_FOR_A_COMMAND} s") from None
    if done.returncode != 0:
        raise CannotStartError(f"docker {command[0]} failed: {(done.stderr or done.stdout).strip()[-LAST_WORDS:]}")
    # A container's log comes on the stream that it was written to.
    return (done.stdout + done.stderr if command[0] == "logs" else done.stdout).strip()


def _last_words(container: str) -> str:
    try:
        return _docker("logs", "--tail", "20", container)
    except CannotStartError:
        return ""


def _has_ended(container: str) -> bool:
    try:
        return _docker("inspect", "--format", "{{.State.Running}}", container) == "false"
    except CannotStartError:
        return True


def _remove(container: str) -> None:
    with contextlib.suppress(CannotStartError):  # somebody else has removed it
        _docker("rm", "--force", "--volumes", container)  # or the volume of each would stay
