"""Access tokens, fetched at the first request of a client and renewed when they have ended."""

import threading
import time
from collections.abc import Generator
from typing import Any

import httpx

from localsign.client.errors import SandboxError
from localsign.version import VERSION

AGENT = {"User-Agent": f"localsign/{VERSION} (tests)"}  # tells requests of tests from those of what they test
SECONDS_TO_ANSWER = 60.0
EARLY = 5.0  # seconds before its end at which a token is renewed
Flow = Generator[httpx.Request, httpx.Response, None]


class Login(httpx.Auth):
    """Bearer tokens from a token endpoint, with HTTP Basic and a form."""

    requires_response_body = True

    def __init__(self, url: str, client: tuple[str, str], form: dict[str, str]) -> None:
        self._basic = httpx.BasicAuth(*client)
        self._url = url
        self._form = form
        self._token: str | None = None
        self._ends = 0.0
        self._guard = threading.Lock()
        self._patience = {"timeout": httpx.Timeout(SECONDS_TO_ANSWER).as_dict()}

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Log in if need be, then ask; and once more where the token turns out to have ended."""
        if "Authorization" in request.headers:  # the caller's own
            yield request
            return
        token = self.fresh
        if token is None:
            token = self.take((yield self.wanted()))
        request.headers["Authorization"] = f"Bearer {token}"
        answer = yield request
        # What a fault answers says nothing of the token.
        if answer.status_code == httpx.codes.UNAUTHORIZED and "X-Sandbox-Fault" not in answer.headers:
            token = self.take((yield self.wanted()))
            request.headers["Authorization"] = f"Bearer {token}"
            yield request

    def forget(self) -> None:
        """Log in anew at the next request."""
        with self._guard:
            self._token = None

    @property
    def fresh(self) -> str | None:
        """The token, if it is good for a while."""
        with self._guard:
            return self._token if time.monotonic() < self._ends else None

    def wanted(self) -> httpx.Request:
        """The request for a new token."""
        request = httpx.Request("POST", self._url, headers=AGENT, data=self._form, extensions=self._patience)
        return next(self._basic.auth_flow(request))

    def take(self, answer: httpx.Response) -> str:
        """The token of an answer to `wanted`, kept from now on; SandboxError where there is none."""
        if not answer.is_success:
            why = answer.headers.get("X-Sandbox-Reason", answer.text)
            raise SandboxError(f"{self._url} gave no token: {answer.status_code} {why}", status=answer.status_code)
        body: dict[str, Any] = answer.json()
        with self._guard:
            self._token = str(body["access_token"])
            self._ends = time.monotonic() + float(body.get("expires_in", 600)) - EARLY
            return self._token


class Secret(httpx.Auth):
    """The token of the control plane."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Flow:
        if self._token:
            request.headers["X-Sandbox-Token"] = self._token
        yield request
