"""Forking a world: the copy is what the original was, and from then on the two never meet."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.conftest import Server, serve
from tests.world import Json, World

from localsign.settings import Settings


class Home:
    """Makes worlds and copies of them, and closes their clients in the end."""

    def __init__(self, server: Server, closing: ExitStack) -> None:
        self._server = server
        self._closing = closing

    def world(self, seed: str | None = None) -> World:
        return self._kept(self._server.world(seed=seed))

    def fork(self, world: World, **wanted: str) -> World:
        answer = world.anonymous.post(f"/_sandbox/v1/workspaces/{world.name}/fork", json=wanted)
        assert answer.status_code == 201, answer.text
        return self._kept(World(answer.json()))

    def _kept(self, world: World) -> World:
        self._closing.callback(world.close)
        return world


@pytest.fixture(params=["memory", "files"])
def home(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Home]:
    """A server that keeps its worlds in memory, and one that keeps them in files."""
    with ExitStack() as closing:
        if request.param == "files":
            server = closing.enter_context(contextmanager(serve)(Settings(data_dir=tmp_path)))
        yield Home(server, closing)


def state_in(world: World, session: Json) -> str:
    return str(world.read(session)["lifecycle"]["state"])


def test_both_halves_go_on_apart(home: Home) -> None:
    world = home.world()
    session = world.session()
    copy = home.fork(world)
    assert copy.name != world.name
    assert copy.client == world.client

    signed = copy.sign(session)
    [signature] = signed["output"]["signatures"]
    assert copy.download(signature["resultDocumentId"]).startswith(b"<?xml")
    assert state_in(world, session) == "READY"

    assert world.act(session, "reject").status_code == 200
    assert (state_in(world, session), state_in(copy, session)) == ("REJECTED", "SIGNED")
    missing = world.api.get(f"/sign/documents/{signature['resultDocumentId']}")
    assert missing.status_code == 404


def test_bytes_outlive_the_original(home: Home) -> None:
    world = home.world()
    document = world.upload(b"to be kept", "text/plain")
    world.session(world.collect(document))
    copy = home.fork(world)
    world.advance("P60D")  # the original loses its bytes
    assert world.api.get(f"/sign/documents/{document}").status_code == 404
    assert world.anonymous.delete(f"/_sandbox/v1/workspaces/{world.name}").status_code == 204
    assert copy.download(document) == b"to be kept"


def test_the_clock_and_what_is_due_are_copied(home: Home) -> None:
    world = home.world()
    document = world.upload()
    world.freeze()
    world.advance("PT29M")
    copy = home.fork(world)
    assert copy.now() == world.now()
    [fired] = copy.advance("PT2M")
    assert (fired["kind"], fired["subject"]) == ("sign.orphan", document)
    assert world.api.get(f"/sign/documents/{document}").status_code == 200


def test_a_seeded_world_goes_on_with_the_same_ids_in_both_halves(home: Home) -> None:
    world = home.world(seed="7")
    world.upload()
    copy = home.fork(world)
    assert copy.upload() == world.upload()


def test_a_token_is_good_in_one_half_only(home: Home) -> None:
    world = home.world()
    copy = home.fork(world)
    bearer = {"Authorization": world.api.headers["Authorization"]}
    assert copy.anonymous.get("/sign/signing-sessions", headers=bearer).status_code == 401
    assert world.anonymous.get("/sign/signing-sessions", headers=bearer).status_code == 200


def test_names_are_checked(world: World) -> None:
    path = f"/_sandbox/v1/workspaces/{world.name}/fork"
    taken = world.anonymous.post(path, json={"name": world.name})
    assert (taken.status_code, taken.json()["code"]) == (409, "workspace_exists")
    assert world.anonymous.post(path, json={"name": "../up"}).status_code == 400
    unknown = world.anonymous.post("/_sandbox/v1/workspaces/no-such-world/fork")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "workspace_not_found")
