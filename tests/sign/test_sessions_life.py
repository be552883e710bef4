"""The life of a signing session: waiting for others, the link, the due date, the end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.conftest import Server, serve
from tests.world import Json, World, refused, shown

from localsign.settings import Settings


def state(world: World, session: Json) -> str:
    return str(world.read(session)["lifecycle"]["state"])


def delete(world: World, session: Json) -> None:
    answer = world.api.delete(f"/sign/signing-sessions/{session['id']}")
    assert (answer.status_code, answer.content) == (204, b"")


def not_found(world: World, session: Json) -> bool:
    refused(world.api.get(f"/sign/signing-sessions/{session['id']}"), 404)
    listed = world.api.get("/sign/signing-sessions").json()["data"]
    return session["id"] not in [one["id"] for one in listed]


def after(world: World, session: Json, *more: Json, **but: Any) -> Json:
    """A new session on the same documents, which waits for `session` and `more`."""
    before = [one["id"] for one in (session, *more)]
    return world.session(documents=session["documents"], subsequentTo=before, **but)


# ---- signing, rejecting, and what leaves it open


def test_a_signed_session_is_final(world: World) -> None:
    session = world.session()
    assert world.sign(session)["lifecycle"] == {"state": "SIGNED", "stateIsFinal": True}
    assert world.read(session)["lifecycle"] == {"state": "SIGNED", "stateIsFinal": True}


def test_a_rejected_session_is_final_and_tells_the_reason(world: World) -> None:
    session = world.session()
    answer = world.act(session, "reject", reason="The rent is too high. Ærlig talt!")
    expected = {
        "state": "REJECTED",
        "stateIsFinal": True,
        "rejectReason": "The rent is too high. Ærlig talt!",
    }
    assert answer.json()["session"]["lifecycle"] == expected
    assert world.read(session)["lifecycle"] == expected
    assert world.read(session)["output"] == {"signatures": [], "packages": []}


def test_a_reason_is_optional(world: World) -> None:
    session = world.session()
    world.act(session, "reject")
    assert world.read(session)["lifecycle"] == {"state": "REJECTED", "stateIsFinal": True}


def test_a_reason_may_have_2048_characters(world: World) -> None:
    session = world.session()
    refused(world.act(session, "reject", reason="x" * 2049), 400, "reason")
    assert state(world, session) == "READY"
    assert world.act(session, "reject", reason="x" * 2048).status_code == 200


def test_who_opens_cancels_or_fails_can_still_sign(world: World) -> None:
    session = world.session()
    for action in ("open", "open", "cancel", "error", "cancel", "open"):
        assert world.act(session, action).json()["session"] == session
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


def test_an_act_that_nobody_knows_is_refused(world: World) -> None:
    session = world.session()
    refused(world.act(session, "dance"), 400, "action")
    refused(world.act(session, "sign", signer={"name": ""}), 400, "signer.name")
    refused(world.act(session, "sign", signer={"colour": "red"}), 400, "signer.colour")
    assert state(world, session) == "READY"


def test_an_act_tells_what_followed_from_it(world: World) -> None:
    first = world.session()
    second = after(world, first)
    followed = world.act(first, "sign").json()["followed"]
    move = {"machine": "signing session", "event": "sign", "from": "READY", "to": "SIGNED"}
    assert {**move, "id": first["id"]} in followed
    assert {"announced": "signing-session.completed", "id": first["id"]} in followed
    unblocked = {"event": "unblock", "from": "BLOCKED", "to": "READY", "id": second["id"]}
    assert followed[-1] == {**move, **unblocked}


@pytest.mark.parametrize(
    ("action", "announced"),
    [
        ("open", ["signing-session.opened"]),
        ("sign", ["signing-session.completed"]),
        ("reject", ["signing-session.rejected"]),
        ("cancel", []),
        ("error", []),
    ],
)
def test_an_act_announces_what_its_table_says(world: World, action: str, announced: list[str]) -> None:
    followed = world.act(world.session(), action).json()["followed"]
    assert [one["announced"] for one in followed if "announced" in one] == announced


# ---- waiting for others


def test_a_session_waits_until_the_one_before_it_is_signed(world: World) -> None:
    first = world.session()
    second = after(world, first)
    assert second["lifecycle"] == {"state": "BLOCKED", "stateIsFinal": False}
    assert refused(world.act(second, "sign"), 409)["state"] == "BLOCKED"
    world.sign(first)
    assert world.read(second)["lifecycle"] == {"state": "READY", "stateIsFinal": False}
    assert world.read(second)["subsequentTo"] == [first["id"]]
    assert world.sign(second)["lifecycle"]["state"] == "SIGNED"


def test_a_session_waits_for_all_that_it_names(world: World) -> None:
    first, second = world.session(), world.session()
    third = after(world, first, second, first)
    world.sign(second)
    assert state(world, third) == "BLOCKED"
    world.sign(first)
    assert state(world, third) == "READY"


def test_a_chain_is_signed_link_by_link(world: World) -> None:
    chain = [world.session()]
    for _ in range(4):
        chain.append(after(world, chain[-1]))
    for done in range(5):
        assert [state(world, one) for one in chain[done:]] == ["READY"] + ["BLOCKED"] * (4 - done)
        world.sign(chain[done])


def test_several_sessions_may_wait_for_one(world: World) -> None:
    first = world.session()
    others = [after(world, first) for _ in range(3)]
    world.sign(first)
    assert [state(world, one) for one in others] == ["READY"] * 3


def test_who_comes_after_a_signed_session_need_not_wait(world: World) -> None:
    first, open_one = world.session(), world.session()
    world.sign(first)
    assert after(world, first)["lifecycle"]["state"] == "READY"
    third = after(world, first, open_one)
    assert third["lifecycle"]["state"] == "BLOCKED"
    world.sign(open_one)
    assert state(world, third) == "READY"


def test_a_rejected_predecessor_blocks_for_good(world: World) -> None:
    first = world.session()
    earlier = after(world, first)
    world.act(first, "reject")
    later = after(world, first)
    for one in (earlier, later):
        assert state(world, one) == "BLOCKED"
    assert world.api.get("/sign/signing-sessions?state=BLOCKED").json()["total"] == 2
    world.advance("P45D")
    assert not_found(world, earlier)


def test_a_deleted_predecessor_blocks_for_good(world: World) -> None:
    first = world.session()
    second = after(world, first)
    delete(world, first)
    assert state(world, second) == "BLOCKED"


def test_an_expired_predecessor_blocks_until_the_due_date(world: World) -> None:
    now = world.freeze()
    first = world.session(dueDate=shown(now + timedelta(minutes=5)))
    second = after(world, first, dueDate=shown(now + timedelta(minutes=10)))
    world.advance("PT5M")
    assert not_found(world, first)
    assert state(world, second) == "BLOCKED"
    world.advance("PT5M")
    assert not_found(world, second)


def test_a_predecessor_that_was_signed_and_then_deleted_blocks_nobody(world: World) -> None:
    first, other = world.session(), world.session()
    second = after(world, first)
    third = after(world, first, other)
    world.sign(first)
    delete(world, first)
    assert state(world, second) == "READY"
    assert state(world, third) == "BLOCKED"
    world.sign(other)
    assert state(world, third) == "READY"


# ---- the link


def link(session: Json) -> tuple[str, str]:
    return session["signatureUrl"], session["signatureUrlExpiresAt"]


def test_a_link_lives_as_long_as_was_asked_for(world: World) -> None:
    now = world.freeze()
    session = world.session(signatureUrlTTL=5)
    assert session["signatureUrlExpiresAt"] == shown_shortly(now + timedelta(minutes=5))


def test_a_link_never_outlives_the_due_date(world: World) -> None:
    now = world.freeze()
    session = world.session(signatureUrlTTL=525_600, dueDate=shown(now + timedelta(minutes=7)))
    assert session["signatureUrlExpiresAt"] == session["dueDate"]


def test_reading_a_session_renews_a_link_that_has_expired(world: World) -> None:
    now = world.freeze()
    session = world.session(signatureUrlTTL=5)
    world.advance("PT4M59.999S")
    assert link(world.read(session)) == link(session)
    world.advance("PT0.001S")
    renewed = world.read(session)
    assert renewed["signatureUrl"] != session["signatureUrl"]
    assert renewed["signatureUrlExpiresAt"] == shown_shortly(now + timedelta(minutes=10))
    assert link(world.read(session)) == link(renewed)
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


def test_listing_sessions_renews_no_link(world: World) -> None:
    session = world.session(signatureUrlTTL=5)
    world.advance("PT6M")
    [listed] = world.api.get("/sign/signing-sessions").json()["data"]
    assert link(listed) == link(session)


def test_a_blocked_session_has_a_link_that_is_renewed_as_well(world: World) -> None:
    second = after(world, world.session(), signatureUrlTTL=5)
    world.advance("PT6M")
    assert link(world.read(second))[0] != link(second)[0]


@pytest.mark.parametrize("action", ["sign", "reject"])
def test_the_link_of_an_ended_session_is_not_renewed(world: World, action: str) -> None:
    session = world.session(signatureUrlTTL=5)
    world.act(session, action)
    world.advance("PT6M")
    assert link(world.read(session)) == link(session)


@pytest.fixture(scope="module")
def strict_server() -> Iterator[Server]:
    """A server that never renews links."""
    yield from serve(Settings(switches={"sign.url-renewal": "never"}))


def test_renewal_can_be_turned_off(strict_server: Server) -> None:
    world = strict_server.world()
    session = world.session(signatureUrlTTL=5)
    world.advance("PT6M")
    assert link(world.read(session)) == link(session)
    world.close()


def shown_shortly(moment: datetime) -> str:
    """As the API shows it: without milliseconds where there are none."""
    return shown(moment).replace(".000Z", "Z")


# ---- the due date, and deletion


def test_an_open_session_ends_on_its_due_date(world: World) -> None:
    now = world.freeze()
    session = world.session(dueDate=shown(now + timedelta(hours=1)))
    waiting = after(world, session, dueDate=shown(now + timedelta(hours=1)))
    world.advance("PT59M59.999S")
    assert state(world, session) == "READY"
    fired = world.advance("PT0.001S")
    assert [one["subject"] for one in fired] == [session["id"], waiting["id"]]
    assert {"announced": "signing-session.expired", "id": session["id"]} in fired[0]["followed"]
    for one in (session, waiting):
        assert not_found(world, one)
        refused(world.api.delete(f"/sign/signing-sessions/{one['id']}"), 404)
        refused(world.act(one, "sign"), 404)


def test_a_session_without_a_due_date_ends_after_45_days(world: World) -> None:
    world.freeze()
    session = world.session()
    world.advance("P44DT23H59M59.999S")
    assert state(world, session) == "READY"
    world.advance("PT0.001S")
    assert not_found(world, session)


@pytest.mark.parametrize("action", ["sign", "reject"])
def test_an_ended_session_stays_readable_after_its_due_date(world: World, action: str) -> None:
    session = world.session()
    world.act(session, action)
    before = world.read(session)
    world.advance("P50D")
    assert world.read(session) == before
    [listed] = world.api.get("/sign/signing-sessions").json()["data"]
    assert listed == before


def test_a_deleted_session_is_gone_and_its_due_date_means_nothing(world: World) -> None:
    session = world.session()
    delete(world, session)
    assert not_found(world, session)
    refused(world.api.delete(f"/sign/signing-sessions/{session['id']}"), 404)
    assert [one for one in world.advance("P46D") if one["kind"] == "sign.session_due"] == []
