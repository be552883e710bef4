"""A reset empties what it is told to, at once and whole, whatever is under way."""

import threading
from time import perf_counter

import httpx
import pytest
from tests.conftest import Server
from tests.control.dumping import dump
from tests.world import Json, World, refused

from localsign.core import outbox
from localsign.core.blobs import Arrived
from localsign.core.errors import WorldChangedError
from localsign.core.outbox import Channel
from localsign.core.work import Slow, Work
from localsign.workspace import Workspace

FAULT = {"operation": "sign.get_signing_session", "status": 503, "times": 1}


def reset(world: World, *scope: str) -> None:
    answer = world.control("POST", "reset", {"scope": list(scope)} if scope else None)
    assert answer.status_code == 204, answer.text


def workspace_of(server: Server, world: World) -> Workspace:
    return server.sandbox.find(world.name)


@pytest.fixture
def full(server: Server, world: World) -> World:
    """A world with something in every scope."""
    world.lag("manual")
    world.control("PUT", "switches/sign.markdown", {"value": "refuse"})
    world.sign(world.session())
    world.control("POST", "faults", FAULT)
    with workspace_of(server, world).work() as work:
        outbox.send(
            work, api="sign", kind="test", channel=Channel.SMS, to="+47", text="x", reference=work.new_id()
        )  # fmt: skip
    world.advance("P1D")
    return world


def held(server: Server, world: World) -> dict[str, bool]:
    """What of each scope there is."""
    rows = dump(workspace_of(server, world))
    return {
        "data": bool(rows["signing_session"] or rows["timer"] or rows["document"] or rows["bytes"]),
        "outbox": bool(rows["message"] or rows["announcement"]),
        "faults": bool(rows["fault"]),
        "clock": workspace_of(server, world).clock.offset.total_seconds() > 3600,
        "settings": bool(rows["choice"]),
        "clients": bool(rows["client"] and rows["signing_key"]),
    }


EVERYTHING = {"data", "outbox", "faults", "clock", "settings", "clients"}


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ((), {"settings", "clients"}),
        (("data", "journal", "faults", "outbox", "clock"), {"settings", "clients"}),
        (("all",), {"clients"}),
        (("data",), EVERYTHING - {"data"}),
        (("data", "clock"), EVERYTHING - {"data", "clock"}),
        (("data", "outbox"), EVERYTHING - {"data", "outbox"}),
        (("outbox",), EVERYTHING - {"outbox"}),
        (("faults",), EVERYTHING - {"faults"}),
        (("faults", "outbox"), EVERYTHING - {"faults", "outbox"}),
        (("journal",), EVERYTHING),
        (("all", "data"), {"clients"}),
    ],
)
def test_a_reset_empties_its_scopes_and_nothing_else(
    server: Server, full: World, scope: tuple[str, ...], left: set[str]
) -> None:
    assert set(held(server, full)) == EVERYTHING
    assert all(held(server, full).values())
    reset(full, *scope)
    assert {name for name, there in held(server, full).items() if there} == left
    assert full.api.get("/sign/signing-sessions").status_code == 200  # with the token from before
    full.session()


def test_a_fault_that_was_emptied_strikes_no_more(full: World) -> None:
    session = full.session()
    full.control("POST", "faults", {**FAULT, "times": 9})
    assert full.api.get(f"/sign/signing-sessions/{session['id']}").status_code == 503
    reset(full, "faults")
    assert full.api.get(f"/sign/signing-sessions/{session['id']}").status_code == 200


def test_the_clock_alone_never_goes_back(full: World) -> None:
    body = refused(full.control("POST", "reset", {"scope": ["clock"]}), 409, code="clock_ahead")
    assert "time only goes forward" in body["detail"]
    refused(full.control("POST", "reset", {"scope": ["clock", "faults"]}), 409, code="clock_ahead")
    assert full.control("GET", "faults").json() != []


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({"scope": []}, "scope"),
        ({"scope": ["everything"]}, "scope[0]"),
        ({"scope": "data"}, "scope"),
        ({"scope": None}, "scope"),
        ({"scopes": ["data"]}, "scopes"),
    ],
)
def test_a_scope_that_is_none_is_refused_and_empties_nothing(full: World, body: Json, flawed: str) -> None:
    refused(full.control("POST", "reset", body), 400, flawed)
    assert full.api.get("/sign/signing-sessions").json()["total"] == 1


def test_messages_that_stay_do_not_stand_in_the_way_of_new_ones(server: Server) -> None:
    """A seeded world draws its ids again only when nothing is left that has one of them."""
    world = server.world(seed="again")
    for _ in range(2):
        with workspace_of(server, world).work() as work:
            outbox.send(work, api="sign", kind="t", channel=Channel.SMS, to="+47", text="x", reference="r")
        reset(world, "data")
    assert len(dump(workspace_of(server, world))["message"]) == 2
    server.sandbox.delete(world.name)
    world.close()


# ---- while something is under way


def test_what_was_made_for_a_world_that_is_gone_leaves_no_file(server: Server, world: World) -> None:
    workspace = workspace_of(server, world)
    made = threading.Event()
    may_end = threading.Event()
    outcome: list[object] = []

    def verb(work: Work) -> bool | Slow[Arrived, bool]:
        def make() -> Arrived:
            made.set()
            may_end.wait(30)
            return workspace.blobs.take(b"made too late")

        return Slow(make, lambda later, arrived: True, Arrived.discard)

    def act() -> None:
        try:
            workspace.perform(verb)
        except WorldChangedError as error:
            outcome.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    made.wait(30)
    reset(world)
    may_end.set()
    thread.join(30)
    assert len(outcome) == 1
    assert list(workspace.blobs.folder.rglob("arriving-*")) == []


def test_a_download_that_has_begun_ends_whole_though_the_world_is_reset(server: Server, world: World) -> None:
    content = bytes(range(256)) * 40_000
    document = world.upload(b"x" + content, "text/plain")
    headers = {"Authorization": world.api.headers["Authorization"]}
    with httpx.stream("GET", f"{world.url}/sign/documents/{document}", headers=headers) as answer:
        assert answer.status_code == 200
        reset(world)
        assert answer.read() == b"x" + content
    assert dump(workspace_of(server, world))["bytes"] == []


def test_a_part_of_a_document_can_be_asked_for(world: World) -> None:
    document = world.upload(b"0123456789", "text/plain")
    answer = world.api.get(f"/sign/documents/{document}", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")


# ---- tokens of a world that was


def test_a_token_of_a_deleted_world_is_not_good_in_the_next_of_its_name(server: Server) -> None:
    """Also `default`, whose client is the same each time: what was revoked stays so."""
    first = server.world("phoenix", seed="1")
    token = first.token().json()["access_token"]
    form = {"token": token}
    basic = (first.client["client_id"], first.client["client_secret"])
    assert first.anonymous.post("/auth/open/connect/revocation", data=form, auth=basic).status_code == 200
    server.sandbox.delete("phoenix")
    second = server.world("phoenix", seed="1")
    assert second.client == first.client
    for old in (f"Bearer {token}", first.api.headers["Authorization"]):
        refused(second.anonymous.get("/sign/signing-sessions", headers={"Authorization": old}), 401)
    server.sandbox.delete("phoenix")
    for world in (first, second):
        world.close()


# ---- how long it takes


def test_a_world_with_a_thousand_sessions_is_copied_and_emptied_in_milliseconds(server: Server) -> None:
    """Measured: about 7 ms for the copy and 3 ms for the reset; the bound leaves room for a busy machine."""
    world = server.world()
    wanted = world.a_session()
    for _ in range(10):
        world.create(*[wanted] * 100)
    workspace = workspace_of(server, world)
    times = []
    for act in (server.sandbox.fork, server.sandbox.reset):
        begun = perf_counter()
        act(workspace)
        times.append(perf_counter() - begun)
    assert max(times) < 0.5, times
    server.sandbox.delete(world.name)
    world.close()
