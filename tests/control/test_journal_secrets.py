"""What must not be shown is not: everything known to be secret is sent everywhere, and looked for in every output."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.control.reading_journal import entries, header, newest
from tests.world import World

from localsign.logs import Json as JsonLines
from localsign.logs import Text

SECRET = "s3cr3t/vålue+with&odd=letters"
NATIONAL_ID = "13046712345"
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl"
DOCUMENT = b"%PDF-1.7 the private contract of the parties"
SIGHTINGS = [
    SECRET,
    quote(SECRET, safe=""),
    quote(SECRET),
    json.dumps(SECRET)[1:-1],
    NATIONAL_ID,
    JWT,
    "the private contract",
    base64.b64encode(DOCUMENT).decode()[:20],
    base64.b64encode(f"somebody:{SECRET}".encode()).decode(),
]

MEMBERS: dict[str, Any] = {
    "client_secret": SECRET,
    "password": SECRET,
    "newPassword": SECRET,
    "refresh_token": SECRET,
    "access_token": SECRET,
    "id_token": JWT,
    "IDToken1": SECRET,
    "client_assertion": JWT,
    "code": SECRET,
    "otp": SECRET,
    "smsCode": SECRET,
    "pushToken": SECRET,
    "apiKey": SECRET,
    "SAMLResponse": SECRET,
    "nin": NATIONAL_ID,
    "nationalId": NATIONAL_ID,
    "nationalIdentificationNumber": NATIONAL_ID,
    "ssn": NATIONAL_ID,
    "personalNumber": NATIONAL_ID,
    "fiscalCode": NATIONAL_ID,
}


class Lines(logging.Handler):
    """Every line as the server would write it, in both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [JsonLines().format(record), Text().format(record)]


@pytest.fixture
def lines() -> Iterator[list[str]]:
    handler, logger = Lines(), logging.getLogger("localsign")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler.lines
    logger.removeHandler(handler)
    logger.setLevel(before)


def outputs(world: World) -> Iterator[tuple[str, str]]:
    """Everything that shows what went by."""
    for path in ("journal?limit=200", "journal/har", "journal/curl", "journal/unmatched", "timers"):
        yield path, world.control("GET", path).text
    yield "wait", world.control("POST", "journal/wait", {"status": "599", "timeout": 0.01}).text
    yield "metrics", world.anonymous.get("/_sandbox/metrics").text
    for entry in entries(world):
        yield f"entry {entry['id']}", world.control("GET", f"journal/{entry['id']}").text
        yield f"explain {entry['id']}", world.control("GET", f"journal/{entry['id']}/explain").text


def check(world: World, lines: list[str], *more: str) -> None:
    for place, text in [*outputs(world), *(("log", line) for line in lines)]:
        for sighting in (*SIGHTINGS, *more):
            assert sighting not in text, f"{place} shows {sighting}"


PATHS = [
    "/sign/signing-sessions",  # takes JSON
    "/sign/documents",  # takes bytes
    "/auth/open/connect/token",  # takes a form
    "/sign/nowhere",  # an API, but no operation
    "/nowhere/changePassword",  # no API
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["json", "list", "pairs", "form", "multipart", "text", "broken", "mislabelled"])
def test_no_secret_that_is_sent_is_shown(world: World, lines: list[str], path: str, kind: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "json": {"json": {**MEMBERS, "deep": [{"signer": MEMBERS}], "tokens": [SECRET, {"any": SECRET}]}},
        "list": {"json": [MEMBERS]},
        "pairs": {"json": [{"name": name, "value": value} for name, value in MEMBERS.items()]},
        "form": {"data": MEMBERS},
        "multipart": {"data": MEMBERS, "files": {"file": ("contract.pdf", DOCUMENT, "application/pdf")}},
        "text": {"content": f"{SECRET} {NATIONAL_ID} {JWT}".encode(), "headers": {"Content-Type": "text/plain"}},
        "broken": {"content": json.dumps(MEMBERS).encode()[:-3], "headers": {"Content-Type": "application/json"}},
        "mislabelled": {"content": DOCUMENT, "headers": {"Content-Type": "application/json"}},
    }
    for client in (world.api, world.anonymous):
        client.post(path, **bodies[kind])
    check(world, lines, bearer(world))


def bearer(world: World) -> str:
    return str(world.api.headers["Authorization"]).removeprefix("Bearer ")


@pytest.mark.parametrize("path", [*PATHS, "/sign/", "/sign/view/x", f"/sign/{JWT}"])
def test_no_secret_in_an_address_is_shown(world: World, lines: list[str], path: str) -> None:
    world.api.get(path, params={**MEMBERS, "token": SECRET, "sessionId": SECRET if path.startswith("/sign/") else "1"})
    world.api.get(f"{path}?token={SECRET}&nin={NATIONAL_ID}")
    check(world, lines)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {JWT}"},
        {"Authorization": f"Basic {base64.b64encode(f'somebody:{SECRET}'.encode()).decode()}"},
        {"Authorization": SECRET.encode()},
        {"Authorization": b"Digest " + SECRET.encode()},
        {"Proxy-Authorization": f"Bearer {JWT}"},
        {"Cookie": f"session={JWT}; nin={NATIONAL_ID}"},
        {"X-Api-Key": SECRET.encode()},
        {"X-Sandbox-Token": SECRET.encode()},
        {"X-My-Client-Secret": SECRET.encode()},
        {"X-Request-Id": JWT},
        {"Referer": f"https://app.test/?access_token={quote(SECRET)}#id_token={JWT}"},
        {"X-Whatever": f"was sent with {JWT}"},
        {"X-Forwarded": f"https://me:{quote(SECRET, safe='')}@app.test/"},
    ],
)
def test_no_secret_in_a_header_is_shown(world: World, lines: list[str], headers: dict[str, Any]) -> None:
    world.anonymous.get("/sign/signing-sessions", headers=headers)
    world.anonymous.post("/auth/open/connect/token", headers=headers, data={"grant_type": "client_credentials"})
    world.anonymous.get("/nowhere", headers=headers)
    check(world, lines)


def test_no_token_that_is_given_out_is_shown(world: World, lines: list[str]) -> None:
    token = world.token().json()["access_token"]
    session = world.session(signer={"nationalIdentificationNumber": NATIONAL_ID})
    link = session["signatureUrl"].partition("sessionId=")[2]
    world.read(session)
    world.anonymous.get(session["signatureUrl"])
    world.anonymous.post(session["signatureUrl"], data={"action": "sign", "name": "A", "nin": NATIONAL_ID})
    world.anonymous.get(session["signatureUrl"].replace("/sign/?", "/sign/nothing?"))
    check(world, lines, token, bearer(world), link, world.client["client_secret"])
    shown = newest(world, operation="get_signing_session")["answer"]["body"]
    assert shown["signatureUrl"].endswith("/sign/?sessionId=<redacted>")
    assert shown["signer"]["nationalIdentificationNumber"] == "<redacted>"
    assert shown["id"] == session["id"]


def test_a_secret_that_an_error_quotes_is_hidden_there_as_well(world: World, lines: list[str]) -> None:
    form = {"grant_type": "client_credentials", "client_id": NATIONAL_ID, "client_secret": NATIONAL_ID}
    answer = world.anonymous.post("/auth/open/connect/token", data=form)
    assert NATIONAL_ID in answer.headers["x-sandbox-reason"]  # the client that nobody knows
    world.api.post("/sign/signing-sessions", json=[{"nin": NATIONAL_ID, NATIONAL_ID: 1}])
    check(world, lines)


def test_credentials_made_by_the_control_plane_are_not_shown(world: World, lines: list[str]) -> None:
    world.control("POST", "clients", {"client_id": "mine", "client_secret": SECRET})
    world.control("GET", "clients")
    world.control("POST", "clients", {"client_id": "mine", "client_secret": SECRET})
    assert [entry["answer"]["status"] for entry in entries(world, kind="control")] == [409, 201]
    check(world, lines)


def test_a_failure_is_logged_without_what_failed_on(world: World, lines: list[str]) -> None:
    logger = logging.getLogger("localsign.http")
    try:
        raise ValueError(f"cannot use password={SECRET} of https://a.test/?token={SECRET}, {JWT}, Bearer {JWT}")
    except ValueError:
        logger.exception("it failed with client_secret: %s", SECRET)
    check(world, lines)
    assert any("ValueError" in line for line in lines)


def test_what_is_no_secret_is_shown(world: World) -> None:
    world.anonymous.post("/auth/open/connect/token", data={"grant_type": "x", "client_id": "me", "scope": "y"})
    entry = newest(world)
    assert entry["request"]["body"] == {"grant_type": "x", "client_id": "me", "scope": "y"}
    assert entry["answer"]["body"]["error"]
    world.api.get("/sign/signing-sessions", headers={"X-Mine": "plain"})
    entry = newest(world)
    assert header(entry["request"]["headers"], "x-mine") == "plain"
    assert header(entry["request"]["headers"], "authorization") == "Bearer <redacted>"
    world.anonymous.get("/sign/signing-sessions")
    assert newest(world)["answer"]["body"]["code"] == "invalid_token"
    assert header(newest(world)["answer"]["headers"], "www-authenticate") == 'Bearer error="invalid_token"'


def test_searching_does_not_tell_what_is_hidden(world: World) -> None:
    world.api.post("/sign/signing-sessions", json=[{"nin": NATIONAL_ID}])
    assert world.control("GET", f"journal/count?text={NATIONAL_ID}").json()["count"] == 0
    world.anonymous.get(f"/sign/{JWT}")
    assert httpx.get(f"{world.url}/_sandbox/v1/journal/count", params={"path": f"*{JWT}*"}).json()["count"] == 0
