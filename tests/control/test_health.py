"""Health, the test authority, the documents: what belongs to the installation and to no workspace."""

import asyncio
import json

import httpx
from cryptography import x509
from tests.conftest import Server
from tests.world import World, refused

from localsign.asgi import create_app
from localsign.resources import openapi_folder
from localsign.sandbox import Sandbox
from localsign.settings import Settings


def test_a_running_server_is_live_and_ready(server: Server) -> None:
    for name in ("live", "ready"):
        answer = httpx.get(f"{server.url}/_sandbox/health/{name}")
        assert (answer.status_code, answer.json()) == (200, {"status": name})


async def _before_startup() -> list[httpx.Response]:
    sandbox = Sandbox(Settings())
    transport = httpx.ASGITransport(app=create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = [await client.get(f"/_sandbox/health/{name}") for name in ("live", "ready")]
    sandbox.close()
    return answers


def test_a_server_is_live_before_it_is_ready() -> None:
    live, ready = asyncio.run(_before_startup())
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (503, {"status": "starting"})


def test_health_needs_no_workspace_and_no_token(world: World) -> None:
    assert world.anonymous.get("/_sandbox/health/ready").status_code == 200


def test_the_test_authority_can_be_downloaded(world: World, server: Server) -> None:
    answer = world.anonymous.get("/_sandbox/v1/ca.pem")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-pem-file"
    certificate = x509.load_pem_x509_certificate(answer.content)
    assert certificate.issuer == certificate.subject
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert b"PRIVATE" not in answer.content
    assert httpx.get(f"{server.url}/_sandbox/v1/ca.pem").content == answer.content  # of the installation


def test_the_openapi_documents_are_served(server: Server) -> None:
    names = [path.stem for path in openapi_folder().glob("*.json")]
    assert {"sign", "platform", "sandbox"} <= {*names}
    for name in names:
        answer = httpx.get(f"{server.url}/_sandbox/openapi/{name}.json")
        assert answer.status_code == 200
        assert answer.json() == json.loads((openapi_folder() / f"{name}.json").read_text(encoding="utf-8"))


def test_an_unknown_document_is_a_404_that_names_the_known(server: Server) -> None:
    assert "sign" in refused(httpx.get(f"{server.url}/_sandbox/openapi/nothing.json"), 404)["detail"]
