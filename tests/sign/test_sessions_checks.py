"""Creating signing sessions: what a request names must exist, and fit together."""

from typing import Any

import httpx
import pytest
from tests.world import AUTHENTICATION_BASED, PKI, World, refused, terms, unknown_id

SBID = PKI | {"vendor": "SBID"}
NIN = "NATIONAL_IDENTIFICATION_NUMBER"


def post(world: World, *wanted: Any) -> httpx.Response:
    return world.api.post("/sign/signing-sessions", json=list(wanted))


def test_an_unknown_collection_is_named(world: World) -> None:
    wanted = world.a_session()
    wanted["documents"][0]["documentCollectionId"] = unknown_id()
    refused(post(world, wanted), 400, "[0].documents[0].documentCollectionId")


def test_an_unknown_document_is_named(world: World) -> None:
    good, bad = world.a_session(), world.a_session()
    bad["documents"][0]["documentId"] = unknown_id()
    refused(post(world, good, bad), 400, "[1].documents[0].documentId")


def test_a_document_of_another_collection_is_named(world: World) -> None:
    document, other = world.upload(), world.collect()
    wanted = world.a_session(world.collect(document))
    wanted["documents"].append({**wanted["documents"][0], "documentCollectionId": other["id"]})
    refused(post(world, wanted), 400, "[0].documents[1].documentId")


def test_all_that_does_not_exist_is_named_at_once(world: World) -> None:
    wanted = world.a_session(
        documents=[{"documentCollectionId": unknown_id(), "documentId": unknown_id(), "action": "SIGN"}],
        subsequentTo=[unknown_id()],
    )
    here = "[0].documents[0]"
    answer = post(world, wanted)
    refused(answer, 400, f"{here}.documentCollectionId", f"{here}.documentId", "[0].subsequentTo[0]")


def test_a_deleted_document_is_no_document(world: World) -> None:
    wanted = world.a_session()
    world.api.delete(f"/sign/documents/{wanted['documents'][0]['documentId']}")
    refused(post(world, wanted), 400, "[0].documents[0].documentId")


def test_a_deleted_collection_is_no_collection(world: World) -> None:
    wanted = world.a_session()
    world.api.delete(f"/sign/document-collections/{wanted['documents'][0]['documentCollectionId']}")
    refused(post(world, wanted), 400, "[0].documents[0].documentCollectionId")


def test_the_things_of_another_workspace_do_not_exist_here(server: Any, world: World) -> None:
    other = server.world()
    here = "[0].documents[0]"
    answer = post(world, other.a_session())
    refused(answer, 400, f"{here}.documentCollectionId", f"{here}.documentId")
    other.close()


def test_a_session_may_use_documents_of_several_collections(world: World) -> None:
    one, other = world.a_session(), world.a_session()
    session = world.session(documents=one["documents"] + other["documents"])
    assert len(session["documents"]) == 2


def test_the_documents_of_a_session_have_one_media_type(world: World) -> None:
    collection = world.collect(world.upload(), world.upload(terms(), "text/plain"))
    refused(post(world, world.a_session(collection)), 400, "[0].documents")


def test_the_sessions_of_one_call_may_have_different_media_types(world: World) -> None:
    text = world.collect(world.upload(terms(), "text/plain"))
    assert len(world.create(world.a_session(), world.a_session(text))) == 2


def test_pki_needs_a_vendor(world: World) -> None:
    for setup in ({"signingFlow": "PKISIGNING"}, PKI | {"vendor": None}):
        answer = post(world, world.a_session(signingSetup=[setup]))
        refused(answer, 400, "[0].signingSetup[0].vendor")


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_pki_signs_pdf_only(world: World, media_type: str) -> None:
    text = world.collect(world.upload(terms(), media_type))
    refused(post(world, world.a_session(text, signingSetup=[PKI])), 400, "[0].documents")


@pytest.mark.parametrize("media_type", ["application/pdf", "text/markdown"])
def test_sbid_signs_plain_text_only(world: World, media_type: str) -> None:
    content = None if media_type == "application/pdf" else terms()
    collection = world.collect(world.upload(content, media_type))
    wanted = world.a_session(collection, signingSetup=[SBID], signText="I agree")
    refused(post(world, wanted), 400, "[0].documents")


def test_sbid_needs_a_sign_text(world: World) -> None:
    text = world.collect(world.upload(terms(), "text/plain"))
    for more in ({}, {"signText": ""}, {"signText": None}):
        refused(post(world, world.a_session(text, signingSetup=[SBID], **more)), 400, "[0].signText")
    assert world.session(text, signingSetup=[SBID], signText="I agree")["signText"] == "I agree"


def test_pki_makes_no_packages(world: World) -> None:
    wanted = world.a_session(signingSetup=[PKI], packageTo=["PADES_CONTAINER"])
    refused(post(world, wanted), 400, "[0].packageTo")
    assert world.session(signingSetup=[PKI], packageTo=[])["packageTo"] == []


def test_validating_a_number_needs_the_number(world: World) -> None:
    path = "[0].signer.nationalIdentificationNumber"
    refused(post(world, world.a_session(signer={"validations": [NIN]})), 400, path)
    signer = {"validations": [NIN], "nationalIdentificationNumber": "01019012345"}
    assert world.session(signer=signer)["signer"] == signer


@pytest.mark.parametrize("setup", [AUTHENTICATION_BASED, PKI])
def test_identity_providers_may_be_left_out(world: World, setup: dict[str, Any]) -> None:
    bare = {name: value for name, value in setup.items() if name != "identityProviders"}
    assert world.session(signingSetup=[bare])["signingSetup"] == [bare]


def test_an_unknown_predecessor_is_named(world: World) -> None:
    before = world.session()
    wanted = world.a_session(subsequentTo=[before["id"], unknown_id()])
    refused(post(world, wanted), 400, "[0].subsequentTo[1]")


def test_a_deleted_predecessor_is_no_session(world: World) -> None:
    before = world.session()
    world.api.delete(f"/sign/signing-sessions/{before['id']}")
    refused(post(world, world.a_session(subsequentTo=[before["id"]])), 400, "[0].subsequentTo[0]")


def test_sessions_of_one_call_cannot_wait_for_one_another(world: World) -> None:
    first = {**world.a_session(), "id": unknown_id()}  # read-only: the server gives another one
    second = {**first, "subsequentTo": [unknown_id()]}
    refused(post(world, first, second), 400, "[1].subsequentTo[0]")
