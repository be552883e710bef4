# Made from tests/client/aio/basic_stories.py by `make face`: change that instead.
"""Stories of a sandbox and its workspaces, told in every mode and colour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from localsign import Sandbox, SandboxError, WaitTimeoutError, Workspace
from localsign.client.shapes.traffic import FaultKind

SEED: dict[str, Any] = {
    "sign": {
        "documents": [{"name": "note", "text": "I agree."}],
        "collections": [{"name": "pile", "documents": ["note"]}],
        "sessions": [{"name": "waiting", "collection": "pile", "title": "Consent"}],
    }
}
AT = datetime(2031, 5, 1, 12, tzinfo=UTC)


def a_session(workspace: Workspace) -> str:
    """The id of a session that waits for its signer."""
    [made] = workspace.seed(SEED)
    return next(one["id"] for one in made["made"] if one["section"] == "sign.sessions")


def state_of(workspace: Workspace, session: str) -> str:
    answer = workspace.http.sign.get(f"/signing-sessions/{session}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["lifecycle"]["state"])


def story_of_a_signature(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        session = a_session(workspace)
        assert state_of(workspace, session) == "READY"
        acted = workspace.sign.session(session).sign(name="Kari Nordmann")
        assert acted["session"]["lifecycle"]["state"] == "SIGNED"
        assert acted["followed"]
        assert state_of(workspace, session) == "SIGNED"


def story_of_workspaces_that_come_and_go(sandbox: Sandbox) -> None:
    with sandbox.workspace(seed=7) as workspace:
        session = a_session(workspace)
        assert workspace.name in {one["name"] for one in sandbox.workspaces()}
        attached = sandbox.attach(workspace.name)
        assert attached.credentials == workspace.credentials
        assert state_of(attached, session) == "READY"
        attached.close()
        with workspace.fork() as copy:
            copy.sign.session(session).reject("too expensive")
            assert state_of(copy, session) == "REJECTED"
        assert state_of(workspace, session) == "READY"
    assert workspace.name not in {one["name"] for one in sandbox.workspaces()}
    with sandbox.workspace(seed=7) as again:
        assert a_session(again) == session


def story_of_a_workspace_that_is_awaited(sandbox: Sandbox) -> None:
    workspace = sandbox.workspace(keep=True)
    workspace.close()
    kept = sandbox.attach(workspace.name)
    kept.keep = False
    kept.close()
    assert workspace.name not in {one["name"] for one in sandbox.workspaces()}


def story_of_a_world_with_a_clock(sandbox: Sandbox) -> None:
    with sandbox.workspace(clock=AT, document=SEED) as workspace:
        assert workspace.clock.now() == AT
        assert (workspace.clock.read())["is_frozen"]
        [session] = (workspace.http.sign.get("/signing-sessions")).json()["data"]
        advanced = workspace.clock.advance(days=46)
        assert workspace.clock.now() == AT + timedelta(days=46)
        assert any(one["subject"] == session["id"] for one in advanced["fired"])
        workspace.clock.set(AT + timedelta(days=50))
        workspace.clock.run()
        assert workspace.clock.now() >= AT + timedelta(days=50)


def story_of_time_kept_aside(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        session = a_session(workspace)
        before = workspace.snapshot()
        workspace.sign.session(session).sign()
        assert not (before.diff())["is_equal"]
        before.restore()
        assert state_of(workspace, session) == "READY"
        workspace.reset()
        assert (workspace.http.sign.get(f"/signing-sessions/{session}")).status_code == 404


def story_of_a_fault(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        workspace.http.token()
        workspace.faults.add("sign.list_signing_sessions", status=401, times=1)
        assert (workspace.http.sign.get("/signing-sessions")).status_code == 401
        assert (workspace.http.sign.get("/signing-sessions")).status_code == 200
        [fault] = workspace.faults.list()
        assert fault["hits"] == 1
        workspace.faults.clear()
        kinds: tuple[FaultKind, ...] = ("reset", "lost_answer", "truncate")
        for kind in kinds:
            workspace.faults.add("sign.list_signing_sessions", kind, times=1)
            with pytest.raises(httpx.TransportError):
                workspace.http.sign.get("/signing-sessions")
        workspace.faults.add("sign.list_signing_sessions", "latency", latency=timedelta(seconds=2), times=1)
        with pytest.raises(httpx.ReadTimeout):
            workspace.http.sign.get("/signing-sessions", timeout=0.2)


def story_of_a_journal(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        workspace.http.token()
        mark = (workspace.journal.count())["last"]
        session = a_session(workspace)
        workspace.sign.session(session).open()
        workspace.http.sign.get(f"/signing-session/{session}")
        [asked] = workspace.journal.wait(status="4xx", since=mark)
        assert asked["request"] is not None
        assert asked["request"]["path"] == f"/sign/signing-session/{session}"
        assert "signing-sessions" in str(workspace.journal.explain(asked["id"]))
        timeline = workspace.timeline(since=mark)
        assert [one.status for one in timeline.moments if one.kind == "request"] == [404]
        assert "signing-session" in str(timeline)
        assert "why: " in timeline.text


def story_of_refusals(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        with pytest.raises(SandboxError, match="operation") as flawed:
            workspace.faults.add("sign.nothing")
        assert flawed.value.status == 400
        with pytest.raises(SandboxError) as unknown:
            workspace.sign.session("11111111-2222-4333-8444-555555555555").sign()
        assert unknown.value.status == 404
        with pytest.raises(SandboxError) as nowhere:
            sandbox.attach("nowhere")
        assert nowhere.value.code == "workspace_not_found"
        sandbox.drop("nowhere")
        with pytest.raises(SandboxError) as twice:
            sandbox.workspace(workspace.name)
        assert (twice.value.status, twice.value.code) == (409, "workspace_exists")
        with pytest.raises(SandboxError, match="name") as misnamed:
            sandbox.workspace("No Name")
        assert misnamed.value.status == 400
        assert (sandbox.attach(workspace.name)).credentials == workspace.credentials
        workspace.http.sign.get("/signing-sessions")
        with pytest.raises(WaitTimeoutError, match="came: ") as late:
            workspace.journal.wait(operation="sign.*", status=503, timeout=0.05)
        assert late.value.found == 0


def story_of_accounts(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        for name in ("admin", "anna@demo", "admin@partner"):
            me = (workspace.http.signing_today(name).get("/auth/user")).json()
            assert f"{me['username']}@{me['domain']}".startswith(name)
