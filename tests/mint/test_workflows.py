"""Workflows: saved, versioned, published, listed; what the reference limits."""

import pytest
from tests.mint.conftest import Inside
from tests.mint.flows import Mint, flow, refused, step
from tests.world import Json, unknown_id

from localsign.core.clock import parse_instant
from localsign.core.tables import Announcement

SUMMARY = ["id", "name", "description", "version", "isLatest", "isPublished", "createdAt"]
WHOLE = [
    *SUMMARY, "steps", "connections", "variables", "tags", "domain", "workflowUrl", "inputParameters", "files"
]  # fmt: skip


def listed(mint: Mint, **query: object) -> list[Json]:
    answer = mint.api.get("/mint/workflows", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def names(mint: Mint, **query: object) -> list[str]:
    return [str(one["name"]) for one in listed(mint, **query)]


def test_a_workflow_is_shown_as_the_reference_samples_it(mint: Mint) -> None:
    now = mint.world.freeze()
    steps = [step("a", variables={"x": 1}), {"id": "b", "type": "Finish"}]
    wanted = flow(*steps, description="D", variables={"v": [1]}, tags=["t"], inputParameters=[{"name": "i"}])
    created = mint.create(wanted)
    assert list(created) == WHOLE
    assert created["steps"][1] == {
        "id": "b", "type": "Finish", "name": None, "displayName": None, "description": None, "properties": None
    }  # fmt: skip
    assert created["connections"] == [{"sourceStepId": "a", "targetStepId": "b", "outcome": None}]
    assert (created["version"], created["isLatest"], created["isPublished"]) == (1, True, True)
    assert (created["variables"], created["tags"], created["inputParameters"]) == ({"v": [1]}, ["t"], [{"name": "i"}])
    assert parse_instant(created["createdAt"]) == now
    assert len(created["id"]) == 32
    assert created["workflowUrl"].startswith(f"{mint.world.url}/mint/")
    assert mint.api.get(f"/mint/workflows/{created['id']}").json() == created
    [item] = listed(mint)
    assert item == {name: created[name] for name in SUMMARY}


def test_members_that_may_be_null_may_be_left_out(mint: Mint) -> None:
    created = mint.create({"name": "", "steps": []})
    assert (created["name"], created["description"], created["variables"]) == ("", None, None)
    assert (created["tags"], created["connections"], created["inputParameters"], created["files"]) == ([], [], [], [])
    nulls = dict.fromkeys(("description", "connections", "variables", "tags", "inputParameters"))
    assert mint.create({"name": "x", "steps": [], **nulls})["tags"] == []


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"name": None}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": 1}, "name"),
        ({"description": "x" * 5001}, "description"),
        ({"steps": None}, "steps"),
        ({"steps": [{"id": str(index), "type": "Finish"} for index in range(251)]}, "steps"),
        ({"steps": [{"type": "Finish"}]}, "steps[0].id"),
        ({"steps": [{"id": "a"}]}, "steps[0].type"),
        ({"steps": [{"id": "x" * 51, "type": "Finish"}]}, "steps[0].id"),
        ({"steps": [step("a"), step("a")], "connections": []}, "steps[1].id"),
        ({"steps": [{"id": "a", "type": "Finish", "properties": []}]}, "steps[0].properties"),
        ({"connections": {}}, "connections"),
        ({"connections": [{"sourceStepId": 1}]}, "connections[0].sourceStepId"),
        ({"variables": []}, "variables"),
        ({"tags": [1]}, "tags[0]"),
        ({"inputParameters": [{}]}, "inputParameters[0].name"),
    ],
)
def test_what_the_reference_limits_is_refused_by_its_name(mint: Mint, change: Json, flaw: str) -> None:
    wanted = {**flow(step("a")), **change}
    refused(mint.api.post("/mint/workflows", json=wanted), 400, flaw)
    workflow = mint.create(flow())
    refused(mint.api.put(f"/mint/workflows/{workflow['id']}", json=wanted), 400, flaw)
    assert len(listed(mint)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "\\ud800", "steps": []}',
        b'{"name": "x", "steps": [], "variables": {"a": "\\ud800"}}',
        b'{"name": "x", "steps": [{"id": "\\ud800", "type": "Finish"}]}',
        b'{"name": "x", "steps": [{"id": "a", "type": "Finish", "displayName": "\\ud800"}]}',
        b'{"name": "x", "steps": [], "tags": ["\\ud800"]}',
        b'{"name": "x", "steps": [], "inputParameters": [{"name": "\\ud800"}]}',
        b'{"name": "x", "steps": [], "connections": [{"sourceStepId": "a", "outcome": "\\ud800"}]}',
        b'{"name": "x", "steps": [], "variables": {"a": NaN}}',
        b'{"name": "x", "steps": [], "variables": {"a": 1e999}}',
        b'{"name": "x", "steps": [], "variables": ' + b'{"a":' * 80 + b"1" + b"}" * 80 + b"}",
        b'{"name": "x", "steps": [], "variables": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
        b'{"name": "x", "steps": [], "variables": {"a": ' + b"9" * 5000 + b"}}",
        b"[]",
        b'{"name": ',
        b"\xff\xfe{",
    ],
)
def test_hostile_bodies_are_refused(mint: Mint, body: bytes) -> None:
    answer = mint.api.post("/mint/workflows", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "invalid_request_parameter"
    assert listed(mint) == []


def test_odd_text_is_kept(mint: Mint) -> None:
    odd = "a\x00b \U0001f600 \u202e"
    created = mint.create(flow(step("a", value=odd), name=odd, variables={odd: odd, "big": 10**400}))
    assert mint.api.get(f"/mint/workflows/{created['id']}").json()["variables"] == {odd: odd, "big": 10**400}


def test_unknown_ids_are_not_found_whatever_their_form(mint: Mint) -> None:
    for wanted in (unknown_id(), unknown_id().replace("-", ""), "x", "%F0%9F%98%80", "1" * 500, "..%2F"):
        refused(mint.api.get(f"/mint/workflows/{wanted}"), 404)
        refused(mint.api.put(f"/mint/workflows/{wanted}", json=flow()), 404)
        refused(mint.api.post(f"/mint/workflows/{wanted}/start", json={}), 404)
        refused(mint.api.get(f"/mint/workflows/{wanted}/versions"), 404)


# ---- versions


def versions(mint: Mint, workflow: Json) -> list[tuple[int, bool, bool]]:
    answer = mint.api.get(f"/mint/workflows/{workflow['id']}/versions")
    assert answer.status_code == 200
    items = answer.json()["data"]
    assert all(list(one) == ["id", "workflowId", "version", "isLatest", "isPublished", "createdAt"] for one in items)
    assert len({one["id"] for one in items} | {workflow["id"]}) == len(items) + 1
    return [(one["version"], one["isLatest"], one["isPublished"]) for one in items]


def save(mint: Mint, workflow: Json, **but: object) -> Json:
    answer = mint.api.put(f"/mint/workflows/{workflow['id']}", json={**flow(step("a")), **but})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def publish(mint: Mint, workflow: Json, verb: str = "publish") -> Json:
    answer = mint.api.post(f"/mint/workflows/{workflow['id']}/{verb}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_draft_is_written_over_and_a_published_version_is_followed(mint: Mint) -> None:
    """Rules 4.4.4, 4.4.5 and 4.4.6."""
    mint.switch("mint.auto-publish", "off")
    workflow = mint.create(flow())
    assert (workflow["workflowUrl"], versions(mint, workflow)) == (None, [(1, True, False)])
    save(mint, workflow)
    assert versions(mint, workflow) == [(1, True, False)]
    published = publish(mint, workflow)
    assert (published["isPublished"], versions(mint, workflow)) == (True, [(1, True, True)])
    saved = save(mint, workflow, name="Second")
    assert (saved["version"], saved["workflowUrl"]) == (2, published["workflowUrl"])
    assert versions(mint, workflow) == [(2, True, False), (1, False, True)]
    publish(mint, workflow)
    assert versions(mint, workflow) == [(2, True, True), (1, False, False)]


def test_publishing_again_without_a_draft_makes_a_copy(mint: Mint) -> None:
    """Rule 4.4.8."""
    workflow = mint.create(flow(step("a")))
    again = publish(mint, workflow)
    assert again["steps"] == workflow["steps"]
    assert versions(mint, workflow) == [(2, True, True), (1, False, False)]


def test_unpublishing_clears_only_that(mint: Mint) -> None:
    """Rule 4.4.9."""
    workflow = mint.create(flow(step("a")))
    assert publish(mint, workflow, "unpublish")["workflowUrl"] is None
    assert versions(mint, workflow) == [(1, True, False)]
    refused(mint.api.post(f"/mint/workflows/{workflow['id']}/unpublish"), 404)
    assert mint.world.anonymous.get(workflow["workflowUrl"]).status_code == 404


def test_with_auto_publish_each_update_is_a_new_published_version(mint: Mint) -> None:
    """Rules 4.4.16 and 4.4.7."""
    workflow = mint.create(flow())
    assert save(mint, workflow)["version"] == 2
    assert versions(mint, workflow) == [(2, True, True), (1, False, False)]


def test_a_version_is_read_by_its_number_the_latest_by_default(mint: Mint) -> None:
    """Rule 4.4.2."""
    workflow = mint.create(flow(name="One"))
    save(mint, workflow, name="Two")
    address = f"/mint/workflows/{workflow['id']}"
    for query, name in (({}, "Two"), ({"version": "1"}, "One"), ({"version": "2"}, "Two")):
        assert mint.api.get(address, params=query).json()["name"] == name
    for missing in ("3", "0", "-1", "2147483647"):
        refused(mint.api.get(address, params={"version": missing}), 404)
    for wrong in ("01", "+1", "1.0", "x", "2147483648", "", " 1", "\uff11"):
        refused(mint.api.get(address, params={"version": wrong}), 400, "version")


def test_only_the_published_version_is_started(mint: Mint) -> None:
    """Rule 4.4.11."""
    workflow = mint.create(flow(step("old")))
    mint.switch("mint.auto-publish", "off")
    save(mint, workflow, steps=[step("new")])
    assert [one["stepId"] for one in mint.log(mint.start(workflow))["steps"]] == ["old"]
    publish(mint, workflow, "unpublish")
    refused(mint.api.post(f"/mint/workflows/{workflow['id']}/start"), 404)
    mint.switch("mint.nothing-published", "409")
    refused(mint.api.post(f"/mint/workflows/{workflow['id']}/start"), 409)


def test_deleting_removes_versions_and_journeys(mint: Mint) -> None:
    """Rule 4.4.10."""
    workflow = mint.create(flow(step("wait", "SuspendWorkflow")))
    save(mint, workflow)
    journey = mint.start(workflow)
    assert mint.api.delete(f"/mint/workflows/{workflow['id']}").status_code == 204
    for address in (f"workflows/{workflow['id']}", f"journeys/{journey['journeyId']}"):
        refused(mint.api.get(f"/mint/{address}"), 404)
    refused(mint.api.delete(f"/mint/workflows/{workflow['id']}"), 404)
    assert mint.world.advance("P365D") == []


# ---- lists


def test_a_page_of_workflows(mint: Mint) -> None:
    for index in range(12):
        mint.create(flow(name=f"W{index:02}"))
    body = mint.api.get("/mint/workflows").json()
    assert set(body) == {"data", "offset", "limit", "totalCount"}
    assert (body["offset"], body["limit"], body["totalCount"], len(body["data"])) == (0, 10, 12, 10)
    assert names(mint, limit=3, offset="10") == ["W01", "W00"]
    assert names(mint, offset=2_147_483_647) == []


@pytest.mark.parametrize(
    ("query", "flaw"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=007", "limit"),
        ("offset=-1", "offset"),
        ("offset=2147483648", "offset"),
        ("offset=1e3", "offset"),
        ("sort=" + "x" * 51, "sort"),
        ("sort=colour", "sort"),
        ("sort=name:sideways", "sort"),
        ("search=" + "x" * 101, "search"),
        ("version=draft", "version"),
        ("&".join(f"id={index}" for index in range(101)), "id"),
    ],
)
def test_a_query_beyond_the_limits_is_refused(mint: Mint, query: str, flaw: str) -> None:
    refused(mint.api.get(f"/mint/workflows?{query}"), 400, flaw)


def test_sorting(mint: Mint) -> None:
    for name in ("b", "a", "c"):
        mint.create(flow(name=name))
        mint.world.advance("PT1S")
    assert names(mint) == ["c", "a", "b"]
    for sort in ("name", "+name", "name:asc", "name asc", "NAME:ascending"):
        assert names(mint, sort=sort) == ["a", "b", "c"]
    for sort in ("-name", "name:desc", "name desc"):
        assert names(mint, sort=sort) == ["c", "b", "a"]
    assert names(mint, sort="createdAt") == ["b", "a", "c"]


def test_filters(mint: Mint) -> None:
    """Rule 4.4.3."""
    first = mint.create(flow(name="Leieavtale ÆØÅ", description="rent", tags=["Hus"]))
    mint.switch("mint.auto-publish", "off")
    second = mint.create(flow(name="Other"))
    save(mint, first, name="Changed")
    assert names(mint, search="leieavtale") == []
    assert names(mint, version="published", search="æøå") == ["Leieavtale ÆØÅ"]
    assert names(mint, version="published", search="hus") == ["Leieavtale ÆØÅ"]
    assert names(mint, version="latest") == ["Changed", "Other"]  # each version has a time of its own
    assert names(mint, id=second["id"]) == ["Other"]
    both = mint.api.get(f"/mint/workflows?id={first['id']}&id={second['id']}&id=x").json()
    assert both["totalCount"] == 2
    assert names(mint, id="x") == []


def test_unknown_step_types_may_be_refused(mint: Mint) -> None:
    mint.create(flow(step("a", "Teleport")))
    mint.switch("mint.unknown-step-types", "reject")
    refused(mint.api.post("/mint/workflows", json=flow(step("a", "Teleport"))), 400, "steps[0].type")


def test_aliases_do_what_the_operation_does(mint: Mint) -> None:
    workflow = mint.create(flow(step("wait", "SuspendWorkflow")))
    address = f"/mint/workflows/{workflow['id']}"
    assert mint.api.patch(address, json=flow(step("wait", "SuspendWorkflow"), name="P")).json()["name"] == "P"
    for verb in ("journeys", "execute", "start-journey"):
        answer = mint.api.post(f"{address}/{verb}", json={})
        assert (answer.status_code, answer.json()["stepId"]) == (201, "wait")
        assert answer.headers["x-sandbox-operation"] == "mint.start_journey; evidence=inferred"
    secret = mint.api.post("/mint/workflow-secrets", json={"name": "a", "value": "b"}).json()
    assert mint.api.put(f"/mint/workflow-secrets/{secret['id']}", json={"name": "c"}).json()["name"] == "c"
    for path in ("steps", "steptypes", "workflows/step-types"):
        assert mint.api.get(f"/mint/{path}").json() == mint.api.get("/mint/step-types").json()


def test_extensions_can_be_switched_off(mint: Mint) -> None:
    workflow = mint.create(flow())
    mint.switch("mint.extensions", "off")
    for method, path in (
        ("POST", f"workflows/{workflow['id']}/publish"),
        ("POST", f"workflows/{workflow['id']}/unpublish"),
        ("DELETE", f"workflows/{workflow['id']}"),
        ("GET", "secrets"),
        ("DELETE", f"secrets/{unknown_id()}"),
        ("POST", f"journeys/{unknown_id()}/cancel"),
        ("DELETE", f"journeys/{unknown_id()}/notes/{unknown_id()}"),
        ("GET", "step-types/If/schema"),
        ("GET", f"workflows/{workflow['id']}/files/{unknown_id()}"),
        ("GET", f"journeys/{unknown_id()}/files/{unknown_id()}"),
        ("POST", f"workflows/{workflow['id']}/files?filename=a"),
    ):
        body = refused(mint.api.request(method, f"/mint/{path}"), 404)
        assert "mint.extensions" in body["detail"], path


def test_saving_and_deleting_are_announced(mint: Mint, inside: Inside) -> None:
    workflow = mint.create(flow(name="N"))
    save(mint, workflow, name="M")
    mint.api.delete(f"/mint/workflows/{workflow['id']}")
    with inside() as work:
        found = [(one.name, one.data) for one in sorted(work.everything(Announcement), key=lambda one: one.id or 0)]
    data = {"workflowId": workflow["id"], "name": "N", "version": 1}
    second = {**data, "name": "M", "version": 2}
    assert found == [("create_event", data), ("save_event", second), ("delete_event", second)]
