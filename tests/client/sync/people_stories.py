# Made from tests/client/aio/people_stories.py by `make face`: change that instead.
"""Stories of those who act: signers, recipients, and people in journeys."""

import json
from base64 import b64encode
from itertools import pairwise
from typing import Any

import pytest
from tests.client.sync.basic_stories import AT, a_session

from localsign import Sandbox, SandboxError, WaitTimeoutError, Workspace
from localsign.resources import fixtures_folder


def pdf() -> bytes:
    return (fixtures_folder() / "documents" / "agreement.pdf").read_bytes()


def a_dst(workspace: Workspace, **but: Any) -> str:
    """The id of a DST of the robot that waits for one signature."""
    source = {"type": "Embedded", "embeddedData": b64encode(pdf()).decode()}
    document = {
        "resource": {"filename": "contract.pdf", "resourceType": ["PDF_Document"], "source": source},
        "signerGroups": [{"signers": [{"id": 1, "email": "eve@example.com"}]}],
        "signatureRequests": [{"id": 1, "signerId": 1, "declinable": True}],
        **but,
    }
    wanted = {"title": "A contract", "status": "published", "documents": [document]}
    answer = workspace.http.signing_today("robot").post("/robot/DSTs", json=wanted)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def a_journey(workspace: Workspace, *steps: dict[str, Any]) -> str:
    """The id of a journey through `steps`, one after the other."""
    links = [
        {"sourceStepId": one["id"], "targetStepId": other["id"], "outcome": "Done"} for one, other in pairwise(steps)
    ]
    wanted = {"name": "A workflow", "steps": list(steps), "connections": links}
    answer = workspace.http.mint.post("/workflows", json=wanted)
    assert answer.is_success, answer.text
    started = workspace.http.mint.post(f"/workflows/{answer.json()['id']}/start", json={})
    assert started.is_success, started.text
    return str(started.json()["journeyId"])


def story_of_signers(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        session = workspace.sign.session(a_session(workspace))
        session.open()
        session.error()
        acted = session.reject("too expensive")
        assert acted["session"]["lifecycle"]["rejectReason"] == "too expensive"
        with pytest.raises(SandboxError) as late:
            session.cancel()
        assert late.value.status == 409


def story_of_packages(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        workspace.lags.set("packaging", "manual")
        assert (workspace.lags.get("packaging"))["progression"] == "manual"
        workspace.seed(
            """
            sign:
              documents: [{name: note, file: documents/agreement.pdf}]
              collections: [{name: pile, documents: [note], packageTo: [PADES_CONTAINER]}]
              sessions: [{name: one, collection: pile, acts: [sign]}]
            """
        )
        [waiting] = [one for one in workspace.clock.timers() if one["lag"] == "packaging"]
        package = workspace.sign.package(waiting["subject"])
        acted = package.complete()
        assert acted["result_document_id"] is not None
        with pytest.raises(SandboxError):
            package.fail()


def story_of_a_dst(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        form = {"type": "TextForm", "page": 1, "positionX": 10, "positionY": 60, "width": 30, "height": 3}
        dst = workspace.signing_today.dst(a_dst(workspace, forms=[{"id": 1, "signerId": 1, "toFill": True, **form}]))
        assert (dst.fill("Via Roma 1", form_id=1))["dst"]["status"] == "toSign"
        assert (dst.sign(signature_request_id=1))["dst"]["status"] == "signed"
        with pytest.raises(SandboxError):
            dst.download()
        with pytest.raises(SandboxError):
            dst.fail()


def story_of_organizations(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        made = workspace.signing_today.create_account("app@company", role="instructor", is_robot=True)
        assert made["lifetime_token"]
        assert "app@company" in {one["username"] for one in workspace.signing_today.accounts()}
        with pytest.raises(SandboxError, match="admin@demo"):
            workspace.http.signing_today("nobody")


def story_of_a_journey(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        fields = [{"name": "email", "label": "E-mail", "required": True}]
        form = {"id": "form", "type": "Form", "displayName": "Form", "properties": {"fields": fields}}
        approval = {
            "id": "approval",
            "type": "RequireApproval",
            "displayName": "Yes?",
            "properties": {"message": "Well?"},
        }
        journey = workspace.mint.journey(a_journey(workspace, form, approval))
        assert (journey.open())["journeyUrl"].startswith("http")
        acted = journey.complete(email="kari@example.com")
        assert [one["stepId"] for one in acted["journey"]["activeSteps"]] == ["approval"]
        assert (journey.approve(step_id="approval"))["journey"]["status"] == "finished"
        identify = {"id": "who", "type": "IdentifyWithEid", "displayName": "Who", "properties": {"eids": ["nbid"]}}
        rejected = workspace.mint.journey(a_journey(workspace, approval)).reject()
        assert rejected["journey"]["status"] == "finished"
        failed = workspace.mint.journey(a_journey(workspace, identify)).fail()
        assert failed["journey"]["status"] in {"finished", "faulted"}
        cancelled = workspace.mint.journey(a_journey(workspace, approval)).cancel()
        assert cancelled["journey"]["status"] == "cancelled"


def story_of_a_share(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        http = workspace.http.secure_share
        share = (http.post("/shares", json={"contactDetails": {"name": "Acme", "email": "a@acme.test"}})).json()["id"]
        http.post(f"/shares/{share}/files", files={"file": ("a.pdf", pdf(), "application/pdf")})
        wanted = {
            "email": "kari@example.test",
            "authentication": [{"identityProvider": "otp-email"}],
            "notification": {"sendEmail": True, "language": "No"},
        }
        answer = http.post(f"/shares/{share}/recipients", json=wanted)
        assert answer.is_success, answer.text
        recipient = workspace.secure_share.share(share).recipient(answer.json()["id"])
        [invitation] = workspace.outbox.wait(to="kari@example.test", kind="share.invitation")
        assert invitation["links"]
        recipient.open()
        with pytest.raises(SandboxError):
            recipient.authenticate(code="000000")
        recipient.fail()
        recipient.authenticate()
        acted = recipient.download()
        assert acted["recipient"]["fileAccessInfos"][0]["lastDownloadedAt"]
        assert workspace.outbox.list(kind="share.code")


def story_of_an_outbox(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        workspace.http.signing_today().get("/auth/passwordLost", params={"username": "anna@demo"})
        workspace.http.signing_today().post("/users", json={"user": {"username": "jdo", "email": "jdo@x.test"}})
        [mail] = workspace.outbox.wait(channel="email")
        assert (workspace.outbox.get(mail["id"]))["to"] == mail["to"]
        assert "<" in workspace.outbox.html(mail["id"])
        assert (workspace.outbox.text(mail["id"])).strip() == mail["text"].strip()
        assert "To: " in workspace.outbox.eml(mail["id"])
        workspace.outbox.remove(mail["id"])
        workspace.outbox.clear()
        assert workspace.outbox.list() == []
        with pytest.raises(WaitTimeoutError):
            workspace.outbox.wait(to="nobody@x.test", timeout=0.05)


def story_of_decisions(sandbox: Sandbox) -> None:
    with sandbox.workspace(clock=AT) as workspace:
        queued = workspace.decisions.queue("reject", reason="too expensive", api="sign", after="PT5M")
        assert workspace.decisions.get(queued["id"]) == queued
        session = a_session(workspace)
        [asked] = workspace.decisions.asked("set", api="sign")
        assert asked["subject"] == session
        advanced = workspace.clock.next()
        assert "reject" in json.dumps(advanced["fired"])
        why = workspace.decisions.explain(session, api="sign")
        assert why["decided_by"] == "queued_decision"
        assert [one["id"] for one in workspace.decisions.list(used=True)] == [queued["id"]]
        workspace.decisions.remove((workspace.decisions.queue("sign"))["id"])
        workspace.decisions.queue("sign")
        workspace.decisions.clear()
        assert workspace.decisions.list() == []
        assert ("sign", "session") in {(one["api"], one["kind"]) for one in workspace.decisions.kinds()}
        workspace.decisions.set_default("sign", after="PT2S")
        assert (workspace.decisions.default())["action"] == "sign"


def story_of_personas(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        nora = workspace.personas.create("Nora Berg", key="nora", country="NO", rule={"action": "reject"})
        assert nora["is_synthetic"]
        changed = workspace.personas.change("nora", rule={"action": "sign", "after": "PT10S"})
        assert changed["rule"] is not None
        assert (workspace.personas.get("nora"))["rule"] == changed["rule"]
        workspace.personas.delete("nora")
        assert "nora" not in {one["key"] for one in workspace.personas.list()}
