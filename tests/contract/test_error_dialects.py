"""The shape of an error, for every place that errors can come from and every API."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import Json, World, unknown_id

from localsign.settings import Settings
from localsign.workspace import Workspace

PROBLEM = ["title", "status", "code", "detail", "traceId"]
FLAWED = [*PROBLEM, "invalidParams"]
GATE = [*PROBLEM, "type"]  # the platform's own refusals point at its documentation
DETAILS = ["type", "title", "status", "detail", "traceId"]  # of the product, other than the platform's
OAUTH = ["error", "error_uri", "error_description"]
EMPTY: list[str] = []

NOT_JSON = b'{"title": '
LARGE = b"x" * 2000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
LONG_FORM = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + b"x" * 100_000 + b"\r\n--x--\r\n"
WORD = {"Content-Type": "application/msword"}
STRANGER = {"Authorization": "Bearer x"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}
CLIENT = b"grant_type=client_credentials&client_id=x"
OPEN = b'{"action": "open"}'
SESSION = f"/sign/signing-sessions/{unknown_id()}"
ACT = f"/_sandbox/v1/sign/sessions/{unknown_id()}/act"
SHARE = f"/secure-share/shares/{unknown_id()}"
V1_FILES = f"/mint/flows/{unknown_id()}/files"
TOKEN = "/auth/open/connect/token"
EVENTS = "/events-management/subscriptions"


@dataclass(frozen=True)
class Kind:
    """A kind of refusal: status, code, and the members of its body in order."""

    status: int
    code: str | None
    members: list[str]


INVALID = Kind(400, "bad_request", FLAWED)
NOBODY = Kind(401, "invalid_token", GATE)
MISSING = Kind(404, "not_found", PROBLEM)
METHOD = Kind(405, "method_not_allowed", PROBLEM)
LONG = Kind(413, "payload_too_large", PROBLEM)
DETAILED = Kind(400, None, [*DETAILS, "errors"])
BROKEN = Kind(500, None, DETAILS)
MINT_INVALID = Kind(400, "invalid_request_parameter", [*FLAWED, "type"])  # Mint's all point there
MINT_LONG = Kind(413, "payload_too_large", GATE)
MINT_BROKEN = Kind(400, "invalid_request_parameter", GATE)
MINT_MISSING = Kind(404, "not_found", GATE)
CRASH = Kind(500, "internal_server_error", PROBLEM)


@dataclass(frozen=True)
class Refused:
    """A request, where its refusal comes from, and what that looks like."""

    api: str
    place: str
    method: str
    path: str
    kind: Kind
    content: bytes = b""
    headers: Json = field(default_factory=dict)
    is_anonymous: bool = False

    def __str__(self) -> str:
        return f"{self.api}: {self.place}"


# fmt: off
REFUSED = [
    Refused("sign", "validation of a body", "POST", "/sign/document-collections", INVALID, b"{}", JSON),
    Refused("sign", "validation of a path", "GET", "/sign/documents/1", INVALID),
    Refused("sign", "validation of a query", "GET", "/sign/signing-sessions?limit=0", INVALID),
    Refused("sign", "unknown path", "GET", "/sign/nothing", MISSING),
    Refused("sign", "wrong method", "PUT", "/sign/signing-sessions", METHOD),
    Refused("sign", "gate, nobody", "GET", SESSION, NOBODY, is_anonymous=True),
    Refused("sign", "gate, a bad token", "GET", SESSION, NOBODY, headers=STRANGER),
    Refused("sign", "domain, nothing there", "GET", SESSION, MISSING),
    Refused("sign", "domain, wrong type", "POST", "/sign/documents", Kind(400, None, FLAWED), b"x", WORD),
    Refused("sign", "body not JSON", "POST", "/sign/signing-sessions", INVALID, NOT_JSON, JSON),
    Refused("sign", "body too large", "POST", "/sign/signing-sessions", LONG, LARGE, JSON),
    Refused("sign", "document too large", "POST", "/sign/documents", LONG, LARGE, TEXT),
    Refused("sign", "crash", "GET", SESSION, CRASH),
    Refused("events", "validation of a body", "POST", EVENTS, INVALID, b"{}", JSON),
    Refused("events", "validation of a path", "GET", f"{EVENTS}/1", INVALID),
    Refused("events", "unknown path", "GET", "/events-management/nothing", MISSING),
    Refused("events", "wrong method", "PUT", EVENTS, METHOD),
    Refused("events", "gate, nobody", "GET", EVENTS, NOBODY, is_anonymous=True),
    Refused("events", "domain, nothing there", "GET", f"{EVENTS}/{unknown_id()}", MISSING),
    Refused("events", "body not JSON", "POST", EVENTS, INVALID, NOT_JSON, JSON),
    Refused("events", "body too large", "POST", EVENTS, LONG, LARGE, JSON),
    Refused("events", "crash", "GET", EVENTS, CRASH),
    Refused("secure-share", "validation of a body", "POST", "/secure-share/shares", DETAILED, b"{}", JSON),
    Refused("secure-share", "validation of a path", "GET", "/secure-share/shares/1", DETAILED),
    Refused("secure-share", "validation of a query", "GET", "/secure-share/shares?limit=0", DETAILED),
    Refused("secure-share", "unknown path", "GET", "/secure-share/nothing", Kind(404, None, DETAILS)),
    Refused("secure-share", "wrong method", "PUT", "/secure-share/shares", Kind(405, None, DETAILS)),
    Refused("secure-share", "gate, nobody", "GET", SHARE, NOBODY, is_anonymous=True),
    Refused("secure-share", "gate, a bad token", "GET", SHARE, NOBODY, headers=STRANGER),
    Refused("secure-share", "domain, nothing there", "GET", SHARE, Kind(404, None, DETAILS)),
    Refused("secure-share", "domain, wrong type", "POST", f"{SHARE}/files", DETAILED, b"x", TEXT),
    Refused("secure-share", "body not JSON", "POST", "/secure-share/shares", DETAILED, NOT_JSON, JSON),
    Refused("secure-share", "body too large", "POST", "/secure-share/shares", Kind(413, None, DETAILS), LARGE, JSON),
    Refused("secure-share", "crash", "GET", SHARE, BROKEN),
    Refused("platform", "unknown path", "GET", "/auth/open/nothing", Kind(404, None, EMPTY)),
    Refused("platform", "wrong method", "GET", TOKEN, METHOD),
    Refused("platform", "gate", "POST", "/auth/open/connect/introspect", Kind(400, "invalid_client", OAUTH), b"", FORM),
    Refused("platform", "domain", "POST", TOKEN, Kind(400, "invalid_client", OAUTH), CLIENT, FORM),
    Refused("platform", "body not a form", "POST", TOKEN, Kind(400, "invalid_request", OAUTH), NOT_JSON, JSON),
    Refused("platform", "body too large", "POST", TOKEN, LONG, LARGE, FORM),
    Refused("platform", "not built", "GET", "/auth/open/connect/authorize", Kind(501, "not_implemented", PROBLEM)),
    Refused("platform", "crash", "POST", TOKEN, CRASH, b"", FORM),
    Refused("mint", "validation of a body", "POST", "/mint/workflows", MINT_INVALID, b"{}", JSON),
    Refused("mint", "validation of a query", "GET", "/mint/workflows?limit=0", MINT_INVALID),
    Refused("mint", "unknown path", "GET", "/mint/nothing", MINT_MISSING),
    Refused("mint", "wrong method", "PUT", "/mint/workflows", Kind(405, "method_not_allowed", GATE)),
    Refused("mint", "gate, nobody", "GET", "/mint/workflows", NOBODY, is_anonymous=True),
    Refused("mint", "gate, a bad token", "GET", "/mint/workflows", NOBODY, headers=STRANGER),
    Refused("mint", "domain, nothing there", "GET", f"/mint/journeys/{unknown_id()}", MINT_MISSING),
    Refused("mint", "domain, no id", "GET", "/mint/journeys/1", MINT_MISSING),
    Refused("mint", "body not JSON", "POST", "/mint/workflows", MINT_INVALID, NOT_JSON, JSON),
    Refused("mint", "body too large", "POST", "/mint/workflows", Kind(413, "payload_too_large", GATE), LARGE, JSON),
    Refused("mint", "document of v1 too large", "POST", V1_FILES, MINT_LONG, LARGE, TEXT),
    Refused("mint", "form of v1 too large", "POST", V1_FILES, MINT_LONG, LONG_FORM, MULTIPART),
    Refused("mint", "form of v1 broken", "POST", V1_FILES, MINT_BROKEN, b"x", MULTIPART),
    Refused("mint", "validation of a query of v1", "GET", "/mint/flows?limit=0", MINT_INVALID),
    Refused("mint", "validation of a path of v1", "GET", "/mint/templates/1", MINT_INVALID),
    Refused("mint", "domain of v1, nothing there", "GET", f"/mint/instances/{unknown_id()}/pdf", MINT_MISSING),
    Refused("mint", "wrong method of v1", "PATCH", "/mint/flows", Kind(405, "method_not_allowed", GATE)),
    Refused("mint", "crash", "GET", "/mint/workflows", Kind(500, "internal_server_error", GATE)),
    Refused("sandbox", "validation", "POST", "/_sandbox/v1/clock/advance", INVALID, b"{}", JSON),
    Refused("sandbox", "unknown path", "GET", "/_sandbox/v1/nothing", MISSING),
    Refused("sandbox", "wrong method", "PUT", "/_sandbox/v1/clock", METHOD),
    Refused("sandbox", "gate", "GET", "/_sandbox/v1/clock", Kind(403, "cross_site", PROBLEM), headers=ELSEWHERE),
    Refused("sandbox", "domain", "DELETE", "/_sandbox/v1/clients/nobody", MISSING),
    Refused("sandbox", "domain of Sign", "POST", ACT, MISSING, OPEN, JSON),
    Refused("sandbox", "body not JSON", "POST", "/_sandbox/v1/clients", INVALID, NOT_JSON, JSON),
    Refused("sandbox", "body too large", "POST", "/_sandbox/v1/clients", LONG, LARGE, JSON),
    Refused("sandbox", "crash", "GET", "/_sandbox/v1/keys", CRASH),
    Refused("health", "unknown path", "GET", "/_sandbox/health/nothing", MISSING),
    Refused("health", "wrong method", "POST", "/_sandbox/health/live", METHOD),
    Refused("nobody", "unknown path", "GET", "/nothing", MISSING),
]
# fmt: on


@pytest.fixture(scope="module")
def narrow() -> Iterator[Server]:
    """A server that takes bodies of 1 KiB."""
    yield from serve(Settings(max_body_bytes=1024, max_document_bytes=1024))


@pytest.fixture(scope="module")
def tight(narrow: Server) -> Iterator[World]:
    world = narrow.world()
    yield world
    world.close()


async def _crash(self: Workspace) -> NoReturn:
    raise RuntimeError("the inside")


def send(world: World, wanted: Refused) -> httpx.Response:
    client = world.anonymous if wanted.is_anonymous else world.api
    return client.request(wanted.method, wanted.path, content=wanted.content, headers=wanted.headers)


@pytest.mark.parametrize("wanted", REFUSED, ids=str)
def test_a_refusal_has_the_shape_of_its_dialect(
    tight: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, wanted: Refused
) -> None:
    if wanted.kind.status == 500:
        caplog.set_level(logging.CRITICAL, "localsign.http")
        monkeypatch.setattr(Workspace, "turn", _crash)
    answer = send(tight, wanted)

    assert answer.status_code == wanted.kind.status, answer.text
    assert answer.headers["x-sandbox"].startswith("localsign/")
    if not wanted.kind.members:
        assert answer.content == b""
        return
    body = answer.json()
    assert list(body) == wanted.kind.members
    if wanted.kind.members is OAUTH:
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert body["error"] == wanted.kind.code
        return
    is_product = body.keys() >= {*DETAILS} and "code" not in body
    assert answer.headers["content-type"] == ("application/json" if is_product else "application/problem+json")
    assert body["status"] == wanted.kind.status
    assert body["traceId"] == answer.headers["x-trace-id"]
    assert wanted.kind.code in (None, body.get("code"))
    assert body["title"]
    assert body["detail"]
    assert "the inside" not in answer.text
    for flaw in body.get("invalidParams", []):
        assert list(flaw) == ["name", "reason"]
        assert all(flaw.values())


def test_no_refusal_is_in_the_dialect_of_the_framework(tight: World) -> None:
    """FastAPI would answer `{"detail": …}`, with a list of `loc`, `msg`, `type` for what is invalid."""
    for wanted in REFUSED:
        if wanted.kind not in (CRASH, BROKEN):
            assert '"loc"' not in send(tight, wanted).text
