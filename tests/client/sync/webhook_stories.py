# Made from tests/client/aio/webhook_stories.py by `make face`: change that instead.
"""Stories of webhooks and their receivers."""

from datetime import timedelta

import pytest
from tests.client.sync.basic_stories import a_session
from tests.client.sync.people_stories import a_dst

from localsign import Sandbox, WaitTimeoutError

SIGNED = "signing-session.completed"


def story_of_a_receiver(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace, workspace.webhooks.receiver() as receiver:
        session = a_session(workspace)
        workspace.sign.session(session).sign()
        [came] = receiver.wait(SIGNED)
        assert came.is_genuine
        assert came.dialect == "signicat"
        assert came.data["id"] == session
        assert came in receiver.received
        [sent] = workspace.webhooks.wait(event=SIGNED, state="DELIVERED")
        assert sent["body"].encode() == came.body
        with pytest.raises(WaitTimeoutError, match=f"came: {SIGNED}.*missed: event") as late:
            receiver.wait("package.*", timeout=0.05)
        assert late.value.found == 0
        receiver.clear()
        assert receiver.received == []
    assert "Receiver" in repr(receiver)


def story_of_retries(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        workspace.clock.freeze()
        retries: list[timedelta | str] = [timedelta(seconds=10), "PT1M"]
        with workspace.webhooks.receiver(f"signature-api:{SIGNED}", answers=[500], retries=retries) as receiver:
            receiver.answer_with(lambda came: 503)
            workspace.sign.session(a_session(workspace)).sign()
            receiver.wait(answered=500)
            workspace.webhooks.deliver()
            workspace.clock.advance(seconds=10)
            receiver.wait(answered=503)
            workspace.webhooks.deliver()
            workspace.clock.advance(minutes=1)
            [taken] = receiver.wait(answered=204)
            report = workspace.webhooks.deliver()
            assert report["is_settled"]
            assert [one.answered for one in receiver.received] == [500, 503, 204]
            assert {one.json["id"] for one in receiver.received} == {taken.json["id"]}


def story_of_forgeries(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace, workspace.webhooks.receiver(signature_header="X-Mine") as receiver:
        assert receiver.subscription is not None
        test = workspace.webhooks.send_test(receiver.subscription)
        [genuine] = receiver.wait()
        assert "x-mine" in genuine.headers
        for how in ("bad_key", "unsigned", "altered"):
            workspace.webhooks.forge(test["deliveryId"], how)
        workspace.webhooks.forge(test["deliveryId"], "stale", age=timedelta(minutes=6))
        workspace.webhooks.deliver()
        assert len(receiver.received) == 1
        assert len([one.flaw for one in receiver.refused if one.answered == 401]) == 4
        workspace.webhooks.duplicate(test["deliveryId"])
        workspace.webhooks.replay(test["deliveryId"])
        assert len(receiver.wait(count=3)) == 3
        workspace.webhooks.change(receiver.subscription, events=["mint-api:*"], lifetime="PT1H")
        [changed] = workspace.webhooks.subscriptions()
        assert (changed["events"], changed["config"]["lifetime"]) == (["mint-api:*"], "PT1H")
        workspace.reset()
    assert receiver.subscription is None


def story_of_a_robot(sandbox: Sandbox) -> None:
    with sandbox.workspace() as workspace:
        robot = workspace.http.signing_today("robot")
        before = (robot.get("/robot/configuration")).json()
        with workspace.webhooks.receiver(robot="robot") as receiver:
            assert receiver.subscription is None
            dst = a_dst(workspace)
            workspace.signing_today.dst(dst).decline("too dear")
            [came] = receiver.wait("DST_STATUS_CHANGED", where=lambda one: one.data.get("reason") is not None)
            assert came.dialect == "signing-today"
            assert came.data["dst"] == dst
        assert (robot.get("/robot/configuration")).json() == before
