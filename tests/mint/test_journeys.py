"""Journeys by the newer API: started, read, listed, resumed, approved, opened, logged, cancelled, forgotten."""

import json
from datetime import datetime, timedelta

import httpx
import pytest
from tests.mint.flows import Mint, flow, id_of, link, refused, step
from tests.world import Json, unknown_id

WAIT = step("wait", "SuspendWorkflow", message="Hold on")
SUMMARY = [
    "id", "workflowId", "version", "status", "name", "workflowName", "createdAt", "lastExecutedAt", "finishedAt",
    "faultedAt", "cancelledAt", "pendingSteps", "alerts",
]  # fmt: skip
WHOLE = [
    "id", "workflowId", "version", "status", "name", "createdAt", "lastExecutedAt", "finishedAt", "faultedAt",
    "cancelledAt", "stepData", "loops", "activeSteps", "alerts", "files",
]  # fmt: skip


def post(mint: Mint, journey: Json, verb: str, body: object = None) -> httpx.Response:
    return mint.api.post(f"/mint/journeys/{id_of(journey)}/{verb}", json=body)


def listed(mint: Mint, **query: object) -> list[Json]:
    answer = mint.api.get("/mint/journeys", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


# ---- starting


def test_a_start_answers_where_the_journey_waits(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("a"), WAIT)))
    assert list(started) == ["journeyId", "stepId", "journeyUrl"]
    assert (len(started["journeyId"]), started["stepId"]) == (32, "wait")
    assert started["journeyUrl"].startswith(f"{mint.world.url}/mint/go/")
    through = mint.start(mint.create(flow(step("a"))))
    assert through["stepId"] is None
    assert mint.read(through)["status"] == "finished"


def test_a_body_is_not_needed_to_start(mint: Mint) -> None:
    workflow = mint.create(flow())
    bodies: list[Json] = [{}, {"json": {}}, {"json": {"input": None, "journeyUrlTtl": None}}]
    for more in bodies:
        assert mint.api.post(f"/mint/workflows/{workflow['id']}/start", **more).status_code == 201


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({"journeyUrlTtl": 0}, "journeyUrlTtl"),
        ({"journeyUrlTtl": 604_801}, "journeyUrlTtl"),
        ({"journeyUrlTtl": "060"}, "journeyUrlTtl"),
        ({"journeyUrlTtl": 1.5}, "journeyUrlTtl"),
        ({"journeyUrlTtl": True}, "journeyUrlTtl"),
        ({"journeyUrlTtl": "9" * 4000}, "journeyUrlTtl"),
        ({"input": []}, "input"),
        ({"input": "x"}, "input"),
    ],
)
def test_a_wrong_start_makes_no_journey(mint: Mint, body: Json, flaw: str) -> None:
    workflow = mint.create(flow())
    refused(mint.api.post(f"/mint/workflows/{workflow['id']}/start", json=body), 400, flaw)
    assert listed(mint) == []


def test_numbers_may_be_sent_as_text(mint: Mint) -> None:
    workflow = mint.create(flow(WAIT))
    started = mint.start(workflow, journeyUrlTtl="120")
    mint.world.advance("PT119S")
    assert mint.world.anonymous.get(started["journeyUrl"]).status_code == 303
    mint.world.advance("PT1S")
    assert mint.world.anonymous.get(started["journeyUrl"]).status_code == 410


def test_undeclared_inputs_are_ignored_where_some_are_declared(mint: Mint) -> None:
    take = step("a", variables={"all": "{{ Input }}"})
    given = {"x": 1, "y": {"z": [True]}}
    for declared, kept in ((None, given), ([], given), ([{"name": "y"}], {"y": {"z": [True]}})):
        steps = [take, step("b", "SetName", name="{{ all | json }}")]
        journey = mint.run(*steps, given=given, inputParameters=declared)
        assert json.loads(journey["name"]) == kept


# ---- reading


def test_a_journey_is_shown_as_the_reference_samples_it(mint: Mint) -> None:
    now = mint.world.freeze()
    alert = step("alert", "TriggerAlert", stepId="wait", severity="Critical", message="Look")
    started = mint.start(mint.create(flow(alert, WAIT, name="Flow")))
    journey = mint.read(started)
    assert list(journey) == WHOLE
    shown = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert journey["alerts"] == [{"stepId": "wait", "severity": "critical", "message": "Look", "timestamp": shown}]
    assert (journey["status"], journey["version"], journey["name"]) == ("active", 1, None)
    assert journey["activeSteps"] == [{"stepId": "wait", "stepType": "SuspendWorkflow"}]
    assert (journey["createdAt"], journey["lastExecutedAt"], journey["finishedAt"]) == (shown, shown, None)
    assert (journey["loops"], journey["files"]) == ({}, [])
    [item] = listed(mint)
    assert list(item) == SUMMARY
    assert item == {
        **{name: journey[name] for name in SUMMARY if name in journey},
        "workflowName": "Flow",
        "pendingSteps": True,
    }


def test_loops_show_the_data_of_each_turn(mint: Mint) -> None:
    loop, check = step("loop", "For", end=2), step("check", "If", condition="{{ CurrentIndex }}")
    steps = [loop, check, step("keep", "StoreLoopStepData", steps=["check"])]
    journey = mint.run(*steps, links=[link("loop", "check", "Iterate"), link("check", "keep")])
    assert journey["loops"] == {
        "loop": [
            {"index": 0, "stepData": {"check": {"result": False}}},
            {"index": 1, "stepData": {"check": {"result": True}}},
        ]
    }


def test_unknown_journeys_are_not_found(mint: Mint) -> None:
    for wanted in (unknown_id(), "x", "%00"):
        refused(mint.api.get(f"/mint/journeys/{wanted}"), 404)
        refused(mint.api.get(f"/mint/journeys/{wanted}/execution-log"), 404)
        refused(mint.api.get(f"/mint/journeys/{wanted}/notes"), 404)
        refused(mint.api.post(f"/mint/journeys/{wanted}/url"), 404)
        refused(mint.api.post(f"/mint/journeys/{wanted}/resume", json={"stepId": "a"}), 404)


def test_the_execution_log(mint: Mint) -> None:
    """Rule 4.3.5."""
    steps = [step("a"), WAIT, step("bad", "Fault", message="no")]
    started = mint.start(mint.create(flow(*steps)))
    log = mint.log(started)
    assert [(one["stepId"], one["stepType"], one["status"]) for one in log["steps"]] == [
        ("a", "SetVariable", "finished"),
        ("wait", "SuspendWorkflow", "active"),
    ]
    assert (log["stepsFinished"], log["stepsFaulted"]) == (1, 0)
    assert all(one["startedAt"] for one in log["steps"])
    assert [bool(one["endedAt"]) for one in log["steps"]] == [True, False]
    assert set(log["steps"][0]["events"][0]) == {"id", "timestamp", "eventName", "message", "outcomes"}
    post(mint, started, "resume", {"stepId": "wait"})
    log = mint.log(started)
    assert [one["status"] for one in log["steps"]] == ["finished", "finished", "faulted"]
    assert (log["stepsFinished"], log["stepsFaulted"]) == (2, 1)
    assert mint.events(started, "bad") == [("Executing", None), ("Faulted", "no"), ("Executed", [])]


# ---- resuming and approving


def test_a_step_is_resumed_with_its_input(mint: Mint) -> None:
    started = mint.start(mint.create(flow(WAIT)))
    journey = mint.resume(started, "wait", {"answer": 42})
    assert (journey["status"], journey["stepData"]) == ("finished", {"wait": {"answer": 42}})
    assert journey["finishedAt"] is not None
    refused(post(mint, started, "resume", {"stepId": "wait"}), 409)


def test_what_does_not_wait_cannot_be_resumed(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("a"), WAIT)))
    for wrong in ("a", "x", "", "w" * 50):
        refused(post(mint, started, "resume", {"stepId": wrong}), 409)
    refused(post(mint, started, "resume", {"stepId": "w" * 51}), 400, "stepId")
    refused(post(mint, started, "resume", {}), 400, "stepId")
    refused(post(mint, started, "approve", {"stepId": "wait", "input": {"approved": True}}), 409)
    assert mint.read(started)["status"] == "active"


@pytest.mark.parametrize(("approved", "taken"), [(True, "yes"), (False, "no")])
def test_an_approval_goes_its_way(mint: Mint, approved: bool, taken: str) -> None:
    """Rules 4.1.7 and 4.2.11."""
    ask = step("ask", "RequireApproval", message="May they?")
    links = [link("ask", "yes", "Approved"), link("ask", "no", "Rejected")]
    started = mint.start(mint.create(flow(ask, step("yes"), step("no"), links=links)))
    refused(post(mint, started, "resume", {"stepId": "ask"}), 409)
    answer = post(mint, started, "approve", {"stepId": "ask", "input": {"approved": approved, "message": "so"}})
    assert (answer.status_code, answer.content) == (204, b"")
    assert mint.read(started)["stepData"]["ask"] == {"approved": approved, "message": "so"}
    assert [one["stepId"] for one in mint.log(started)["steps"]] == ["ask", taken]


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({"stepId": "ask"}, "input"),
        ({"stepId": "ask", "input": {}}, "input.approved"),
        ({"stepId": "ask", "input": {"approved": "true"}}, "input.approved"),
        ({"stepId": "ask", "input": {"approved": True, "message": 1}}, "input.message"),
        ({"input": {"approved": True}}, "stepId"),
        ({"stepId": "x" * 51, "input": {"approved": True}}, "stepId"),
    ],
)
def test_a_wrong_approval_decides_nothing(mint: Mint, body: Json, flaw: str) -> None:
    started = mint.start(mint.create(flow(step("ask", "RequireApproval"))))
    refused(post(mint, started, "approve", body), 400, flaw)
    assert mint.read(started)["status"] == "active"


def test_the_answers_to_a_form_are_checked(mint: Mint) -> None:
    fields = [{"name": "mail", "type": "email", "required": True}, {"name": "n", "type": "number"}, "free"]
    started = mint.start(mint.create(flow(step("form", "Form", fields=fields))))
    refused(post(mint, started, "resume", {"stepId": "form"}), 400, "input.mail")
    wrong = {"mail": "kari", "n": "many"}
    refused(post(mint, started, "resume", {"stepId": "form", "input": wrong}), 400, "input.mail", "input.n")
    journey = mint.resume(started, "form", {"mail": "k@x.no", "n": "12", "more": [1]})
    assert journey["stepData"]["form"] == {"mail": "k@x.no", "n": 12, "free": None, "more": [1]}


# ---- addresses


def test_a_journey_url_lives_as_long_as_it_was_asked_to(mint: Mint) -> None:
    started = mint.start(mint.create(flow(WAIT)))
    mint.world.freeze()
    for body, life in (
        (None, 60),
        ({}, 60),
        ({"timeToLive": None}, 60),
        ({"timeToLive": "90"}, 90),
        ({"timeToLive": 5}, 5),
    ):
        answer = post(mint, started, "url", body)
        assert (answer.status_code, list(answer.json())) == (201, ["journeyUrl"])
        url = answer.json()["journeyUrl"]
        mint.world.advance(f"PT{life - 1}S")
        assert mint.world.anonymous.get(url).status_code == 303
        mint.world.advance("PT1S")
        assert mint.world.anonymous.get(url).status_code == 410


def test_a_life_of_zero(mint: Mint) -> None:
    started = mint.start(mint.create(flow(WAIT)))
    url = post(mint, started, "url", {"timeToLive": 0}).json()["journeyUrl"]
    assert mint.world.anonymous.get(url).status_code == 410
    mint.switch("mint.zero-ttl", "default")
    url = post(mint, started, "url", {"timeToLive": 0}).json()["journeyUrl"]
    assert mint.world.anonymous.get(url).status_code == 303


@pytest.mark.parametrize("wrong", [-1, 2_592_001, "x", 1.0, []])
def test_a_wrong_life_is_refused(mint: Mint, wrong: object) -> None:
    started = mint.start(mint.create(flow(WAIT)))
    refused(post(mint, started, "url", {"timeToLive": wrong}), 400, "timeToLive")


# ---- lists


def test_journeys_are_filtered(mint: Mint) -> None:
    done = mint.create(flow(step("n", "SetName", name="Kari's journey"), name="Done"))
    open_ = mint.create(flow(WAIT, name="Open"))
    bad = mint.create(flow(step("f", "Fault"), name="Bad"))
    ids = {name: mint.start(one)["journeyId"] for name, one in (("done", done), ("open", open_), ("bad", bad))}

    def found(**query: object) -> list[str]:
        return sorted(one["id"] for one in listed(mint, **query))

    for status, name in (("finished", "done"), ("active", "open"), ("faulted", "bad")):
        assert found(status=status) == [ids[name]]
    for status in ("idle", "running", "cancelled"):
        assert found(status=status) == []
    assert found(workflowId=done["id"]) == [ids["done"]]
    assert found(workflowId="x") == []
    assert found(search="KARI") == [ids["done"]]
    assert found(search="open") == [ids["open"]]
    assert found(search=ids["bad"][:12]) == [ids["bad"]]
    refused(mint.api.get("/mint/journeys?status=Active"), 400, "status")


def test_journeys_are_filtered_by_time(mint: Mint) -> None:
    start = mint.world.freeze()
    workflow = mint.create(flow())
    journeys = []
    for _ in range(3):
        mint.world.advance("PT1H")
        journeys.append(mint.start(workflow)["journeyId"])

    def at(hours: float) -> str:
        return (start + timedelta(hours=hours)).isoformat()

    def found(**query: object) -> list[int]:
        return [journeys.index(one["id"]) for one in listed(mint, sort="createdAt", **query)]

    assert found(lastExecutedAfter=at(1.5)) == [1, 2]
    assert found(lastExecutedBefore=at(1.5)) == [0]
    assert found(lastExecutedAfter=at(1), lastExecutedBefore=at(3)) == [1]
    for wrong in ("yesterday", "2026-01-01", "2026-01-01T00:00:00", "9" * 60):
        refused(mint.api.get("/mint/journeys", params={"lastExecutedAfter": wrong}), 400, "lastExecutedAfter")


def test_journeys_are_sorted(mint: Mint) -> None:
    workflow = mint.create(flow(step("n", "SetName", name="{{ Input.n }}")))
    for name in ("b", "c", "a"):
        mint.start(workflow, input={"n": name})
        mint.world.advance("PT1S")

    def names(**query: object) -> str:
        return "".join(one["name"] for one in listed(mint, **query))

    assert (names(), names(sort="createdAt"), names(sort="-name"), names(sort="name")) == ("acb", "bca", "cba", "abc")
    for field in ("lastExecutedAt", "finishedAt", "status"):
        assert sorted(names(sort=field)) == ["a", "b", "c"]
    refused(mint.api.get("/mint/journeys?sort=workflowName"), 400, "sort")


# ---- the end of journeys


def test_a_journey_is_cancelled_on_demand(mint: Mint) -> None:
    """Rules 4.1.8 and 4.1.10."""
    started = mint.start(mint.create(flow(WAIT)))
    cancelled = post(mint, started, "cancel").json()
    assert (cancelled["status"], cancelled["activeSteps"]) == ("cancelled", [])
    assert cancelled["cancelledAt"] is not None
    refused(post(mint, started, "cancel"), 409)
    refused(post(mint, started, "resume", {"stepId": "wait"}), 409)


@pytest.mark.parametrize(("limit", "days"), [(None, 30), ("P7D", 7), ("never", None)])
def test_a_journey_that_stays_active_too_long_is_cancelled(mint: Mint, limit: str | None, days: int | None) -> None:
    """Rule 4.1.9."""
    if limit:
        mint.switch("mint.automatic-cancel", limit)
    started = mint.start(mint.create(flow(WAIT, step("again", "SuspendWorkflow"))))
    mint.world.advance("P6D")
    mint.resume(started, "wait")  # the time begins anew
    mint.world.advance(f"P{(days or 150) - 1}D")
    assert mint.read(started)["status"] == "active"
    mint.world.advance("P1DT1S")
    assert mint.read(started)["status"] == ("cancelled" if days else "active")


@pytest.mark.parametrize(("day", "end"), [("2026-08-31", "2027-02-28"), ("2027-01-15", "2027-07-15")])
def test_a_journey_is_forgotten_six_months_after_its_start(mint: Mint, day: str, end: str) -> None:
    """Rule 4.1.12."""
    mint.world.control("POST", "clock/freeze", {"at": f"{int(day[:4]) + 10}{day[4:]}T12:00:00Z"})
    moment = datetime.fromisoformat(f"{int(end[:4]) + 10}{end[4:]}T12:00:00+00:00")
    started = mint.start(mint.create(flow(step("a"), step("pdf", "CreatePdfFromTemplate", content="x"))))
    post(mint, started, "notes", {"content": "n"})
    mint.world.freeze((moment - timedelta(seconds=1)).isoformat())
    mint.world.log_in()
    assert mint.read(started)["status"] == "finished"
    mint.world.freeze(moment.isoformat())
    refused(mint.api.get(f"/mint/journeys/{started['journeyId']}"), 404)
    assert listed(mint) == []
