"""What holds for every answer: who signs it, how large a body may be, what a failure shows."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import World, refused, unknown_id

from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.version import VERSION
from localsign.workspace import Workspace

# ---- headers

ANSWERS = [
    ("GET", "/sign/signing-sessions", 200, "sign.list_signing_sessions; evidence=documented"),
    ("GET", f"/sign/documents/{unknown_id()}", 404, "sign.get_document; evidence=documented"),
    ("GET", "/sign/documents/no-uuid", 400, "sign.get_document; evidence=documented"),
    ("POST", f"/sign/signing-sessions/{unknown_id()}/package", 404, "sign.package_signing_session; evidence=inferred"),
    ("PUT", "/sign/signing-sessions", 405, None),
    ("GET", "/sign/nothing", 404, None),
    ("GET", "/auth/open/.well-known/openid-configuration", 200, "platform.discovery; evidence=documented"),
    ("POST", "/auth/open/connect/token", 400, "platform.token; evidence=documented"),
    ("GET", "/auth/open/connect/authorize", 501, "platform.authorize; evidence=documented"),
    ("PATCH", "/auth/open/connect/token", 405, None),
    ("GET", "/auth/open/nothing", 404, None),
    ("GET", "/_sandbox/v1/clock", 200, "sandbox.get_clock; evidence=own"),
    ("GET", "/_sandbox/v1/lags/nothing", 404, "sandbox.get_lag; evidence=own"),
    ("POST", "/_sandbox/v1/clock/advance", 400, "sandbox.advance_clock; evidence=own"),
    ("DELETE", "/_sandbox/v1/clock", 405, None),
    ("GET", "/_sandbox/nothing", 404, None),
    ("GET", "/_sandbox/health/live", 200, "sandbox.live; evidence=own"),
    ("GET", "/nothing", 404, None),
]


@pytest.mark.parametrize(("method", "path", "status", "operation"), ANSWERS)
def test_every_answer_says_who_answered(
    world: World, method: str, path: str, status: int, operation: str | None
) -> None:
    answer = world.api.request(method, path)
    assert answer.status_code == status, answer.text
    assert answer.headers["x-sandbox"] == f"localsign/{VERSION}"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-trace-id"])
    assert answer.headers.get("x-sandbox-operation") == operation
    assert len(answer.headers.get_list("x-sandbox")) == 1


def test_a_refusal_at_the_gate_names_the_operation(world: World) -> None:
    answer = world.anonymous.get("/sign/signing-sessions")
    assert answer.headers["x-sandbox-operation"] == "sign.list_signing_sessions; evidence=documented"


def test_every_request_has_a_trace_id_of_its_own(world: World) -> None:
    ids = {world.api.get("/sign/signing-sessions").headers["x-trace-id"] for _ in range(5)}
    assert len(ids) == 5


def test_a_wrong_method_says_which_is_right(world: World) -> None:
    answer = world.api.put("/_sandbox/v1/clock")
    refused(answer, 405)
    assert answer.headers["allow"] == "GET"


# ---- other sites


@pytest.mark.parametrize("path", ["/_sandbox/v1/clock", "/_sandbox/v1/workspaces", "/_sandbox/openapi/sign.json"])
def test_pages_of_other_sites_cannot_use_the_control_plane(world: World, path: str) -> None:
    refused(world.anonymous.get(path, headers={"Sec-Fetch-Site": "cross-site"}), 403, code="cross_site")
    for site in ("same-origin", "same-site", "none"):
        assert world.anonymous.get(path, headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://evil.test"}, "cross_site"),
        ({"Origin": "null"}, "cross_site"),
        ({"Origin": "http://[evil"}, "cross_site"),
        ({"Host": "evil.test:8480"}, "unknown_host"),
        ({"Host": "evil.test:8480", "Sec-Fetch-Site": "same-origin"}, "unknown_host"),
    ],
)
def test_neither_a_foreign_page_nor_a_rebound_name_reaches_the_control_plane(
    world: World, headers: dict[str, str], code: str
) -> None:
    refused(world.anonymous.post("/_sandbox/v1/reset", headers=headers), 403, code=code)


@pytest.mark.parametrize("name", ["localhost:1", "127.0.0.1", "[::1]:8480", "192.168.1.7:8480"])
def test_addresses_and_localhost_are_names_of_this_machine(world: World, name: str) -> None:
    headers = {"Host": name, "Origin": "http://localhost:3000"}
    assert world.anonymous.get("/_sandbox/v1/clock", headers=headers).status_code == 200


def test_another_site_cannot_reset_a_workspace(world: World) -> None:
    session = world.session()
    answer = world.anonymous.post("/_sandbox/v1/reset", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert world.read(session)["id"] == session["id"]


def test_vendor_apis_do_not_mind_other_sites(world: World) -> None:
    assert world.api.get("/sign/signing-sessions", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


# ---- how large a body may be


@pytest.fixture(scope="module")
def narrow() -> Iterator[Server]:
    yield from serve(Settings(max_body_bytes=1024, max_document_bytes=2048))


@pytest.fixture
def tight(narrow: Server) -> Iterator[World]:
    """A workspace on a server that takes bodies of 1 KiB and documents of 2 KiB."""
    world = narrow.world()
    yield world
    narrow.sandbox.delete(world.name)
    world.close()


BODIES = [
    "/sign/signing-sessions",
    "/sign/document-collections",
    "/_sandbox/v1/clock/advance",
    "/_sandbox/v1/workspaces",
]


@pytest.mark.parametrize("path", BODIES)
def test_a_body_may_be_as_long_as_the_limit_and_no_longer(tight: World, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert tight.api.post(path, content=b"x" * 1024, headers=headers).status_code == 400
    body = refused(tight.api.post(path, content=b"x" * 1025, headers=headers), 413)
    assert "1024 bytes" in body["detail"]


def test_a_form_may_be_as_long_as_the_limit_and_no_longer(tight: World) -> None:
    for length, status in ((1024, 400), (1025, 413)):
        form = b"grant_type=" + b"x" * (length - 11)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = tight.anonymous.post("/auth/open/connect/token", content=form, headers=headers)
        assert answer.status_code == status, answer.text


def test_a_body_of_unknown_length_is_counted_as_it_comes(tight: World) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(5):
            yield b" " * 250

    headers = {"Content-Type": "application/json"}
    refused(tight.api.post("/sign/signing-sessions", content=chunks(), headers=headers), 413)


def test_a_document_may_be_as_long_as_its_limit_and_no_longer(tight: World, narrow: Server) -> None:
    headers = {"Content-Type": "text/plain"}
    assert tight.api.post("/sign/documents", content=b"x" * 2048, headers=headers).status_code == 200
    body = refused(tight.api.post("/sign/documents", content=b"y" * 2049, headers=headers), 413)
    assert "2048 bytes" in body["detail"]
    folder = narrow.sandbox.find(tight.name).blobs.folder
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_the_server_goes_on_after_a_body_that_was_too_long(tight: World) -> None:
    for _ in range(3):
        tight.api.post("/sign/document-collections", content=b"x" * 100_000)
    assert tight.api.get("/sign/signing-sessions").status_code == 200


# ---- our own failures


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The log of a failure, which is wanted here, is kept from the report."""
    with caplog.at_level(logging.CRITICAL, "localsign.http"):
        yield


async def _fail(self: Workspace) -> NoReturn:
    raise RuntimeError("a secret from line 4711")


FAILING = [
    f"/sign/signing-sessions/{unknown_id()}",
    "/auth/open/.well-known/openid-configuration/jwks",
    "/_sandbox/v1/lags/packaging",
]


def check_hides(answer: httpx.Response) -> None:
    """A failure that tells nothing about our insides, and lets the log be found by its trace id."""
    assert answer.status_code == 500
    body = answer.json()
    assert body == {
        "title": "Internal server error",
        "status": 500,
        "code": "internal_server_error",
        "detail": "An internal server error happened.",
        "traceId": answer.headers["x-trace-id"],
    }
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-sandbox"] == f"localsign/{VERSION}"


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("path", FAILING)
def test_a_failure_inside_shows_nothing_of_it(world: World, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert world.api.get(path).status_code < 500
    monkeypatch.setattr(Workspace, "turn", _fail)
    for _ in range(5):  # on one connection, which a failure must not cost
        check_hides(world.api.get(path))
    monkeypatch.undo()
    assert world.api.get(path).status_code < 500


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("path", FAILING)
def test_a_failure_on_the_way_in_shows_nothing_of_it(world: World, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def fail(self: Sandbox, name: str) -> NoReturn:
        raise RuntimeError("a secret from line 4711")

    monkeypatch.setattr(Sandbox, "find", fail)
    check_hides(world.api.get(path))


def test_a_failure_is_in_the_log_under_its_path(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Workspace, "turn", _fail)
    world.api.get("/_sandbox/v1/keys")
    monkeypatch.undo()
    world.api.get("/_sandbox/v1/keys")  # the log is written when the answer is out, and before the next one
    assert "/_sandbox/v1/keys failed" in caplog.text
    assert "a secret from line 4711" in caplog.text


def test_a_workspace_of_another_version_is_a_refusal_with_a_sentence(tmp_path: Path) -> None:
    import sqlite3

    running = serve(Settings(data_dir=tmp_path))
    server = next(running)
    folder = tmp_path / "workspaces" / "old"
    folder.mkdir()
    raw = sqlite3.connect(folder / "world.db")
    raw.execute("PRAGMA user_version = 1")
    raw.close()
    body = refused(httpx.get(f"{server.url}/w/old/_sandbox/v1/clock"), 409, code="other_version")
    assert "another version of localsign" in body["detail"]
    next(running, None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("workspaces", b'{"seed": "\\ud800"}'),
        ("clients", b'{"jwks": {"keys": [{"kty": "RSA", "n": "\\ud800"}]}}'),
        ("clients", b'{"jwks": ' + b'{"keys": ' * 600 + b"1" + b"}" * 601),
    ],
)
def test_what_is_no_text_or_too_deep_is_refused(world: World, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = world.anonymous.post(f"/_sandbox/v1/{path}", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
