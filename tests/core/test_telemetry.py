"""What localsign serves is nobody's telemetry: paths carry tokens, and its host may have exporters configured."""

from typing import Any

import httpx
import pytest
from opentelemetry import trace

from localsign.asgi import create_app
from localsign.sandbox import Sandbox
from localsign.settings import Settings


class Provider(trace.TracerProvider):
    """That of the application under test, which runs in the same process."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_tracer(self, instrumenting_module_name: str, *_: Any, **__: Any) -> trace.Tracer:
        self.asked.append(instrumenting_module_name)
        return trace.NoOpTracer()


@pytest.mark.anyio
async def test_requests_leave_no_spans_with_the_provider_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    sandbox = Sandbox(Settings())
    transport = httpx.ASGITransport(app=create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in ("/sign/signing-sessions", "/_sandbox/v1/clock", "/_sandbox/health/live"):
            assert (await client.get(path)).status_code in (200, 401)
    sandbox.close()
    assert provider.asked == []
