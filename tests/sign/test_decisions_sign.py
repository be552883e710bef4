"""Signing sessions decided for their signers: what a session says of the signer, and what becomes of it."""

import pytest
from tests.world import World


def test_a_session_waits_for_a_command_by_default(world: World) -> None:
    session = world.session()
    assert world.advance("PT1H") == []
    assert world.read(session)["lifecycle"]["state"] == "READY"


@pytest.mark.parametrize("member", ["externalReference", "email"])
@pytest.mark.parametrize(
    ("word", "state"), [("reject", "REJECTED"), ("sign", "SIGNED"), ("cancel", "READY"), ("error", "READY")]
)
def test_a_magic_address_decides_without_any_call(world: World, member: str, word: str, state: str) -> None:
    address = f"{word}+somebody@example.com"
    said = {"signer": {"email": address}} if member == "email" else {member: address}
    session = world.session(**said)
    assert session["lifecycle"]["state"] == "READY"
    assert world.read(session)["lifecycle"]["state"] == state


def test_slow_signs_half_a_minute_later(world: World) -> None:
    world.freeze()
    session = world.session(externalReference="slow+somebody@example.com")
    assert world.advance("PT29S") == []
    [fired] = world.advance("PT1S")
    assert (fired["kind"], fired["subject"]) == ("decisions.act", session["id"])
    assert {"decided": "sign", "kind": "session", "id": session["id"]} in fired["followed"]
    assert world.read(session)["lifecycle"]["state"] == "SIGNED"


def test_a_command_takes_back_what_was_decided(world: World) -> None:
    world.freeze()
    session = world.session(externalReference="slow+somebody@example.com")
    assert world.act(session, "reject").status_code == 200
    assert world.advance("PT1H") == []
    assert world.read(session)["lifecycle"]["state"] == "REJECTED"


def test_a_deleted_session_is_not_decided(world: World) -> None:
    world.freeze()
    session = world.session(externalReference="slow+somebody@example.com")
    assert world.api.delete(f"/sign/signing-sessions/{session['id']}").status_code == 204
    assert world.advance("PT1H") == []


def test_a_blocked_session_is_decided_when_its_turn_comes(world: World) -> None:
    first = world.session()
    second = world.session(subsequentTo=[first["id"]], externalReference="reject+somebody@example.com")
    assert world.read(second)["lifecycle"]["state"] == "BLOCKED"
    world.sign(first)
    assert world.read(second)["lifecycle"]["state"] == "REJECTED"
