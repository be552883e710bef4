"""Who is refused on every operation of Sign v2, and in which words."""

from typing import Any

import pytest
from tests.world import Json, World, refused, unknown_id

ERROR_CODES = "https://developer.signicat.com/docs/error-codes/"
ID = unknown_id()
OPERATIONS = [
    ("POST", "/documents"),
    ("GET", f"/documents/{ID}"),
    ("DELETE", f"/documents/{ID}"),
    ("PATCH", f"/documents/{ID}/metadata"),
    ("GET", f"/documents/{ID}/metadata"),
    ("POST", "/document-collections"),
    ("GET", f"/document-collections/{ID}"),
    ("DELETE", f"/document-collections/{ID}"),
    ("POST", f"/document-collections/{ID}/package"),
    ("POST", "/signing-sessions"),
    ("GET", "/signing-sessions"),
    ("GET", f"/signing-sessions/{ID}"),
    ("DELETE", f"/signing-sessions/{ID}"),
    ("POST", f"/signing-sessions/{ID}/package"),
    ("GET", f"/archive-documents/{ID}"),
]
PATHS = sorted({path for _, path in OPERATIONS})
EVERY_OPERATION = pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[f"{method} {path.replace(ID, 'id')}" for method, path in OPERATIONS]
)


@EVERY_OPERATION
def test_a_call_needs_a_token(world: World, method: str, path: str) -> None:
    answer = world.anonymous.request(method, f"/sign{path}")
    assert refused(answer, 401)["type"] == ERROR_CODES
    assert answer.headers["www-authenticate"].startswith("Bearer")


@EVERY_OPERATION
def test_a_call_needs_the_permission(world: World, method: str, path: str) -> None:
    client = world.control("POST", "clients", {"permissions": []}).json()
    token = world.token(client).json()["access_token"]
    answer = world.anonymous.request(method, f"/sign{path}", headers={"Authorization": f"Bearer {token}"})
    body = refused(answer, 403)
    assert body["type"] == ERROR_CODES
    assert "Signature API" in body["detail"]


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer nonsense", "Bearer a.b.c", "Basic bG9jYWxzaWduOng="])
def test_a_token_that_is_none_is_refused(world: World, authorization: str) -> None:
    answer = world.anonymous.get("/sign/signing-sessions", headers={"Authorization": authorization})
    refused(answer, 401)


def test_who_may_not_call_is_told_so_before_the_body_is_looked_at(world: World) -> None:
    refused(world.anonymous.post("/sign/signing-sessions", content=b"{"), 401)
    refused(world.anonymous.get("/sign/signing-sessions?limit=0"), 401)
    refused(world.anonymous.get("/sign/documents/nonsense"), 401)
    assert world.api.get("/sign/signing-sessions").json()["total"] == 0


@pytest.mark.parametrize("path", PATHS, ids=[path.replace(ID, "id") for path in PATHS])
def test_a_method_that_the_vendor_does_not_have_is_refused(world: World, path: str) -> None:
    taken = {method for method, one in OPERATIONS if one == path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken:
        answer = world.api.request(method, f"/sign{path}")
        refused(answer, 405)
        assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/orders", "/v2/documents", "/documents/", "/signing-sessions/a/b/c"])
def test_a_path_that_the_vendor_does_not_have_is_not_found(world: World, path: str) -> None:
    refused(world.api.get(f"/sign{path}"), 404)


BODIES: list[tuple[str, str, Any]] = [
    ("POST", "/signing-sessions", [{}]),
    ("POST", "/document-collections", {}),
    ("PATCH", f"/documents/{ID}/metadata", {"title": 5}),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=[one[1].replace(ID, "id") for one in BODIES])
@pytest.mark.parametrize(
    "content", [b"{", b"[{]", b"\xff\xfe", b"[" * 50_000, b'[{"title": ' + b"9" * 5000 + b"}]", b"nothing"]
)
def test_a_body_that_is_no_json_is_refused(world: World, method: str, path: str, body: Any, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = world.api.request(method, f"/sign{path}", content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_request"


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=[one[1].replace(ID, "id") for one in BODIES])
def test_a_body_must_be_there_and_fit(world: World, method: str, path: str, body: Any) -> None:
    refused(world.api.request(method, f"/sign{path}"), 400, "body")
    answer = world.api.request(method, f"/sign{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["invalidParams"]


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=[one[1].replace(ID, "id") for one in BODIES])
def test_a_body_may_not_be_larger_than_4_mib(world: World, method: str, path: str, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    most = 4 * 1024 * 1024
    too_large = world.api.request(method, f"/sign{path}", content=b"[]" + b" " * (most - 1), headers=headers)
    refused(too_large, 413)
    fits = world.api.request(method, f"/sign{path}", content=b"[]" + b" " * (most - 2), headers=headers)
    refused(fits, 400, "body")


def test_every_refusal_has_a_trace_id_of_its_own(world: World) -> None:
    answers = [world.api.get(f"/sign/documents/{ID}") for _ in range(5)]
    assert len({refused(one, 404)["traceId"] for one in answers}) == 5


def test_a_conflict_is_refused_in_the_same_form(world: World) -> None:
    session: Json = world.session()
    refused(world.api.post(f"/sign/signing-sessions/{session['id']}/package"), 409)


def test_an_unknown_session_is_not_found(world: World) -> None:
    for method, below in (("GET", ""), ("DELETE", ""), ("POST", "/package")):
        body = refused(world.api.request(method, f"/sign/signing-sessions/{ID}{below}"), 404)
        assert ID in body["detail"]
        answer = world.api.request(method, f"/sign/signing-sessions/nonsense{below}")
        refused(answer, 400, "sessionId")
    refused(world.act(ID, "sign"), 404)
