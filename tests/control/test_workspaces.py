"""Worlds of one's own: made, listed, emptied, ended; never seeing one another."""

import re
from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import Json, World, refused

from localsign.settings import Settings
from localsign.signicat import permissions


@pytest.fixture
def control(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/_sandbox/v1", timeout=60) as client:
        yield client


def all_ids(world: World) -> list[str]:
    """What a series of calls draws in a workspace: a document, a collection, a session."""
    session = world.session()
    document = session["documents"][0]
    return [document["documentId"], document["documentCollectionId"], session["id"], session["signatureUrl"]]


# ---- making


def test_a_new_workspace_comes_with_all_that_is_needed_to_begin(server: Server, control: httpx.Client) -> None:
    answer = control.post("/workspaces")
    assert answer.status_code == 201
    made = answer.json()
    assert re.fullmatch("w-[0-9a-f]{12}", made["name"])
    assert made["base_url"] == f"{server.url}/w/{made['name']}"
    [client] = made["clients"]
    assert re.fullmatch("sandbox-[0-9a-f]{8}-client", client["client_id"])
    assert re.fullmatch("[0-9A-Za-z]{40}", client["client_secret"])
    assert client["permissions"] == list(permissions.ALL)
    assert answer.headers["x-sandbox-operation"] == "sandbox.create_workspace; evidence=own"

    world = World(made)
    assert world.api.get("/sign/signing-sessions").json()["total"] == 0
    assert control.delete(f"/workspaces/{world.name}").status_code == 204
    world.close()


@pytest.mark.parametrize("name", ["a", "0", "team-1.branch_2", "x" * 63, "a..b", "w-"])
def test_a_workspace_can_be_given_a_name(control: httpx.Client, name: str) -> None:
    assert control.post("/workspaces", json={"name": name}).json()["name"] == name
    assert control.get(f"/workspaces/{name}").status_code == 200
    assert control.delete(f"/workspaces/{name}").status_code == 204


@pytest.mark.parametrize("name", ["", "-a", ".a", "..", "_a", "A", "a b", "a/b", "é", "x" * 64, "a\n", "../../etc"])
def test_a_name_that_could_be_no_folder_or_path_is_refused(control: httpx.Client, name: str) -> None:
    refused(control.post("/workspaces", json={"name": name}), 400, "name")


def test_a_name_is_taken_only_once(server: Server, control: httpx.Client) -> None:
    world = server.world()
    for name in (world.name, "default"):
        body = refused(control.post("/workspaces", json={"name": name}), 409, code="workspace_exists")
        assert f"'{name}'" in body["detail"]
    assert world.api.get("/sign/signing-sessions").status_code == 200
    world.close()


def test_a_name_is_free_again_after_deletion_and_the_old_world_is_gone(server: Server) -> None:
    first = server.world("again")
    session = first.session()
    server.sandbox.delete("again")
    second = server.world("again")
    assert second.api.get(f"/sign/signing-sessions/{session['id']}").status_code == 404
    refused(first.api.get("/sign/signing-sessions"), 401)
    server.sandbox.delete("again")
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({"name": 7}, "name"),
        ({"seed": [1]}, "seed"),
        ({"Name": "x"}, "Name"),
        ({"name": "x", "unknown": 1}, "unknown"),
    ],
)
def test_a_wish_for_a_workspace_is_checked(control: httpx.Client, body: Json, flawed: str) -> None:
    answer = control.post("/workspaces", json=body)
    assert answer.status_code == 400
    assert {one["name"].partition(".")[0] for one in answer.json()["invalidParams"]} == {flawed}


@pytest.mark.parametrize("content", ["{", "[]", "7", '"x"', "\x00"])
def test_a_wish_that_is_no_object_is_refused(control: httpx.Client, content: str) -> None:
    answer = control.post("/workspaces", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


# ---- listing and reading


def test_every_workspace_is_listed_by_name(server: Server, control: httpx.Client) -> None:
    worlds = [server.world("zz-list"), server.world("aa-list")]
    listed = control.get("/workspaces").json()
    assert listed == sorted(listed, key=lambda one: one["name"])
    addresses = {one["name"]: one["base_url"] for one in listed}
    assert addresses["default"] == server.url
    for world in worlds:
        assert addresses[world.name] == world.url
        server.sandbox.delete(world.name)
        world.close()
    assert not {world.name for world in worlds} & {one["name"] for one in control.get("/workspaces").json()}


def test_credentials_can_be_read_again(world: World, control: httpx.Client) -> None:
    read = control.get(f"/workspaces/{world.name}").json()
    assert read == world.description
    assert [read["name"], read["base_url"], read["clients"]] == [world.name, world.url, [world.client]]
    world.control("POST", "clients", {"client_id": "second", "client_secret": "s"})
    clients = control.get(f"/workspaces/{world.name}").json()["clients"]
    assert [one["client_id"] for one in clients] == [world.client["client_id"], "second"]


def test_the_default_workspace_has_the_known_client(server: Server, control: httpx.Client) -> None:
    read = control.get("/workspaces/default").json()
    assert {name: read[name] for name in ("name", "base_url", "clients")} == {
        "name": "default",
        "base_url": server.url,
        "clients": [
            {
                "client_id": "localsign",
                "client_secret": "localsign-secret",
                "permissions": list(permissions.ALL),
            }
        ],
    }


def test_an_unknown_workspace_can_be_neither_read_nor_deleted(control: httpx.Client) -> None:
    for method in ("GET", "DELETE"):
        refused(control.request(method, "/workspaces/nowhere"), 404, code="workspace_not_found")


# ---- worlds apart


def test_two_workspaces_never_see_each_others_things(server: Server, world: World) -> None:
    other = server.world()
    session = world.session()
    document_id = session["documents"][0]["documentId"]
    collection_id = session["documents"][0]["documentCollectionId"]
    for path in (
        f"signing-sessions/{session['id']}",
        f"documents/{document_id}",
        f"documents/{document_id}/metadata",
        f"document-collections/{collection_id}",
    ):
        assert world.api.get(f"/sign/{path}").status_code == 200, path
        refused(other.api.get(f"/sign/{path}"), 404)
    assert other.api.get("/sign/signing-sessions").json()["total"] == 0
    assert other.act(session, "sign").status_code == 404
    foreign = other.api.post("/sign/document-collections", json={"documents": [{"documentId": document_id}]})
    assert foreign.status_code in {400, 404}
    other.close()


def test_time_clients_and_lags_are_those_of_one_workspace(server: Server, world: World) -> None:
    other = server.world()
    before = other.now()
    world.advance("P400D")
    world.lag("manual")
    world.control("POST", "clients", {"client_id": "mine"})
    assert other.now()[:7] == before[:7]
    assert other.control("GET", "lags/packaging").json()["progression"] == "immediate"
    assert [one["client_id"] for one in other.control("GET", "clients").json()] == [other.client["client_id"]]
    other.close()


# ---- seeds


def test_the_same_seed_draws_the_same_ids_in_the_same_order(server: Server) -> None:
    worlds = [server.world(seed="spring"), server.world(seed="spring"), server.world(seed="autumn")]
    first, second, third = worlds
    assert first.client == second.client
    assert first.client != third.client
    drawn = [[one.replace(world.name, "") for one in all_ids(world)] for world in worlds]
    assert drawn[0] == drawn[1]
    assert not {*drawn[0]} & {*drawn[2]}
    for world in worlds:
        server.sandbox.delete(world.name)
        world.close()


def test_a_seed_can_be_a_number(control: httpx.Client) -> None:
    [first, second] = [control.post("/workspaces", json={"seed": seed}).json() for seed in (7, "7")]
    assert first["clients"] == second["clients"]
    for one in (first, second):
        control.delete(f"/workspaces/{one['name']}")


def test_a_refused_request_draws_nothing(server: Server) -> None:
    """Ids belong to the transaction: what is rolled back takes its draws back."""
    first, second = server.world(seed="x"), server.world(seed="x")
    bad = first.api.post("/sign/signing-sessions", json=[first.a_session(documents=[{"bad": True}])])
    assert bad.status_code == 400
    assert [one.replace(first.name, "") for one in all_ids(first)] == [
        one.replace(second.name, "") for one in all_ids(second)
    ]
    for world in (first, second):
        server.sandbox.delete(world.name)
        world.close()


def test_a_reset_draws_the_same_ids_again(server: Server) -> None:
    world = server.world(seed="again")
    first = all_ids(world)
    world.control("POST", "reset")
    world.log_in()
    assert all_ids(world) == first
    server.sandbox.delete(world.name)
    world.close()


# ---- reset


def test_a_reset_empties_the_workspace_and_sets_the_clock_back(world: World) -> None:
    session = world.session()
    document_id = session["documents"][0]["documentId"]
    before = world.now()
    world.advance("P10D")
    world.freeze()

    answer = world.control("POST", "reset")

    assert (answer.status_code, answer.content) == (204, b"")
    assert world.api.get("/sign/signing-sessions").json()["total"] == 0
    refused(world.api.get(f"/sign/documents/{document_id}"), 404)
    clock = world.control("GET", "clock").json()
    assert clock["now"][:10] in {before[:10], httpx.get(world.url).headers.get("date", before)[:10]}
    assert (clock["is_frozen"], clock["next_due"]) == (False, None)


def test_credentials_tokens_keys_and_lags_outlive_a_reset(world: World) -> None:
    extra = world.control("POST", "clients", {"client_id": "extra", "token_lifetime": 60}).json()
    world.control("POST", "keys/rotate")
    keys = world.control("GET", "keys").json()
    clients = world.control("GET", "clients").json()
    world.lag("reads:2")

    world.control("POST", "reset")

    assert world.api.get("/sign/signing-sessions").status_code == 200  # with the token from before
    assert world.token().status_code == 200
    assert world.token(extra).json()["expires_in"] == 60
    assert world.control("GET", "keys").json() == keys
    assert world.control("GET", "clients").json() == clients
    assert world.control("GET", "lags/packaging").json()["progression"] == "reads:2"


def test_a_reset_touches_one_workspace_only(server: Server, world: World) -> None:
    other = server.world()
    session = other.session()
    world.control("POST", "reset")
    assert other.read(session)["id"] == session["id"]
    other.close()


# ---- ending


def test_a_deleted_workspace_is_gone_everywhere(server: Server, control: httpx.Client) -> None:
    world = server.world()
    world.upload()
    assert control.delete(f"/workspaces/{world.name}").status_code == 204
    for path in ("/sign/signing-sessions", "/auth/open/connect/token", "/_sandbox/v1/clock"):
        refused(world.api.get(path), 404, code="workspace_not_found")
    world.close()


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    yield from serve(Settings(max_workspaces=3, client_id="we", client_secret="know", seed="s"))


def test_the_default_workspace_begins_anew_when_deleted(small: Server) -> None:
    known = {"name": "default", "base_url": small.url, "clients": [{"client_id": "we", "client_secret": "know"}]}
    world = World(known)
    first = all_ids(world)
    world.advance("P3D")
    assert httpx.delete(f"{small.url}/_sandbox/v1/workspaces/default").status_code == 204
    world.log_in()
    assert world.api.get("/sign/signing-sessions").json()["total"] == 0
    assert all_ids(world) == first
    world.close()


def test_there_are_only_so_many_workspaces(small: Server) -> None:
    made = [small.world() for _ in range(2)]
    refusal = httpx.post(f"{small.url}/_sandbox/v1/workspaces")
    body = refused(refusal, 409, code="too_many_workspaces")
    assert "LOCALSIGN_MAX_WORKSPACES" in body["detail"]
    small.sandbox.delete(made[0].name)
    made.append(small.world())
    for world in made:
        world.close()


def test_a_client_that_outlived_a_reset_does_not_stand_in_the_way_of_a_new_one(server: Server) -> None:
    """A seeded world draws the same names again; one that is taken is skipped."""
    world = server.world(seed="s")
    first = world.control("POST", "clients", {}).json()["client_id"]
    world.control("POST", "reset")
    second = world.control("POST", "clients", {})
    assert second.status_code == 201
    assert second.json()["client_id"] != first
    server.sandbox.delete(world.name)
    world.close()
