"""Flows of v1: saved with all their members, published, listed by version, executed."""

import asyncio
from uuid import UUID

import jsonschema
import pytest
from fastapi import Request
from tests.mint.conftest import Inside
from tests.mint.flows import refused, step, with_switch
from tests.mint.v1_flows import V1, good, v1_flow
from tests.world import Json, World, unknown_id

from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, LogRecord
from localsign.mint.v1 import flow_routes

ITEM = [
    "definitionId", "definitionVersionId", "version", "title", "description", "tags", "isLatest", "isPublished",
    "createdAt",
]  # fmt: skip
FLOW = [*ITEM, "steps", "connections", "customAttributes", "variables", "workflowUrl", "files"]


def titles(v1: V1, **query: object) -> list[tuple[str, int]]:
    return [(one["title"], one["version"]) for one in v1.listed("flows", **query)]


def test_nothing_is_required(v1: V1) -> None:
    made = v1.create({}, publishes=False)
    assert list(made) == FLOW
    assert (made["title"], made["description"], made["steps"], made["connections"]) == ("", None, [], [])
    assert (made["customAttributes"], made["variables"], made["tags"]) == ({}, None, [])
    assert (made["version"], made["isLatest"], made["isPublished"], made["workflowUrl"]) == (1, True, False, None)
    assert len(made["definitionId"]) == 32
    assert v1.create(dict.fromkeys(["title", "steps", "connections", "tags", "variables", "customAttributes"]))


def test_every_member_of_steps_and_connections_is_kept(v1: V1) -> None:
    steps = [
        {"activityId": "a", "type": "SetVariable", "colour": {"deep": [1, None]}, "persistWorkflow": True},
        {"id": "b", "type": "Finish", "left": 10, "properties": [{"name": "x", "expressions": {"Literal": "1"}}]},
    ]
    links = [{"sourceActivityId": "a", "targetActivityId": "b", "outcome": "Done", "label": "on"}]
    made = v1.create({"title": "T", "steps": steps, "connections": links, "customAttributes": {"k": [1]}})
    assert (made["steps"], made["connections"], made["customAttributes"]) == (steps, links, {"k": [1]})
    assert good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200) == made


def test_a_step_without_an_id_gets_one(v1: V1) -> None:
    made = v1.create({"steps": [{"type": "Finish"}, {"id": "step-1", "type": "Finish"}, {"id": None, "type": "If"}]})
    assert [one["id"] for one in made["steps"]] == ["step-2", "step-1", "step-3"]


def test_properties_as_elsa_has_them_are_understood(v1: V1) -> None:
    variables = {"name": "variables", "syntax": "Json", "expressions": {"Literal": "no", "Json": '{"x": 5}'}}
    found = v1.run({"id": "a", "type": "SetVariable", "properties": [variables]})
    assert (found["status"], found["variables"]) == ("Finished", {"x": 5})


@pytest.mark.parametrize(
    ("body", "flaws"),
    [
        ({"title": "t" * 256}, ["title"]),
        ({"description": "d" * 5001}, ["description"]),
        ({"steps": {}}, ["steps"]),
        ({"steps": ["x"]}, ["steps[0]"]),
        ({"steps": [{"id": "a"}, {"id": "a"}]}, ["steps[1].id"]),
        ({"steps": [{"id": ""}, {"activityId": "x" * 51}]}, ["steps[0].id", "steps[1].id"]),
        ({"steps": [{"id": 5, "type": 6, "name": [], "properties": "p"}]},
         ["steps[0].id", "steps[0].type", "steps[0].name", "steps[0].properties"]),
        ({"steps": [{"properties": ["x", {"name": 1}]}]}, ["steps[0].properties[0]", "steps[0].properties[1]"]),
        ({"steps": [{} for _ in range(251)]}, ["steps"]),
        ({"connections": [{"sourceStepId": 1, "outcome": {}}]},
         ["connections[0].sourceStepId", "connections[0].outcome"]),
        ({"tags": [1]}, ["tags[0]"]),
        ({"variables": [], "customAttributes": "x"}, ["customAttributes", "variables"]),
    ],
)  # fmt: skip
def test_a_wrong_flow_is_refused(v1: V1, body: Json, flaws: list[str]) -> None:
    refused(v1.api.post("/mint/flows", json=body), 400, *flaws)
    assert titles(v1) == []
    made = v1.create({"title": "T"}, publishes=False)
    refused(v1.api.put(f"/mint/flows/{made['definitionId']}", json=body), 400, *flaws)
    assert good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200) == made


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"title": "\\ud800"}', b'{"variables": ' + b"[" * 90])
def test_a_hostile_body_is_refused(v1: V1, content: bytes) -> None:
    answer = v1.api.post("/mint/flows", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "invalid_request_parameter"


def test_saving_writes_over_a_draft_and_follows_what_is_published(v1: V1) -> None:
    made = v1.create(v1_flow(title="One"), publishes=False)
    address = f"/mint/flows/{made['definitionId']}"
    assert good(v1.api.put(address, json=v1_flow(title="Two")), 200)["version"] == 1
    published = v1.publish(made)
    assert (published["version"], published["isPublished"]) == (1, True)
    assert published["workflowUrl"].startswith(f"{v1.world.url}/mint/")
    third = good(v1.api.put(address, json=v1_flow(title="Three")), 200)
    assert (third["version"], third["isPublished"]) == (2, False)
    unpublished = good(v1.api.post(f"{address}/unpublish"), 200)
    assert (unpublished["version"], unpublished["isPublished"]) == (1, False)
    refused(v1.api.post(f"{address}/unpublish"), 404)
    assert v1.api.delete(address).status_code == 204
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/publish"),
        ("POST", "/unpublish"),
        ("POST", "/execute"),
    ):
        refused(v1.api.request(method, address + path), 404)
    refused(v1.api.put(address, json={}), 404)


@pytest.fixture
def several(v1: V1) -> V1:
    """A: published, then drafts over it. B: a draft. C: published twice."""
    first = v1.create(v1_flow(title="A", description="z", tags=["Hus"]))
    good(v1.api.put(f"/mint/flows/{first['definitionId']}", json=v1_flow(title="A2", description="y")), 200)
    v1.world.advance("PT1S")
    v1.create(v1_flow(title="B", description="x"), publishes=False)
    v1.world.advance("PT1S")
    v1.publish(v1.create(v1_flow(title="C", description="w")))
    return v1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [("A2", 2), ("B", 1), ("C", 2)]),
        ({"IsLatest": "true"}, [("A2", 2), ("B", 1), ("C", 2)]),
        ({"IsPublished": "true"}, [("A", 1), ("C", 2)]),
        ({"isLatestOrPublished": "TRUE"}, [("A", 1), ("A2", 2), ("B", 1), ("C", 2)]),
        ({"IsDraft": "true"}, [("A2", 2), ("B", 1), ("C", 1)]),
        ({"AllVersions": "true"}, [("A", 1), ("A2", 2), ("B", 1), ("C", 1), ("C", 2)]),
        ({"Version": "1"}, [("A", 1), ("B", 1), ("C", 1)]),
        ({"version": "9"}, []),
        ({"IsPublished": "false"}, [("A2", 2), ("B", 1), ("C", 2)]),
        ({"IsDraft": "true", "IsPublished": "true"}, [("A2", 2), ("B", 1), ("C", 1)]),
        ({"AllVersions": "true", "searchTerm": "hus"}, [("A", 1)]),
        ({"SEARCHTERM": "a2"}, [("A2", 2)]),
        ({"searchTerm": "A2"}, [("A2", 2)]),
        ({"orderBy": "Name", "sortBy": "Descending"}, [("C", 2), ("B", 1), ("A2", 2)]),
        ({"orderby": "description"}, [("C", 2), ("B", 1), ("A2", 2)]),
        ({"orderBy": "CreatedAt"}, [("A2", 2), ("B", 1), ("C", 2)]),
        ({"orderBy": "CreatedAt", "sortBy": "descending"}, [("C", 2), ("B", 1), ("A2", 2)]),
        ({"offset": "1", "limit": "1"}, [("B", 1)]),
        ({"offset": "2147483647"}, []),
    ],
)
def test_flows_are_listed_by_version(several: V1, query: Json, found: list[tuple[str, int]]) -> None:
    assert titles(several, **query) == found
    answer = several.api.get("/mint/flows", params=query).json()
    assert set(answer) == {"data", "offset", "limit", "totalCount"}
    assert all(list(one) == ITEM for one in answer["data"])


@pytest.mark.parametrize(
    ("query", "flaw"),
    [
        ("IsLatest=maybe", "IsLatest"), ("isdraft=1", "IsDraft"), ("Version=x", "Version"),
        ("Version=2147483648", "Version"),
        ("offset=-1", "offset"), ("limit=0", "limit"), ("LIMIT=1e3", "limit"), ("limit=99999999999999", "limit"),
        ("orderBy=Colour", "orderBy"), ("sortby=Sideways", "sortBy"), ("limit=%C2%B2", "limit"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_refused(v1: V1, query: str, flaw: str) -> None:
    refused(v1.api.get(f"/mint/flows?{query}"), 400, flaw)


def test_a_list_may_be_a_plain_array(v1: V1) -> None:
    made = v1.create(v1_flow())
    with_switch(v1.world, "mint.v1-lists", "array")
    assert [one["definitionId"] for one in v1.api.get("/mint/flows").json()] == [made["definitionId"]]
    assert v1.api.get("/mint/instances").json() == []


def test_a_flow_runs_in_the_background(v1: V1) -> None:
    made = v1.create(v1_flow(step("wait", "SuspendWorkflow")), publishes=False)
    address = f"/mint/flows/{made['definitionId']}/execute"
    refused(v1.api.post(address), 404)
    v1.publish(made)
    answer = good(v1.api.post(address, json={"input": {"x": 1}, "workflowUrlTtl": 120}), 200)
    assert list(answer) == ["instanceId", "workflowUrl"]
    found = v1.read(answer["instanceId"])
    assert (found["status"], found["input"]) == ("Suspended", {"x": 1})
    assert found["blockingActivities"] == [{"activityId": "wait", "activityType": "SuspendWorkflow"}]
    v1.world.advance("PT119S")
    assert v1.world.anonymous.get(answer["workflowUrl"]).status_code in (200, 303)
    v1.world.advance("PT2S")
    assert v1.world.anonymous.get(answer["workflowUrl"]).status_code in (404, 410)
    for body in ({}, None, {"input": None, "workflowUrlTtl": None}):
        good(v1.api.post(address, json=body), 200)


def test_execution_answers_before_anything_has_run(v1: V1, inside: Inside) -> None:
    made = v1.create(v1_flow(step("a")))
    request = Request({"type": "http", "state": {"base_url": v1.world.url}})
    with inside() as work:
        answer = asyncio.run(flow_routes.execute_flow(request, work, made["definitionId"], None))
        journey = work.get(Journey, UUID(answer.instance_id))
        assert journey.state is JourneyState.RUNNING
        assert work.look_up(LogRecord, "journey_id", [journey.id]) == []
    assert v1.read(answer.instance_id)["status"] == "Finished"


def test_a_list_has_a_thousand_rows_at_most(v1: V1) -> None:
    for path in ("flows", "instances"):
        body = v1.api.get(f"/mint/{path}?limit=5000").json()
        assert (body["limit"], v1.api.get(f"/mint/{path}").json()["limit"]) == (1000, 1000)
        assert v1.api.get(f"/mint/{path}?limit=1000").json()["limit"] == 1000


@pytest.mark.parametrize(
    ("body", "flaw"),
    [({"input": []}, "input"), ({"workflowUrlTtl": -1}, "workflowUrlTtl"), ({"workflowUrlTtl": "x"}, "workflowUrlTtl"),
     ({"workflowUrlTtl": 1 << 31}, "workflowUrlTtl"), ({"workflowUrlTtl": 1.5}, "workflowUrlTtl")],
)  # fmt: skip
def test_a_wrong_execution_is_refused(v1: V1, body: Json, flaw: str) -> None:
    made = v1.create(v1_flow())
    refused(v1.api.post(f"/mint/flows/{made['definitionId']}/execute", json=body), 400, flaw)
    assert v1.listed() == []


def test_step_types_and_their_schemas(v1: V1) -> None:
    found = v1.api.get("/mint/flows/step-types").json()
    assert {"If", "Form", "SetVariable"} <= {one["type"] for one in found}
    schema = good(v1.api.get("/mint/flows/step-types/SendHttpRequest/schema"), 200)
    assert (schema["$schema"], schema["type"]) == ("https://json-schema.org/draft/2020-12/schema", "object")
    assert schema["required"] == ["url"]
    for one in found:
        jsonschema.Draft202012Validator.check_schema(
            good(v1.api.get(f"/mint/flows/step-types/{one['type']}/schema"), 200)
        )
    refused(v1.api.get("/mint/flows/step-types/Teleport/schema"), 404)


def test_each_role_opens_its_half(world: World, v1: V1) -> None:
    made = v1.create(v1_flow())
    for role, reads, writes in (("Flow Viewer", 200, 403), ("Flow Editor", 403, 200), ("Signature API", 403, 403)):
        client = world.control("POST", "clients", {"permissions": [role]}).json()
        headers = {"Authorization": f"Bearer {world.token(client).json()['access_token']}"}
        for path in ("flows", "instances", "templates", "instances/csv", "flows/step-types"):
            assert world.anonymous.get(f"/mint/{path}", headers=headers).status_code == reads
        path = f"/mint/flows/{made['definitionId']}/publish"
        assert world.anonymous.post(path, headers=headers).status_code == writes
    refused(world.anonymous.get("/mint/flows"), 401)
    refused(world.anonymous.post("/mint/templates", content=b"{"), 401)


def test_an_id_of_another_form_is_not_found(v1: V1) -> None:
    for wanted in (unknown_id(), "x", "%00", "pdf"):
        refused(v1.api.get(f"/mint/flows/{wanted}"), 404)
        refused(v1.api.get(f"/mint/flows/{wanted}/instances"), 404)
