"""Notes, secrets and step types; and who may call."""

import pytest
from tests.mint.flows import Mint, flow, id_of, refused, step
from tests.world import Json, World, unknown_id

from localsign.mint.engine import catalog


def a_journey(mint: Mint) -> str:
    return f"/mint/journeys/{id_of(mint.start(mint.create(flow(step('a')))))}"


def test_the_life_of_a_note(mint: Mint) -> None:
    address = a_journey(mint)
    created = mint.api.post(f"{address}/notes", json={"content": "First", "stepId": "a"})
    assert created.status_code == 201
    note = created.json()
    assert list(note) == ["id", "stepId", "content", "createdAt", "createdBy", "updatedAt"]
    assert (note["stepId"], note["createdBy"], note["updatedAt"]) == ("a", mint.world.client["client_id"], None)
    updated = mint.api.patch(f"{address}/notes/{note['id']}", json={"content": "Second"}).json()
    assert (updated["content"], updated["createdAt"]) == ("Second", note["createdAt"])
    assert updated["updatedAt"] is not None
    assert mint.api.get(f"{address}/notes").json()["data"] == [updated]
    assert mint.api.delete(f"{address}/notes/{note['id']}").status_code == 204
    assert mint.api.get(f"{address}/notes").json()["totalCount"] == 0


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({}, "content"),
        ({"content": None}, "content"),
        ({"content": "x" * 1001}, "content"),
        ({"content": "x", "stepId": "s" * 51}, "stepId"),
        ({"content": "x", "stepId": "nowhere"}, "stepId"),
    ],
)
def test_a_wrong_note_is_refused(mint: Mint, body: Json, flaw: str) -> None:
    address = a_journey(mint)
    refused(mint.api.post(f"{address}/notes", json=body), 400, flaw)
    assert mint.api.get(f"{address}/notes").json()["data"] == []


def test_notes_are_listed_searched_and_sorted(mint: Mint) -> None:
    address = a_journey(mint)
    moments = []
    for text in ("one", "", "THREE"):
        moments.append(mint.api.post(f"{address}/notes", json={"content": text}).json()["createdAt"])
        mint.world.advance("PT1M")

    def found(**query: str) -> list[str]:
        return [one["content"] for one in mint.api.get(f"{address}/notes", params=query).json()["data"]]

    assert found() == ["THREE", "", "one"]
    assert found(sort="createdAt", limit="2") == ["one", ""]
    assert found(search="three") == ["THREE"]
    assert found(createdAfter=moments[1]) == ["THREE"]
    assert found(createdBefore=moments[1]) == ["one"]
    refused(mint.api.get(f"{address}/notes?sort=content"), 400, "sort")


def test_a_note_of_another_journey_is_not_found(mint: Mint) -> None:
    one, other = a_journey(mint), a_journey(mint)
    note = mint.api.post(f"{one}/notes", json={"content": "x"}).json()["id"]
    for wanted in (f"{other}/notes/{note}", f"{one}/notes/{unknown_id()}", f"{one}/notes/x"):
        refused(mint.api.patch(wanted, json={"content": "y"}), 404)
        refused(mint.api.delete(wanted), 404)


def test_the_life_of_a_secret(mint: Mint) -> None:
    created = mint.api.post("/mint/secrets", json={"name": "key", "value": "s3cret!", "description": "D"})
    assert created.status_code == 201
    secret = created.json()
    assert list(secret) == ["id", "name", "description", "createdAt", "updatedAt"]
    address = f"/mint/secrets/{secret['id']}"
    refused(mint.api.post("/mint/secrets", json={"name": "key", "value": ""}), 409)
    assert mint.api.patch(address, json={"description": None}).json()["description"] == "D"
    changed = mint.api.patch(address, json={"name": "other", "value": "v"}).json()
    assert (changed["name"], changed["updatedAt"] is None) == ("other", False)
    assert mint.api.get("/mint/secrets").json() == [changed]
    assert mint.api.delete(address).status_code == 204
    refused(mint.api.patch(address, json={}), 404)


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({"value": "v"}, "name"),
        ({"name": "", "value": "v"}, "name"),
        ({"name": "n" * 51, "value": "v"}, "name"),
        ({"name": "n"}, "value"),
        ({"name": "n", "value": "v" * 4001}, "value"),
        ({"name": "n", "value": "v", "description": "d" * 101}, "description"),
    ],
)
def test_a_wrong_secret_is_refused(mint: Mint, body: Json, flaw: str) -> None:
    refused(mint.api.post("/mint/secrets", json=body), 400, flaw)
    assert mint.api.get("/mint/secrets").json() == []


def test_step_types_are_listed(mint: Mint) -> None:
    found = mint.api.get("/mint/step-types").json()
    members = [
        "type", "displayName", "description", "category", "outcomes", "requiredPermissions", "deprecated", "interactive"
    ]  # fmt: skip
    assert all(list(one) == members for one in found)
    by_type = {one["type"]: one for one in found}
    assert by_type["If"]["outcomes"] == ["True", "False", "Done"]
    assert by_type["Form"]["interactive"]
    assert "test person" in by_type["IdentifyWithEid"]["description"]
    schema = mint.api.get("/mint/step-types/send raw http request/schema").json()
    assert (schema["type"], schema["inputs"]["required"]) == ("SendHttpRequest", ["url"])
    refused(mint.api.get("/mint/step-types/Teleport/schema"), 404)


CATEGORIES = {
    "Alerts", "Communication", "Connections", "Control flow", "Data Verification", "Digital Evidence Management",
    "Documents", "eID and Wallet Hub", "Electronic signing", "Electronic signing (Sign API v2)",
    "ID document & biometric", "Mobile identity", "Ongoing monitoring", "Primitives", "Secure Share", "Signicat",
    "State", "Utilities", "Workflows",
}  # fmt: skip


def test_every_documented_category_has_its_steps() -> None:
    assert {one.category for one in catalog.known().values()} == CATEGORIES
    assert len(catalog.known()) >= 55


@pytest.mark.parametrize("name", catalog.known())
def test_a_step_type_is_complete(name: str) -> None:
    found = catalog.known()[name]
    assert found.description.endswith(".")
    assert found.outcomes
    assert (found.asks is None) or (found.page is not None)
    assert found.simulated is None or found.simulated.endswith(".")
    for schema in (*found.inputs.values(), *found.outputs.values()):
        assert schema["description"].endswith("."), schema


def test_each_role_opens_its_half(world: World, mint: Mint) -> None:
    workflow = mint.create(flow())
    for role, reads, writes in (("Flow Viewer", 200, 403), ("Flow Editor", 403, 201), ("Signature API", 403, 403)):
        client = world.control("POST", "clients", {"permissions": [role]}).json()
        headers = {"Authorization": f"Bearer {world.token(client).json()['access_token']}"}
        read = world.anonymous.get("/mint/workflows", headers=headers)
        write = world.anonymous.post(f"/mint/workflows/{workflow['id']}/start", headers=headers)
        assert (read.status_code, write.status_code) == (reads, writes)
        for answer in (read, write):
            if answer.status_code == 403:
                refused(answer, 403)
    refused(world.anonymous.get("/mint/workflows"), 401)
