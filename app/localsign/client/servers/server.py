"""What every way to a server has in common."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from localsign.client.errors import CannotStartError, SandboxError
from localsign.client.portal import Portal
from localsign.client.transports import network

PAUSE = 0.02
BETWEEN_LOOKS = 1.0  # whether what was started still runs


class Server:
    """A localsign to talk to. `start` and `stop` block."""

    url = ""
    control_token: str | None = None
    ca: Path | str | None = None  # the authority to trust, as a PEM file; without it, this machine is trusted
    portal: Portal | None = None  # where it answers without a port
    listen_on = "127.0.0.1"  # where a receiver of webhooks has to listen for it,
    reached_as = "127.0.0.1"  # and by what name it calls that

    def start(self) -> None:
        """Set `url`; CannotStartError where that fails."""

    def stop(self) -> None:
        """End what `start` has begun."""

    def make(self, name: str | None) -> dict[str, Any] | None:  # noqa: ARG002
        """A new workspace, as the control plane describes it; None where that has to be asked, or would refuse it."""
        return None

    def drop(self, name: str) -> bool:  # noqa: ARG002
        """End a workspace; False where the control plane has to be asked to, or would refuse it."""
        return False


def is_ready(url: str, ca: Path | str | None = None) -> bool:
    """Whether the server at `url` is ready; httpx.TransportError where nobody answers."""
    with httpx.Client(verify=network(url, ca), trust_env=False, timeout=5) as client:
        return client.get(f"{url}/_sandbox/health/ready").status_code == httpx.codes.OK


def wait_until_ready(
    url: str, seconds: float, ca: Path | str | None = None, has_ended: Callable[[], bool] | None = None
) -> None:
    """Return when the server at `url` is ready; CannotStartError when the time is over, or the server has ended."""
    deadline = time.monotonic() + seconds
    next_look = time.monotonic() + BETWEEN_LOOKS
    while True:
        try:
            if is_ready(url, ca):
                return
            reason = "it says that it is starting"
        except httpx.TransportError as error:
            reason = str(error)
        if time.monotonic() >= deadline:
            raise CannotStartError(f"{url} was not ready within {seconds:g} s: {reason}")
        if has_ended is not None and time.monotonic() >= next_look:
            if has_ended():
                raise CannotStartError("it ended.")
            next_look = time.monotonic() + BETWEEN_LOOKS
        time.sleep(PAUSE)


class Remote(Server):
    """A server that runs already."""

    def __init__(self, url: str, control_token: str | None, timeout: float, ca: Path | str | None = None) -> None:
        self.url = url.rstrip("/")
        self.control_token = control_token
        self.ca = ca
        self._timeout = timeout

    def start(self) -> None:
        """SandboxError where nobody listens; one that is starting is waited for."""
        try:
            is_up = is_ready(self.url, self.ca)
        except OSError as error:
            raise SandboxError(f"{self.ca} is no PEM file of an authority that can be read: {error}") from error
        except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SandboxError(
                    f"{self.url} is not trusted ({error}). "
                    "Name the PEM file of its authority: ca=…, --ca or LOCALSIGN_CA"
                ) from error
            raise SandboxError(
                f"{self.url} cannot be reached ({error}). Is it running? Start it with: localsign serve"
            ) from error
        if not is_up:
            wait_until_ready(self.url, self._timeout, self.ca)
