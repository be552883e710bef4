"""What faults did is in the journal: under the operation that they struck, with what was done all the same."""

import httpx
import pytest
from tests.control.reading_journal import explained, newest
from tests.world import World


def fault(world: World, **members: object) -> str:
    answer = world.control("POST", "faults", {"operation": "sign.*", **members})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("status", [404, 503])
def test_an_error_by_a_fault_is_of_its_operation(world: World, status: int) -> None:
    fault_id = fault(world, status=status)
    answer = world.api.get("/sign/signing-sessions")
    assert answer.headers["x-sandbox-operation"].startswith("sign.list_signing_sessions;")
    entry = newest(world)
    assert (entry["operation"], entry["answer"]["status"]) == ("sign.list_signing_sessions", status)
    assert entry["faults"] == [fault_id]
    assert explained(world, entry)["sentence"].startswith(f"It met the fault {fault_id}. {status} ")
    assert world.control("GET", "journal/unmatched").json() == {"unmatched": []}


def test_what_was_done_behind_a_lost_answer_is_told(world: World) -> None:
    collection = world.collect()
    wanted = [world.a_session(collection)]
    fault_id = fault(world, kind="lost_answer")
    with pytest.raises(httpx.TransportError):
        world.api.post("/sign/signing-sessions", json=wanted)
    entry = newest(world)
    assert (entry["operation"], entry["answer"], entry["faults"]) == ("sign.create_signing_session", None, [fault_id])
    assert [one["event"] for one in entry["caused"]] == ["assign"]
    assert entry["request"]["body"][0]["title"] == "Rental agreement"
    assert "ended before there was an answer" in explained(world, entry)["sentence"]


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_broken_connection_is_there(world: World, kind: str) -> None:
    fault_id = fault(world, kind=kind)
    with pytest.raises(httpx.TransportError):
        world.api.get("/sign/signing-sessions")
    entry = newest(world)
    assert (entry["operation"], entry["faults"]) == ("sign.list_signing_sessions", [fault_id])
    assert (entry["answer"] or {}).get("status") == (200 if kind == "truncate" else None)


def test_a_rate_limit_is_explained(world: World) -> None:
    assert world.control("PUT", "rate-limits/sign.*", {"requests": 1, "per": "PT1H"}).status_code == 200
    world.api.get("/sign/signing-sessions")
    assert world.api.get("/sign/signing-sessions").status_code == 429
    told = explained(world, newest(world))
    assert told["rule"]["error"] == "TooManyRequestsError"
    assert told["sentence"].startswith("429 Too Many Requests: The rate limit")
