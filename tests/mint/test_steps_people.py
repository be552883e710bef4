"""Steps at which people decide: identification, capture, devices, approvals; and the decisions of a test."""

import json

import pytest
from tests.mint.conftest import Inside
from tests.mint.flows import Mint, flow, id_of, link, refused, step
from tests.mint.samples import sample
from tests.signer import Signer
from tests.world import Json

from localsign.core.decisions import Decision, DecisionState
from localsign.core.ladder import DEFAULT_CHOICE
from localsign.core.outbox import Message

KARI = "14839010231"


@pytest.mark.parametrize(
    ("data", "name", "national_id"),
    [
        (None, "Kari Nordmann", KARI),
        ({"persona": "aino"}, "Aino Salmi", "080993-912U"),
        ({"firstName": "Per", "lastName": "Berg", "nationalId": "1"}, "Per Berg", "1"),
    ],
)
def test_who_identifies(mint: Mint, data: Json | None, name: str, national_id: str) -> None:
    started = mint.start(mint.create(flow(step("who", "IdentifyWithEid", eids=["nbid", "sbid"]))))
    found = mint.act(started, "complete", data=data)["stepData"]["who"]
    assert (found["status"], found["name"], found["nationalId"], found["eid"]) == ("SUCCESS", name, national_id, "nbid")


def test_a_resume_identifies_as_well(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("who", "IdentifyWithEid"))))
    assert mint.resume(started, "who", {"persona": "ola", "eid": "sbid"})["stepData"]["who"]["eid"] == "sbid"


@pytest.mark.parametrize("kind", ["IdentifyWithEid", "StartVideoId", "StartReadId", "GetMobileIdRegistrationResult"])
def test_what_fails_has_an_outcome_or_faults(mint: Mint, kind: str) -> None:
    ask = step("ask", kind, registrationId="r")
    for links, status in (([link("ask", "after", "Failed")], "finished"), ([link("ask", "after")], "faulted")):
        started = mint.start(mint.create(flow(ask, step("after"), links=links)))
        journey = mint.act(started, "fail", data={"reason": "no light"})
        assert journey["status"] == status
        if status == "finished":
            assert journey["stepData"]["ask"]["error"] == "no light"


def test_somebody_else_than_expected_fails(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("who", "IdentifyWithEid", nationalId=KARI))))
    assert mint.act(started, "complete", data={"persona": "ola"})["status"] == "faulted"
    started = mint.start(mint.create(flow(step("who", "IdentifyWithEid", nationalId=KARI))))
    assert mint.act(started, "complete")["stepData"]["who"]["name"] == "Kari Nordmann"


def test_a_capture_and_its_video(mint: Mint) -> None:
    steps = [step("doc", "StartVideoId"), step("video", "GetCaptureFlowResultsVideo", processId="{{ doc.processId }}")]
    started = mint.start(mint.create(flow(*steps)))
    data = mint.act(started, "complete", data={"persona": "mette"})["stepData"]
    assert data["doc"]["status"] == "accepted"
    assert (data["doc"]["person"]["name"], data["doc"]["document"]["issuingCountry"]) == ("Mette Holm", "DK")
    assert data["video"]["file"]["contentType"] == "text/plain"


def test_a_device_is_registered_by_command(mint: Mint) -> None:
    steps = [
        step("user", "CreateMobileIdUser", externalReference="r"),
        step("device", "RegisterMobileIdDevice", userId="{{ user.userId }}"),
        step("wait", "GetMobileIdRegistrationResult", registrationId="{{ device.registrationId }}"),
    ]
    started = mint.start(mint.create(flow(*steps)))
    assert mint.read(started)["status"] == "active"
    data = mint.act(started, "complete")["stepData"]
    assert data["wait"] == {"registrationId": data["device"]["registrationId"], "status": "COMPLETED"}


# ---- acting


def test_what_can_be_done_where(mint: Mint) -> None:
    steps = [step("form", "Form", fields=[{"name": "a", "required": True}]), step("ask", "RequireApproval")]
    started = mint.start(mint.create(flow(*steps)))
    address = f"mint/journeys/{id_of(started)}/act"
    for body, status in (
        ({"action": "approve"}, 409),
        ({"action": "fail"}, 409),
        ({"action": "complete", "stepId": "ask"}, 409),
        ({"action": "complete", "data": {}}, 400),
        ({"action": "dance"}, 400),
        ({"action": "complete", "more": 1}, 400),
        ({}, 400),
    ):
        assert mint.world.control("POST", address, body).status_code == status, body
    opened = mint.world.control("POST", address, {"action": "open"}).json()
    assert "one thing" not in Signer(opened["journeyUrl"]).get().text
    assert mint.act(started, "complete")["stepData"]["form"] == {"a": "Test"}
    assert mint.act(started, "reject", data={"message": "no"})["stepData"]["ask"] == {
        "approved": False,
        "message": "no",
    }
    assert mint.world.control("POST", address, {"action": "complete"}).status_code == 409
    assert mint.world.control("POST", "mint/journeys/x/act", {"action": "complete"}).status_code == 404


def test_a_journey_is_cancelled_by_command(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("ask", "RequireApproval"))))
    assert mint.act(started, "cancel")["status"] == "cancelled"


# ---- the approver's page


def test_an_approver_gets_a_page(mint: Mint, inside: Inside) -> None:
    ask = step("ask", "RequireApproval", approver="boss@example.com", message="Take {{ Input.who }}?")
    started = mint.start(mint.create(flow(ask, step("b", "SuspendWorkflow"))), input={"who": "Kari"})
    address = approval_link(inside, started)
    boss = Signer(address)
    assert "Take Kari?" in boss.look().text
    assert boss.post({"action": "approve"}, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert boss.post({"action": "dance"}).status_code == 303
    assert boss.post({"action": "approve", "message": "fine"}).status_code == 303
    assert mint.read(started)["stepData"]["ask"] == {"approved": True, "message": "fine"}
    assert "Nothing is to be approved" in boss.look().text
    assert boss.post({"action": "reject"}).status_code == 303
    assert mint.read(started)["stepData"]["ask"]["approved"] is True
    assert Signer(address[:-3] + "xyz").get().status_code == 404


def approval_link(inside: Inside, started: Json) -> str:
    with inside() as work:
        [message] = [one for one in work.everything(Message) if one.reference == started["journeyId"]]
    assert (message.recipient, message.kind, message.api) == ("boss@example.com", "workflow.approval", "mint")
    [address] = message.links
    return address


# ---- onboarding


def test_onboarding_approved(mint: Mint) -> None:
    started = mint.start(mint.create(sample("onboarding")))
    mint.act(started, "complete", data={"persona": "astrid"})
    journey = mint.act(started, "approve")
    assert (journey["status"], journey["alerts"]) == ("finished", [])
    assert journey["stepData"]["lookup"]["address"]["city"] == "Stockholm"
    assert [one["stepId"] for one in mint.log(journey)["steps"]] == [
        "identify",
        "lookup",
        "known",
        "approval",
        "welcome",
    ]


def test_onboarding_of_somebody_unknown_is_refused(mint: Mint) -> None:
    started = mint.start(mint.create(sample("onboarding")))
    stranger = {"firstName": "No", "lastName": "Body", "nationalId": "0", "email": "no@example.com"}
    mint.act(started, "complete", data=stranger)
    journey = mint.act(started, "reject", data={"message": "Who?"})
    [alert] = journey["alerts"]
    assert (alert["stepId"], alert["severity"]) == ("lookup", "warning")
    assert alert["message"] == "No Body is not in the register"
    assert [one["stepId"] for one in mint.log(journey)["steps"]][-2:] == ["sorry", "refused"]


# ---- decisions


def by_default(inside: Inside, action: str) -> None:
    """What people of this workspace do when nothing else says so."""
    with inside() as work:
        work.choose(DEFAULT_CHOICE, json.dumps({"action": action}))


def test_willing_people_take_a_journey_to_its_end(mint: Mint, inside: Inside) -> None:
    by_default(inside, "sign")
    steps = [
        step("form", "Form", fields=[{"name": "name"}, {"name": "mail", "type": "email", "required": True}]),
        step("who", "IdentifyWithEid"),
        step("card", "StartWebId"),
        step("ask", "RequireApproval"),
    ]
    journey = mint.run(*steps)
    assert journey["status"] == "finished"
    assert journey["stepData"]["form"] == {"name": "Kari Nordmann", "mail": "kari@example.com"}
    assert journey["stepData"]["ask"]["approved"] is True


def test_the_contract_signs_itself_where_people_are_willing(mint: Mint, inside: Inside) -> None:
    by_default(inside, "sign")
    journey = mint.read(mint.start(mint.create(sample("contract-signing")), input={"email": "kari@example.com"}))
    assert (journey["status"], len(journey["files"])) == ("finished", 2)


@pytest.mark.parametrize(("email", "approved"), [("sign+boss@example.com", True), ("reject+boss@example.com", False)])
def test_a_magic_address_decides(mint: Mint, email: str, approved: bool) -> None:
    journey = mint.run(step("ask", "RequireApproval", approver=email))
    assert journey["stepData"]["ask"]["approved"] is approved


def test_an_error_of_a_person_fails_the_step(mint: Mint, inside: Inside) -> None:
    by_default(inside, "error")
    journey = mint.run(step("who", "IdentifyWithEid"), step("after"), links=[link("who", "after", "Failed")])
    assert (journey["status"], journey["stepData"]["who"]["status"]) == ("finished", "FAILED")


def test_what_is_over_is_decided_no_more(mint: Mint, inside: Inside) -> None:
    started = mint.start(mint.create(flow(step("ask", "RequireApproval", approver="slow+boss@example.com"))))
    mint.act(started, "reject")
    other = mint.start(mint.create(flow(step("ask", "RequireApproval", approver="slow+boss@example.com"))))
    mint.act(other, "cancel")
    fired = mint.world.advance("PT1M")
    assert [one for one in fired if one["kind"].startswith("decisions")] == []
    assert mint.read(started)["stepData"]["ask"]["approved"] is False
    with inside() as work:
        states = [one.state for one in work.everything(Decision)]
    assert states == [DecisionState.COMMANDED, DecisionState.WITHDRAWN]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("number", "--5"), ("number", "9" * 5000), ("number", "."), ("date", "soon"), ("date", "2026-02-30")],
)
def test_what_is_no_number_and_no_date_is_refused_at_the_form(mint: Mint, kind: str, answer: str) -> None:
    started = mint.start(mint.create(flow(step("form", "Form", fields=[{"name": "x", "type": kind}]))))
    body = {"stepId": "form", "input": {"x": answer}}
    refused(mint.api.post(f"/mint/journeys/{id_of(started)}/resume", json=body), 400, "input.x")
    assert mint.read(started)["status"] == "active"
