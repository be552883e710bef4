"""Stories of what a workspace chooses, keeps and shows: the calls that no other story makes."""

import pytest
from tests.client.aio.basic_stories import AT, SEED, a_session, state_of

from localsign import AsyncSandbox, SandboxError

SWITCH = "sign.unknown-members"


async def story_of_switches_and_lags(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        assert (await workspace.switches.set(SWITCH, "ignore"))["chosen_by"] == "workspace"
        assert (await workspace.switches.get(SWITCH))["value"] == "ignore"
        assert (await workspace.switches.clear(SWITCH))["chosen_by"] == "default"
        chosen = await workspace.switches.update({SWITCH: "ignore", "tokens.clock": None})
        assert SWITCH in {one["name"] for one in chosen if one["chosen_by"] == "workspace"}
        assert SWITCH in {one["name"] for one in await workspace.switches.list()}
        assert "packaging" in {one["name"] for one in await workspace.lags.list()}
        with pytest.raises(SandboxError, match=SWITCH):
            await workspace.switches.set("sign.unknown-member", "ignore")


async def story_of_what_is_there_and_how_it_is_used(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        assert await workspace.lint() == []
        with pytest.raises(SandboxError):  # it speaks plain HTTP
            await sandbox.tls_ca()
        async with workspace.http.anonymous as application:
            for _ in range(2):
                await application.get("/sign/signing-sessions", headers={"User-Agent": "app/1", "Authorization": "x"})
        assert [one["rule"] for one in await workspace.lint()] == ["refused-token-reused"]
        surface = await sandbox.surface()
        assert "sign.upload_document" in {one["operation"] for one in surface["operations"]}


async def story_of_limits(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace(clock=AT) as workspace:
        await workspace.rate_limits.set("sign.*", 1, "PT1M")
        codes = [(await workspace.http.sign.get("/signing-sessions")).status_code for _ in range(2)]
        assert codes == [200, 429]
        [limit] = await workspace.rate_limits.list()
        assert limit["refused"] == 1
        await workspace.rate_limits.remove("sign.*")
        fault = await workspace.faults.add("sign.*", times=1)
        assert (await workspace.faults.get(fault["id"]))["hits"] == 0
        await workspace.faults.remove(fault["id"])
        assert await workspace.faults.list() == []


async def story_of_clients_and_keys(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        made = await workspace.clients.create(permissions=[], token_lifetime=5)
        assert made["client_id"] in {one["client_id"] for one in await workspace.clients.list()}
        await workspace.clients.delete(made["client_id"])
        token = await workspace.http.token()
        assert token == await workspace.http.token()
        old = [one["kid"] for one in await workspace.keys.list() if one["is_signing"]]
        await workspace.keys.rotate()
        await workspace.keys.retire(old[0])
        assert (await workspace.http.sign.get("/signing-sessions")).status_code == 200  # with a new token
        assert token != await workspace.http.token()
        workspace.http.log_out()
        answer = await workspace.http.platform.post("/connect/introspect", data={"token": token})
        assert answer.status_code == 200


async def story_of_every_client(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        http = workspace.http
        assert (await http.mint.get("/workflows")).status_code == 200
        assert (await http.secure_share.get("/shares")).status_code in {200, 404, 405}
        assert (await http.events.get("/subscriptions")).status_code == 200
        assert (await http.api.get("/sign/signing-sessions")).status_code == 200
        assert (await http.anonymous.get("/sign/signing-sessions")).status_code == 401
        mine = {"Authorization": "Bearer mine"}
        assert (await http.sign.get("/signing-sessions", headers=mine)).status_code == 401
        assert (await http.control.get("/clock")).json()["is_frozen"] is False
        await http.sign.aclose()
        assert (await http.sign.get("/signing-sessions")).status_code == 200
        assert workspace.credentials.environment()["LOCALSIGN_BASE_URL"] == workspace.url
        assert workspace.credentials.client_secret not in repr(workspace.credentials)


async def story_of_archives(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace, sandbox.workspace() as other:
        session = await a_session(workspace)
        kept = await workspace.snapshot("kept")
        assert (await workspace.snapshots.get("kept"))["name"] == kept.name
        taken = await other.snapshots.upload("taken", await kept.archive())
        await other.restore(taken)
        assert await state_of(other, session) == "READY"
        await workspace.sign.session(session).sign()
        later = await workspace.snapshot("later")
        assert not (await kept.diff(later))["is_equal"]
        await workspace.restore("kept")
        await later.delete()
        assert [one["name"] for one in await workspace.snapshots.list()] == ["kept"]


async def story_of_a_whole_journal(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace(document=SEED) as workspace:
        await workspace.http.sign.get("/signing-sessions")
        await workspace.http.sign.get("/signing-session")
        page = await workspace.journal.page(api="sign", limit=1)
        assert page["total"] == 2
        [entry] = page["entries"]
        assert await workspace.journal.get(entry["id"]) == entry
        [unmatched] = await workspace.journal.unmatched()
        assert unmatched["id"] == entry["id"]
        assert len((await workspace.journal.har(api="sign"))["log"]["entries"]) == 2
        assert "curl" in await workspace.journal.curl(status="2xx")
        assert len((await workspace.journal.recording(api="sign"))["steps"]) >= 2
        assert "def test_recorded(" in await workspace.journal.pytest()
        assert (await workspace.journal.postman())["item"]
        assert (await workspace.journal.mermaid()).startswith("sequenceDiagram")
        await workspace.journal.clear()
        assert await workspace.journal.list(kind="request") == []
        assert (await workspace.timeline()).text == f"workspace {workspace.name}: nothing has happened"


async def story_of_what_it_shows(sandbox: AsyncSandbox) -> None:
    assert (await sandbox.health())["status"] == "ready"
    assert await sandbox.is_live()
    assert (await sandbox.ca()).startswith(b"-----BEGIN CERTIFICATE")
    assert (await sandbox.openapi("sign"))["openapi"].startswith("3.")
    assert "payroll" in {one["name"] for one in await sandbox.fixtures()}
    assert (await sandbox.seed_schema())["type"] == "object"
    assert "localsign_requests_total" in await sandbox.metrics()
    assert sandbox.default.name == "default"
    assert sandbox.url in repr(sandbox)
    async with sandbox.workspace(fixture="payroll") as workspace:
        assert "localsign_workspace" in await workspace.metrics() or "# HELP" in await workspace.metrics()
        assert "signing session" in {one["name"] for one in await workspace.machines()}
        assert "signing-session.completed" in {one["name"] for one in await workspace.webhooks.events()}
        assert (await sandbox.attach(workspace.name)).url == workspace.url


async def story_of_subscriptions(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace(clock=AT) as workspace:
        made = await workspace.webhooks.subscribe("http://127.0.0.1:9/hook", retries=["PT10S"])
        sent = await workspace.webhooks.send_test(made["id"], data={"a": 1})
        report = await workspace.webhooks.deliver()
        assert [one["status"] for one in report["attempts"]] == [None]
        assert (await workspace.webhooks.get(sent["deliveryId"]))["state"] == "QUEUED"
        assert [one["id"] for one in await workspace.webhooks.list(kind="test")] == [sent["deliveryId"]]
        assert await workspace.clock.timers() == []
        await workspace.webhooks.unsubscribe(made["id"])
        assert await workspace.webhooks.subscriptions() == []


async def story_of_a_clock(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        session = await a_session(workspace)
        assert session in {one["subject"] for one in await workspace.clock.timers("waiting", limit=5)}
        dry = await workspace.clock.advance("P60D", dry_run=True)
        assert session in {one["subject"] for one in dry["fired"]}
        assert await state_of(workspace, session) == "READY"
        await workspace.clock.next()
        with pytest.raises(SandboxError):
            await workspace.clock.real()
        with pytest.raises(ValueError, match="how far"):
            await workspace.clock.advance()
        with pytest.raises(ValueError, match="time zone"):
            await workspace.clock.freeze(AT.replace(tzinfo=None))
