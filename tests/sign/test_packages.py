"""Packages: of sessions and of collections, when they are made, and what is in them."""

import pytest
from sqlmodel import select
from tests.conftest import Server
from tests.sign.reading import files_in, signers
from tests.world import PKI, Json, World, agreement, refused, terms, unknown_id

from localsign.sign.models import Package

PACKAGED: Json = {"packageTo": ["PADES_CONTAINER"]}
KARI: Json = {"name": "Kari Nordmann", "nin": "01019012345"}


def in_session(world: World, session: Json) -> list[Json]:
    return list(world.read(session)["output"]["packages"])


def in_collection(world: World, collection: Json) -> list[Json]:
    answer = world.api.get(f"/sign/document-collections/{collection['id']}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["output"]["packages"])


def package_session(world: World, session: Json) -> int:
    return world.api.post(f"/sign/signing-sessions/{session['id']}/package").status_code


def package_collection(world: World, collection: Json) -> int:
    return world.api.post(f"/sign/document-collections/{collection['id']}/package").status_code


def package_ids(server: Server, world: World) -> list[str]:
    """The ids of all packages, oldest first; the API itself does not show one before it is ready."""
    with server.sandbox.find(world.name).work() as work:
        return [str(one.id) for one in work.db.exec(select(Package)).all()]


def described(world: World, filename: str, content: bytes | None = None) -> str:
    """A document with a file name."""
    document = world.upload(content)
    world.api.patch(f"/sign/documents/{document}/metadata", json={"filename": filename})
    return document


# ---- what is in one


def test_a_session_is_packaged_when_it_is_signed(server: Server, world: World) -> None:
    session = world.session(**PACKAGED)
    assert in_session(world, session) == []
    followed = world.act(session, "sign", signer=KARI).json()["followed"]
    [package] = in_session(world, session)
    assert package == {
        "packageId": package["packageId"],
        "packageType": "PADES_CONTAINER",
        "resultDocumentId": package["resultDocumentId"],
    }
    assert {"announced": "package.completed", "id": package["packageId"]} in followed
    answer = world.api.get(f"/sign/documents/{package['resultDocumentId']}")
    assert answer.headers["content-type"] == "application/pdf"
    assert len(signers(server.sandbox.house.authority, answer.content)) == 1


def test_a_package_holds_the_originals_and_the_evidence(world: World) -> None:
    documents = described(world, "leie.pdf"), described(world, "vilkår.pdf")
    session = world.session(world.collect(*documents), **PACKAGED)
    evidence = [world.download(one["resultDocumentId"]) for one in world.sign(session)["output"]["signatures"]]
    [package] = in_session(world, session)
    files = files_in(world.download(package["resultDocumentId"]))
    assert files == {
        "leie.pdf": agreement(),
        "vilkår.pdf": agreement(),
        "leie-signature.xml": evidence[0],
        "vilkår-signature.xml": evidence[1],
    }


def test_naming_a_type_twice_gives_one_package(world: World) -> None:
    session = world.session(packageTo=["PADES_CONTAINER"] * 5)
    world.sign(session)
    assert len(in_session(world, session)) == 1


def test_nothing_is_packaged_unless_asked_for(world: World) -> None:
    collection = world.collect()
    session = world.session(collection)
    world.sign(session)
    assert in_session(world, session) == in_collection(world, collection) == []


@pytest.mark.parametrize("action", ["reject", "cancel"])
def test_only_signing_leads_to_a_package(world: World, action: str) -> None:
    collection = world.collect(**PACKAGED)
    session = world.session(collection, **PACKAGED)
    world.act(session, action)
    assert in_session(world, session) == in_collection(world, collection) == []


# ---- collections


def test_a_collection_is_packaged_when_all_its_sessions_are_signed(server: Server, world: World) -> None:
    collection = world.collect(described(world, "leie.pdf"), **PACKAGED)
    sessions = [world.session(collection) for _ in range(3)]
    for session in sessions:
        assert in_collection(world, collection) == []
        world.sign(session, signer={"name": f"Signer {session['id'][:4]}"})
    [package] = in_collection(world, collection)
    content = world.download(package["resultDocumentId"])
    assert sorted(files_in(content)) == [
        "leie-signature-2.xml",
        "leie-signature-3.xml",
        "leie-signature.xml",
        "leie.pdf",
    ]
    assert [in_session(world, one) for one in sessions] == [[], [], []]


def test_a_session_and_its_collection_may_both_be_packaged(world: World) -> None:
    collection = world.collect(**PACKAGED)
    session = world.session(collection, **PACKAGED)
    world.sign(session)
    [one], [other] = in_session(world, session), in_collection(world, collection)
    assert one["packageId"] != other["packageId"]
    assert world.download(one["resultDocumentId"]) != world.download(other["resultDocumentId"])


def test_the_package_of_a_collection_holds_only_its_own_documents(world: World) -> None:
    one = world.collect(described(world, "one.pdf"), **PACKAGED)
    other = world.collect(described(world, "other.pdf"), **PACKAGED)
    both = [document for part in (one, other) for document in world.a_session(part)["documents"]]
    world.session(one)
    world.sign(world.session(documents=both, **PACKAGED))
    assert in_collection(world, one) == []  # it waits for its other session
    [package] = in_collection(world, other)
    files = files_in(world.download(package["resultDocumentId"]))
    assert sorted(files) == ["other-signature.xml", "other.pdf"]


def test_a_blocked_session_keeps_its_collection_waiting(world: World) -> None:
    collection = world.collect(**PACKAGED)
    first = world.session(collection)
    second = world.session(collection, subsequentTo=[first["id"]])
    world.sign(first)
    assert in_collection(world, collection) == []
    world.sign(second)
    assert len(in_collection(world, collection)) == 1


def test_a_rejected_session_keeps_its_collection_from_being_packaged(world: World) -> None:
    collection = world.collect(**PACKAGED)
    first, second = world.session(collection), world.session(collection)
    world.act(first, "reject")
    world.sign(second)
    assert in_collection(world, collection) == []
    refused(world.api.post(f"/sign/document-collections/{collection['id']}/package"), 409)


def test_a_deleted_session_does_not_keep_its_collection_waiting(world: World) -> None:
    collection = world.collect(**PACKAGED)
    first, second = world.session(collection), world.session(collection)
    world.api.delete(f"/sign/signing-sessions/{first['id']}")
    world.sign(second)
    assert len(in_collection(world, collection)) == 1


def test_a_packaged_collection_is_closed(world: World) -> None:
    collection = world.collect(**PACKAGED)
    wanted = world.a_session(collection)
    world.sign(world.create(wanted)[0])
    answer = world.api.post("/sign/signing-sessions", json=[wanted])
    refused(answer, 400, "[0].documents[0].documentCollectionId")
    [document] = collection["documents"]
    assert world.session(world.collect(document["documentId"]))["lifecycle"]["state"] == "READY"


# ---- what cannot be packaged


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_text_is_not_packaged(world: World, media_type: str) -> None:
    collection = world.collect(world.upload(terms(), media_type), **PACKAGED)
    session = world.session(collection, **PACKAGED)
    world.sign(session)
    assert in_session(world, session) == in_collection(world, collection) == []
    refused(world.api.post(f"/sign/signing-sessions/{session['id']}/package"), 409)
    refused(world.api.post(f"/sign/document-collections/{collection['id']}/package"), 409)


def test_what_was_signed_by_pki_is_not_packaged(world: World) -> None:
    collection = world.collect(**PACKAGED)
    session, other = world.session(collection, signingSetup=[PKI]), world.session(collection)
    world.sign(session)
    world.sign(other)
    assert in_collection(world, collection) == []
    refused(world.api.post(f"/sign/signing-sessions/{session['id']}/package"), 409)
    refused(world.api.post(f"/sign/document-collections/{collection['id']}/package"), 409)


# ---- on command


def test_a_signed_session_is_packaged_on_command_once(world: World) -> None:
    session = world.session()
    refused(world.api.post(f"/sign/signing-sessions/{session['id']}/package"), 409)
    world.sign(session)
    answer = world.api.post(f"/sign/signing-sessions/{session['id']}/package")
    assert (answer.status_code, answer.content) == (202, b"")
    assert len(in_session(world, session)) == 1
    refused(world.api.post(f"/sign/signing-sessions/{session['id']}/package"), 409)
    assert len(in_session(world, session)) == 1


def test_a_collection_is_packaged_on_command_once(world: World) -> None:
    collection = world.collect()
    address = f"/sign/document-collections/{collection['id']}/package"
    refused(world.api.post(address), 409)  # it has no sessions
    first, second = world.session(collection), world.session(collection)
    world.sign(first)
    refused(world.api.post(address), 409)
    world.sign(second)
    answer = world.api.post(address)
    assert (answer.status_code, answer.content) == (202, b"")
    assert len(in_collection(world, collection)) == 1
    refused(world.api.post(address), 409)


def test_a_session_that_was_packaged_by_itself_is_not_packaged_again(world: World) -> None:
    session = world.session(**PACKAGED)
    world.sign(session)
    refused(world.api.post(f"/sign/signing-sessions/{session['id']}/package"), 409)


def test_what_does_not_exist_cannot_be_packaged(world: World) -> None:
    refused(world.api.post(f"/sign/signing-sessions/{unknown_id()}/package"), 404)
    refused(world.api.post("/sign/signing-sessions/nonsense/package"), 400, "sessionId")


# ---- how long it takes


def test_a_package_may_take_a_time(world: World) -> None:
    world.freeze()
    world.lag("after:PT5S")
    collection = world.collect(**PACKAGED)
    session = world.session(collection, **PACKAGED)
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
    world.advance("PT4.999S")
    assert in_session(world, session) == in_collection(world, collection) == []
    fired = world.advance("PT0.001S")
    assert [one["kind"] for one in fired] == ["sign.package"] * 2
    assert len(in_session(world, session)) == len(in_collection(world, collection)) == 1


def test_a_package_may_be_ready_at_the_third_read(world: World) -> None:
    world.lag("reads:3")
    session = world.session(**PACKAGED)
    world.sign(session)
    assert [len(in_session(world, session)) for _ in range(4)] == [0, 0, 1, 1]


def test_the_package_of_a_collection_counts_reads_of_the_collection(world: World) -> None:
    world.lag("reads:3")
    collection = world.collect(**PACKAGED)
    session = world.session(collection)
    world.sign(session)
    for _ in range(5):
        world.read(session)
    assert [len(in_collection(world, collection)) for _ in range(4)] == [0, 0, 1, 1]


def test_a_package_may_be_ready_at_the_first_read(world: World) -> None:
    world.lag("reads:1")
    session = world.session(**PACKAGED)
    world.sign(session)
    assert len(in_session(world, session)) == 1


def test_a_package_may_wait_for_a_command(server: Server, world: World) -> None:
    world.lag("manual")
    session = world.session(**PACKAGED)
    world.sign(session)
    for _ in range(3):
        assert in_session(world, session) == []
    world.advance("PT1H")
    assert in_session(world, session) == []
    [package] = package_ids(server, world)
    ended = world.act_on_package(package, "complete").json()
    [ready] = in_session(world, session)
    assert ready["packageId"] == ended["package_id"] == package
    assert ready["resultDocumentId"] == ended["result_document_id"]
    assert {"announced": "package.completed", "id": package} in ended["followed"]


def test_a_package_may_fail_and_be_made_again(server: Server, world: World) -> None:
    world.lag("manual")
    collection = world.collect(**PACKAGED)
    session = world.session(collection, **PACKAGED)
    world.sign(session)
    assert (package_session(world, session), package_collection(world, collection)) == (409, 409)
    for package in package_ids(server, world):
        followed = world.act_on_package(package, "fail").json()["followed"]
        assert {"announced": "package.failed", "id": package} in followed
    assert in_session(world, session) == in_collection(world, collection) == []
    world.lag("immediate")
    assert (package_session(world, session), package_collection(world, collection)) == (202, 202)
    assert len(in_session(world, session)) == len(in_collection(world, collection)) == 1


def test_a_collection_whose_package_failed_is_open_again(server: Server, world: World) -> None:
    world.lag("manual")
    collection = world.collect(**PACKAGED)
    wanted = world.a_session(collection)
    world.sign(world.create(wanted)[0])
    answer = world.api.post("/sign/signing-sessions", json=[wanted])
    refused(answer, 400, "[0].documents[0].documentCollectionId")
    world.act_on_package(package_ids(server, world)[0], "fail")
    world.lag("immediate")
    world.sign(world.create(wanted)[0])
    assert len(in_collection(world, collection)) == 1


def test_a_package_whose_documents_were_deleted_fails(server: Server, world: World) -> None:
    world.lag("after:PT5S")
    session = world.session(**PACKAGED)
    world.sign(session)
    world.api.delete(f"/sign/documents/{session['documents'][0]['documentId']}")
    [fired] = world.advance("PT5S")
    assert {"announced": "package.failed", "id": package_ids(server, world)[0]} in fired["followed"]
    assert in_session(world, session) == []


@pytest.mark.parametrize("what", ["signing-sessions", "document-collections"])
def test_a_package_of_something_deleted_fails(server: Server, world: World, what: str) -> None:
    world.lag("after:PT5S")
    collection = world.collect(**({} if what == "signing-sessions" else PACKAGED))
    session = world.session(collection, **(PACKAGED if what == "signing-sessions" else {}))
    world.sign(session)
    owner = session if what == "signing-sessions" else collection
    world.api.delete(f"/sign/{what}/{owner['id']}")
    [fired] = world.advance("PT5S")
    assert {"announced": "package.failed", "id": package_ids(server, world)[0]} in fired["followed"]


def test_a_lag_belongs_to_its_workspace(server: Server, world: World) -> None:
    world.lag("manual")
    other = server.world()
    session = other.session(**PACKAGED)
    other.sign(session)
    assert len(in_session(other, session)) == 1
    other.close()
