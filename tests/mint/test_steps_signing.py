"""Steps that make real sessions in Sign: one by one, and by a signing order."""

from typing import Any

import pytest
from tests.conftest import Server
from tests.mint.flows import Mint, flow, id_of, link, step
from tests.sign.reading import signers
from tests.world import Json

PDF = step("pdf", "CreatePdfFromTemplate", content="Hello {{ n }}", filename="hello.pdf")
COLLECT = step("collect", "CreateDocumentCollection", documents="{{ pdf.file }}")
OPEN = step("open", "CreateSigningSession", documentCollectionId="{{ collect.documentCollectionId }}", title="T")
INSIDE = step("inside", "SignSessionInsideJourney", signingSessionId="{{ open.signingSessionId }}")
RESULT = step("result", "GetSigningSessionResult", signingSessionId="{{ open.signingSessionId }}")
ONE: Any = {"variables": {"n": 1}}


def download(mint: Mint, journey: Json, file: Json) -> bytes:
    return mint.api.get(f"/mint/journeys/{id_of(journey)}/files/{file['id']}").content


def test_a_session_by_its_steps(server: Server, mint: Mint) -> None:
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, INSIDE, RESULT, **ONE)))
    data = mint.read(started)["stepData"]
    session = mint.world.read(data["open"]["signingSessionId"])
    assert (session["title"], session["lifecycle"]["state"]) == ("T", "READY")
    assert session["externalReference"] == started["journeyId"]
    assert session["documents"][0]["documentId"] in data["collect"]["documentIds"]
    assert data["open"]["signatureUrl"] == session["signatureUrl"]
    mint.world.sign(session, signer={"name": "Aino Salmi"})
    journey = mint.read(started)
    assert (journey["status"], journey["stepData"]["result"]["state"]) == ("finished", "SIGNED")
    [file] = journey["stepData"]["result"]["files"]
    assert signers(server.sandbox.house.authority, download(mint, journey, file)) == ["Aino Salmi"]


def test_a_result_may_be_waited_for_or_taken_as_it_is(mint: Mint) -> None:
    now = {**RESULT, "properties": {**RESULT["properties"], "waitForFinalState": False}}
    journey = mint.run(PDF, COLLECT, OPEN, now, **ONE)
    assert (journey["status"], journey["stepData"]["result"]["state"]) == ("finished", "READY")
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, RESULT, **ONE)))
    assert mint.read(started)["activeSteps"] == [{"stepId": "result", "stepType": "GetSigningSessionResult"}]
    mint.world.act(mint.read(started)["stepData"]["open"]["signingSessionId"], "reject", reason="no")
    result = mint.read(started)["stepData"]["result"]
    assert result == {"state": "REJECTED", "rejectReason": "no", "files": []}


def test_a_rejected_session_resumes_the_journey(mint: Mint) -> None:
    links = [
        link("pdf", "collect"),
        link("collect", "open"),
        link("open", "inside"),
        link("inside", "after", "Rejected"),
    ]
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, INSIDE, step("after"), links=links, **ONE)))
    mint.world.act(mint.read(started)["stepData"]["open"]["signingSessionId"], "reject")
    journey = mint.read(started)
    assert journey["status"] == "finished"
    assert [one["stepId"] for one in mint.log(journey)["steps"]][-1] == "after"


def test_an_expired_session_resumes_the_journey(mint: Mint) -> None:
    mint.switch("mint.automatic-cancel", "never")
    links = [
        link("pdf", "collect"),
        link("collect", "open"),
        link("open", "inside"),
        link("inside", "after", "Expired"),
    ]
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, INSIDE, step("after"), links=links, **ONE)))
    mint.world.advance("P46D")
    journey = mint.read(started)
    assert journey["status"] == "finished"
    assert [one["stepId"] for one in mint.log(journey)["steps"]][-1] == "after"


def test_a_step_that_waits_for_a_session_is_not_resumed_by_hand(mint: Mint) -> None:
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, INSIDE, **ONE)))
    answer = mint.api.post(f"/mint/journeys/{started['journeyId']}/resume", json={"stepId": "inside"})
    assert answer.status_code == 409
    assert "waits for the signing session" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (step("x", "CreateDocumentCollection", documents=["nothing.pdf"]), "no file 'nothing.pdf'"),
        (step("x", "CreateDocumentCollection"), "'documents' is required"),
        (step("x", "CreateSigningSession", documentCollectionId="x"), "is not an id"),
        (step("x", "CreateSigningSession", documentCollectionId="0" * 32), "no document collection"),
        (step("x", "SignSessionInsideJourney", signingSessionId="0" * 32), "no signing session"),
        (step("x", "SendSignOrder", signOrderId="0" * 32), "no sign order"),
    ],
)
def test_what_signing_steps_refuse(mint: Mint, wrong: Json, words: str) -> None:
    journey = mint.run(wrong)
    assert words in mint.events(journey, "x")[1][1]


def test_what_sign_refuses_faults_the_step_and_leaves_nothing(mint: Mint) -> None:
    wrong = {**OPEN, "properties": {**OPEN["properties"], "signingSetup": [{"signingFlow": "MAGIC"}]}}
    journey = mint.run(PDF, COLLECT, wrong, **ONE)
    assert "signingSetup[0].signingFlow" in mint.events(journey, "open")[1][1]
    late = {**OPEN, "properties": {**OPEN["properties"], "dueDate": "2001-01-01T00:00:00Z"}}
    journey = mint.run(PDF, COLLECT, late, **ONE)
    assert "must lie in the future" in mint.events(journey, "open")[1][1]
    assert mint.api.get("/sign/signing-sessions").json()["total"] == 0


# ---- orders


def test_an_order_of_two_signers_one_after_the_other(server: Server, mint: Mint) -> None:
    order = {"signOrderId": "{{ order.signOrderId }}"}
    text = step("terms", "CreatePdfFromTemplate", content="Terms", filename="terms.pdf")
    steps = [
        PDF,
        text,
        step("order", "CreateSignOrder", title="Both", signer={"firstName": "Kari", "lastName": "Nordmann"}),
        step("ola", "AddSignerToSignOrder", name="Ola Nordmann", email="ola@example.com", **order),
        step("docs", "AddDocumentsToSignOrder", documents=["{{ pdf.file }}", "{{ terms.file }}"], **order),
        step("send", "SendSignOrder", sequential=True, notify=True, **order),
        step("kari signs", "SignInsideJourney", **order),
        step("between", "RetrieveSignOrderSummary", **order),
        step("ola signs", "SignInsideJourney", signerId="{{ ola.signerId }}", **order),
        step("after", "RetrieveSignOrderSummary", **order),
        step("download", "DownloadSignedDocuments", **order),
    ]
    started = mint.start(mint.create(flow(*steps, **ONE)))
    sent = mint.read(started)["stepData"]["send"]
    assert [(one["name"], one["status"]) for one in sent["signers"]] == [
        ("Kari Nordmann", "ready"),
        ("Ola Nordmann", "blocked"),
    ]
    mint.act(started, "complete", data={"name": "Kari Nordmann"})
    assert mint.read(started)["stepData"]["between"]["status"] == "sent"
    mint.act(started, "complete", data={"name": "Ola Nordmann"})
    journey = mint.read(started)
    assert (journey["status"], journey["stepData"]["after"]["status"]) == ("finished", "signed")
    files = journey["stepData"]["download"]["files"]
    assert len(files) == 2
    for one in files:
        found = signers(server.sandbox.house.authority, download(mint, journey, one))
        assert found == ["Kari Nordmann", "Ola Nordmann"]


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (step("x", "SendSignOrder", signOrderId="{{ order.signOrderId }}"), "has no signer"),
        (step("x", "SignInsideJourney", signOrderId="{{ order.signOrderId }}"), "has not been sent"),
        (step("x", "DownloadSignedDocuments", signOrderId="{{ order.signOrderId }}"), "not signed by everybody"),
    ],
)
def test_an_order_goes_step_by_step(mint: Mint, last: Json, words: str) -> None:
    journey = mint.run(step("order", "CreateSignOrder"), last)
    assert words in mint.events(journey, "x")[1][1]


def test_an_order_takes_files_of_the_workflow_of_any_kind(mint: Mint) -> None:
    steps = [
        PDF,
        step("order", "CreateSignOrder", signer={"name": "Kari"}, documents=["terms.txt", "{{ pdf.file }}"]),
        step("send", "SendSignOrder", signOrderId="{{ order.signOrderId }}"),
    ]
    workflow = mint.create(flow(*steps, **ONE))
    upload = mint.api.post(
        f"/mint/workflows/{workflow['id']}/files?filename=terms.txt",
        content=b"Terms",
        headers={"Content-Type": "text/plain"},
    )
    assert (upload.status_code, upload.json()["filename"]) == (201, "terms.txt")
    journey = mint.read(mint.start(workflow))
    session = mint.world.read(journey["stepData"]["send"]["signers"][0]["signingSessionId"])
    assert len(session["documents"]) == 2
    assert mint.world.download(session["documents"][0]["documentId"]).startswith(b"%PDF")
    address = f"/mint/workflows/{workflow['id']}/files/{upload.json()['id']}"
    assert mint.api.get(address).content == b"Terms"
    assert mint.api.get(f"/mint/workflows/{workflow['id']}").json()["files"] == [upload.json()]


def test_bytes_stay_as_long_as_anybody_needs_them(mint: Mint) -> None:
    """The journey's file and Sign's document have the same bytes; Sign forgets its own after some days."""
    started = mint.start(mint.create(flow(PDF, COLLECT, **ONE)))
    journey = mint.read(started)
    mint.world.advance("P10D")  # the document was in no session
    assert mint.api.get(f"/sign/documents/{journey['stepData']['collect']['documentIds'][0]}").status_code == 404
    assert download(mint, journey, journey["files"][0]).startswith(b"%PDF")


@pytest.mark.parametrize("waiting", [INSIDE, RESULT])
def test_a_deleted_session_resumes_the_journey(mint: Mint, waiting: Json) -> None:
    links = [link("pdf", "collect"), link("collect", "open"), link("open", waiting["id"])]
    links += [link(waiting["id"], "after", "Deleted"), link(waiting["id"], "after")]
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, waiting, step("after"), links=links, **ONE)))
    session = mint.read(started)["stepData"]["open"]["signingSessionId"]
    assert mint.api.delete(f"/sign/signing-sessions/{session}").status_code == 204
    journey = mint.read(started)
    assert journey["status"] == "finished"
    assert [one["stepId"] for one in mint.log(journey)["steps"]][-1] == "after"


def test_a_session_can_be_signed_whose_journey_has_faulted(mint: Mint) -> None:
    links = [link("pdf", "collect"), link("collect", "open"), link("open", "inside"), link("open", "pause")]
    links.append(link("pause", "broken"))
    steps = (PDF, COLLECT, OPEN, INSIDE, step("pause", "SuspendWorkflow"), step("broken", "Fault"))
    started = mint.start(mint.create(flow(*steps, links=links, **ONE)))
    assert mint.resume(started, "pause")["status"] == "faulted"
    session = mint.world.read(mint.read(started)["stepData"]["open"]["signingSessionId"])
    mint.world.sign(session)
    assert mint.read(started)["status"] == "faulted"


@pytest.mark.parametrize("data", [{"name": 5}, {"nin": ["x"]}, {"eid": {"a": 1}}, {"name": "x" * 100_000}])
def test_an_act_at_a_session_refuses_what_no_signer_is(mint: Mint, data: Json) -> None:
    started = mint.start(mint.create(flow(PDF, COLLECT, OPEN, INSIDE, **ONE)))
    answer = mint.world.control("POST", f"mint/journeys/{id_of(started)}/act", {"action": "complete", "data": data})
    assert answer.status_code in (400, 422), answer.text
    assert mint.read(started)["status"] == "active"
