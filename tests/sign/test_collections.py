"""Document collections over HTTP: made, read, deleted. Packages have a file of their own."""

import pytest
from tests.world import Json, World, refused, terms, unknown_id


def post(world: World, body: object) -> "Json":
    answer = world.api.post("/sign/document-collections", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def texts(world: World, count: int) -> list[Json]:
    """References to `count` new documents."""
    return [{"documentId": world.upload(b"text %d" % number, "text/plain")} for number in range(count)]


def test_a_new_collection_is_answered_and_read_alike(world: World) -> None:
    document, annex = world.upload(), world.upload()
    references = [{"documentId": document, "description": "Terms of Service"}, {"documentId": annex}]
    made = post(world, {"documents": references, "packageTo": ["PADES_CONTAINER"]})
    assert made == {
        "id": made["id"],
        "documents": references,
        "packageTo": ["PADES_CONTAINER"],
        "output": {"packages": []},
    }
    assert world.api.get(f"/sign/document-collections/{made['id']}").json() == made


def test_documents_keep_their_order(world: World) -> None:
    references = texts(world, 9)[::-1]
    assert post(world, {"documents": references})["documents"] == references


def test_one_document_may_be_in_several_collections(world: World) -> None:
    document = world.upload()
    assert world.collect(document)["id"] != world.collect(document)["id"]


def test_a_collection_holds_up_to_100_documents(world: World) -> None:
    references = texts(world, 101)
    assert len(post(world, {"documents": references[:100]})["documents"]) == 100
    refused(world.api.post("/sign/document-collections", json={"documents": references}), 400, "documents")


@pytest.mark.parametrize("count", [0, 1, 5])
def test_up_to_five_package_types_are_taken(world: World, count: int) -> None:
    wanted = {"documents": texts(world, 1), "packageTo": ["PADES_CONTAINER"] * count}
    assert post(world, wanted)["packageTo"] == ["PADES_CONTAINER"] * count


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({}, ["documents"]),
        ({"documents": []}, ["documents"]),
        ({"documents": None}, ["documents"]),
        ({"documents": {}}, ["documents"]),
        ({"documents": [{}]}, ["documents[0].documentId"]),
        ({"documents": [{"documentId": "nonsense"}]}, ["documents[0].documentId"]),
        ({"documents": ["nonsense"]}, ["documents[0]"]),
        ({"documents": [{"documentId": unknown_id()}]}, ["documents[0].documentId"]),
        (
            {"documents": [{"documentId": unknown_id(), "description": 5}]},
            ["documents[0].description"],
        ),
        ({"documents": [{"documentId": unknown_id(), "title": "a"}]}, ["documents[0].title"]),
        ({"documents": [{"documentId": unknown_id()}], "packages": []}, ["packages"]),
        ({"documents": [{"documentId": unknown_id()}], "packageTo": ["ASIC"]}, ["packageTo[0]"]),
        ({"documents": [{"documentId": unknown_id()}], "packageTo": ["pades_container"]}, ["packageTo[0]"]),
        ({"documents": [{"documentId": unknown_id()}], "packageTo": "PADES_CONTAINER"}, ["packageTo"]),
        ({"documents": [{"documentId": unknown_id()}], "packageTo": ["PADES_CONTAINER"] * 6}, ["packageTo"]),
        ([], ["body"]),
        (None, ["body"]),
    ],
)
def test_a_collection_that_does_not_fit_the_schema_is_refused(world: World, body: object, flawed: list[str]) -> None:
    refused(world.api.post("/sign/document-collections", json=body), 400, *flawed)


def test_every_document_that_does_not_exist_is_named(world: World) -> None:
    deleted, document = world.upload(), world.upload()
    world.api.delete(f"/sign/documents/{deleted}")
    references = [{"documentId": one} for one in (unknown_id(), document, deleted)]
    answer = world.api.post("/sign/document-collections", json={"documents": references})
    refused(answer, 400, "documents[0].documentId", "documents[2].documentId")


def test_a_deleted_collection_is_gone_and_its_documents_stay(world: World) -> None:
    document = world.upload(terms(), "text/plain")
    address = f"/sign/document-collections/{world.collect(document)['id']}"
    answer = world.api.delete(address)
    assert (answer.status_code, answer.content) == (204, b"")
    refused(world.api.get(address), 404)
    refused(world.api.delete(address), 404)
    refused(world.api.post(f"{address}/package"), 404)
    assert world.download(document) == terms()


def test_a_session_outlives_its_collection(world: World) -> None:
    collection = world.collect()
    session = world.session(collection)
    assert world.api.delete(f"/sign/document-collections/{collection['id']}").status_code == 204
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("DELETE", ""), ("POST", "/package")])
def test_an_unknown_collection_is_not_found(world: World, method: str, below: str) -> None:
    refused(world.api.request(method, f"/sign/document-collections/{unknown_id()}{below}"), 404)
    answer = world.api.request(method, f"/sign/document-collections/nonsense{below}")
    refused(answer, 400, "documentCollectionId")
