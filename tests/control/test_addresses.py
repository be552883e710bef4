"""Three names: what people open, what applications call, and what happens to be in a request."""

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import Json, World

from localsign.addresses import guess, origins
from localsign.settings import Settings

PUBLIC, INTERNAL = "https://sign.test", "http://localsign:8480"
EVERYWHERE = Settings(host="0.0.0.0", client_secret="s", control_token="12345678")


def opened(server: Server, host: str) -> World:
    """The default workspace, called by a name."""
    world = World(
        {"name": "default", "base_url": server.url, "clients": [{"client_id": "localsign", "client_secret": "s"}]}
    )
    world.api.headers["Host"] = world.anonymous.headers["Host"] = host
    return world


def ready(server: Server, host: str) -> httpx.Response:
    return httpx.get(f"{server.url}/_sandbox/health/ready", headers={"Host": host})


def discovered(world: World) -> Json:
    return dict(world.anonymous.get("/auth/open/.well-known/openid-configuration").json())


def test_people_get_the_public_name_and_applications_the_one_they_used() -> None:
    for server in serve(EVERYWHERE.model_copy(update={"public_url": PUBLIC})):
        world = opened(server, "localsign:8480")
        assert world.session()["signatureUrl"].startswith(f"{PUBLIC}/sign/?sessionId=")
        found = discovered(world)
        assert found["issuer"] == f"{INTERNAL}/auth/open"
        assert {found[name].removeprefix(INTERNAL) == found[name] for name in found if name.endswith("_uri")} == {False}
        made = world.anonymous.post("/_sandbox/v1/workspaces", headers={"X-Sandbox-Token": "12345678"}).json()
        assert made["base_url"] == f"{INTERNAL}/w/{made['name']}"
        world.close()


def test_who_comes_by_the_public_name_is_told_the_public_address() -> None:
    """Also where something in front has ended TLS, so that the request itself says http."""
    for server in serve(EVERYWHERE.model_copy(update={"public_url": PUBLIC})):
        world = opened(server, "sign.test")
        assert discovered(world)["issuer"] == f"{PUBLIC}/auth/open"
        world.close()


def test_a_configured_internal_name_is_told_to_every_application() -> None:
    for server in serve(EVERYWHERE.model_copy(update={"public_url": PUBLIC, "internal_url": INTERNAL})):
        for host in ("sign.test", "127.0.0.1:1", "localsign:8480"):
            world = opened(server, host)
            assert discovered(world)["issuer"] == f"{INTERNAL}/auth/open"
            assert world.session()["signatureUrl"].startswith(PUBLIC)
            world.close()


def test_it_is_not_ready_for_who_would_get_guessed_links() -> None:
    for server in serve(EVERYWHERE):
        assert ready(server, "127.0.0.1:8480").json() == {"status": "ready"}
        refused = ready(server, "localsign:8480")
        assert refused.status_code == 503
        assert refused.json()["status"] == "no_public_url"
        assert "http://localsign:8480" in refused.json()["detail"]
        assert "LOCALSIGN_PUBLIC_URL" in refused.json()["detail"]
    for server in serve(EVERYWHERE.model_copy(update={"public_url": PUBLIC})):
        for host in ("127.0.0.1:8480", "localsign:8480", "sign.test"):
            assert ready(server, host).json() == {"status": "ready"}


@pytest.mark.parametrize(
    ("host", "is_guess"),
    [
        ("localhost:8480", False),
        ("LOCALHOST", False),
        ("demo.localhost:80", False),
        ("127.3.2.1:9", False),
        ("[::1]:8480", False),
        ("", False),
        ("localsign", True),
        ("localhost.test", True),
        ("127.0.0.1.test", True),
        ("10.1.2.3:8480", True),
        ("[fe80::1]:8480", True),
        ("[", True),
    ],
)
def test_what_is_a_guess(host: str, is_guess: bool) -> None:
    assert (guess(EVERYWHERE, "http", host) is not None) is is_guess
    assert guess(Settings(host="192.0.2.1"), "http", "192.0.2.1:8480") is None, "it was told to listen there"
    assert guess(Settings(), "http", host) is None, "who listens on loopback is not called from elsewhere"


def test_the_request_says_the_rest() -> None:
    told = origins(EVERYWHERE, "https", "a.test:8443")
    assert (told.people, told.apis) == ("https://a.test:8443", "https://a.test:8443")
    assert origins(EVERYWHERE, "http", "").people == "http://localhost"
