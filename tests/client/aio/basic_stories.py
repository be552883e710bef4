"""Stories of a sandbox and its workspaces, told in every mode and colour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from localsign import AsyncSandbox, AsyncWorkspace, SandboxError, WaitTimeoutError
from localsign.client.shapes.traffic import FaultKind

SEED: dict[str, Any] = {
    "sign": {
        "documents": [{"name": "note", "text": "I agree."}],
        "collections": [{"name": "pile", "documents": ["note"]}],
        "sessions": [{"name": "waiting", "collection": "pile", "title": "Consent"}],
    }
}
AT = datetime(2031, 5, 1, 12, tzinfo=UTC)


async def a_session(workspace: AsyncWorkspace) -> str:
    """The id of a session that waits for its signer."""
    [made] = await workspace.seed(SEED)
    return next(one["id"] for one in made["made"] if one["section"] == "sign.sessions")


async def state_of(workspace: AsyncWorkspace, session: str) -> str:
    answer = await workspace.http.sign.get(f"/signing-sessions/{session}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["lifecycle"]["state"])


async def story_of_a_signature(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        session = await a_session(workspace)
        assert await state_of(workspace, session) == "READY"
        acted = await workspace.sign.session(session).sign(name="Kari Nordmann")
        assert acted["session"]["lifecycle"]["state"] == "SIGNED"
        assert acted["followed"]
        assert await state_of(workspace, session) == "SIGNED"


async def story_of_workspaces_that_come_and_go(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace(seed=7) as workspace:
        session = await a_session(workspace)
        assert workspace.name in {one["name"] for one in await sandbox.workspaces()}
        attached = await sandbox.attach(workspace.name)
        assert attached.credentials == workspace.credentials
        assert await state_of(attached, session) == "READY"
        await attached.close()
        async with workspace.fork() as copy:
            await copy.sign.session(session).reject("too expensive")
            assert await state_of(copy, session) == "REJECTED"
        assert await state_of(workspace, session) == "READY"
    assert workspace.name not in {one["name"] for one in await sandbox.workspaces()}
    async with sandbox.workspace(seed=7) as again:
        assert await a_session(again) == session


async def story_of_a_workspace_that_is_awaited(sandbox: AsyncSandbox) -> None:
    workspace = await sandbox.workspace(keep=True)
    await workspace.close()
    kept = await sandbox.attach(workspace.name)
    kept.keep = False
    await kept.close()
    assert workspace.name not in {one["name"] for one in await sandbox.workspaces()}


async def story_of_a_world_with_a_clock(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace(clock=AT, document=SEED) as workspace:
        assert await workspace.clock.now() == AT
        assert (await workspace.clock.read())["is_frozen"]
        [session] = (await workspace.http.sign.get("/signing-sessions")).json()["data"]
        advanced = await workspace.clock.advance(days=46)
        assert await workspace.clock.now() == AT + timedelta(days=46)
        assert any(one["subject"] == session["id"] for one in advanced["fired"])
        await workspace.clock.set(AT + timedelta(days=50))
        await workspace.clock.run()
        assert await workspace.clock.now() >= AT + timedelta(days=50)


async def story_of_time_kept_aside(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        session = await a_session(workspace)
        before = await workspace.snapshot()
        await workspace.sign.session(session).sign()
        assert not (await before.diff())["is_equal"]
        await before.restore()
        assert await state_of(workspace, session) == "READY"
        await workspace.reset()
        assert (await workspace.http.sign.get(f"/signing-sessions/{session}")).status_code == 404


async def story_of_a_fault(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        await workspace.http.token()
        await workspace.faults.add("sign.list_signing_sessions", status=401, times=1)
        assert (await workspace.http.sign.get("/signing-sessions")).status_code == 401
        assert (await workspace.http.sign.get("/signing-sessions")).status_code == 200
        [fault] = await workspace.faults.list()
        assert fault["hits"] == 1
        await workspace.faults.clear()
        kinds: tuple[FaultKind, ...] = ("reset", "lost_answer", "truncate")
        for kind in kinds:
            await workspace.faults.add("sign.list_signing_sessions", kind, times=1)
            with pytest.raises(httpx.TransportError):
                await workspace.http.sign.get("/signing-sessions")
        await workspace.faults.add("sign.list_signing_sessions", "latency", latency=timedelta(seconds=2), times=1)
        with pytest.raises(httpx.ReadTimeout):
            await workspace.http.sign.get("/signing-sessions", timeout=0.2)


async def story_of_a_journal(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        await workspace.http.token()
        mark = (await workspace.journal.count())["last"]
        session = await a_session(workspace)
        await workspace.sign.session(session).open()
        await workspace.http.sign.get(f"/signing-session/{session}")
        [asked] = await workspace.journal.wait(status="4xx", since=mark)
        assert asked["request"] is not None
        assert asked["request"]["path"] == f"/sign/signing-session/{session}"
        assert "signing-sessions" in str(await workspace.journal.explain(asked["id"]))
        timeline = await workspace.timeline(since=mark)
        assert [one.status for one in timeline.moments if one.kind == "request"] == [404]
        assert "signing-session" in str(timeline)
        assert "why: " in timeline.text


async def story_of_refusals(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        with pytest.raises(SandboxError, match="operation") as flawed:
            await workspace.faults.add("sign.nothing")
        assert flawed.value.status == 400
        with pytest.raises(SandboxError) as unknown:
            await workspace.sign.session("11111111-2222-4333-8444-555555555555").sign()
        assert unknown.value.status == 404
        with pytest.raises(SandboxError) as nowhere:
            await sandbox.attach("nowhere")
        assert nowhere.value.code == "workspace_not_found"
        await sandbox.drop("nowhere")
        with pytest.raises(SandboxError) as twice:
            await sandbox.workspace(workspace.name)
        assert (twice.value.status, twice.value.code) == (409, "workspace_exists")
        with pytest.raises(SandboxError, match="name") as misnamed:
            await sandbox.workspace("No Name")
        assert misnamed.value.status == 400
        assert (await sandbox.attach(workspace.name)).credentials == workspace.credentials
        await workspace.http.sign.get("/signing-sessions")
        with pytest.raises(WaitTimeoutError, match="came: ") as late:
            await workspace.journal.wait(operation="sign.*", status=503, timeout=0.05)
        assert late.value.found == 0


async def story_of_accounts(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        for name in ("admin", "anna@demo", "admin@partner"):
            me = (await workspace.http.signing_today(name).get("/auth/user")).json()
            assert f"{me['username']}@{me['domain']}".startswith(name)
