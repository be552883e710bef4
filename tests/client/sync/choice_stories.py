# Made from tests/client/aio/choice_stories.py by `make face`: change that instead.
"""Stories of what a workspace chooses, keeps and shows: the calls that no other story makes."""

import pytest
from tests.client.sync.basic_stories import AT, SEED, a_session, state_of

from localsign import Sandbox, SandboxError

SWITCH = "sign.unknown-members"


def story_of_switches_and_lags(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        assert (workspace.switches.set(SWITCH, "ignore"))["chosen_by"] == "workspace"
        assert (workspace.switches.get(SWITCH))["value"] == "ignore"
        assert (workspace.switches.clear(SWITCH))["chosen_by"] == "default"
        chosen = workspace.switches.update({SWITCH: "ignore", "tokens.clock": None})
        assert SWITCH in {one["name"] for one in chosen if one["chosen_by"] == "workspace"}
        assert SWITCH in {one["name"] for one in workspace.switches.list()}
        assert "packaging" in {one["name"] for one in workspace.lags.list()}
        with pytest.raises(SandboxError, match=SWITCH):
            workspace.switches.set("sign.unknown-member", "ignore")


def story_of_what_is_there_and_how_it_is_used(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        assert workspace.lint() == []
        with pytest.raises(SandboxError):  # it speaks plain HTTP
            sandbox.tls_ca()
        with workspace.http.anonymous as application:
            for _ in range(2):
                application.get("/sign/signing-sessions", headers={"User-Agent": "app/1", "Authorization": "x"})
        assert [one["rule"] for one in workspace.lint()] == ["refused-token-reused"]
        surface = sandbox.surface()
        assert "sign.upload_document" in {one["operation"] for one in surface["operations"]}


def story_of_limits(sandbox: Sandbox) -> None:
    with sandbox.workspace(clock=AT) as workspace:
        workspace.rate_limits.set("sign.*", 1, "PT1M")
        codes = [(workspace.http.sign.get("/signing-sessions")).status_code for _ in range(2)]
        assert codes == [200, 429]
        [limit] = workspace.rate_limits.list()
        assert limit["refused"] == 1
        workspace.rate_limits.remove("sign.*")
        fault = workspace.faults.add("sign.*", times=1)
        assert (workspace.faults.get(fault["id"]))["hits"] == 0
        workspace.faults.remove(fault["id"])
        assert workspace.faults.list() == []


def story_of_clients_and_keys(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        made = workspace.clients.create(permissions=[], token_lifetime=5)
        assert made["client_id"] in {one["client_id"] for one in workspace.clients.list()}
        workspace.clients.delete(made["client_id"])
        token = workspace.http.token()
        assert token == workspace.http.token()
        old = [one["kid"] for one in workspace.keys.list() if one["is_signing"]]
        workspace.keys.rotate()
        workspace.keys.retire(old[0])
        assert (workspace.http.sign.get("/signing-sessions")).status_code == 200  # with a new token
        assert token != workspace.http.token()
        workspace.http.log_out()
        answer = workspace.http.platform.post("/connect/introspect", data={"token": token})
        assert answer.status_code == 200


def story_of_every_client(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        http = workspace.http
        assert (http.mint.get("/workflows")).status_code == 200
        assert (http.secure_share.get("/shares")).status_code in {200, 404, 405}
        assert (http.events.get("/subscriptions")).status_code == 200
        assert (http.api.get("/sign/signing-sessions")).status_code == 200
        assert (http.anonymous.get("/sign/signing-sessions")).status_code == 401
        mine = {"Authorization": "Bearer mine"}
        assert (http.sign.get("/signing-sessions", headers=mine)).status_code == 401
        assert (http.control.get("/clock")).json()["is_frozen"] is False
        http.sign.close()
        assert (http.sign.get("/signing-sessions")).status_code == 200
        assert workspace.credentials.environment()["LOCALSIGN_BASE_URL"] == workspace.url
        assert workspace.credentials.client_secret not in repr(workspace.credentials)


def story_of_archives(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace, sandbox.workspace() as other:
        session = a_session(workspace)
        kept = workspace.snapshot("kept")
        assert (workspace.snapshots.get("kept"))["name"] == kept.name
        taken = other.snapshots.upload("taken", kept.archive())
        other.restore(taken)
        assert state_of(other, session) == "READY"
        workspace.sign.session(session).sign()
        later = workspace.snapshot("later")
        assert not (kept.diff(later))["is_equal"]
        workspace.restore("kept")
        later.delete()
        assert [one["name"] for one in workspace.snapshots.list()] == ["kept"]


def story_of_a_whole_journal(sandbox: Sandbox) -> None:
    with sandbox.workspace(document=SEED) as workspace:
        workspace.http.sign.get("/signing-sessions")
        workspace.http.sign.get("/signing-session")
        page = workspace.journal.page(api="sign", limit=1)
        assert page["total"] == 2
        [entry] = page["entries"]
        assert workspace.journal.get(entry["id"]) == entry
        [unmatched] = workspace.journal.unmatched()
        assert unmatched["id"] == entry["id"]
        assert len((workspace.journal.har(api="sign"))["log"]["entries"]) == 2
        assert "curl" in workspace.journal.curl(status="2xx")
        assert len((workspace.journal.recording(api="sign"))["steps"]) >= 2
        assert "def test_recorded(" in workspace.journal.pytest()
        assert (workspace.journal.postman())["item"]
        assert (workspace.journal.mermaid()).startswith("sequenceDiagram")
        workspace.journal.clear()
        assert workspace.journal.list(kind="request") == []
        assert (workspace.timeline()).text == f"workspace {workspace.name}: nothing has happened"


def story_of_what_it_shows(sandbox: Sandbox) -> None:
    assert (sandbox.health())["status"] == "ready"
    assert sandbox.is_live()
    assert (sandbox.ca()).startswith(b"-----BEGIN CERTIFICATE")
    assert (sandbox.openapi("sign"))["openapi"].startswith("3.")
    assert "payroll" in {one["name"] for one in sandbox.fixtures()}
    assert (sandbox.seed_schema())["type"] == "object"
    assert "localsign_requests_total" in sandbox.metrics()
    assert sandbox.default.name == "default"
    assert sandbox.url in repr(sandbox)
    with sandbox.workspace(fixture="payroll") as workspace:
        assert "localsign_workspace" in workspace.metrics() or "# HELP" in workspace.metrics()
        assert "signing session" in {one["name"] for one in workspace.machines()}
        assert "signing-session.completed" in {one["name"] for one in workspace.webhooks.events()}
        assert (sandbox.attach(workspace.name)).url == workspace.url


def story_of_subscriptions(sandbox: Sandbox) -> None:
    with sandbox.workspace(clock=AT) as workspace:
        made = workspace.webhooks.subscribe("http://127.0.0.1:9/hook", retries=["PT10S"])
        sent = workspace.webhooks.send_test(made["id"], data={"a": 1})
        report = workspace.webhooks.deliver()
        assert [one["status"] for one in report["attempts"]] == [None]
        assert (workspace.webhooks.get(sent["deliveryId"]))["state"] == "QUEUED"
        assert [one["id"] for one in workspace.webhooks.list(kind="test")] == [sent["deliveryId"]]
        assert workspace.clock.timers() == []
        workspace.webhooks.unsubscribe(made["id"])
        assert workspace.webhooks.subscriptions() == []


def story_of_a_clock(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        session = a_session(workspace)
        assert session in {one["subject"] for one in workspace.clock.timers("waiting", limit=5)}
        dry = workspace.clock.advance("P60D", dry_run=True)
        assert session in {one["subject"] for one in dry["fired"]}
        assert state_of(workspace, session) == "READY"
        workspace.clock.next()
        with pytest.raises(SandboxError):
            workspace.clock.real()
        with pytest.raises(ValueError, match="how far"):
            workspace.clock.advance()
        with pytest.raises(ValueError, match="time zone"):
            workspace.clock.freeze(AT.replace(tzinfo=None))
