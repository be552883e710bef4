"""One way to all of the vendor's APIs: tokens, patience with errors, and a refusal as an exception."""

import time
from collections.abc import Callable
from typing import Any

import httpx

PASSING = {429, 502, 503, 504}  # worth another try, as nothing was done
REPEATABLE = {"GET", "PUT", "DELETE"}
LONGEST_WAIT = 30.0


class RefusedError(Exception):
    """The vendor says no. `status`, and the members that it complains of."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.body: Any = _json(answer)
        told = self.body if isinstance(self.body, dict) else {}
        self.members = sorted([one["name"] for one in told.get("invalidParams", [])] or told.get("errors", {}))
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {self.status} {answer.text[:200]}")


class UncertainError(Exception):
    """The connection was lost after a request that must not be sent twice: it may have been carried out."""


class Vendor:
    """Calls with a bearer token, which is asked for when it is needed.

    `http` begins at the vendor's address and is not logged in. `sleep` waits some seconds between two tries.
    """

    def __init__(
        self,
        http: httpx.Client,
        client_id: str,
        client_secret: str,
        *,
        tries: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._client = (client_id, client_secret)
        self._tries = tries
        self._sleep = sleep
        self._token: str | None = None

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to a request that was accepted. RefusedError, UncertainError."""
        renewed = False
        for attempt in range(1, self._tries + 1):
            is_last = attempt == self._tries
            try:
                answer = self._http.request(method, path, headers=self._headers(more), **_without(more, "headers"))
            except (httpx.TransportError, ConnectionError) as error:
                if method not in REPEATABLE:
                    raise UncertainError(f"{method} {path}: {error}") from error
                if is_last:
                    raise
                self._sleep(_pause(attempt))
                continue
            if answer.status_code == 401 and not renewed:
                renewed, self._token = True, None
                continue
            if answer.status_code in PASSING and not is_last:
                self._sleep(_asked_pause(answer) or _pause(attempt))
                continue
            break
        if not answer.is_success:
            raise RefusedError(answer)
        return answer

    def json(self, method: str, path: str, **more: Any) -> Any:
        """The JSON of an accepted request."""
        return self.call(method, path, **more).json()

    def _headers(self, more: dict[str, Any]) -> dict[str, str]:
        return {**more.get("headers", {}), "Authorization": f"Bearer {self._bearer()}"}

    def _bearer(self) -> str:
        if self._token is None:
            form = {"grant_type": "client_credentials", "scope": "signicat-api"}
            answer = self._http.post("/auth/open/connect/token", data=form, auth=self._client)
            if not answer.is_success:
                raise RefusedError(answer)
            self._token = str(answer.json()["access_token"])
        return self._token


def _without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


def _pause(attempt: int) -> float:
    return min(0.5 * 2 ** (attempt - 1), LONGEST_WAIT)


def _asked_pause(answer: httpx.Response) -> float | None:
    """What `Retry-After` asks for, in seconds."""
    value = str(answer.headers.get("Retry-After", ""))
    return min(float(value), LONGEST_WAIT) if value.isdigit() else None


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
