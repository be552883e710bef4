"""DSTs in one call: with their files, of templates, with documents that have to be fetched."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from tests.core.odd_pdfs import encrypted
from tests.signing_today.fileserver import Files, serving
from tests.signing_today.people import ANNA, BRUNO, NOBODY, ROBOT, People, refused
from tests.signing_today.transactions import (
    Desk,
    a_place,
    a_plan,
    a_request,
    a_template_plan,
    a_text,
    account,
)
from tests.world import Json, agreement, terms


@pytest.fixture
def robot(people: People) -> Desk:
    """The robot of the demo organisation at work."""
    return Desk(people, people.robot)


@pytest.fixture
def files() -> Iterator[Files]:
    """A server with files to fetch."""
    with serving({"/contract.pdf": agreement(), "/terms.txt": terms(), "/locked.pdf": encrypted("secret")}) as files:
        yield files


def embedded(content: bytes | None = None, plan: Json | None = None, **but: Any) -> Json:
    """A document with its file, by default one that Anna signs."""
    data = base64.b64encode(agreement() if content is None else content).decode()
    resource = {
        "filename": "contract.pdf",
        "resourceType": ["PDF_Document"],
        "title": "Contract",
        "source": {"type": "Embedded", "embeddedData": data},
        **but,
    }
    return {"resource": resource, **(plan or a_plan())}


def at(url: str, plan: Json | None = None) -> Json:
    """A document that has to be fetched."""
    return {"resource": {"source": {"type": "URL", "sourceURL": url}}, **(plan or a_plan())}


def create(desk: Desk, *documents: Json, **but: Any) -> Json:
    wanted = {"title": "By robot", "documents": list(documents or (embedded(),)), **but}
    found: Json = desk.call("POST", "/robot/DSTs", 200, json=wanted)
    return found


def test_a_draft_in_one_call(robot: Desk) -> None:
    dst = create(robot, tags=["a"], ccGroups=["Sales"], urgent=True)
    assert (dst["status"], dst["title"], dst["createdByUser"]) == ("draft", "By robot", ROBOT)
    assert (dst["tags"], dst["ccGroups"], dst["urgent"]) == (["a"], ["Sales"], True)
    [file], [document] = dst["resources"], dst["documents"]
    assert (file["filename"], file["title"], file["pages"]) == ("contract.pdf", "Contract", 2)
    assert document["plainDocumentUuid"] == file["id"]
    assert robot.download(file["id"]) == agreement()
    assert robot.publish(dst)["status"] == "toSign"


def test_published_in_one_call(robot: Desk) -> None:
    dst = create(robot, embedded(plan=a_plan(forms=[a_place()])), embedded(), status="published")
    assert dst["status"] == "toSign"
    while dst["status"] == "toSign":
        dst = robot.act(dst, "sign")
    assert dst["status"] == "signed"
    assert create(robot, embedded(plan=a_plan(forms=[a_text()])), status="published")["status"] == "toFill"


def test_a_robot_may_say_when_it_ends(robot: Desk) -> None:
    robot.world.freeze("2030-05-01T10:00:00Z")
    dst = create(robot, status="published", expiresAt="2030-05-02T10:00:00+02:00")
    assert dst["expiresAt"] == "2030-05-02T08:00:00Z"
    robot.world.advance("P1D")
    assert robot.read(dst)["status"] == "expired"
    wanted = {"documents": [embedded()], "status": "published", "expiresAt": "2030-05-01T10:00:00Z"}
    refused(robot.client.post("/robot/DSTs", json=wanted), 400, "expiresAt")


BAD: list[tuple[Json, str]] = [
    ({"status": "toSign"}, "status"),
    ({"documents": [embedded(terms())]}, "documents[0].resource.source.embeddedData"),
    ({"documents": [embedded(encrypted("secret"))]}, "documents[0].resource.source.embeddedData"),
    (
        {"documents": [embedded(source={"type": "Embedded", "embeddedData": "%%%"})]},
        "documents[0].resource.source.embeddedData",
    ),
    (
        {"documents": [embedded(), embedded(source={"type": "Embedded"})]},
        "documents[1].resource.source.embeddedData",
    ),
    ({"documents": [embedded(source={"type": "URL"})]}, "documents[0].resource.source.sourceURL"),
    ({"documents": [embedded(source={"type": "FTP"})]}, "documents[0].resource.source.type"),
    ({"documents": [embedded(resourceType=["Image"])]}, "documents[0].resource.resourceType"),
    (
        {"documents": [embedded(plan=a_plan(signatureRequests=[a_request(signerId=7)]))]},
        "documents[0].signatureRequests[0].signerId",
    ),
    ({"status": "published", "documents": []}, "documents"),
    ({"status": "published", "documents": [{"resource": {}, **a_plan()}]}, "documents[0].plainDocumentUuid"),
    (
        {"status": "published", "documents": [embedded(plan=a_template_plan())]},
        "documents[0].signerGroups[0].signers[0]",
    ),
    ({"expiresAt": "tomorrow"}, "expiresAt"),
]


@pytest.mark.parametrize(("wanted", "target"), BAD, ids=[target for _, target in BAD])
def test_what_is_wrong_makes_nothing(robot: Desk, wanted: Json, target: str) -> None:
    body = refused(robot.client.post("/robot/DSTs", json=wanted), 400)
    assert body[0]["target"] == target
    assert robot.call("GET", "/DSTs")["values"] == []
    assert not list(robot.people.workspace.folder.glob("blobs/arriving-*"))


def test_the_kind_of_a_file_may_be_a_word(robot: Desk) -> None:
    assert create(robot, embedded(resourceType="PDF_Document"))["resources"]


def test_a_template_in_one_call(robot: Desk) -> None:
    dst = create(robot, embedded(plan=a_template_plan()), status="published", template=True)
    assert (dst["status"], dst["template"]) == ("published", True)


def test_who_may_make_one(people: People) -> None:
    refused(people.anna.post("/robot/DSTs", json={}), 403, "role")
    refused(people.nobody.post("/robot/DSTs", json={}), 401)
    assert create(Desk(people, people.instructor))["status"] == "draft"


# ---- of a template


def instantiate(desk: Desk, template: Json, **wanted: Any) -> Any:
    return desk.client.post(f"/robot/{template['id']}/instantiate", json=wanted)


ROLES = [
    {"roleName": "Buyer", "signer": {"userUUID": ANNA}},
    {"roleName": "SELLER", "signer": {"name": "Eve", "surname": "External", "email": "eve@example.com"}},
]


def test_roles_become_people(robot: Desk) -> None:
    """By the label of the template, else by the role in any case; in every document."""
    template = robot.template(a_template_plan(), a_template_plan())
    dst = instantiate(robot, template, rolesMapping=ROLES, templatePatches={"status": "published"}).json()
    assert dst["status"] == "toSign"
    for document in dst["documents"]:
        buyer, seller = (group["signers"][0] for group in document["signerGroups"])
        assert (buyer["userUUID"], buyer["name"], buyer["templateLabel"]) == (ANNA, "Anna", "Buyer")
        assert (seller["name"], seller["email"], seller["role"]) == ("Eve", "eve@example.com", "seller")
    assert robot.read(template)["documents"][0]["signerGroups"][0]["signers"][0].get("userUUID") is None


def test_roles_may_come_as_a_map(robot: Desk) -> None:
    template = robot.template()
    dst = instantiate(robot, template, rolesMapping={"buyer": {"email": "b@example.com"}}).json()
    assert dst["documents"][0]["signerGroups"][0]["signers"][0]["email"] == "b@example.com"
    assert dst["status"] == "draft"


def test_a_role_that_nobody_has_been_named_for_is_a_conflict(robot: Desk) -> None:
    template = robot.template()
    patches = {"status": "published"}
    answer = instantiate(robot, template, rolesMapping=ROLES[:1], templatePatches=patches)
    refused(answer, 409, "documents[0].signerGroups[1].signers[0]")
    refused(instantiate(robot, template, rolesMapping=[{"roleName": "Judge", "signer": {}}]), 409, "roleName")
    refused(instantiate(robot, template, rolesMapping=[{"signer": {}}]), 409, "roleName")
    assert robot.call("GET", "/DSTs")["values"] == []


def test_patches_replace_members_and_change_documents_by_position(robot: Desk) -> None:
    template = robot.template(a_template_plan(), a_template_plan(), tags=["a"], urgent=True)
    patches = {
        "title": "Patched",
        "tags": ["b"],
        "documents": [
            {},
            {"signatureRequests": [a_request(1, 2, reason="New")]},
            embedded(plan=a_plan([account(BRUNO)])),
        ],
    }
    dst = instantiate(robot, template, templatePatches=patches).json()
    assert (dst["title"], dst["tags"], dst["urgent"]) == ("Patched", ["b"], True)
    first, second, third = dst["documents"]
    assert len(first["signatureRequests"]) == 2
    assert [one["reason"] for one in second["signatureRequests"]] == ["New"]
    assert len(second["signerGroups"]) == 2
    assert third["signerGroups"][0]["signers"][0]["userUUID"] == BRUNO
    assert len(dst["resources"]) == 3


def test_the_file_of_a_template_may_be_another(robot: Desk, files: Files) -> None:
    template = robot.template()
    dst = instantiate(
        robot, template, templatePatches={"documents": [at(files.url("/contract.pdf"), {"forms": []})]}
    ).json()
    assert dst["status"] == "downloadingInDraft"
    dst = robot.read(dst)
    assert dst["status"] == "draft"
    assert dst["documents"][0]["plainDocumentUuid"] == dst["resources"][-1]["id"]


def test_only_a_published_template_has_instances(robot: Desk) -> None:
    refused(instantiate(robot, robot.draft(a_template_plan(), template=True)), 409, "draft")
    refused(instantiate(robot, robot.published()), 409, "toSign")
    refused(robot.client.post(f"/robot/{NOBODY}/instantiate", json={}), 404)


# ---- fetched documents


def test_documents_are_fetched_after_the_answer(robot: Desk, files: Files) -> None:
    dst = create(robot, at(files.url("/contract.pdf?key=1")), status="published")
    assert dst["status"] == "downloadingInPublished"
    assert dst["resources"] == []
    dst = robot.read(dst)
    assert dst["status"] == "toSign"
    [file] = dst["resources"]
    assert (file["filename"], file["pages"]) == ("contract.pdf", 2)
    assert robot.act(dst, "sign")["status"] == "signed"
    draft = create(robot, at(files.url("/contract.pdf")), embedded())
    assert draft["status"] == "downloadingInDraft"
    assert robot.read(draft)["status"] == "draft"


def test_a_robot_fetches_with_its_headers_and_credentials(robot: Desk, files: Files) -> None:
    configuration = {
        "requestHeaders": {"X-Key": ["one", "two"]},
        "authentication": {"username": "u", "password": "p", "authMode": "basic"},
    }
    robot.call("PUT", "/robot/configuration", 204, json=configuration)
    robot.read(create(robot, at(files.url("/contract.pdf"))))
    [asked] = files.asked
    assert asked["x-key"] == "one, two"
    assert asked["authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/nothing.pdf", "CANNOT_DOWNLOAD_DOCUMENT"),
        ("/terms.txt", "INVALID_DOCUMENT"),
        ("/locked.pdf", "PROTECTED_DOCUMENT"),
    ],
)
def test_a_document_that_cannot_be_had_is_an_error(robot: Desk, files: Files, path: str, word: str) -> None:
    dst = create(robot, at(files.url("/contract.pdf")), at(files.url(path)), status="published")
    dst = robot.read(dst)
    assert dst["status"] == "error"
    assert dst["errorMessage"].startswith(word)
    assert "document 2" in dst["errorMessage"]
    assert dst["resources"] == []
    events = robot.call("GET", "/notifications/dsts")["values"]
    assert [one["event"] for one in events] == ["dst_status_error"]
    assert not list(robot.people.workspace.folder.glob("blobs/arriving-*"))


@pytest.mark.parametrize(
    "url", ["http://198.51.100.1/contract.pdf", "ftp://127.0.0.1/x", "not a url", "http://127.0.0.1:9/"]
)
def test_an_address_that_may_not_or_cannot_be_called_is_an_error(robot: Desk, url: str) -> None:
    dst = robot.read(create(robot, at(url)))
    assert dst["status"] == "error"
    assert dst["errorMessage"].startswith("CANNOT_DOWNLOAD_DOCUMENT: ")


def test_a_form_on_a_page_that_is_not_there_is_an_error(robot: Desk, files: Files) -> None:
    plan = a_plan(forms=[a_place(page=9)])
    dst = robot.read(create(robot, at(files.url("/contract.pdf"), plan), status="published"))
    assert dst["status"] == "error"
    assert "documents[0].forms[0].page" in dst["errorMessage"]


def test_fetching_takes_as_long_as_a_tester_wants(robot: Desk, files: Files) -> None:
    robot.world.control("PUT", "lags/fetching", {"progression": "reads:2"})
    dst = create(robot, at(files.url("/contract.pdf")))
    assert [robot.read(dst)["status"] for _ in range(3)] == ["downloadingInDraft", "draft", "draft"]
    robot.world.control("PUT", "lags/fetching", {"progression": "manual"})
    dst = create(robot, at(files.url("/contract.pdf")), status="published")
    robot.world.advance("P1D")
    assert robot.read(dst)["status"] == "downloadingInPublished"
    assert robot.act(dst, "download")["status"] == "toSign"
    dst = robot.act(create(robot, at(files.url("/contract.pdf"))), "fail", reason="No space left")
    assert dst["errorMessage"] == "CANNOT_DOWNLOAD_DOCUMENT: No space left"
    assert robot.try_act(dst, "download").status_code == 409
