"""Queued decisions, the workspace's default, and the explanation of what was decided."""

import threading
from typing import Any

import pytest
from tests.world import Json, World, names, refused, unknown_id

RUNGS = ["command", "queued_decision", "email", "persona", "workspace_default"]


def queue(world: World, action: str, **more: Any) -> Json:
    answer = world.control("POST", "decisions", {"action": action, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def set_default(world: World, action: str, **more: Any) -> None:
    answer = world.control("PUT", "decisions/default", {"action": action, **more})
    assert answer.status_code == 200, answer.text


def explain(world: World, session: Json) -> Json:
    """The explanation, which must be whole: five rungs, of which at most the one that decided is used."""
    answer = world.control("GET", f"decisions/explain?api=sign&subject={session['id']}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert [one["rung"] for one in found["rungs"]] == RUNGS
    assert [one["rung"] for one in found["rungs"] if one["used"]] == [found["decided_by"]]
    assert all(one["why"] for one in found["rungs"])
    return found


def why(explanation: Json, rung: str) -> str:
    [found] = [one["why"] for one in explanation["rungs"] if one["rung"] == rung]
    return str(found)


def state(world: World, session: Json) -> str:
    return str(world.read(session)["lifecycle"]["state"])


# ---- the queue


def test_a_queued_decision_is_used_for_the_next_session_and_no_other(world: World) -> None:
    queued = queue(world, "reject", reason="too expensive")
    first, second = world.session(), world.session()
    lifecycle = world.read(first)["lifecycle"]
    assert (lifecycle["state"], lifecycle["rejectReason"]) == ("REJECTED", "too expensive")
    assert state(world, second) == "READY"
    assert world.control("GET", "decisions").json() == []
    [used] = world.control("GET", "decisions?used=true").json()
    assert used == world.control("GET", f"decisions/{queued['id']}").json()
    assert used["used_for"] == first["id"]


def test_decisions_are_used_in_the_order_in_which_they_were_queued(world: World) -> None:
    for action in ("reject", "sign", "reject"):
        queue(world, action)
    sessions = [world.session() for _ in range(4)]
    assert [state(world, one) for one in sessions] == ["REJECTED", "SIGNED", "REJECTED", "READY"]


@pytest.mark.parametrize(
    ("match", "but"),
    [
        ({"title": "Wanted"}, {"title": "Wanted"}),
        ({"externalReference": "order-7"}, {"externalReference": "order-7"}),
        ({"email": "Kari@Example.com"}, {"signer": {"email": "kari@example.com"}}),
        ({"phone": "+47 123 45 678"}, {"signer": {"mobile": "004712345678"}}),
        ({"national_id": "14839010231"}, {"signer": {"nationalIdentificationNumber": "148390 10231"}}),
        ({"persona": "kari"}, {"signer": {"nationalIdentificationNumber": "14839010231"}}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_a_decision_waits_for_what_it_matches(world: World, match: Json, but: Json) -> None:
    queue(world, "reject", match=match)
    other, wanted = world.session(), world.session(**but)
    assert (state(world, other), state(world, wanted)) == ("READY", "REJECTED")
    explained = explain(world, other)
    assert explained["decided_by"] == "workspace_default"
    assert next(iter(match)) in why(explained, "queued_decision")


def test_a_decision_acts_after_its_time(world: World) -> None:
    world.freeze()
    queue(world, "sign", after="PT2H", api="sign", kind="session")
    session = world.session()
    assert explain(world, session)["outcome"] == "set"
    assert world.advance("PT1H59M") == []
    [fired] = world.advance("PT1M")
    assert fired["kind"] == "decisions.act"
    assert state(world, session) == "SIGNED"
    assert explain(world, session)["outcome"] == "acted"


def test_who_signs_can_be_queued_as_well(world: World) -> None:
    details = {"signer": {"name": "Mette Holm", "nin": "8305920127", "eid": "nbid"}}
    queue(world, "sign", api="sign", kind="session", details=details)
    session = world.session()
    [signature] = world.read(session)["output"]["signatures"]
    assert b"Mette Holm" in world.download(signature["resultDocumentId"])


def test_queued_decisions_can_be_taken_back(world: World) -> None:
    first, _ = queue(world, "reject"), queue(world, "sign")
    assert world.control("DELETE", f"decisions/{first['id']}").status_code == 204
    assert state(world, world.session()) == "SIGNED"
    [used] = world.control("GET", "decisions?used=true").json()
    refused(world.control("DELETE", f"decisions/{used['id']}"), 409, code="decision_used")
    queue(world, "reject")
    assert world.control("DELETE", "decisions").status_code == 204
    assert state(world, world.session()) == "READY"
    assert len(world.control("GET", "decisions?used=true").json()) == 1
    refused(world.control("GET", f"decisions/{unknown_id()}"), 404)
    refused(world.control("DELETE", f"decisions/{first['id']}"), 404)


def test_a_reset_takes_back_what_was_queued(world: World) -> None:
    queue(world, "reject")
    world.control("POST", "reset")
    assert state(world, world.session()) == "READY"


def test_one_world_knows_nothing_of_the_decisions_of_another(world: World, server: Any) -> None:
    queue(world, "reject")
    other = server.world()
    assert state(other, other.session()) == "READY"
    assert state(world, world.session()) == "REJECTED"
    other.close()


@pytest.mark.parametrize(
    ("wrong", "flawed"),
    [
        ({}, ["action"]),
        ({"action": "dance"}, ["action"]),
        ({"action": "manual"}, ["action"]),
        ({"action": ""}, ["action"]),
        ({"action": 7}, ["action"]),
        ({"action": "sign", "after": "soon"}, ["after"]),
        ({"action": "sign", "after": "P999999999D"}, ["after"]),
        ({"action": "sign", "after": 5}, ["after"]),
        ({"action": "sign", "api": "fax"}, ["api"]),
        ({"action": "sign", "kind": "fax"}, ["kind"]),
        ({"action": "sign", "match": {"shoe_size": "43", "hat": "7"}}, ["match.shoe_size", "match.hat"]),
        ({"action": "dance", "match": {"hat": "7"}}, ["action", "match.hat"]),
        ({"action": "sign", "match": {"email": 7}}, ["match.email"]),
        ({"action": "sign", "match": []}, ["match"]),
        ({"action": "sign", "details": {}}, ["details"]),
        ({"action": "sign", "api": "sign", "kind": "session", "details": {"signer": {"name": ""}}},
         ["details.signer.name"]),
        ({"action": "sign", "api": "sign", "kind": "session", "details": {"hat": 7}}, ["details.hat"]),
        ({"action": "sign", "reason": "x" * 2049}, ["reason"]),
        ({"action": "sign", "often": 7}, ["often"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_can_never_come_true_is_refused(world: World, wrong: Json, flawed: list[str]) -> None:
    answer = world.control("POST", "decisions", wrong)
    refused(answer, 400, *(one["name"] for one in answer.json().get("invalidParams", [])))
    assert names(answer) == set(flawed)
    assert world.control("GET", "decisions").json() == []


def test_an_unknown_word_is_answered_with_the_known(world: World) -> None:
    answer = world.control("POST", "decisions", {"action": "dance", "api": "sign", "kind": "session"})
    detail = refused(answer, 400, "action")["detail"]
    assert all(word in detail for word in ("sign", "reject", "cancel", "error", "hang"))
    [kind] = [one for one in world.control("GET", "decisions/kinds").json() if one["api"] == "sign"]
    assert kind["actions"] == ["sign", "reject", "cancel", "error", "hang"]
    assert {"email", "national_id", "title", "externalReference"} <= set(kind["attributes"])


# ---- the default


def test_the_default_is_manual_until_another_is_chosen(world: World) -> None:
    assert world.control("GET", "decisions/default").json() == {"action": "manual"}
    waits = world.session()
    set_default(world, "reject", after="PT0S", reason="no")
    assert world.control("GET", "decisions/default").json() == {"action": "reject", "after": "PT0S", "reason": "no"}
    rejected = world.session()
    assert (state(world, waits), state(world, rejected)) == ("READY", "REJECTED")
    set_default(world, "manual")
    assert state(world, world.session()) == "READY"


def test_the_default_outlives_a_reset_as_all_choices_do(world: World) -> None:
    set_default(world, "sign")
    world.control("POST", "reset")
    assert state(world, world.session()) == "SIGNED"


def test_hanging_is_doing_nothing(world: World) -> None:
    set_default(world, "sign")
    queue(world, "hang")
    session = world.session()
    assert state(world, session) == "READY"
    explained = explain(world, session)
    assert (explained["decided_by"], explained["action"], explained["outcome"]) == (
        "queued_decision", "hang", "waiting",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "flawed"),
    [({"action": "dance"}, "action"), ({"action": "manual", "after": "PT1S"}, "after"), ({}, "action")],
)
def test_a_default_that_makes_no_sense_is_refused(world: World, wrong: Json, flawed: str) -> None:
    set_default(world, "sign")
    refused(world.control("PUT", "decisions/default", wrong), 400, flawed)
    assert world.control("GET", "decisions/default").json() == {"action": "sign"}


# ---- explaining


def test_every_rung_explains_itself(world: World) -> None:
    queue(world, "reject", match={"title": "Another"})
    explained = explain(world, world.session())
    assert (explained["decided_by"], explained["action"]) == ("workspace_default", "manual")
    assert "title is 'Rental agreement', not 'Another'" in why(explained, "queued_decision")
    assert "No e-mail address" in why(explained, "email")
    assert "No persona" in why(explained, "persona")
    assert "waits for a command" in why(explained, "workspace_default")


def test_a_command_is_above_all_else(world: World) -> None:
    world.freeze()
    queue(world, "sign", after="PT1H")
    session = world.session()
    world.act(session, "reject")
    explained = explain(world, session)
    assert (explained["decided_by"], explained["action"], explained["outcome"]) == ("command", "reject", "commanded")
    assert "came first" in why(explained, "queued_decision")
    assert world.advance("PT2H") == []


def test_opening_is_no_decision(world: World) -> None:
    world.freeze()
    queue(world, "sign", after="PT1H")
    session = world.session()
    assert world.act(session, "open").status_code == 200
    world.advance("PT1H")
    assert state(world, session) == "SIGNED"


def test_what_is_refused_says_why_and_parks_nothing(world: World) -> None:
    queue(world, "sign", api="sign", kind="session", details={"signer": {"eid": "carrier-pigeon"}})
    session = world.session()
    assert state(world, session) == "READY"
    explained = explain(world, session)
    assert (explained["outcome"], explained["decided_by"]) == ("refused", "queued_decision")
    assert "nbid" in explained["reason"]
    assert "decisions.act" not in [one["kind"] for one in world.advance("PT1H")]
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"


def test_a_session_that_ends_otherwise_leaves_its_decision_withdrawn(world: World) -> None:
    world.freeze()
    queue(world, "sign", after="P60D")
    session = world.session()
    world.advance("P46D")
    assert explain(world, session)["outcome"] == "withdrawn"
    assert "decisions.act" not in [one["kind"] for one in world.advance("P30D")]


def test_there_is_no_explanation_of_what_nobody_was_asked(world: World) -> None:
    first = world.session()
    blocked = world.session(subsequentTo=[first["id"]])
    for subject in (unknown_id(), blocked["id"]):
        refused(world.control("GET", f"decisions/explain?api=sign&subject={subject}"), 404)
    refused(world.control("GET", f"decisions/explain?api=mint&subject={first['id']}"), 404)
    refused(world.control("GET", "decisions/explain?api=sign&subject=x"), 400, "subject")
    refused(world.control("GET", "decisions/explain"), 400, "subject")


def test_of_many_sessions_at_once_each_decision_gets_one(world: World) -> None:
    for _ in range(3):
        queue(world, "reject")
    wanted = world.a_session()
    made: list[Json] = []
    threads = [threading.Thread(target=lambda: made.extend(world.create(wanted, wanted))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    states = [state(world, one) for one in made]
    assert (len(states), states.count("REJECTED")) == (16, 3)
    used = [one["used_for"] for one in world.control("GET", "decisions?used=true").json()]
    assert sorted(used) == sorted(one["id"] for one in made if state(world, one) == "REJECTED")


def test_everything_that_asked_is_listed_with_what_came_of_it(world: World) -> None:
    world.freeze()
    for action in ("reject", "hang"):
        queue(world, action)
    sessions = [world.session(externalReference=one) for one in ("a", "b", "slow+kari@example.com", "d")]
    world.act(sessions[3], "sign")
    listed = world.control("GET", "decisions/asked").json()
    assert [one["subject"] for one in listed] == [one["id"] for one in reversed(sessions)]
    assert [(one["decided_by"], one["action"], one["outcome"]) for one in listed] == [
        ("command", "sign", "commanded"),
        ("email", "sign", "set"),
        ("queued_decision", "hang", "waiting"),
        ("queued_decision", "reject", "acted"),
    ]
    assert listed[1]["person"]["email"] == "slow+kari@example.com"
    assert listed[1]["persona"] == "kari"
    assert world.control("GET", "decisions/asked?outcome=waiting&api=sign").json() == [listed[2]]
    assert world.control("GET", "decisions/asked?limit=1").json() == listed[:1]
    assert world.control("GET", "decisions/asked?api=mint").json() == []
    refused(world.control("GET", "decisions/asked?outcome=lost"), 400, "outcome")
    refused(world.control("GET", "decisions/asked?limit=0"), 400, "limit")


def test_the_journal_finds_what_a_decision_did(world: World) -> None:
    queue(world, "reject")
    session = world.session()
    assert state(world, session) == "REJECTED"
    [entry] = world.control("GET", "journal?caused=decided/reject").json()["entries"]
    assert (entry["kind"], entry["timer"]["subject"]) == ("timer", session["id"])
