"""Every cell of the tables of Sign v2 that can be reached over HTTP: it moves, or it says why not."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from uuid import UUID

import httpx
import pytest
from sqlmodel import select
from tests.conftest import Server
from tests.world import Json, World, refused, shown

from localsign.sign.models import DocumentCollection, Package

ACTS = ("open", "sign", "reject", "cancel", "error")
EVENTS = {"error": "fail"} | {one: one for one in ("open", "sign", "reject", "cancel")}
PACKAGED: Json = {"packageTo": ["PADES_CONTAINER"]}


# ---- sessions


def session_in(world: World, state: str) -> Json:
    """A session in `state`, reached as a client or a signer would."""
    first = world.session()
    match state:
        case "BLOCKED":
            return world.session(documents=first["documents"], subsequentTo=[first["id"]])
        case "SIGNED":
            world.sign(first)
        case "REJECTED":
            world.act(first, "reject")
        case "DELETED":
            world.api.delete(f"/sign/signing-sessions/{first['id']}")
        case "EXPIRED":
            world.advance("P46D")
    return first


SESSION_MOVES = {
    ("READY", "open"): "READY",
    ("READY", "sign"): "SIGNED",
    ("READY", "reject"): "REJECTED",
    ("READY", "cancel"): "READY",
    ("READY", "error"): "READY",
}


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("state", ["BLOCKED", "READY", "SIGNED", "REJECTED"])
def test_an_act_moves_a_session_or_is_told_the_state(world: World, state: str, action: str) -> None:
    session = session_in(world, state)
    answer = world.act(session, action)
    target = SESSION_MOVES.get((state, action))
    if target is None:
        body = refused(answer, 409)
        assert (body["state"], body["event"]) == (state, EVENTS[action])
        assert state in body["detail"]
    else:
        assert answer.status_code == 200
    assert world.read(session)["lifecycle"]["state"] == (target or state)


@pytest.mark.parametrize("state", ["DELETED", "EXPIRED"])
def test_nothing_can_be_done_with_a_session_that_is_gone(world: World, state: str) -> None:
    session = session_in(world, state)
    for action in ACTS:
        refused(world.act(session, action), 404)
    address = f"/sign/signing-sessions/{session['id']}"
    refused(world.api.get(address), 404)
    refused(world.api.delete(address), 404)
    refused(world.api.post(f"{address}/package"), 404)


@pytest.mark.parametrize("state", ["BLOCKED", "READY", "SIGNED", "REJECTED"])
def test_a_session_can_be_deleted_in_any_state(world: World, state: str) -> None:
    address = f"/sign/signing-sessions/{session_in(world, state)['id']}"
    assert world.api.delete(address).status_code == 204
    refused(world.api.get(address), 404)


@pytest.mark.parametrize(
    ("state", "ends"), [("BLOCKED", True), ("READY", True), ("SIGNED", False), ("REJECTED", False)]
)
def test_the_due_date_ends_a_session_that_is_open(world: World, state: str, ends: bool) -> None:
    address = f"/sign/signing-sessions/{session_in(world, state)['id']}"
    world.advance("P46D")
    answer = world.api.get(address)
    if ends:
        refused(answer, 404)
    else:
        assert answer.json()["lifecycle"]["state"] == state


@pytest.mark.parametrize("state", ["BLOCKED", "READY", "REJECTED"])
def test_only_a_signed_session_can_be_packaged(world: World, state: str) -> None:
    refused(world.api.post(f"/sign/signing-sessions/{session_in(world, state)['id']}/package"), 409)


# ---- documents


def document_in(world: World, state: str) -> tuple[str, Json]:
    """A document in `state`, and a session that has it or had it, if any."""
    document = world.upload()
    if state == "UNASSIGNED":
        return document, {}
    session = world.session(world.collect(document))
    if state == "RELEASED":
        world.api.delete(f"/sign/signing-sessions/{session['id']}")
    if state == "DELETED":
        world.api.delete(f"/sign/documents/{document}")
    return document, session


DOCUMENT_CALLS: dict[str, Callable[[World, str], httpx.Response]] = {
    "read": lambda world, one: world.api.get(f"/sign/documents/{one}"),
    "read metadata": lambda world, one: world.api.get(f"/sign/documents/{one}/metadata"),
    "describe": lambda world, one: world.api.patch(f"/sign/documents/{one}/metadata", json={"title": "a"}),
    "collect": lambda world, one: world.api.post(
        "/sign/document-collections", json={"documents": [{"documentId": one}]}
    ),
    "delete": lambda world, one: world.api.delete(f"/sign/documents/{one}"),
}
ALIVE = {"read": 200, "read metadata": 200, "describe": 200, "collect": 201, "delete": 204}
DEAD = {"read": 404, "read metadata": 404, "describe": 404, "collect": 400, "delete": 404}
DOCUMENT_ANSWERS = {
    "UNASSIGNED": ALIVE,
    "ASSIGNED": ALIVE,
    "RELEASED": DEAD | {"delete": 204},
    "DELETED": DEAD,
}


@pytest.mark.parametrize(("state", "call"), [*product(DOCUMENT_ANSWERS, DOCUMENT_CALLS)])
def test_a_call_finds_a_document_or_does_not(world: World, state: str, call: str) -> None:
    document, _ = document_in(world, state)
    assert DOCUMENT_CALLS[call](world, document).status_code == DOCUMENT_ANSWERS[state][call]


@pytest.mark.parametrize(
    ("state", "status"), [("UNASSIGNED", 201), ("ASSIGNED", 201), ("RELEASED", 400), ("DELETED", 400)]
)
def test_a_document_that_is_there_can_be_given_to_a_session(world: World, state: str, status: int) -> None:
    document, session = document_in(world, state)
    wanted = world.a_session(world.collect(document)) if not session else world.a_session(**session)
    wanted = {name: wanted[name] for name in ("title", "documents", "signingSetup")}
    assert world.api.post("/sign/signing-sessions", json=[wanted]).status_code == status


@pytest.mark.parametrize(("state", "days"), [("UNASSIGNED", "PT30M"), ("ASSIGNED", "P45D")])
def test_a_document_expires(world: World, state: str, days: str) -> None:
    document, _ = document_in(world, state)
    world.advance(days)
    for name, call in DOCUMENT_CALLS.items():
        assert call(world, document).status_code == DEAD[name]


def test_a_released_document_can_be_deleted_once(world: World) -> None:
    document, _ = document_in(world, "RELEASED")
    assert world.api.delete(f"/sign/documents/{document}").status_code == 204
    refused(world.api.delete(f"/sign/documents/{document}"), 404)


# ---- collections and packages


def state_of(server: Server, world: World, collection: Json) -> str:
    with server.sandbox.find(world.name).work() as work:
        found = work.find(DocumentCollection, UUID(collection["id"]))
        assert found is not None
        return str(found.state.value)


def packages(server: Server, world: World) -> list[str]:
    """The ids of all packages; the API itself does not show one before it is ready."""
    with server.sandbox.find(world.name).work() as work:
        return [str(one.id) for one in work.db.exec(select(Package)).all()]


def collection_in(server: Server, world: World, state: str) -> Json:
    """A collection in `state`; when it is not open, its only session is signed."""
    world.lag("manual")
    collection = world.collect(**PACKAGED)
    session = world.session(collection)
    if state != "OPEN":
        world.sign(session)
    if state == "PACKAGED":
        [package] = packages(server, world)
        assert world.act_on_package(package, "complete").status_code == 200
    if state == "DELETED":
        world.api.delete(f"/sign/document-collections/{collection['id']}")
    assert state_of(server, world, collection) == state
    return collection


@pytest.mark.parametrize(("state", "status"), [("OPEN", 201), ("PACKAGING", 400), ("PACKAGED", 400), ("DELETED", 400)])
def test_a_session_can_be_added_to_an_open_collection(server: Server, world: World, state: str, status: int) -> None:
    collection = collection_in(server, world, state)
    answer = world.api.post("/sign/signing-sessions", json=[world.a_session(collection)])
    if status == 201:
        assert answer.status_code == 201
    else:
        refused(answer, 400, "[0].documents[0].documentCollectionId")


@pytest.mark.parametrize(("state", "status"), [("PACKAGING", 409), ("PACKAGED", 409), ("DELETED", 404)])
def test_a_collection_is_packaged_once(server: Server, world: World, state: str, status: int) -> None:
    collection = collection_in(server, world, state)
    refused(world.api.post(f"/sign/document-collections/{collection['id']}/package"), status)


@pytest.mark.parametrize("state", ["OPEN", "PACKAGING", "PACKAGED"])
def test_a_collection_can_be_deleted_in_any_state(server: Server, world: World, state: str) -> None:
    collection = collection_in(server, world, state)
    address = f"/sign/document-collections/{collection['id']}"
    assert world.api.delete(address).status_code == 204
    refused(world.api.delete(address), 404)
    assert state_of(server, world, collection) == "DELETED"


@pytest.mark.parametrize(("action", "target"), [("complete", "PACKAGED"), ("fail", "OPEN")])
def test_a_collection_goes_the_way_of_its_package(server: Server, world: World, action: str, target: str) -> None:
    collection = collection_in(server, world, "PACKAGING")
    [package] = packages(server, world)
    world.act_on_package(package, action)
    assert state_of(server, world, collection) == target


@pytest.mark.parametrize("action", ["complete", "fail"])
@pytest.mark.parametrize("first", ["complete", "fail"])
def test_a_package_ends_once(server: Server, world: World, first: str, action: str) -> None:
    collection_in(server, world, "PACKAGING")
    [package] = packages(server, world)
    ended = world.act_on_package(package, first).json()
    state = "COMPLETED" if first == "complete" else "FAILED"
    assert ended["state"] == state
    assert (ended["result_document_id"] is not None) == (first == "complete")
    body = refused(world.act_on_package(package, action), 409)
    assert (body["state"], body["event"]) == (state, action)


def test_an_unknown_package_is_not_found(world: World) -> None:
    for action in ("complete", "fail"):
        refused(world.act_on_package(world.collect()["id"], action), 404)
    refused(world.act_on_package(world.collect()["id"], "dance"), 400, "action")


def test_the_last_moment_before_the_due_date_is_early_enough(world: World) -> None:
    now = world.freeze()
    session = world.session(dueDate=shown(now + timedelta(minutes=1)))
    world.advance("PT59.999S")
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
