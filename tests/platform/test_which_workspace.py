"""Which workspace a request means: what an unmodified client sends is enough."""

import re

import httpx
import pytest
from tests.conftest import Server
from tests.world import NO_TLS, Json, World, refused

PATH = "/sign/signing-sessions"


def root(server: Server, method: str, path: str, **more: object) -> httpx.Response:
    """A call without the prefix `/w/{name}`."""
    return httpx.request(method, f"{server.url}{path}", verify=False, **more)  # type: ignore[arg-type]


def bearer(world: World) -> dict[str, str]:
    return {"Authorization": world.api.headers["Authorization"]}


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


@pytest.fixture
def default_client(server: Server) -> Json:
    return {"client_id": "localsign", "client_secret": "localsign-secret"}


def test_the_token_alone_is_enough(server: Server, world: World) -> None:
    session = world.session()
    assert ids(root(server, "GET", PATH, headers=bearer(world))) == [session["id"]]


def test_links_lead_to_the_workspace_of_the_token(server: Server, world: World) -> None:
    session = world.session()
    read = root(server, "GET", f"{PATH}/{session['id']}", headers=bearer(world)).json()
    assert read["signatureUrl"] == session["signatureUrl"]
    assert read["signatureUrl"].startswith(f"{world.url}/")


def test_the_prefix_is_enough(world: World) -> None:
    session = world.session()
    assert ids(world.api.get(PATH)) == [session["id"]]


def test_the_header_is_enough(server: Server, world: World) -> None:
    named = {"X-Sandbox-Workspace": world.name}
    form = {"grant_type": "client_credentials"}
    auth = (world.client["client_id"], world.client["client_secret"])
    answer = root(server, "POST", "/auth/open/connect/token", data=form, auth=auth, headers=named)
    token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    session = world.session()
    assert ids(root(server, "GET", PATH, headers={**named, **token})) == [session["id"]]


def test_all_three_may_agree(world: World) -> None:
    assert world.api.get(PATH, headers={"X-Sandbox-Workspace": world.name}).status_code == 200


def test_nothing_means_the_default_workspace(server: Server, default_client: Json) -> None:
    default = World({"name": "default", "base_url": server.url, "clients": [default_client]})
    assert default.api.get(PATH).status_code == 200
    assert root(server, "GET", "/_sandbox/v1/workspaces/default").json()["base_url"] == server.url
    default.close()


def test_the_default_workspace_also_has_a_prefix(server: Server, default_client: Json) -> None:
    default = World({"name": "default", "base_url": f"{server.url}/w/default", "clients": [default_client]})
    assert default.api.get(PATH).status_code == 200
    default.close()


def test_prefix_and_header_that_disagree_are_refused(server: Server, world: World) -> None:
    other = server.world()
    body = refused(world.api.get(PATH, headers={"X-Sandbox-Workspace": other.name}), 400, "X-Sandbox-Workspace")
    assert world.name in body["detail"]
    assert other.name in body["detail"]
    other.close()


def test_a_prefix_or_header_that_disagrees_with_the_token_is_refused(server: Server, world: World) -> None:
    other = server.world()
    refused(other.anonymous.get(PATH, headers=bearer(world)), 401)
    named = {"X-Sandbox-Workspace": other.name}
    refused(root(server, "GET", PATH, headers={**bearer(world), **named}), 401)
    other.close()


def test_a_token_without_a_workspace_is_refused_by_the_default_one(server: Server) -> None:
    for token in ("garbage", "e30.e30.e30"):
        refused(root(server, "GET", PATH, headers={"Authorization": f"Bearer {token}"}), 401)


def test_a_token_of_a_workspace_that_is_gone_is_refused(server: Server) -> None:
    world = server.world()
    token = bearer(world)
    server.sandbox.delete(world.name)
    refused(root(server, "GET", PATH, headers=token), 401)
    world.close()


@pytest.mark.parametrize("path", [PATH, "/auth/open/connect/token", "/_sandbox/v1/clock", "/_sandbox/health/live"])
def test_an_unknown_workspace_is_a_404_in_every_api(server: Server, path: str) -> None:
    for answer in (
        root(server, "GET", f"/w/nowhere{path}"),
        root(server, "GET", path, headers={"X-Sandbox-Workspace": "nowhere"}),
    ):
        body = refused(answer, 404, code="workspace_not_found")
        assert "'nowhere'" in body["detail"]
        assert answer.headers["x-sandbox"].startswith("localsign/")


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/signs", "/sig", "/w", "/w/", "/auth", "/auth/opened", "/w/default"]
)
def test_a_path_of_no_api_is_a_404_that_names_the_apis(server: Server, path: str) -> None:
    body = refused(root(server, "GET", path), 404)
    for prefix in ("/sign", "/auth/open", "/_sandbox"):
        assert prefix in body["detail"]


@pytest.mark.parametrize("name", ["%2e%2e", "%2E", "a%2Fb", "UPPER", "x" * 64, "%00", "%C3%A9"])
def test_a_workspace_name_from_a_path_cannot_lead_anywhere_else(server: Server, name: str) -> None:
    answer = httpx.get(httpx.URL(server.url, raw_path=f"/w/{name}/_sandbox/v1/clock".encode()))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["..", ".", "../w", "UPPER", "x" * 64, "a b"])
def test_a_workspace_name_from_a_header_cannot_lead_anywhere_else(server: Server, name: str) -> None:
    refused(
        root(server, "GET", "/_sandbox/v1/clock", headers={"X-Sandbox-Workspace": name}),
        404,
        code="workspace_not_found",
    )


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_at_the_root_sees_what_is_there(server: Server) -> None:
    answer = root(server, "GET", "/", headers=BROWSER)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for words in ("localsign is running", f"{server.url}/sign", f"{server.url}/_sandbox/v1/workspaces/default"):
        assert words in answer.text
    for link in re.findall('href="(http[^"]+)"', answer.text):
        assert httpx.get(link, verify=NO_TLS).status_code == 200, link


def test_a_browser_at_the_root_of_a_workspace_sees_its_addresses(server: Server) -> None:
    world = server.world()

    page = root(server, "GET", f"/w/{world.name}/", headers=BROWSER)

    assert page.status_code == 200
    assert f"{world.url}/secure-share" in page.text
    assert f"{world.url}/_sandbox/v1/workspaces/{world.name}" in page.text
    world.close()


def test_a_browser_elsewhere_is_told_that_nothing_is_there(server: Server) -> None:
    page = root(server, "GET", "/<script>", headers=BROWSER)

    assert page.status_code == 404
    assert "There is nothing at this address" in page.text
    assert "<script" not in page.text
    refused(root(server, "POST", "/", headers=BROWSER), 404)
    refused(root(server, "GET", "/", headers={"Accept": "application/json"}), 404)
