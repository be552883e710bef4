"""How long documents live: orphans, due dates, soft deletion, and when the bytes go."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.world import Json, World, agreement, refused, shown


def status(world: World, document: str) -> int:
    both = {
        world.api.get(f"/sign/documents/{document}").status_code,
        world.api.get(f"/sign/documents/{document}/metadata").status_code,
    }
    [one] = both
    return one


def bytes_kept(server: Server, world: World) -> int:
    """How many different contents the workspace keeps."""
    folder: Path = server.sandbox.find(world.name).blobs.folder
    return sum(path.is_file() for path in folder.rglob("*"))


def on(world: World, *documents: str, due: datetime | None = None) -> Json:
    """A new session on `documents`."""
    but = {} if due is None else {"dueDate": shown(due)}
    return world.session(world.collect(*documents), **but)


# ---- orphans


def test_a_document_without_a_session_lives_30_minutes(world: World) -> None:
    world.freeze()
    document = world.upload()
    world.advance("PT29M59S")
    assert status(world, document) == 200
    [fired] = world.advance("PT1S")
    assert fired["subject"] == document
    assert status(world, document) == 404
    refused(world.api.delete(f"/sign/documents/{document}"), 404)


def test_being_in_a_collection_is_not_enough(world: World) -> None:
    world.freeze()
    document = world.upload()
    collection = world.collect(document)
    world.advance("PT30M")
    assert status(world, document) == 404
    kept = world.api.get(f"/sign/document-collections/{collection['id']}").json()
    assert kept == collection
    wanted = world.a_session(collection)
    answer = world.api.post("/sign/signing-sessions", json=[wanted])
    refused(answer, 400, "[0].documents[0].documentId")


@pytest.mark.parametrize("action", ["SIGN", "VIEW"])
def test_being_in_a_session_is_enough(world: World, action: str) -> None:
    document = world.upload()
    wanted = world.a_session(world.collect(document))
    wanted["documents"][0]["action"] = action
    world.create(wanted)
    world.advance("P44D")
    assert status(world, document) == 200


def test_describing_a_document_does_not_prolong_its_life(world: World) -> None:
    world.freeze()
    document = world.upload()
    world.advance("PT29M")
    world.api.patch(f"/sign/documents/{document}/metadata", json={"title": "a"})
    world.advance("PT1M")
    assert status(world, document) == 404


def test_each_document_has_its_own_30_minutes(world: World) -> None:
    world.freeze()
    first = world.upload()
    world.advance("PT10M")
    second = world.upload()
    world.advance("PT20M")
    assert (status(world, first), status(world, second)) == (404, 200)
    world.advance("PT10M")
    assert status(world, second) == 404


# ---- due dates


def test_documents_and_results_go_on_the_due_date(world: World) -> None:
    now = world.freeze()
    document = world.upload()
    session = on(world, document, due=now + timedelta(days=2))
    session = world.session(documents=session["documents"], dueDate=session["dueDate"], packageTo=["PADES_CONTAINER"])
    output = world.sign(session)["output"]
    output = world.read(session)["output"]
    results = [output["signatures"][0]["resultDocumentId"], output["packages"][0]["resultDocumentId"]]
    world.advance("P1DT23H59M59.999S")
    assert [status(world, one) for one in (document, *results)] == [200] * 3
    world.advance("PT0.001S")
    assert [status(world, one) for one in (document, *results)] == [404] * 3
    assert world.read(session)["output"] == output


def test_a_shared_document_lives_as_long_as_its_last_session(world: World) -> None:
    now = world.freeze()
    document = world.upload()
    first = on(world, document, due=now + timedelta(days=1))
    on(world, document, due=now + timedelta(days=2))
    result = world.sign(first)["output"]["signatures"][0]["resultDocumentId"]
    world.advance("P1D")
    assert (status(world, document), status(world, result)) == (200, 404)
    world.advance("P1D")
    assert status(world, document) == 404


def test_sessions_that_are_due_together_hold_nothing_for_one_another(world: World) -> None:
    now = world.freeze()
    document = world.upload()
    for _ in range(2):
        on(world, document, due=now + timedelta(days=1))
    world.advance("P1D")
    assert status(world, document) == 404


# ---- deletion


def test_a_session_takes_its_documents_with_it(world: World) -> None:
    document = world.upload()
    session = on(world, document)
    result = world.sign(session)["output"]["signatures"][0]["resultDocumentId"]
    assert world.api.delete(f"/sign/signing-sessions/{session['id']}").status_code == 204
    assert (status(world, document), status(world, result)) == (404, 404)


def test_a_shared_document_survives_while_another_session_holds_it(world: World) -> None:
    document = world.upload()
    sessions = [on(world, document) for _ in range(3)]
    world.act(sessions[1], "reject")
    for session in sessions:
        assert status(world, document) == 200
        world.api.delete(f"/sign/signing-sessions/{session['id']}")
    assert status(world, document) == 404


def test_an_expired_session_holds_nothing(world: World) -> None:
    now = world.freeze()
    document = world.upload()
    on(world, document, due=now + timedelta(minutes=1))
    session = on(world, document)
    world.advance("PT1M")
    assert status(world, document) == 200
    world.api.delete(f"/sign/signing-sessions/{session['id']}")
    assert status(world, document) == 404


def test_the_order_that_the_vendors_sdk_deletes_in_works(world: World) -> None:
    document = world.upload()
    collection = world.collect(document)
    session = world.session(collection)
    addresses = [
        f"/sign/signing-sessions/{session['id']}",
        f"/sign/document-collections/{collection['id']}",
        f"/sign/documents/{document}",
    ]
    for address in addresses:
        assert world.api.delete(address).status_code == 204
        refused(world.api.get(address), 404)
    for address in addresses:
        refused(world.api.delete(address), 404)
    refused(world.api.get(f"/sign/documents/{document}/metadata"), 404)


def test_a_document_can_be_deleted_from_under_its_session(world: World) -> None:
    document = world.upload()
    session = on(world, document)
    assert world.api.delete(f"/sign/documents/{document}").status_code == 204
    body = refused(world.act(session, "sign"), 409, code="document_deleted")
    assert document in body["detail"]
    assert world.read(session) == session


def test_a_collection_goes_without_its_documents(world: World) -> None:
    document = world.upload()
    collection = world.collect(document)
    world.session(collection)
    world.api.delete(f"/sign/document-collections/{collection['id']}")
    assert status(world, document) == 200


# ---- the bytes


@pytest.mark.parametrize("way", ["delete", "orphan"])
def test_the_bytes_of_a_deleted_document_go_after_seven_days(server: Server, world: World, way: str) -> None:
    world.freeze()
    document = world.upload()
    if way == "delete":
        world.api.delete(f"/sign/documents/{document}")
    else:
        world.advance("PT30M")
    world.advance("P6DT23H59M59S")
    assert bytes_kept(server, world) == 1
    world.advance("PT1S")
    assert bytes_kept(server, world) == 0
    assert status(world, document) == 404


def test_a_session_leaves_no_bytes_behind(server: Server, world: World) -> None:
    session = world.session(packageTo=["PADES_CONTAINER"])
    world.sign(session)
    assert bytes_kept(server, world) == 3  # the original, the signature, the package
    world.api.delete(f"/sign/signing-sessions/{session['id']}")
    world.advance("P7D")
    assert bytes_kept(server, world) == 0


def test_nothing_is_left_seven_days_after_the_due_date(server: Server, world: World) -> None:
    world.sign(world.session(packageTo=["PADES_CONTAINER"]))
    world.session()
    world.upload(b"an orphan", "text/plain")
    world.advance("P52D")
    assert bytes_kept(server, world) == 0


def test_bytes_stay_as_long_as_another_document_has_them(server: Server, world: World) -> None:
    first, second = world.upload(), world.upload()
    on(world, second)
    world.api.delete(f"/sign/documents/{first}")
    world.advance("P8D")
    assert world.download(second) == agreement()
    world.api.delete(f"/sign/documents/{second}")
    world.advance("P8D")
    assert bytes_kept(server, world) == 0


def test_deleting_a_released_document_begins_its_seven_days_anew(server: Server, world: World) -> None:
    world.freeze()
    document = world.upload()
    world.api.delete(f"/sign/signing-sessions/{on(world, document)['id']}")
    world.advance("P6D")
    world.api.delete(f"/sign/documents/{document}")
    world.advance("P6D")
    assert bytes_kept(server, world) == 1
    world.advance("P1D")
    assert bytes_kept(server, world) == 0


def test_another_workspace_keeps_its_own_bytes(server: Server, world: World) -> None:
    other = server.world()
    theirs = other.upload()
    world.api.delete(f"/sign/documents/{world.upload()}")
    world.advance("P8D")
    assert other.download(theirs) == agreement()
    other.close()
