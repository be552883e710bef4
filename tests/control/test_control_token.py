"""The control plane asks for its token wherever others than this machine can ask."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from cryptography import x509
from tests.conftest import Server, serve
from tests.world import NO_TLS, World, refused

from localsign.asgi import create_app
from localsign.sandbox import Sandbox
from localsign.settings import Settings

TOKEN = "a-control-token"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server with a control token."""
    yield from serve(Settings(control_token=TOKEN))


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Sandbox-Token": "wrong"}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}],
)
@pytest.mark.parametrize(
    "path", ["v1/workspaces", "v1/clock", "v1/ca.pem/", "v1/tls", "openapi/sign.json", "v1/nothing"]
)
def test_nothing_is_told_without_the_token(guarded: Server, path: str, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{guarded.url}/_sandbox/{path}", headers=headers, verify=NO_TLS)
    refused(answer, 401, code="control_token_required")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


@pytest.mark.parametrize("headers", [{"X-Sandbox-Token": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}])
def test_the_token_opens_the_control_plane(guarded: Server, headers: dict[str, str]) -> None:
    made = httpx.post(f"{guarded.url}/_sandbox/v1/workspaces", headers=headers, verify=NO_TLS)
    assert made.status_code == 201
    world = World(made.json())
    assert world.api.get("/sign/signing-sessions").status_code == 200  # vendors ask for their own tokens only
    world.close()


def test_health_needs_no_token(guarded: Server) -> None:
    assert httpx.get(f"{guarded.url}/_sandbox/health/ready", verify=NO_TLS).status_code == 200


def test_a_certificate_needs_no_token_and_opens_nothing_else(guarded: Server) -> None:
    url = f"{guarded.url}/_sandbox/v1"
    answer = httpx.get(f"{url}/ca.pem", verify=NO_TLS)
    assert answer.status_code == 200
    assert x509.load_pem_x509_certificate(answer.content)
    assert "PRIVATE" not in answer.text
    refused(httpx.get(f"{url}/tls/ca.pem", verify=NO_TLS), 404)  # it has no TLS, which is no secret either
    for path in ("ca.pem/../clock", "ca.pem?x=1/../../clock", "tls/ca.pem/x", "ca.pem%2f..%2fclock"):
        assert httpx.get(f"{url}/{path}", verify=NO_TLS).status_code in (200, 401), path
        assert "is_frozen" not in httpx.get(f"{url}/{path}", verify=NO_TLS).text
    refused(httpx.post(f"{url}/ca.pem", verify=NO_TLS), 401, code="control_token_required")
    assert TOKEN not in answer.text


def ask_from(address: str, settings: Settings, path: str = "clock") -> int:
    """The status of a control call that comes from `address`."""
    sandbox = Sandbox(settings)
    transport = httpx.ASGITransport(create_app(sandbox), client=(address, 1234))

    async def ask() -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", verify=NO_TLS) as client:
            return (await client.get(f"/_sandbox/v1/{path}")).status_code

    import asyncio

    try:
        return asyncio.run(ask())
    finally:
        sandbox.close()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("testclient", 200),
        ("192.0.2.7", 403),
        ("::2", 403),
    ],
)
def test_without_a_token_only_this_machine_may_ask(address: str, status: int) -> None:
    assert ask_from(address, Settings()) == status


@pytest.mark.parametrize("settings", [Settings(), Settings(control_token=TOKEN)])
def test_anybody_may_ask_for_a_certificate(settings: Settings) -> None:
    assert ask_from("192.0.2.7", settings, "ca.pem") == 200


def test_a_public_address_gets_a_token_that_is_printed_once() -> None:
    command = [sys.executable, "-m", "localsign", "serve", "--host", "0.0.0.0", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Stop with"):
            lines.append(server.stdout.readline())
        text = "".join(lines)
        [token] = re.findall(r"token +(\w{32})\n", text)
        [url] = re.findall(r"control +(http://\S+)", text)
        assert httpx.get(f"{url}/clock", verify=NO_TLS).status_code == 401
        assert httpx.get(f"{url}/clock", verify=NO_TLS, headers={"X-Sandbox-Token": token}).status_code == 200
        server.terminate()
        assert server.wait(10) == 0


def test_a_given_token_is_not_printed_but_for_programs() -> None:
    command = [sys.executable, "-m", "localsign", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert json.loads(server.stdout.readline())["control_token"] is None
        server.terminate()
        assert server.wait(10) == 0
