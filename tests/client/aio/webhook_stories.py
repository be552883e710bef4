"""Stories of webhooks and their receivers."""

from datetime import timedelta

import pytest
from tests.client.aio.basic_stories import a_session
from tests.client.aio.people_stories import a_dst

from localsign import AsyncSandbox, WaitTimeoutError

SIGNED = "signing-session.completed"


async def story_of_a_receiver(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace, workspace.webhooks.receiver() as receiver:
        session = await a_session(workspace)
        await workspace.sign.session(session).sign()
        [came] = await receiver.wait(SIGNED)
        assert came.is_genuine
        assert came.dialect == "signicat"
        assert came.data["id"] == session
        assert came in receiver.received
        [sent] = await workspace.webhooks.wait(event=SIGNED, state="DELIVERED")
        assert sent["body"].encode() == came.body
        with pytest.raises(WaitTimeoutError, match=f"came: {SIGNED}.*missed: event") as late:
            await receiver.wait("package.*", timeout=0.05)
        assert late.value.found == 0
        receiver.clear()
        assert receiver.received == []
    assert "Receiver" in repr(receiver)


async def story_of_retries(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        await workspace.clock.freeze()
        retries: list[timedelta | str] = [timedelta(seconds=10), "PT1M"]
        async with workspace.webhooks.receiver(f"signature-api:{SIGNED}", answers=[500], retries=retries) as receiver:
            receiver.answer_with(lambda came: 503)
            await workspace.sign.session(await a_session(workspace)).sign()
            await receiver.wait(answered=500)
            await workspace.webhooks.deliver()
            await workspace.clock.advance(seconds=10)
            await receiver.wait(answered=503)
            await workspace.webhooks.deliver()
            await workspace.clock.advance(minutes=1)
            [taken] = await receiver.wait(answered=204)
            report = await workspace.webhooks.deliver()
            assert report["is_settled"]
            assert [one.answered for one in receiver.received] == [500, 503, 204]
            assert {one.json["id"] for one in receiver.received} == {taken.json["id"]}


async def story_of_forgeries(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace, workspace.webhooks.receiver(signature_header="X-Mine") as receiver:
        assert receiver.subscription is not None
        test = await workspace.webhooks.send_test(receiver.subscription)
        [genuine] = await receiver.wait()
        assert "x-mine" in genuine.headers
        for how in ("bad_key", "unsigned", "altered"):
            await workspace.webhooks.forge(test["deliveryId"], how)
        await workspace.webhooks.forge(test["deliveryId"], "stale", age=timedelta(minutes=6))
        await workspace.webhooks.deliver()
        assert len(receiver.received) == 1
        assert len([one.flaw for one in receiver.refused if one.answered == 401]) == 4
        await workspace.webhooks.duplicate(test["deliveryId"])
        await workspace.webhooks.replay(test["deliveryId"])
        assert len(await receiver.wait(count=3)) == 3
        await workspace.webhooks.change(receiver.subscription, events=["mint-api:*"], lifetime="PT1H")
        [changed] = await workspace.webhooks.subscriptions()
        assert (changed["events"], changed["config"]["lifetime"]) == (["mint-api:*"], "PT1H")
        await workspace.reset()
    assert receiver.subscription is None


async def story_of_a_robot(sandbox: AsyncSandbox) -> None:
    async with sandbox.workspace() as workspace:
        robot = workspace.http.signing_today("robot")
        before = (await robot.get("/robot/configuration")).json()
        async with workspace.webhooks.receiver(robot="robot") as receiver:
            assert receiver.subscription is None
            dst = await a_dst(workspace)
            await workspace.signing_today.dst(dst).decline("too dear")
            [came] = await receiver.wait("DST_STATUS_CHANGED", where=lambda one: one.data.get("reason") is not None)
            assert came.dialect == "signing-today"
            assert came.data["dst"] == dst
        assert (await robot.get("/robot/configuration")).json() == before
