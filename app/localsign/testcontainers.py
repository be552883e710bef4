"""A container of localsign for Testcontainers: `pip install localsign[testcontainers]`."""

import secrets
from typing import Any, Self

from testcontainers.core.container import DockerContainer

from localsign.client.servers.choosing import IMAGE, SECONDS_TO_START
from localsign.client.servers.docker import HOST, PORT
from localsign.client.servers.server import wait_until_ready
from localsign.client.sync.sandbox import Sandbox


class LocalsignContainer(DockerContainer):
    """localsign in a container, ready when `start` or `with` is through.

    Args:
        image: the image of localsign.
        control_token: what its control plane asks for; made up if not given.
        options: those of `DockerContainer`.
    """

    def __init__(self, image: str = IMAGE, *, control_token: str | None = None, **options: Any) -> None:
        super().__init__(image, **{"extra_hosts": {HOST: "host-gateway"}, **options})
        self.control_token = control_token or secrets.token_urlsafe(24)
        self.with_exposed_ports(PORT)
        self.with_env("LOCALSIGN_CONTROL_TOKEN", self.control_token)
        self.with_env("LOCALSIGN_EGRESS_ALLOW", HOST)

    def start(self) -> Self:
        """Run it; CannotStartError where it does not become ready."""
        super().start()
        try:
            wait_until_ready(self.url, SECONDS_TO_START)
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def url(self) -> str:
        """Where it is reached from this machine."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def sandbox(self) -> Sandbox:
        """A sandbox over it, not yet started: a context manager."""
        sandbox = Sandbox(self.url, control_token=self.control_token)
        sandbox.server.listen_on, sandbox.server.reached_as = "0.0.0.0", HOST
        return sandbox
