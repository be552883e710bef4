"""What unmodified client libraries send beyond the reference: it must work."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import AUTHENTICATION_BASED, PKI, Json, World, agreement, refused, unknown_id

from localsign.settings import Settings

ACCOUNT = {"signicat-accountId": "a-spge-1", "signicat-organizationId": "o-1", "utm": "x"}
SDK = {"Signicat-SDK": "dotnet/1.0", "Signicat-OrganizationId": "o-1", "User-Agent": "Signicat.NET"}


def post(world: World, *wanted: Any) -> httpx.Response:
    return world.api.post("/sign/signing-sessions", json=list(wanted))


def test_empty_arrays_and_objects_mean_nothing_is_asked_for(world: World) -> None:
    empty: Json = {
        "subsequentTo": [],
        "packageTo": [],
        "signingSetup": [AUTHENTICATION_BASED | {"identityProviders": [], "additionalParameters": {}}],
        "signer": {"validations": [], "restrictUse": []},
        "ui": {},
    }
    session = world.session(**empty)
    assert {name: session[name] for name in empty} == empty
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


def test_empty_arrays_are_fine_with_pki(world: World) -> None:
    setup = PKI | {"identityProviders": [], "additionalParameters": {}, "requestedAttributes": []}
    assert world.session(signingSetup=[setup], packageTo=[])["signingSetup"] == [setup]


def test_null_means_that_a_member_was_not_sent(world: World) -> None:
    nulls = ("signText", "externalReference", "signer", "archive", "preAuthentication", "ui", "dueDate")
    session = world.session(
        **dict.fromkeys(nulls),
        redirectSettings=None,
        signatureUrlTTL=None,
        signingSetup=[AUTHENTICATION_BASED | {"vendor": None, "additionalParameters": None}],
    )
    assert not session.keys() & {*nulls, "redirectSettings", "signatureUrlTTL"} - {"dueDate"}
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


def test_read_only_members_of_a_session_are_ignored(world: World) -> None:
    read_only: Json = {
        "id": unknown_id(),
        "signatureUrl": "https://elsewhere.test/",
        "signatureUrlExpiresAt": "2020-01-01T00:00:00Z",
        "lifecycle": {"state": "SIGNED", "stateIsFinal": True},
        "output": {"signatures": None, "packages": None},
        "senderDisplayName": "Retired AS",
    }
    session = world.session(**read_only)
    assert session["id"] != read_only["id"]
    assert session["signatureUrl"].startswith(world.url)
    assert session["lifecycle"] == {"state": "READY", "stateIsFinal": False}
    assert session["output"] == {"signatures": [], "packages": []}
    assert "senderDisplayName" not in session


def test_what_was_answered_can_be_sent_again(world: World) -> None:
    session = world.session(signatureUrlTTL=60, externalReference="a")
    [again] = world.create(session)
    assert again["id"] != session["id"]
    assert again["documents"] == session["documents"]


def test_read_only_members_of_a_collection_are_ignored(world: World) -> None:
    collection = world.collect(id=unknown_id(), output={"packages": None})
    assert collection["id"] != unknown_id()
    assert collection["output"] == {"packages": []}


def test_retired_members_of_a_signer_and_an_archive_are_ignored(world: World) -> None:
    session = world.session(
        signer={"email": "mail@example.org", "mobile": "+47 123 45 678"},
        archive={"retentionPeriod": "P1Y", "sendOriginalToArchive": True, "sendResultToArchive": False},
    )
    assert session["signer"] == {}
    assert session["archive"] == {"retentionPeriod": "P1Y"}


def test_unknown_query_parameters_and_headers_are_ignored_everywhere(world: World) -> None:
    world.api.headers.update(SDK)
    world.api.params = httpx.QueryParams(ACCOUNT)
    document = world.upload()
    collection = world.collect(document)
    session = world.session(collection)
    assert world.read(session) == session
    assert world.api.get("/sign/signing-sessions").json()["data"] == [session]
    metadata = f"/sign/documents/{document}/metadata"
    assert world.api.patch(metadata, json={"title": "a"}).json()["title"] == "a"
    assert world.api.get(metadata).status_code == 200
    assert world.download(document) == agreement()
    assert world.api.get(f"/sign/document-collections/{collection['id']}").json() == collection
    for address in (f"signing-sessions/{session['id']}", f"documents/{document}"):
        assert world.api.delete(f"/sign/{address}").status_code == 204


def test_a_file_name_in_the_query_of_an_upload_is_ignored(world: World) -> None:
    headers = {"Content-Type": "application/pdf"}
    answer = world.api.post("/sign/documents?filename=a%20b.pdf", content=agreement(), headers=headers)
    assert answer.status_code == 200
    info = world.api.get(f"/sign/documents/{answer.json()['documentId']}/metadata").json()
    assert "filename" not in info


def test_json_may_declare_its_character_set(world: World) -> None:
    document = world.upload()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = '{"title": "Ærø"}'.encode()
    answer = world.api.patch(f"/sign/documents/{document}/metadata", content=body, headers=headers)
    assert answer.json()["title"] == "Ærø"


def test_any_answer_may_be_asked_for(world: World) -> None:
    for accept in ("application/json", "*/*", "text/html", "application/problem+json"):
        answer = world.api.get("/sign/signing-sessions", headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/json"


def test_ids_may_be_written_in_capitals(world: World) -> None:
    session = world.session()
    assert world.read(session["id"].upper()) == session


def test_a_token_may_be_called_bearer_in_any_case(world: World) -> None:
    token = world.api.headers["Authorization"].partition(" ")[2]
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {token}"}
        assert world.anonymous.get("/sign/signing-sessions", headers=headers).status_code == 200


def test_a_ttl_of_zero_that_an_sdk_sends_for_none_is_refused(world: World) -> None:
    refused(post(world, world.a_session(signatureUrlTTL=0)), 400, "[0].signatureUrlTTL")


UNKNOWN: Json = {
    "colour": "red",
    "ui": {"language": "nb", "theme": "dark"},
    "signingSetup": [AUTHENTICATION_BASED | {"recipient": {}}],
}


def test_unknown_members_are_all_named(world: World) -> None:
    answer = post(world, world.a_session(**UNKNOWN))
    complaints = {one["name"] for one in answer.json()["invalidParams"]}
    assert complaints == {"[0].colour", "[0].ui.theme", "[0].signingSetup[0].recipient"}
    assert answer.status_code == 400


@pytest.fixture(scope="module")
def lenient_server() -> Iterator[Server]:
    """A server that ignores members it does not know."""
    yield from serve(Settings(switches={"sign.unknown-members": "ignore"}))


def test_unknown_members_can_be_ignored_by_a_setting(lenient_server: Server) -> None:
    world = lenient_server.world()
    assert "colour" not in world.session(**UNKNOWN)
    document = world.upload()
    assert "colour" not in world.collect(document, colour="red")
    answer = world.api.patch(f"/sign/documents/{document}/metadata", json={"colour": "red", "title": "a"})
    assert answer.json()["title"] == "a"
    refused(post(world, world.a_session(title=5, colour="red")), 400, "[0].title")
    world.close()


def test_null_is_as_good_as_nothing_for_optional_members(world: World) -> None:
    optional = ("subsequentTo", "packageTo", "signer", "archive", "ui", "dueDate", "signText", "signatureUrlTTL")
    session = world.session(**dict.fromkeys(optional))
    assert (session["subsequentTo"], session["packageTo"]) == ([], [])


def test_a_plus_in_a_date_filter_need_not_be_escaped(world: World) -> None:
    world.session()
    answer = world.api.get("/sign/signing-sessions?createdDateFrom=2024-01-01T00:00:00+01:00")
    assert answer.json()["total"] == 1


def test_a_forgotten_content_type_is_named(world: World) -> None:
    answer = world.api.post("/sign/signing-sessions", content="[]", headers={"Content-Type": "text/plain"})
    refused(answer, 400, "Content-Type")
