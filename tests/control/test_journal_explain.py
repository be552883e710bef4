"""Explaining an answer: the rule, its source, what would have allowed it; and paths that are nobody's."""

import pytest
from tests.control.reading_journal import explained, newest
from tests.world import World, unknown_id


def test_a_refusal_by_a_state_machine_names_state_event_and_ways(world: World) -> None:
    session = world.session()
    world.sign(session)
    world.act(session, "reject")
    told = explained(world, newest(world))
    rule = told["rule"]
    assert (rule["machine"], rule["state"], rule["event"]) == ("signing session", "SIGNED", "reject")
    assert rule["allowed_in"] == ["READY"]
    assert "reject" not in rule["possible_instead"]
    assert rule["ways"] == []
    assert told["sentence"] == (
        "The signing session was SIGNED; 'reject' is possible in READY. Nothing leads there from SIGNED."
    )
    assert rule["raised_in"].startswith("sign.actions.")


def test_the_way_to_a_state_that_allows_it_is_told(world: World) -> None:
    first = world.session()
    waiting = world.session(documents=first["documents"], subsequentTo=[first["id"]])
    answer = world.act(waiting, "sign")
    assert answer.status_code == 409
    rule = explained(world, newest(world))["rule"]
    assert rule["state"] == "BLOCKED"
    assert rule["allowed_in"] == ["READY"]
    assert ["unblock"] in rule["ways"]


def test_wrong_input_is_explained_by_member_and_rule(world: World) -> None:
    world.api.post("/sign/signing-sessions", json=[world.a_session(title=1)])
    told = explained(world, newest(world))
    assert told["operation"] == "sign.create_signing_session"
    assert told["source"] == {"evidence": "documented", "source": "SEED, PY"}
    assert [(one["name"], one["value"]) for one in told["rule"]["flaws"]] == [("[0].title", "must be a string")]
    assert told["sentence"] == "What was sent is wrong: [0].title must be a string."


def test_a_refusal_by_the_gateway_is_explained(world: World) -> None:
    world.anonymous.get("/sign/signing-sessions")
    told = explained(world, newest(world))
    assert told["rule"]["error"] == "UnauthenticatedError"
    assert told["rule"]["raised_in"] == "signicat.auth._bearer"
    assert "Authorization header is missing" in told["sentence"]


def test_a_thing_that_is_not_there_is_no_unmatched_path(world: World) -> None:
    world.api.get(f"/sign/signing-sessions/{unknown_id()}")
    told = explained(world, newest(world))
    assert told["nearest"] == []
    assert told["rule"]["error"] == "NotFoundError"
    assert unknown_id() in told["sentence"]
    assert world.control("GET", "journal/unmatched").json() == {"unmatched": []}


def test_what_is_not_built_is_explained(world: World) -> None:
    world.anonymous.get("/auth/open/connect/authorize")
    told = explained(world, newest(world))
    assert told["sentence"].startswith("501 Not Implemented: ")
    assert told["source"]["evidence"] == "documented"


def test_what_was_not_refused_is_said_to_be_so(world: World) -> None:
    world.api.get("/sign/signing-sessions")
    told = explained(world, newest(world))
    assert told["sentence"] == "It was answered with 200 OK; no rule of localsign refused it."
    assert told["rule"] is None


def test_a_page_that_refuses_is_explained(world: World) -> None:
    world.anonymous.get("/sign/?sessionId=nothing")
    told = explained(world, newest(world))
    assert told["status"] == 404
    assert told["operation"] == "sign.signing_page"


@pytest.mark.parametrize(
    ("method", "path", "nearest", "differs"),
    [
        ("GET", "/sign/signing-session", "GET /sign/signing-sessions", "path"),
        ("GET", "/sign/v2/signing-sessions", "GET /sign/signing-sessions", "path"),
        ("GET", "/signing-sessions", "GET /sign/signing-sessions", "path"),
        ("GET", "/sign/signing-sessions/", "GET /sign/signing-sessions", "path"),
        ("PUT", "/sign/signing-sessions/1", "GET /sign/signing-sessions/{sessionId}", "method"),
        ("POST", "/sign/document", "POST /sign/documents", "path"),
        ("GET", "/sign/documents/1/meta-data", "GET /sign/documents/{documentId}/metadata", "path"),
        ("POST", "/connect/token", "POST /auth/open/connect/token", "path"),
        ("GET", "/qqq", None, None),
    ],
)
def test_a_path_that_is_nobody_s_is_told_with_the_nearest(
    world: World, method: str, path: str, nearest: str | None, differs: str | None
) -> None:
    status = world.api.request(method, path).status_code
    assert status in (404, 405)
    [unmatched] = world.control("GET", "journal/unmatched").json()["unmatched"]
    assert (unmatched["method"], unmatched["path"], unmatched["status"]) == (method, path, status)
    first = next(iter(unmatched["nearest"]), None)
    assert (first and f"{first['method']} {first['path']}") == nearest
    assert (first and first["differs"]) == differs
    told = explained(world, newest(world))
    assert told["nearest"] == unmatched["nearest"]
    assert told["sentence"].startswith(f"No operation is {method} {path}.")


def test_a_long_path_is_compared_as_well(world: World) -> None:
    world.api.get("/sign/" + "a/" * 1500)
    assert len(world.control("GET", "journal/unmatched").json()["unmatched"]) == 1
