"""HTTP clients for the APIs of a workspace, logged in, each made at first use."""

import httpx

from localsign.client.credentials import Credentials
from localsign.client.tokens import AGENT, SECONDS_TO_ANSWER, Login, Secret
from localsign.client.transports import AsyncPool


class AsyncClients:
    """An httpx client for each API. Paths begin below the API: `http.sign.get("/signing-sessions")`."""

    def __init__(self, pool: AsyncPool, credentials: Credentials, control_token: str | None) -> None:
        self._pool = pool
        self._credentials = credentials
        self._control_token = control_token
        self._made: dict[str, httpx.AsyncClient] = {}
        self._login: Login | None = None

    @property
    def sign(self) -> httpx.AsyncClient:
        """Sign API v2."""
        return self._signicat("/sign")

    @property
    def secure_share(self) -> httpx.AsyncClient:
        """Secure Share API v1."""
        return self._signicat("/secure-share")

    @property
    def mint(self) -> httpx.AsyncClient:
        """Mint, the newer API; the older one is at `/v1`."""
        return self._signicat("/mint")

    @property
    def events(self) -> httpx.AsyncClient:
        """The Events service."""
        return self._signicat("/events-management")

    @property
    def api(self) -> httpx.AsyncClient:
        """All Signicat APIs, from the address of the workspace on: `http.api.get("/sign/documents/…")`."""
        return self._signicat("")

    @property
    def platform(self) -> httpx.AsyncClient:
        """The host of access tokens, with the client's id and secret by HTTP Basic."""
        auth = httpx.BasicAuth(self._credentials.client_id, self._credentials.client_secret)
        return self._client("/auth/open", "/auth/open", auth)

    def signing_today(self, as_: str = "admin") -> httpx.AsyncClient:
        """Signing Today, as one of its accounts: `admin`, `robot`, `anna@partner`; see `credentials.signing_today`."""
        known = self._credentials.signing_today
        account = known.account(as_)
        login = Login(
            f"{self._credentials.url}/api/oauth/token",
            (known.client_id, known.client_secret),
            {"grant_type": "password", "username": account.username, "password": account.password or ""},
        )
        return self._client(account.username, "/api", login)

    @property
    def anonymous(self) -> httpx.AsyncClient:
        """Nobody: the address of the workspace, without a token."""
        return self._client("anonymous", "", None)

    @property
    def control(self) -> httpx.AsyncClient:
        """The control plane, from `/_sandbox/v1` on, for what has no method here."""
        return self._client("control", "/_sandbox/v1", Secret(self._control_token))

    async def token(self) -> str:
        """A good access token of the Signicat APIs."""
        login = self._logged_in()
        return login.fresh or login.take(await self.anonymous.send(login.wanted()))

    def log_out(self) -> None:
        """Forget tokens: the next requests log in anew."""
        if self._login is not None:
            self._login.forget()
        for client in self._made.values():
            if isinstance(client.auth, Login):
                client.auth.forget()

    async def renew(self, credentials: Credentials) -> None:
        """Log in with other credentials from now on."""
        await self.close()
        self._credentials, self._login = credentials, None

    async def close(self) -> None:
        for client in self._made.values():
            await client.aclose()
        self._made.clear()

    def _logged_in(self) -> Login:
        if self._login is None:
            known = self._credentials
            form = {"grant_type": "client_credentials", "scope": "signicat-api"}
            self._login = Login(known.token_url, (known.client_id, known.client_secret), form)
        return self._login

    def _signicat(self, mount: str) -> httpx.AsyncClient:
        return self._client(mount, mount, self._logged_in())

    def _client(self, key: str, mount: str, auth: httpx.Auth | None) -> httpx.AsyncClient:
        client = self._made.get(key)
        if client is None or client.is_closed:
            client = self._made[key] = httpx.AsyncClient(
                transport=self._pool,
                base_url=self._credentials.url + mount,
                auth=auth,
                headers=AGENT,
                timeout=SECONDS_TO_ANSWER,
            )
        return client
