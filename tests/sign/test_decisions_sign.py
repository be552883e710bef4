"""Signing sessions decided for their signers: what a session says of the signer, and what becomes of it."""

import json

import pytest
from tests.world import AUTHENTICATION_BASED, PKI, Json, World, refused

SESSIONS = "/sign/signing-sessions"


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


@pytest.mark.parametrize("member", ["email", "mobile"])
@pytest.mark.parametrize("value", ["\\ud800", "a\\u0000b", "reject+" * 5000 + "@", "x" * 100_000, "reject+\\n@x"])
def test_what_retired_members_hold_is_ignored_unless_it_is_an_address(world: World, member: str, value: str) -> None:
    body = json.dumps([world.a_session(signer={member: "VALUE"})]).replace("VALUE", value)
    answer = world.api.post(SESSIONS, content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    assert world.read(answer.json()[0])["lifecycle"]["state"] == "READY"


@pytest.mark.parametrize(
    ("wanted", "flawed"),
    [
        ({"signer": {"nationalIdentificationNumber": "VALUE"}}, "[0].signer.nationalIdentificationNumber"),
        ({"signingSetup": [{**AUTHENTICATION_BASED, "additionalParameters": {"a": "VALUE"}}]},
         "[0].signingSetup[0].additionalParameters.a"),
        ({"signingSetup": [{**AUTHENTICATION_BASED, "requestedAttributes": ["VALUE"]}]},
         "[0].signingSetup[0].requestedAttributes[0]"),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_half_a_character_is_refused_where_it_would_be_kept(world: World, wanted: Json, flawed: str) -> None:
    body = json.dumps([world.a_session(**wanted)]).replace("VALUE", "\\udc00")
    answer = world.api.post(SESSIONS, content=body.encode(), headers={"Content-Type": "application/json"})
    refused(answer, 400, flawed)


def test_a_persona_signs_with_an_eid_of_its_own_however_it_is_spelled(world: World) -> None:
    kari = {"nationalIdentificationNumber": "14839010231"}
    world.control("PUT", "decisions/default", {"action": "sign"})
    setup = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "sbid"}, {"idpName": "NBID"}]}
    session = world.session(signer=kari, signingSetup=[setup])
    [signature] = world.read(session)["output"]["signatures"]
    assert b"NBID" in world.download(signature["resultDocumentId"])
    assert world.read(world.session(signer=kari, signingSetup=[PKI]))["lifecycle"]["state"] == "SIGNED"
