"""The only way out of the process: to loopback, and to the hosts that the settings allow."""

import ipaddress
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import httpx

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


class EgressError(Exception):
    """A request could not be made; the text is a sentence for whoever asked for it."""


class EgressRefusedError(EgressError):
    """The address is not one that localsign may call."""


class EgressFailedError(EgressError):
    """There was no answer, or not a usable one."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Deadline(threading.local):
    """When what the running thread calls has to be over, by `monotonic`; None where nothing says so."""

    latest: float | None = None

    @contextmanager
    def until(self, latest: float) -> Iterator[None]:
        self.latest = latest
        try:
            yield
        finally:
            self.latest = None

    def shorten(self, timeout: float | None, error: type[Exception]) -> float | None:
        """`timeout`, or what is left where that is less; raises `error` where nothing is."""
        if self.latest is None:
            return timeout
        left = self.latest - monotonic()
        if left <= 0:
            raise error("timed out")
        return left if timeout is None else min(timeout, left)


class Egress:
    """Calls to the outside. `allowed`: hosts, `*.example.com`, each with `:port` or without, or `*` for any host."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self._allowed = tuple(one.lower() for one in allowed)
        self._guard = threading.Lock()
        self._deadline = Deadline()

    def check(self, url: str) -> None:
        """Raise EgressRefusedError unless `url` is http or https to loopback or to an allowed host."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError:
            raise EgressRefusedError("The address is not a URL.") from None
        if parts.scheme not in ("http", "https") or not host:
            raise EgressRefusedError("Only http and https addresses with a host can be called.")
        self.check_host(host, port)

    def check_host(self, host: str, port: int | None) -> None:
        """Raise EgressRefusedError unless `host` is loopback or allowed."""
        host = host.lower()
        if not (_leads_to_loopback(host) or any(_matches(one, host, port) for one in self._allowed)):
            raise EgressRefusedError(
                f"localsign does not call '{host}': it calls loopback only, and the hosts in LOCALSIGN_EGRESS_ALLOW."
            )

    def prepare(self) -> None:
        """Do what the first call would otherwise take a second for."""
        _ = self._client

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        auth: tuple[str, str] | None = None,
        digest: bool = False,
        timeout: float = 10.0,
        max_bytes: int = 1 << 20,
        follow: bool = False,
    ) -> Answer:
        """Call `url` and return the answer, whatever its status. Blocks; never call it within a transaction.

        `auth` is a user and a password, sent as Basic or, with `digest`, as Digest. `timeout` is in seconds for all
        of it. With `follow`, redirects are followed, each checked as the first address was.
        Raises EgressRefusedError, and EgressFailedError for no answer or one of more than `max_bytes`.
        """
        import httpx

        credentials = auth and (httpx.DigestAuth(*auth) if digest else httpx.BasicAuth(*auth))
        latest = monotonic() + timeout
        for _ in range(_MOST_REDIRECTS + 1):
            self.check(url)
            try:
                request = self._client.build_request(
                    method, url, headers=dict(headers or {}), content=content, timeout=timeout
                )
                with self._deadline.until(latest):
                    answer = self._read(
                        self._client.send(request, auth=credentials, stream=True), latest, timeout, max_bytes
                    )
            except EgressError:
                raise
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError, OSError) as error:
                reason = str(error) or type(error).__name__
                raise EgressFailedError(f"{method} to {_shown(url)} got no answer: {reason}.") from None
            if not follow or answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            target = urljoin(url, answer.headers["location"])
            if urlsplit(target).netloc != urlsplit(url).netloc:
                credentials, headers = None, _without_secrets(headers or {})
            if answer.status in (301, 302, 303) and method != "HEAD":
                method, content = "GET", b""
            url = target
        raise EgressFailedError(f"{_shown(url)} was redirected more than {_MOST_REDIRECTS} times.")

    def _read(self, answer: "httpx.Response", latest: float, timeout: float, max_bytes: int) -> Answer:
        try:
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > max_bytes:
                    raise EgressFailedError(f"{_shown(str(answer.url))} answered with more than {max_bytes} bytes.")
                if monotonic() > latest:  # one that sends a byte a second would never end otherwise
                    raise EgressFailedError(f"{_shown(str(answer.url))} did not end its answer within {timeout:g} s.")
        finally:
            answer.close()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, headers, bytes(body))

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        from localsign.core.punctual import Transport

        with self._guard:
            if "_client" in self.__dict__:  # another thread was faster
                made: httpx.Client = self.__dict__["_client"]
                return made
            # No cookies: worlds share this client. No environment: a proxy would carry calls to anywhere.
            jar = CookieJar(DefaultCookiePolicy(allowed_domains=()))
            client = httpx.Client(cookies=jar, trust_env=False, transport=Transport(self._deadline))
            self.__dict__["_client"] = client
            return client

    def close(self) -> None:
        """Give the connections back."""
        client: httpx.Client | None = self.__dict__.pop("_client", None)
        if client is not None:
            client.close()


class NoEgress(Egress):
    """For a world that is only tried out: it calls nobody."""

    def check(self, url: str) -> None:
        super().check(url)
        raise EgressRefusedError(f"{_shown(url)} is not called: this is a dry run.")


def _leads_to_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return is_loopback(host)
    except ValueError:
        return False


def is_loopback(text: str) -> bool:
    """Whether an IP address is one of this machine's own; ValueError for what is no address."""
    address = ipaddress.ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _matches(allowed: str, host: str, port: int | None) -> bool:
    name, separator, only_port = allowed.rpartition(":")
    if not separator or not only_port.isdecimal():
        name, only_port = allowed, ""
    if only_port and int(only_port) != port:
        return False
    name = name.strip("[]")
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))


def _shown(url: str) -> str:
    """`url` without what may be secret: credentials, query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in ("authorization", "cookie")}
