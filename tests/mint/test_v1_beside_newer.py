"""One workflow by both APIs: what one of them does, the other shows."""

from tests.mint.flows import flow, link, step
from tests.mint.v1_flows import V1, good, v1_flow


def test_a_workflow_is_made_by_one_api_and_run_by_the_other(v1: V1) -> None:
    newer = v1.newer
    steps = [
        {**step("form", "Form", fields=["name"]), "colour": "red"},
        {**step("approve", "RequireApproval"), "left": 7},
        step("done", variables={"who": "{{ form.name }}"}),
    ]
    made = v1.create(
        {"title": "Both", "steps": steps, "customAttributes": {"team": "blue"}, "connections": [
            {**link("form", "approve"), "label": "next"}, link("approve", "done", "Approved")
        ]},
        publishes=False,
    )  # fmt: skip
    flow_id = made["definitionId"]

    # The newer API shows it, without what it does not know.
    seen = good(v1.api.get(f"/mint/workflows/{flow_id}"), 200)
    assert (seen["name"], seen["isPublished"], seen["workflowUrl"]) == ("Both", False, None)
    assert [sorted(one) for one in seen["steps"]] == [
        ["description", "displayName", "id", "name", "properties", "type"]
    ] * 3
    assert seen["connections"][0] == {"sourceStepId": "form", "targetStepId": "approve", "outcome": None}

    # v1 publishes, the newer API starts; v1 sees the instance and executes another.
    assert v1.publish(made)["isPublished"]
    journey = newer.start(flow_id, input={"correlationId": "order-7"})
    other = v1.execute(made)
    assert [one["id"] for one in v1.listed(correlationId="order-7")] == [journey["journeyId"]]
    assert {one["id"] for one in v1.listed(status="Suspended")} == {journey["journeyId"], other}
    assert newer.read(other)["status"] == "active"

    # The newer API resumes and approves; notes of both are the same notes.
    newer.resume(journey, "form", {"name": "Kari"})
    note = good(
        v1.api.post(f"/mint/instances/{journey['journeyId']}/activities/approve/notes", json={"note": "Looks fine"}),
        201,
    )
    [same] = v1.api.get(f"/mint/journeys/{journey['journeyId']}/notes").json()["data"]
    assert (same["id"], same["stepId"], same["content"]) == (note["id"], "approve", "Looks fine")
    answer = v1.api.post(
        f"/mint/journeys/{journey['journeyId']}/approve", json={"stepId": "approve", "input": {"approved": True}}
    )
    assert answer.status_code == 204
    ended = v1.read(journey["journeyId"])
    assert (ended["status"], ended["variables"]["who"]) == ("Finished", "Kari")
    assert ended["notes"] == [note]
    assert ended["activityData"] == newer.read(journey)["stepData"]
    lines = v1.api.get(f"/mint/instances/{journey['journeyId']}/execution-log").json()
    grouped = newer.log(journey)["steps"]
    assert sorted(one["id"] for one in lines) == sorted(event["id"] for one in grouped for event in one["events"])

    # A save by the newer API is the next version, which v1 shows; custom attributes stay.
    changed = flow(step("only"), name="Changed")
    assert good(v1.api.put(f"/mint/workflows/{flow_id}", json=changed), 200)["version"] == 2
    seen_again = good(v1.api.get(f"/mint/flows/{flow_id}"), 200)
    assert (seen_again["title"], seen_again["version"], seen_again["isPublished"]) == ("Changed", 2, True)
    assert seen_again["customAttributes"] == {"team": "blue"}
    assert [one["id"] for one in seen_again["steps"]] == ["only"]

    # A deletion by v1 is one for both.
    assert v1.api.delete(f"/mint/flows/{flow_id}").status_code == 204
    for path in (f"workflows/{flow_id}", f"journeys/{other}", f"instances/{other}"):
        assert v1.api.get(f"/mint/{path}").status_code == 404


def test_what_only_the_newer_api_has_survives_a_save_by_v1(v1: V1) -> None:
    made = v1.newer.create(flow(step("a"), inputParameters=[{"name": "x"}]))
    saved = good(v1.api.put(f"/mint/flows/{made['id']}", json=v1_flow(step("b"), title="T")), 200)
    assert saved["isPublished"] is False  # v1 has an operation of its own for that
    assert good(v1.api.get(f"/mint/workflows/{made['id']}"), 200)["inputParameters"] == [{"name": "x"}]
    v1.publish(saved)
    assert v1.read(v1.execute(saved, input={"x": 1, "y": 2}))["input"] == {"x": 1}


def test_what_only_v1_knows_survives_a_save_by_the_newer_api(v1: V1) -> None:
    listed = [{"name": "name", "expressions": {"Literal": "Kari"}}]
    steps = [
        {**step("a"), "colour": "red", "left": 7},
        {"activityId": "b", "type": "SetName", "properties": listed, "persistWorkflow": True},
        {**step("c", "Finish"), "goes": True},
    ]
    links = [
        {**link("a", "b"), "label": "on"},
        {"sourceActivityId": "b", "targetActivityId": "c", "outcome": "Done", "label": "off"},
        {**link("b", "c", "Other"), "label": "other"},
    ]
    made = v1.create({"title": "T", "steps": steps, "connections": links})
    address = f"/mint/workflows/{made['definitionId']}"

    # Saved as it is shown: nothing is lost.
    seen = good(v1.api.get(address), 200)
    good(v1.api.put(address, json=seen), 200)
    same = good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200)
    assert (same["steps"], same["connections"]) == (made["steps"], made["connections"])

    # What is changed is changed, what is new is as the newer API has it, what is gone is gone.
    a, b, _ = seen["steps"]
    a = {**a, "displayName": "First", "properties": {"variables": {"x": 1}}}
    outcomes = [link("a", "b", "Else"), link("b", "d"), link("b", "c", "Other")]
    changed = {**seen, "steps": [b, a, step("d")], "connections": outcomes}
    good(v1.api.put(address, json=changed), 200)
    now = good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200)
    assert now["steps"][0] == steps[1]
    assert now["steps"][1] == {**steps[0], "displayName": "First", "properties": {"variables": {"x": 1}}}
    assert set(now["steps"][2]) == {"id", "type", "name", "displayName", "description", "properties"}
    assert now["connections"] == [{**links[0], "outcome": "Else"}, link("b", "d")]
    assert good(v1.api.get(address), 200)["steps"][1] == a  # the newer API shows what it knows

    # v1 itself replaces all of it.
    replaced = good(v1.api.put(f"/mint/flows/{made['definitionId']}", json=v1_flow(step("a"), step("b"))), 200)
    assert replaced["steps"] == [step("a"), step("b")]


def test_connections_are_known_by_their_outcome_first(v1: V1) -> None:
    links = [{**link("a", "b", "X"), "label": "x"}, {**link("a", "b", "Y"), "label": "y"}]
    made = v1.create({"steps": [step("a"), step("b")], "connections": links})
    address = f"/mint/workflows/{made['definitionId']}"
    seen = good(v1.api.get(address), 200)
    good(v1.api.put(address, json={**seen, "connections": [link("a", "b", "Z"), link("a", "b", "X")]}), 200)
    now = good(v1.api.get(f"/mint/flows/{made['definitionId']}"), 200)
    assert [(one["outcome"], one["label"]) for one in now["connections"]] == [("Z", "y"), ("X", "x")]
