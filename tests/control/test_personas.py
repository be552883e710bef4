"""Personas: people with identities that belong to nobody, and what they do when asked."""

from typing import Any

import pytest
from tests.world import Json, World, names, refused

from localsign.core.synthetic import is_synthetic


def make(world: World, name: str = "Nora Berg", **more: Any) -> Json:
    answer = world.control("POST", "personas", {"name": name, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def signed_by(world: World, session: Json) -> bytes:
    [signature] = world.read(session)["output"]["signatures"]
    return world.download(signature["resultDocumentId"])


def test_every_workspace_has_some_personas_to_begin_with(world: World) -> None:
    found = world.control("GET", "personas").json()
    assert {one["country"] for one in found} == {"NO", "SE", "DK", "FI"}
    assert all(one["is_synthetic"] and one["is_built_in"] and one["rule"] is None for one in found)
    assert world.control("GET", f"personas/{found[0]['key']}").json() == found[0]


@pytest.mark.parametrize("country", ["NO", "SE", "DK", "FI"])
def test_what_is_not_given_is_made_up(world: World, country: str) -> None:
    made = make(world, "Åse Østli", country=country)
    assert made["key"] == "ase-ostli"
    assert made["email"] == "ase-ostli@example.com"
    assert is_synthetic(country, made["national_id"])  # type: ignore[arg-type]
    assert made["phone"].startswith("+")
    assert len(made["eids"]) == 1
    assert make(world, "Åse Østli")["key"] == "ase-ostli-2"
    assert make(world, "村上")["key"] == "persona"


def test_a_seed_makes_the_same_people(server: Any) -> None:
    made = []
    for name in ("twin-a", "twin-b"):
        world = server.world(name, seed="twins")
        made.append(make(world))
        world.close()
    assert made[0] == made[1]


def test_what_is_given_is_kept(world: World) -> None:
    rule = {"action": "reject", "after": "PT5S", "reason": "never"}
    wanted: Json = {"key": "nora", "national_id": "01010112345", "email": None, "phone": "+47 1"}
    wanted |= {"eids": ["nbid", "mitid"], "rule": rule}
    made = make(world, **wanted)
    assert {name: made[name] for name in wanted} == wanted
    assert made["is_synthetic"] is False
    assert made["is_built_in"] is False
    assert world.control("GET", "personas").json()[0] == made


def test_a_persona_does_what_its_rule_says(world: World) -> None:
    world.freeze()
    made = make(world, rule={"action": "reject", "after": "PT5S", "reason": "never"})
    session = world.session(signer={"nationalIdentificationNumber": made["national_id"]})
    world.advance("PT4S")
    assert world.read(session)["lifecycle"]["state"] == "READY"
    world.advance("PT1S")
    assert world.read(session)["lifecycle"] == {"state": "REJECTED", "stateIsFinal": True, "rejectReason": "never"}
    explained = world.control("GET", f"decisions/explain?subject={session['id']}").json()
    assert (explained["decided_by"], explained["persona"]) == ("persona", "nora-berg")


@pytest.mark.parametrize("known_by", ["national_id", "email", "phone"])
def test_a_persona_is_known_by_its_number_address_or_phone(world: World, known_by: str) -> None:
    made = make(world, rule={"action": "sign"})
    member = {"national_id": "nationalIdentificationNumber", "email": "email", "phone": "mobile"}[known_by]
    session = world.session(signer={member: made[known_by]})
    result = signed_by(world, session)
    assert b"Nora Berg" in result
    assert made["national_id"].encode() in result


def test_a_magic_address_is_of_the_persona_behind_it(world: World) -> None:
    session = world.session(signer={"email": "sign+kari@example.com"})
    assert b"Kari Nordmann" in signed_by(world, session)


def test_a_rule_can_be_given_to_a_built_in_persona_and_taken_back(world: World) -> None:
    changed = world.control("PATCH", "personas/kari", {"rule": {"action": "reject"}}).json()
    assert (changed["is_built_in"], changed["rule"]) == (False, {"action": "reject", "after": None, "reason": None})
    session = world.session(signer={"nationalIdentificationNumber": changed["national_id"]})
    assert world.read(session)["lifecycle"]["state"] == "REJECTED"
    assert [one["key"] for one in world.control("GET", "personas").json()].count("kari") == 1
    assert world.control("DELETE", "personas/kari").status_code == 204
    back = world.control("GET", "personas/kari").json()
    assert (back["is_built_in"], back["rule"]) == (True, None)


def test_a_persona_can_be_changed_and_removed(world: World) -> None:
    made = make(world, rule={"action": "hang"})
    changed = world.control("PATCH", "personas/nora-berg", {"name": "Nora Lie", "rule": None, "phone": None}).json()
    assert changed == {**made, "name": "Nora Lie", "rule": None, "phone": None}
    assert world.control("DELETE", "personas/nora-berg").status_code == 204
    for method in ("GET", "DELETE"):
        refused(world.control(method, "personas/nora-berg"), 404)
    refused(world.control("DELETE", "personas/kari"), 409, code="persona_built_in")


def test_a_key_is_of_one_persona(world: World) -> None:
    make(world, key="nora")
    for key in ("nora", "kari"):
        refused(world.control("POST", "personas", {"name": "Another", "key": key}), 409, code="persona_exists")


def test_a_reset_forgets_the_personas_that_were_made(world: World) -> None:
    make(world)
    world.control("POST", "reset")
    assert all(one["is_built_in"] for one in world.control("GET", "personas").json())


@pytest.mark.parametrize(
    ("wrong", "flawed"),
    [
        ({"name": None}, {"name"}),
        ({"name": ""}, {"name"}),
        ({"name": " "}, {"name"}),
        ({"name": "a\x00b"}, {"name"}),
        ({"name": "x" * 201}, {"name"}),
        ({"key": "No Key"}, {"key"}),
        ({"country": "XX"}, {"country"}),
        ({"national_id": "x" * 65}, {"national_id"}),
        ({"eids": "nbid"}, {"eids"}),
        ({"eids": ["x"] * 21}, {"eids"}),
        ({"rule": {}}, {"rule.action"}),
        ({"rule": {"action": "dance"}}, {"rule.action"}),
        ({"rule": {"action": "sign", "after": "now"}}, {"rule.after"}),
        ({"hat": 7}, {"hat"}),
    ],
    ids=str,
)
def test_a_persona_that_cannot_be_is_refused(world: World, wrong: Json, flawed: set[str]) -> None:
    answer = world.control("POST", "personas", {"name": "Nora", **wrong})
    refused(answer, 400, *(one["name"] for one in answer.json()["invalidParams"]))
    assert names(answer) == flawed
    if "key" not in wrong and "country" not in wrong and wrong.get("name", "") is not None:
        answer = world.control("PATCH", "personas/kari", wrong)
        assert (answer.status_code, names(answer)) == (400, flawed)
    assert len(world.control("GET", "personas").json()) == 5


def test_a_name_cannot_be_cleared(world: World) -> None:
    for member in ("name", "eids"):
        refused(world.control("PATCH", "personas/kari", {member: None}), 400, member)


HOSTILE = [b'{"name": "\\ud800"}', b'{"name": "a", "key": "\\ud800"}', b"[]", b"nonsense", b'{"name": 1e999}',
           b'{"name": "a", "rule": {"action": "\\udfff"}}', b'{"name": "a", "\\ud800": 1}']  # fmt: skip
HOSTILE_DECISIONS = [b'{"action": "\\ud800"}', b'{"action": "sign", "match": {"\\ud800": "a"}}',
                     b'{"action": "sign", "match": {"title": "\\ud800"}}',
                     b'{"action": "sign", "api": "sign", "kind": "session", "details": {"\\ud800": 1}}',
                     b'{"action": "sign", "api": "sign", "kind": "session", "details": {"signer": {"nin": "\\ud800"}}}',
                     b'{"action": "sign", "after": "P' + b"9" * 5000 + b'D"}', b"[" * 5000]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [("personas", one) for one in HOSTILE] + [("decisions", one) for one in HOSTILE_DECISIONS],
    ids=lambda value: str(value)[:60],
)
def test_hostile_bodies_are_refused(world: World, path: str, body: bytes) -> None:
    answer = world.anonymous.post(f"/_sandbox/v1/{path}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
