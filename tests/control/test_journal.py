"""The journal: what was asked, what was answered, what followed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.control.reading_journal import entries, header, newest, operations
from tests.world import World, agreement, refused, unknown_id


def test_a_request_is_kept_with_its_answer_and_what_it_caused(world: World) -> None:
    collection = world.collect()
    session = world.session(collection)
    entry = newest(world)
    assert (entry["kind"], entry["api"], entry["operation"]) == ("request", "sign", "sign.create_signing_session")
    assert (entry["evidence"], entry["workspace"], entry["refusal"]) == ("documented", world.name, None)
    assert entry["duration_ms"] > 0
    assert entry["request"]["method"] == "POST"
    assert entry["request"]["path"] == "/sign/signing-sessions"
    assert entry["request"]["url"] == f"{world.url}/sign/signing-sessions"
    assert entry["request"]["body"][0]["title"] == "Rental agreement"
    assert entry["answer"]["status"] == 201
    assert entry["answer"]["body"][0]["id"] == session["id"]
    assert header(entry["answer"]["headers"], "x-trace-id") == entry["trace_id"]
    document = collection["documents"][0]["documentId"]
    assert entry["caused"] == [
        {"machine": "document", "id": document, "event": "assign", "from": "UNASSIGNED", "to": "ASSIGNED"}
    ]


def test_an_entry_is_there_as_soon_as_its_answer_is(world: World) -> None:
    for _ in range(20):
        trace_id = world.api.get("/sign/signing-sessions").headers["x-trace-id"]
        assert newest(world)["trace_id"] == trace_id


def test_documents_are_told_by_size_and_digest(world: World) -> None:
    document = world.upload()
    world.download(document)
    up, down = newest(world, operation="upload_document"), newest(world, operation="get_document")
    described = up["request"]["body"]
    assert described.startswith(f"<application/pdf, {len(agreement())} bytes, sha256:")
    assert down["answer"]["body"] == described
    assert (up["request"]["size"], down["answer"]["size"]) == (len(agreement()), len(agreement()))


def test_a_body_too_long_to_keep_is_told_by_size_and_digest(world: World) -> None:
    wanted = [world.a_session(title="long", externalReference="x" * 70_000)]
    world.api.post("/sign/signing-sessions", json=wanted)
    body = newest(world)["request"]["body"]
    assert body.startswith("<application/json, 70")
    assert "sha256:" in body


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_is_uploaded_is_a_document_whatever_it_looks_like(world: World, kind: str) -> None:
    world.api.post("/sign/documents", content=b'{"private": "contract"}', headers={"Content-Type": kind})
    body = newest(world)["request"]["body"]
    assert body is None or body.startswith(f"<{kind}, 23 bytes, sha256:")  # None: refused before it was read
    assert "contract" not in world.control("GET", "journal").text


def test_the_newest_come_first_page_by_page(world: World) -> None:
    for _ in range(5):
        world.api.get("/sign/signing-sessions")
    first = world.control("GET", "journal?operation=list_signing_sessions&limit=2").json()
    assert first["total"] == 5
    assert first["last"] == first["entries"][0]["id"]
    second = world.control("GET", f"journal?operation=list_signing_sessions&limit=2&before={first['before']}").json()
    third = world.control("GET", f"journal?operation=list_signing_sessions&limit=2&before={second['before']}").json()
    ids = [entry["id"] for page in (first, second, third) for entry in page["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 5
    assert third["before"] is None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"api": "platform"}, ["platform.token"]),
        ({"operation": "upload_document"}, ["sign.upload_document"]),
        ({"operation": "sign.*_document"}, ["sign.upload_document"]),
        ({"method": "get"}, ["sign.get_signing_session", None]),
        ({"path": "/sign/signing-sessions/*"}, ["sign.get_signing_session"]),
        ({"status": "404"}, ["sign.get_signing_session", None]),
        ({"status": "4xx"}, ["sign.get_signing_session", None]),
        ({"status": "2xx", "api": "sign"}, ["sign.upload_document", "sign.create_document_collection"]),
        ({"evidence": "documented", "api": "sign", "status": "404"}, ["sign.get_signing_session"]),
        ({"kind": "control"}, ["sandbox.set_lag"]),
        ({"text": '"documentCollectionId"'}, []),
        ({"text": "nothing has this"}, []),
        ({"id": "1"}, ["platform.token"]),
        ({"since": "4"}, [None, "sandbox.set_lag"]),
        ({"since": "2099-01-01T00:00:00Z"}, []),
    ],
)
def test_filters_narrow_what_is_found(world: World, filters: dict[str, str], expected: list[str | None]) -> None:
    world.collect()
    world.api.get(f"/sign/signing-sessions/{unknown_id()}")
    world.api.get("/sign/nowhere")
    world.lag("manual")
    assert operations(world, **filters) == expected
    assert world.control("GET", f"journal/count?{httpx.QueryParams(filters)}").json()["count"] == len(expected)


@pytest.mark.parametrize(
    "caused", ["sign", "signing session/sign", "SIGNING SESSION/*", "signing-session.completed", "*completed"]
)
def test_what_caused_a_change_is_found_by_the_change(world: World, caused: str) -> None:
    session = world.session()
    assert entries(world, caused=caused) == []
    world.sign(session)
    [entry] = entries(world, caused=caused)
    assert (entry["kind"], entry["operation"]) == ("control", "sandbox.act_on_signing_session")
    assert [one.get("event") or one.get("announced") for one in entry["caused"]] == [
        "sign",
        "signing-session.completed",
    ]


def test_text_is_looked_for_in_both_bodies(world: World) -> None:
    world.session(title="The needle")
    assert operations(world, text="The needle") == ["sign.create_signing_session"]


@pytest.mark.parametrize(
    ("asked", "flawed"),
    [
        ("status=600", "status"),
        ("status=abc", "status"),
        ("since=yesterday", "since"),
        ("since=-1", "since"),
        ("kind=webhook", "kind"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("before=0", "before"),
        ("id=x", "id"),
        ("unknown=1", "unknown"),
        ("text=" + "x" * 501, "text"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(world: World, asked: str, flawed: str) -> None:
    refused(world.control("GET", f"journal?{asked}"), 400, flawed)


def test_letters_that_mean_something_in_patterns_stand_for_themselves(world: World) -> None:
    world.api.get("/sign/[ab]?x=1")
    assert operations(world, path="/sign/[ab]") == [None]
    assert operations(world, path="/sign/a") == []
    assert operations(world, path="/sign/????") == []


def test_calls_of_the_control_plane_are_there_when_they_changed_something(world: World) -> None:
    world.control("GET", "clock")
    world.control("POST", "journal/wait", {"timeout": 0.01})
    world.lag("manual")
    world.freeze()
    assert operations(world, kind="control") == ["sandbox.set_lag", "sandbox.freeze_clock"]
    entry = newest(world)
    assert entry["request"]["path"] == "/_sandbox/v1/clock/freeze"
    assert (entry["request"]["body"], entry["answer"]["body"]["fired"]) == (None, [])
    assert entries(world, kind="control")[1]["request"]["body"] == {"progression": "manual"}


def test_an_act_that_came_too_late_is_there_as_well(world: World) -> None:
    session = world.session()
    world.sign(session)
    world.act(session, "reject")
    entry = newest(world)
    assert (entry["kind"], entry["answer"]["status"]) == ("control", 409)
    assert entry["refusal"]["error"] == "IllegalTransitionError"


def test_calls_about_another_workspace_are_not_of_this_one(world: World) -> None:
    before = world.control("GET", "journal/count").json()
    made = world.control("POST", "workspaces").json()
    world.control("DELETE", f"workspaces/{made['name']}")
    assert world.control("GET", "journal/count").json() == before


def test_what_becomes_due_while_travelling_is_of_the_call_that_travels(world: World) -> None:
    session = world.session()
    world.advance("P46D")
    entry = newest(world, kind="control")
    assert entry["operation"] == "sandbox.advance_clock"
    assert session["id"] in {one.get("id") for one in entry["caused"]}
    assert entries(world, kind="timer") == []


def test_what_becomes_due_at_once_is_of_the_call_that_made_it_due(world: World) -> None:
    world.sign(world.session(packageTo=["PADES_CONTAINER"]))
    entry = newest(world)
    assert entry["operation"] == "sandbox.act_on_signing_session"
    assert "package.completed" in {one.get("announced") for one in entry["caused"]}
    assert entries(world, kind="timer") == []


def test_what_becomes_due_by_itself_has_an_entry_of_its_own(server: Server, world: World) -> None:
    session = world.session()
    with server.sandbox.find(world.name).work() as work:  # as if 46 days had gone by
        work.clock = work.clock.moved_to(work.now + timedelta(days=46))
    world.control("GET", "clock")
    [entry] = entries(world, kind="timer")
    assert entry["timer"] == {"kind": entry["operation"], "subject": session["id"]}
    assert (entry["request"], entry["answer"], entry["evidence"]) == (None, None, None)
    assert session["id"] in {one.get("id") for one in entry["caused"]}
    assert "was due at" in world.control("GET", f"journal/{entry['id']}/explain").json()["sentence"]


def test_health_and_reads_of_the_control_plane_leave_nothing(world: World) -> None:
    before = world.control("GET", "journal/count").json()
    world.anonymous.get("/_sandbox/health/live")
    world.anonymous.get("/_sandbox/health/ready")
    world.anonymous.get("/_sandbox/metrics")
    for path in ("clock", "machines", "workspaces", "timers", "journal/unmatched", "nowhere"):
        world.control("GET", path)
    assert world.control("GET", "journal/count").json() == before


def test_a_request_of_no_known_workspace_disturbs_nobody(world: World) -> None:
    answer = httpx.get(f"{world.url.rpartition('/')[0]}/nobody-is-called-so/sign/documents")
    refused(answer, 404, code="workspace_not_found")
    assert answer.headers["x-request-id"] == answer.headers["x-trace-id"]


@pytest.mark.parametrize("entry_id", ["0", "-1", "x", "99999", "99999999999999999999999"])
def test_an_entry_that_is_not_there_is_refused(world: World, entry_id: str) -> None:
    assert world.control("GET", f"journal/{entry_id}").status_code in (400, 404)
    assert world.control("GET", f"journal/{entry_id}/explain").status_code in (400, 404)


HOSTILE: list[Any] = [
    b'[{"title": "\\ud800"}]',
    b'[{"title": "' + "\u202e\u0000".encode() + b'"}]',
    b'[{"title": NaN, "other": -Infinity, "more": 1e999}]',
    b'[{"title": ' + b"9" * 4000 + b"}]",
    b"[" * 400 + b"]" * 400,
    b"[" * 20_000,
    b'{"a":' * 300 + b"1" + b"}" * 300,
    b'{"\\udfff": 1}',
    b"\xff\xfe\x00",
    b"not JSON",
    b"",
    '{"a": "ü"}'.encode("utf-16"),
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:20]))
def test_whatever_was_sent_can_be_read_in_the_journal(world: World, body: bytes) -> None:
    world.api.post("/sign/signing-sessions", content=body, headers={"Content-Type": "application/json"})
    world.api.post(
        "/sign/%00%ff%ed%a0%80?%00=%ff&a=%ed%a0%80",
        content=body,
        headers={b"X-Odd": b"\xff\xfe"},
    )
    world.anonymous.post("/auth/open/connect/token", content=body)
    world.api.post("/sign/signing-sessions", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    for path in ("journal", "journal/har", "journal/curl", "journal/unmatched", "journal/count?text=x"):
        assert world.control("GET", path).status_code == 200, path
    for entry in entries(world):
        assert world.control("GET", f"journal/{entry['id']}/explain").status_code == 200


def test_the_caller_s_request_id_comes_back_and_is_kept(world: World) -> None:
    answer = world.api.get("/sign/signing-sessions", headers={"X-Request-Id": "order-4711/retry:2"})
    assert answer.headers["x-request-id"] == "order-4711/retry:2"
    assert newest(world)["request_id"] == "order-4711/retry:2"
    assert newest(world)["trace_id"] == answer.headers["x-trace-id"]


@pytest.mark.parametrize("odd", ["", "a b", "x" * 129, "<script>", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "ä", "-x"])
def test_a_request_id_that_is_not_sane_is_replaced(world: World, odd: str) -> None:
    answer = world.api.get("/sign/signing-sessions", headers={b"X-Request-Id": odd.encode("latin-1")})
    assert answer.headers["x-request-id"] == answer.headers["x-trace-id"]
