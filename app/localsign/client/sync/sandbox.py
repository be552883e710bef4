# Made from app/localsign/client/aio/sandbox.py by `make face`: change that instead.
"""The sandbox: a server, and its workspaces."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack, cast

import httpx

from localsign.client.blocking import Blocking
from localsign.client.credentials import Credentials
from localsign.client.errors import SandboxError
from localsign.client.servers.choosing import IMAGE, SECONDS_TO_START, Mode, choose
from localsign.client.shapes.asking import Instant, ServerSettings
from localsign.client.shapes.worlds import Fixture, Health, Surface, WorkspaceName
from localsign.client.spelling import given
from localsign.client.sync.control import Control
from localsign.client.sync.workspace import Workspace
from localsign.client.tokens import Secret
from localsign.client.transports import Pool

DEFAULT = "default"


class Sandbox:
    """A localsign: one that is started for you, or one that runs already.

    Args:
        url: a server that runs already. Default: LOCALSIGN_URL, if that is set.
        mode: where the server is. `thread`: in this process, on a free port; the default without a `url`. `asgi`: in
            this process, without a port. `subprocess`: in a process of its own. `docker`: in a container of `image`.
            `url`: it runs already.
        control_token: what the control plane of the server asks for. Default: LOCALSIGN_CONTROL_TOKEN.
        ca: PEM file of the authority to trust, for a `url` with https. Default: LOCALSIGN_CA; on this machine any
            certificate will do.
        image: the image of the mode `docker`, and `docker_options` what goes before it in `docker run`.
        start_timeout: seconds that the server may take to become ready.
        settings: those of docs/settings.md, for a server that is started here; they win over LOCALSIGN_*.

    Use it as a context manager, or call `start` and `close`.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        mode: Mode | None = None,
        control_token: str | None = None,
        ca: Path | str | None = None,
        image: str = IMAGE,
        docker_options: Sequence[str] = (),
        start_timeout: float = SECONDS_TO_START,
        **settings: Unpack[ServerSettings],
    ) -> None:
        self.server = choose(
            url,
            mode,
            control_token=control_token,
            ca=ca,
            image=image,
            docker_options=docker_options,
            timeout=start_timeout,
            settings=cast(Mapping[str, Any], settings),
        )
        self._pool: Pool | None = None
        self._http: httpx.Client | None = None
        self._default: Workspace | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.server.url if self._http else 'not started'}>"

    # ---- its life

    def start(self) -> Self:
        """Start the server, or make sure that it is there. CannotStartError, SandboxError."""
        if self._http is not None:
            return self
        Blocking.run(self.server.start)
        try:
            self._pool = Pool(self.server.url, self.server.portal, self.server.ca)
            auth = Secret(self.server.control_token)
            self._http = httpx.Client(transport=self._pool, base_url=self.server.url, auth=auth)
            self._default = self.attach(DEFAULT)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End the server if it was started here; and all that was opened."""
        http, pool, self._http, self._pool, self._default = self._http, self._pool, None, None, None
        if http is not None:
            http.close()
        if pool is not None:
            pool.end()
        Blocking.run(self.server.stop)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- what it is

    @property
    def url(self) -> str:
        """Where the server is."""
        self._started()
        return self.server.url

    @property
    def control_token(self) -> str | None:
        """What its control plane asks for, if anything."""
        return self.server.control_token

    @property
    def pool(self) -> Pool:
        """The transport of its clients: `httpx.Client(transport=sandbox.pool)` reaches it in every mode."""
        self._started()
        assert self._pool is not None
        return self._pool

    @property
    def default(self) -> Workspace:
        """The workspace `default`, which is always there."""
        self._started()
        assert self._default is not None
        return self._default

    def health(self) -> Health:
        """Whether it is ready."""
        answer = self._started().get("/_sandbox/health/ready")
        return cast(Health, answer.json())

    def is_live(self) -> bool:
        """Whether it answers at all."""
        return (self._started().get("/_sandbox/health/live")).is_success

    def ca(self) -> bytes:
        """The certificate of the test authority, in PEM: what is signed here is valid under it."""
        return (self._control().ask("GET", "v1/ca.pem")).content

    def tls_ca(self) -> bytes:
        """The authority of a server with `tls="self-signed"`, in PEM; SandboxError where there is none."""
        return (self._control().ask("GET", "v1/tls/ca.pem")).content

    def openapi(self, name: str) -> dict[str, Any]:
        """The OpenAPI document of an API: `sign`, `mint`, … or `sandbox`."""
        return cast(dict[str, Any], (self._control().ask("GET", f"openapi/{name}.json")).json())

    def surface(self) -> Surface:
        """Everything of the emulated APIs that a client can meet."""
        return cast(Surface, self._control().get("surface"))

    def fixtures(self) -> list[Fixture]:
        """The seed documents that come with it."""
        return cast(list[Fixture], self._control().get("seeds"))

    def seed_schema(self) -> dict[str, Any]:
        """The JSON Schema of a seed document."""
        return cast(dict[str, Any], self._control().get("seeds/schema"))

    def metrics(self) -> str:
        """The metrics of the whole installation, as Prometheus reads them."""
        return (self._control().ask("GET", "metrics")).text

    # ---- workspaces

    def workspace(
        self,
        name: str | None = None,
        *,
        seed: str | int | None = None,
        clock: Instant | None = None,
        document: Mapping[str, Any] | None = None,
        fixture: str | None = None,
        keep: bool = False,
    ) -> Workspace:
        """A new workspace; entered with `with`, it is dropped in the end, unless it is to be kept.

        Args:
            name: made up if not given; refused where it is taken.
            seed: with it, ids and secrets come out the same every time.
            clock: the instant at which its clock stands still, from the beginning.
            document: a seed document, whose objects it then has; or `fixture`, the name of one of `fixtures`.
            keep: leave it there in the end.
        """
        return self._create(name, seed, clock, document, fixture, keep)

    def attach(self, name: str) -> Workspace:
        """A workspace that is there already; it is kept in the end."""
        return self._workspace(self._control().get(f"workspaces/{name}"), keep=True)

    def workspaces(self) -> list[WorkspaceName]:
        """Names and addresses of all."""
        return cast(list[WorkspaceName], self._control().get("workspaces"))

    def copy(self, source: str, name: str | None = None, *, keep: bool = False) -> Workspace:
        """A new workspace that is what `source` is now."""
        made = self._control().post(f"workspaces/{source}/fork", {"name": name} if name is not None else None)
        return self._workspace(made, keep=keep)

    def drop(self, name: str) -> None:
        """End a workspace, if it is there."""
        self._started()
        if Blocking.run(self.server.drop, name):
            return
        try:
            self._control().delete(f"workspaces/{name}")
        except SandboxError as error:
            if error.code != "workspace_not_found":
                raise

    def _create(
        self,
        name: str | None,
        seed: str | int | None,
        clock: Instant | None,
        document: Mapping[str, Any] | None,
        fixture: str | None,
        keep: bool,
    ) -> Workspace:
        content: dict[str, Any] = given(name=name, seed=seed, fixture=fixture, clock=clock)
        if document is not None:
            content["from"] = given(**document)
        self._started()
        made = None if content.keys() - {"name"} else Blocking.run(self.server.make, name)
        return self._workspace(made or self._control().post("workspaces", content), keep=keep)

    def _workspace(self, described: dict[str, Any], *, keep: bool) -> Workspace:
        name = described["name"]
        prefix = "" if name == DEFAULT else f"/w/{name}"
        credentials = Credentials.of(self.server.url + prefix, described)
        control = Control(self._started(), f"/w/{name}")
        return Workspace(self, control, credentials, name, keep=keep)

    def _control(self) -> Control:
        return Control(self._started())

    def _started(self) -> httpx.Client:
        if self._http is None:
            raise SandboxError("this sandbox is not started: use it as a context manager, or call start()")
        return self._http
