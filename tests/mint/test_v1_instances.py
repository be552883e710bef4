"""Instances of v1: listed by every filter, associated with users, noted on; templates."""

from typing import Any

import pytest
from tests.mint.flows import refused, step
from tests.mint.v1_flows import V1, good, v1_flow
from tests.world import Json, unknown_id

from localsign.core.ids import spell

ITEM = {
    "id", "definitionId", "version", "status", "name", "flowTitle", "correlationId", "createdAt", "lastExecutedAt",
    "finishedAt", "faultedAt", "cancelledAt", "userIds",
}  # fmt: skip
DETAIL = ITEM | {
    "input", "variables", "activityData", "blockingActivities", "fault", "alerts", "notes", "files", "forms",
    "signingOrders",
}  # fmt: skip


@pytest.fixture
def several(v1: V1) -> V1:
    """Instances called One to Five of two flows, a second apart; Four ran again last, Two never ended."""
    first = v1.create(v1_flow(step("n", "SetName", name="{{ Input.name }}"), title="Ærlig"))
    second = v1.create(
        v1_flow(step("n", "SetName", name="{{ Input.name }}"), step("w", "SuspendWorkflow"), title="Waits")
    )
    wanted = [("One", first, "K-1"), ("Two", second, "k-2"), ("Three", first, "K-1"), ("Four", second, None)]
    for name, made, key in (*wanted, ("Five", first, "Ø-9")):
        v1.execute(made, input={"name": name, "correlationId": key})
        v1.world.advance("PT1S")
    four = next(one["id"] for one in v1.listed() if one["name"] == "Four")
    v1.newer.resume(four, "w")
    good(v1.api.post(f"/mint/instances/{four}/users/kari@example.com"), 204)
    return v1


def found(v1: V1, path: str = "instances", **query: Any) -> list[str]:
    return [one["name"] for one in v1.listed(path, **query)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "Five Four Three Two One"),
        ({"status": "Suspended"}, "Two"),
        ({"STATUS": "finished"}, "Five Four Three One"),
        ({"status": "Faulted"}, ""),
        ({"correlationId": "K-1"}, "Three One"),
        ({"correlationId": "k-1"}, ""),
        ({"searchTerm": "k-2"}, "Two"),
        ({"searchTerm": "FI"}, "Five"),
        ({"searchTerm": "Ø-9"}, "Five"),
        ({"searchTerm": "ø-9"}, "Five"),
        ({"searchTerm": "ærlig"}, "Five Three One"),
        ({"userId": "kari@example.com"}, "Four"),
        ({"orderby": "Started"}, "Five Four Three Two One"),
        ({"orderBy": "LastExecuted"}, "Four Five Three Two One"),
        ({"ORDERBY": "finished"}, "Four Five Three One Two"),
        ({"offset": "1", "limit": "2"}, "Four Three"),
        ({"status": "Finished", "correlationId": "K-1", "searchTerm": "three"}, "Three"),
    ],
)
def test_instances_are_listed_by_every_filter(several: V1, query: Json, names: str) -> None:
    assert " ".join(found(several, **query)) == names
    # The reports list the same: their CSV tells the names.
    for path in ("instances/csv", "instances/report/csv"):
        text = several.api.get(f"/mint/{path}", params=query).text
        assert [line.split(",")[1] for line in text.split("\r\n")[1:-1]] == names.split()
    assert several.api.get("/mint/instances/pdf", params=query).content.startswith(b"%PDF-")


def test_instances_of_a_flow(several: V1) -> None:
    ids = {"Ærlig": "first", "Waits": "second"}
    ids = {ids[one["title"]]: one["definitionId"] for one in several.listed("flows")}
    assert found(several, f"flows/{ids['first']}/instances") == ["Five", "Three", "One"]
    assert found(several, f"flows/{ids['second']}/instances", status="Suspended", limit="5") == ["Two"]
    for kind in ("csv", "report/csv"):
        text = several.api.get(f"/mint/flows/{ids['second']}/instances/{kind}?orderBy=LastExecuted").text
        assert [line.split(",")[1] for line in text.split("\r\n")[1:-1]] == ["Four", "Two"]
    body = several.api.get(f"/mint/flows/{ids['first']}/instances?limit=2").json()
    assert (body["totalCount"], body["limit"], len(body["data"])) == (3, 2, 2)
    for kind in ("", "/pdf", "/csv", "/report/csv"):
        refused(several.api.get(f"/mint/flows/{unknown_id()}/instances{kind}"), 404)


LISTS = ["instances", "instances/pdf", "instances/csv", "instances/report/csv"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "flaw"),
    [
        ("status=active", "status"),
        ("offset=-1", "offset"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("offset=", "offset"),
    ],
)
def test_a_wrong_query_is_refused(v1: V1, path: str, query: str, flaw: str) -> None:
    refused(v1.api.get(f"/mint/{path}?{query}"), 400, flaw)


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_order_is_refused_by_its_documented_name(v1: V1, path: str) -> None:
    refused(v1.api.get(f"/mint/{path}?ORDERBY=Name"), 400, "orderBy" if "csv" in path else "orderby")


def test_an_instance_shows_all_there_is(v1: V1) -> None:
    instance = v1.run(
        step("alert", "TriggerAlert", stepId="alert", severity="Warning", message="Look"),
        step("fault", "Fault", message="It broke"),
        variables={"v": 1},
        given={"correlationId": "c"},
    )
    assert instance.keys() == DETAIL
    assert (instance["status"], instance["correlationId"], instance["variables"]) == ("Faulted", "c", {"v": 1})
    assert instance["fault"] == {"activityId": "fault", "message": "It broke", "resuming": False}
    assert [one["message"] for one in instance["alerts"]] == ["Look"]
    [item] = v1.listed(status="Faulted")
    assert item.keys() == ITEM
    assert item == {name: instance[name] for name in item}
    log = v1.api.get(f"/mint/instances/{instance['id']}/execution-log").json()
    assert [(one["activityId"], one["eventName"]) for one in log][-3:] == [
        ("fault", "Executing"), ("fault", "Faulted"), ("fault", "Executed")
    ]  # fmt: skip
    assert log[-2]["message"] == "It broke"
    for path in ("", "/execution-log", "/pdf", "/csv", "/report/csv", "/files"):
        for wanted in (unknown_id(), "x"):
            refused(v1.api.get(f"/mint/instances/{wanted}{path}"), 404)


def test_users_come_and_go(v1: V1) -> None:
    instance = v1.run(step("a"))["id"]
    for user in ("kari@example.com", "u 2", "kari@example.com"):
        assert v1.api.post(f"/mint/instances/{instance}/users/{user}").status_code == 204
    assert v1.read(instance)["userIds"] == ["kari@example.com", "u 2"]
    assert [one["id"] for one in v1.listed(userId="u 2")] == [instance]
    body = v1.api.get("/mint/instances?userId=u 2").json()
    assert v1.api.delete(f"/mint/instances/{instance}/users/u 2").status_code == 204
    assert (body["totalCount"], v1.api.get("/mint/instances?userId=u 2").json()["totalCount"]) == (1, 0)
    assert v1.read(instance)["userIds"] == ["kari@example.com"]
    refused(v1.api.delete(f"/mint/instances/{instance}/users/u 2"), 404)
    refused(v1.api.post(f"/mint/instances/{unknown_id()}/users/x"), 404)
    refused(v1.api.post(f"/mint/instances/{instance}/users/{'x' * 256}"), 400, "userId")
    flow_id = v1.read(instance)["definitionId"]
    assert v1.api.delete(f"/mint/flows/{flow_id}").status_code == 204
    assert v1.listed(userId="kari@example.com") == []


def test_totals_follow_the_users(v1: V1) -> None:
    instance = v1.run(step("a"))["id"]

    def total(user: str) -> int:
        return int(v1.api.get(f"/mint/instances?userId={user}").json()["totalCount"])

    for user, other in (("kari", "ola"), ("ola", "kari")):
        assert v1.api.post(f"/mint/instances/{instance}/users/{user}").status_code == 204
        assert (total(user), total(other)) == (1, 0)
        assert v1.api.delete(f"/mint/instances/{instance}/users/{user}").status_code == 204
        assert total(user) == 0


def test_names_in_a_path_may_have_slashes(v1: V1) -> None:
    instance = v1.run(step("a/b"))["id"]
    address = f"/mint/instances/{instance}"
    assert v1.api.post(f"{address}/users/team%2Fkari").status_code == 204
    note = good(v1.api.post(f"{address}/activities/a%2Fb/notes", json={"note": "x"}), 201)
    found = v1.read(instance)
    assert (found["userIds"], found["notes"][0]["activityId"]) == (["team/kari"], "a/b")
    good(v1.api.put(f"{address}/activities/a%2Fb/notes/{note['id']}", json={"note": "y"}), 200)
    assert v1.api.delete(f"{address}/activities/a%2Fb/notes/{note['id']}").status_code == 204
    assert v1.api.delete(f"{address}/disassociate/team%2Fkari").status_code == 204
    template = good(v1.api.post("/mint/templates", json={"flow": {}}), 201)["id"]
    assert v1.api.post(f"/mint/templates/{template}/associate/a%2F1").status_code == 204
    assert good(v1.api.get(f"/mint/templates/{template}"), 200)["accounts"] == ["a/1"]
    assert v1.api.delete(f"/mint/templates/{template}/accounts/a%2F1").status_code == 204
    assert good(v1.api.get("/mint/flows/step-types/If%2FElse/schema"), 200)["title"] == "If"


# ---- notes


def test_the_life_of_notes(v1: V1) -> None:
    address = f"/mint/instances/{v1.run(step('a'), step('b'))['id']}"
    on_it = good(v1.api.post(f"{address}/notes", json={"note": "First"}), 201)
    assert set(on_it) == {"id", "activityId", "note", "createdAt", "createdBy", "updatedAt"}
    assert (on_it["activityId"], on_it["note"], on_it["createdBy"]) == (None, "First", v1.world.client["client_id"])
    on_step = good(v1.api.post(f"{address}/activities/a/notes", json={"note": None}), 201)
    assert (on_step["activityId"], on_step["note"]) == ("a", "")
    assert good(v1.api.get(address), 200)["notes"] == [on_it, on_step]
    changed = good(v1.api.put(f"{address}/notes/{on_it['id']}", json={"note": "Second"}), 200)
    assert (changed["note"], changed["updatedAt"] is None) == ("Second", False)
    other = good(v1.api.put(f"{address}/activities/a/notes/{on_step['id']}", json={"note": "X"}), 200)
    assert good(v1.api.get(address), 200)["notes"] == [changed, other]

    # A note is found at its own place only.
    for place in (f"notes/{on_step['id']}", f"activities/a/notes/{on_it['id']}", f"activities/b/notes/{on_step['id']}"):
        refused(v1.api.put(f"{address}/{place}", json={"note": "no"}), 404)
        refused(v1.api.delete(f"{address}/{place}"), 404)
    assert v1.api.delete(f"{address}/notes/{on_it['id']}").status_code == 204
    assert v1.api.delete(f"{address}/activities/a/notes/{on_step['id']}").status_code == 204
    assert good(v1.api.get(address), 200)["notes"] == []
    refused(v1.api.delete(f"{address}/notes/{on_it['id']}"), 404)
    refused(v1.api.post(f"{address}/activities/nowhere/notes", json={"note": "x"}), 404)
    refused(v1.api.post(f"/mint/instances/{unknown_id()}/notes", json={"note": "x"}), 404)


@pytest.mark.parametrize("note", ["x" * 1001, 5, ["x"], {}])
def test_a_wrong_note_is_refused(v1: V1, note: object) -> None:
    address = f"/mint/instances/{v1.run(step('a'))['id']}"
    for place in ("notes", "activities/a/notes"):
        refused(v1.api.post(f"{address}/{place}", json={"note": note}), 400, "note")
        made = good(v1.api.post(f"{address}/{place}", json={"note": "fine"}), 201)
        refused(v1.api.put(f"{address}/{place}/{made['id']}", json={"note": note}), 400, "note")


# ---- templates


def test_the_life_of_a_template(v1: V1) -> None:
    flow = {**v1_flow(step("a"), title="T"), "customAttributes": {"k": 1}}
    flow["steps"][0]["colour"] = "red"
    made = good(v1.api.post("/mint/templates", json={"flow": flow}), 201)
    address = f"/mint/templates/{made['id']}"
    assert set(made) == {"id", "flow", "accounts", "createdAt", "updatedAt"}
    assert (len(made["id"]), made["accounts"], made["updatedAt"]) == (36, [], None)
    assert made["flow"]["steps"] == flow["steps"]
    assert v1.api.get("/mint/templates").json() == [made] == [good(v1.api.get(address), 200)]

    # It makes flows.
    copy = v1.create(made["flow"])
    assert (copy["title"], copy["steps"], copy["customAttributes"]) == ("T", flow["steps"], {"k": 1})

    account = f"a-{spell(b'x' * 30, 20)}"
    for path in (f"associate/{account}", f"associate/{account}", "associate/a-2"):
        assert v1.api.post(f"{address}/{path}").status_code == 204
    assert good(v1.api.get(address), 200)["accounts"] == [account, "a-2"]
    assert v1.api.post(f"{address}/disassociate/{account}").status_code == 204
    refused(v1.api.post(f"{address}/disassociate/{account}"), 404)
    assert good(v1.api.get(address), 200)["accounts"] == ["a-2"]
    kept = good(v1.api.put(address, json={"flow": {"title": "Other"}}), 200)
    assert (kept["flow"]["title"], kept["flow"]["steps"], kept["accounts"]) == ("Other", None, ["a-2"])
    assert kept["updatedAt"] is not None
    replaced = good(v1.api.put(address, json={"flow": {}, "accounts": ["b", "b"]}), 200)
    assert replaced["accounts"] == ["b"]
    assert v1.api.delete(address).status_code == 204
    assert v1.api.get("/mint/templates").json() == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/associate/x"), ("POST", "/disassociate/x")):
        refused(v1.api.request(method, address + path), 404)
    refused(v1.api.put(address, json={"flow": {}}), 404)


@pytest.mark.parametrize(
    ("body", "flaws"),
    [
        ({}, ["flow"]),
        ({"flow": None}, ["flow"]),
        ({"flow": {"steps": [{"id": "a"}, {"id": "a", "type": 1}]}}, ["flow.steps[1].type", "flow.steps[1].id"]),
        ({"flow": {"title": 1}}, ["flow.title"]),
    ],
)
def test_a_wrong_template_is_refused(v1: V1, body: Json, flaws: list[str]) -> None:
    refused(v1.api.post("/mint/templates", json=body), 400, *flaws)
    made = good(v1.api.post("/mint/templates", json={"flow": {}}), 201)
    refused(v1.api.put(f"/mint/templates/{made['id']}", json=body), 400, *flaws)
    refused(v1.api.put(f"/mint/templates/{made['id']}", json={"flow": {}, "accounts": ["ok", ""]}), 400, "accounts[1]")
    assert v1.api.get("/mint/templates").json() == [made]


def test_the_id_of_a_template_is_a_uuid(v1: V1) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/associate/x"), ("POST", "/disassociate/x")):
        refused(v1.api.request(method, f"/mint/templates/x{path}"), 400, "id")
