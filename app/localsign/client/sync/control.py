# Made from app/localsign/client/aio/control.py by `make face`: change that instead.
"""Calls of the control plane."""

from collections.abc import Mapping
from typing import Any

import httpx

from localsign.client.errors import checked, unreachable

SECONDS_TO_ANSWER = 60.0
JSON = "application/json"


class Control:
    """The control plane, below `/_sandbox`; with a `prefix` it acts on the workspace that this names."""

    def __init__(self, http: httpx.Client, prefix: str = "") -> None:
        self._http = http
        self._prefix = prefix

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        media_type: str = JSON,
        timeout: float = SECONDS_TO_ANSWER,
    ) -> httpx.Response:
        """The answer to a call of `/_sandbox/<path>`, which is a success; SandboxError otherwise."""
        headers = {"Content-Type": media_type} if content is not None else {}
        try:
            answer = self._http.request(
                method,
                f"{self._prefix}/_sandbox/{path}",
                json=body,
                params=query or None,
                content=content,
                headers=headers,
                timeout=timeout,
            )
        except httpx.TransportError as error:
            raise unreachable(str(self._http.base_url), error) from error
        return checked(answer)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at `/_sandbox/v1/<path>`."""
        return (self.ask("GET", f"v1/{path}", query=query)).json()

    def post(self, path: str, body: Any = None) -> Any:
        """What a POST of JSON is answered with; None for an answer without a body."""
        answer = self.ask("POST", f"v1/{path}", body)
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any = None) -> Any:
        return (self.ask("PUT", f"v1/{path}", body)).json()

    def patch(self, path: str, body: Any = None) -> Any:
        return (self.ask("PATCH", f"v1/{path}", body)).json()

    def delete(self, path: str) -> httpx.Response:
        return self.ask("DELETE", f"v1/{path}")

    def wait(self, path: str, conditions: Mapping[str, Any], count: int, timeout: float) -> Any:
        """What a call that waits is answered with; WaitTimeoutError when less came."""
        wanted = {**conditions, "count": count, "timeout": timeout}
        answer = self.ask("POST", f"v1/{path}", wanted, timeout=timeout + SECONDS_TO_ANSWER)
        return answer.json()
