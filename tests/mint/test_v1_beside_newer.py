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
