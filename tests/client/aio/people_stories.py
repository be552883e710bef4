"""Stories of those who act: signers, recipients, and people in journeys."""

import json
from base64 import b64encode
from itertools import pairwise
from typing import Any

import pytest
from tests.client.aio.basic_stories import AT, a_session

from localsign import AsyncSandbox, AsyncWorkspace, SandboxError, WaitTimeoutError
from localsign.resources import fixtures_folder


def pdf() -> bytes:
    return (fixtures_folder() / "documents" / "agreement.pdf").read_bytes()


async def a_dst(workspace: AsyncWorkspace, **but: Any) -> str:
    """The id of a DST of the robot that waits for one signature."""
    source = {"type": "Embedded", "embeddedData": b64encode(pdf()).decode()}
    document = {
        "resource": {"filename": "contract.pdf", "resourceType": ["PDF_Document"], "source": source},
        "signerGroups": [{"signers": [{"id": 1, "email": "eve@example.com"}]}],
        "signatureRequests": [{"id": 1, "signerId": 1, "declinable": True}],
        **but,
    }
    wanted = {"title": "A contract", "status": "published", "documents": [document]}
    answer = await workspace.http.signing_today("robot").post("/robot/DSTs", json=wanted)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def a_journey(workspace: AsyncWorkspace, *steps: dict[str, Any]) -> str:
    """The id of a journey through `steps`, one after the other."""
    links = [
        {"sourceStepId": one["id"], "targetStepId": other["id"], "outcome": "Done"} for one, other in pairwise(steps)
    ]
    wanted = {"name": "A workflow", "steps": list(steps), "connections": links}
    answer = await workspace.http.mint.post("/workflows", json=wanted)
    assert answer.is_success, answer.text
    started = await workspace.http.mint.post(f"/workflows/{answer.json()['id']}/start", json={})
    assert started.is_success, started.text
    return str(started.json()["journeyId"])


async def story_of_signers(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        session = workspace.sign.session(await a_session(workspace))
        await session.open()
        await session.error()
        acted = await session.reject("too expensive")
        assert acted["session"]["lifecycle"]["rejectReason"] == "too expensive"
        with pytest.raises(SandboxError) as late:
            await session.cancel()
        assert late.value.status == 409


async def story_of_packages(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        await workspace.lags.set("packaging", "manual")
        assert (await workspace.lags.get("packaging"))["progression"] == "manual"
        await workspace.seed(
            """
            sign:
              documents: [{name: note, file: documents/agreement.pdf}]
              collections: [{name: pile, documents: [note], packageTo: [PADES_CONTAINER]}]
              sessions: [{name: one, collection: pile, acts: [sign]}]
            """
        )
        [waiting] = [one for one in await workspace.clock.timers() if one["lag"] == "packaging"]
        package = workspace.sign.package(waiting["subject"])
        acted = await package.complete()
        assert acted["result_document_id"] is not None
        with pytest.raises(SandboxError):
            await package.fail()


async def story_of_a_dst(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        form = {"type": "TextForm", "page": 1, "positionX": 10, "positionY": 60, "width": 30, "height": 3}
        dst = workspace.signing_today.dst(
            await a_dst(workspace, forms=[{"id": 1, "signerId": 1, "toFill": True, **form}])
        )
        assert (await dst.fill("Via Roma 1", form_id=1))["dst"]["status"] == "toSign"
        assert (await dst.sign(signature_request_id=1))["dst"]["status"] == "signed"
        with pytest.raises(SandboxError):
            await dst.download()
        with pytest.raises(SandboxError):
            await dst.fail()


async def story_of_organizations(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        made = await workspace.signing_today.create_account("app@company", role="instructor", is_robot=True)
        assert made["lifetime_token"]
        assert "app@company" in {one["username"] for one in await workspace.signing_today.accounts()}
        with pytest.raises(SandboxError, match="admin@demo"):
            workspace.http.signing_today("nobody")


async def story_of_a_journey(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        fields = [{"name": "email", "label": "E-mail", "required": True}]
        form = {"id": "form", "type": "Form", "displayName": "Form", "properties": {"fields": fields}}
        approval = {
            "id": "approval",
            "type": "RequireApproval",
            "displayName": "Yes?",
            "properties": {"message": "Well?"},
        }
        journey = workspace.mint.journey(await a_journey(workspace, form, approval))
        assert (await journey.open())["journeyUrl"].startswith("http")
        acted = await journey.complete(email="kari@example.com")
        assert [one["stepId"] for one in acted["journey"]["activeSteps"]] == ["approval"]
        assert (await journey.approve(step_id="approval"))["journey"]["status"] == "finished"
        identify = {"id": "who", "type": "IdentifyWithEid", "displayName": "Who", "properties": {"eids": ["nbid"]}}
        rejected = await workspace.mint.journey(await a_journey(workspace, approval)).reject()
        assert rejected["journey"]["status"] == "finished"
        failed = await workspace.mint.journey(await a_journey(workspace, identify)).fail()
        assert failed["journey"]["status"] in {"finished", "faulted"}
        cancelled = await workspace.mint.journey(await a_journey(workspace, approval)).cancel()
        assert cancelled["journey"]["status"] == "cancelled"


async def story_of_a_share(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        http = workspace.http.secure_share
        share = (await http.post("/shares", json={"contactDetails": {"name": "Acme", "email": "a@acme.test"}})).json()[
            "id"
        ]
        await http.post(f"/shares/{share}/files", files={"file": ("a.pdf", pdf(), "application/pdf")})
        wanted = {
            "email": "kari@example.test",
            "authentication": [{"identityProvider": "otp-email"}],
            "notification": {"sendEmail": True, "language": "No"},
        }
        answer = await http.post(f"/shares/{share}/recipients", json=wanted)
        assert answer.is_success, answer.text
        recipient = workspace.secure_share.share(share).recipient(answer.json()["id"])
        [invitation] = await workspace.outbox.wait(to="kari@example.test", kind="share.invitation")
        assert invitation["links"]
        await recipient.open()
        with pytest.raises(SandboxError):
            await recipient.authenticate(code="000000")
        await recipient.fail()
        await recipient.authenticate()
        acted = await recipient.download()
        assert acted["recipient"]["fileAccessInfos"][0]["lastDownloadedAt"]
        assert await workspace.outbox.list(kind="share.code")


async def story_of_an_outbox(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        await workspace.http.signing_today().get("/auth/passwordLost", params={"username": "anna@demo"})
        await workspace.http.signing_today().post("/users", json={"user": {"username": "jdo", "email": "jdo@x.test"}})
        [mail] = await workspace.outbox.wait(channel="email")
        assert (await workspace.outbox.get(mail["id"]))["to"] == mail["to"]
        assert "<" in await workspace.outbox.html(mail["id"])
        assert (await workspace.outbox.text(mail["id"])).strip() == mail["text"].strip()
        assert "To: " in await workspace.outbox.eml(mail["id"])
        await workspace.outbox.remove(mail["id"])
        await workspace.outbox.clear()
        assert await workspace.outbox.list() == []
        with pytest.raises(WaitTimeoutError):
            await workspace.outbox.wait(to="nobody@x.test", timeout=0.05)


async def story_of_decisions(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace(clock=AT) as workspace:
        queued = await workspace.decisions.queue("reject", reason="too expensive", api="sign", after="PT5M")
        assert await workspace.decisions.get(queued["id"]) == queued
        session = await a_session(workspace)
        [asked] = await workspace.decisions.asked("set", api="sign")
        assert asked["subject"] == session
        advanced = await workspace.clock.next()
        assert "reject" in json.dumps(advanced["fired"])
        why = await workspace.decisions.explain(session, api="sign")
        assert why["decided_by"] == "queued_decision"
        assert [one["id"] for one in await workspace.decisions.list(used=True)] == [queued["id"]]
        await workspace.decisions.remove((await workspace.decisions.queue("sign"))["id"])
        await workspace.decisions.queue("sign")
        await workspace.decisions.clear()
        assert await workspace.decisions.list() == []
        assert ("sign", "session") in {(one["api"], one["kind"]) for one in await workspace.decisions.kinds()}
        await workspace.decisions.set_default("sign", after="PT2S")
        assert (await workspace.decisions.default())["action"] == "sign"


async def story_of_personas(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        nora = await workspace.personas.create("Nora Berg", key="nora", country="NO", rule={"action": "reject"})
        assert nora["is_synthetic"]
        changed = await workspace.personas.change("nora", rule={"action": "sign", "after": "PT10S"})
        assert changed["rule"] is not None
        assert (await workspace.personas.get("nora"))["rule"] == changed["rule"]
        await workspace.personas.delete("nora")
        assert "nora" not in {one["key"] for one in await workspace.personas.list()}
