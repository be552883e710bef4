"""The journal for other tools: an archive as HAR 1.2 has it, and commands that can be run."""

import base64
import json
import shutil
import subprocess
from datetime import datetime
from typing import Any

import pytest
from tests.control.reading_journal import newest, operations
from tests.secure_share.sharing import a_share
from tests.world import Json, World, agreement


def har(world: World, **filters: Any) -> list[Json]:
    answer = world.anonymous.get("/_sandbox/v1/journal/har", params=filters)
    assert answer.status_code == 200, answer.text
    log = answer.json()["log"]
    assert log["version"] == "1.2"
    assert log["creator"]["name"] == "localsign"
    assert log["creator"]["version"]
    return list(log["entries"])


def check_pairs(pairs: list[Json]) -> None:
    assert all(pair.keys() == {"name", "value"} for pair in pairs)
    assert all(isinstance(value, str) for pair in pairs for value in pair.values())


def check_har(entry: Json) -> None:
    """The members that HAR 1.2 requires, with the types that it gives them."""
    assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo
    assert entry["cache"] == {}
    assert entry["time"] == pytest.approx(sum(entry["timings"].values()))
    assert entry["timings"].keys() >= {"send", "wait", "receive"}
    request, response = entry["request"], entry["response"]
    assert request.keys() - {"postData"} == {
        "method",
        "url",
        "httpVersion",
        "cookies",
        "headers",
        "queryString",
        "headersSize",
        "bodySize",
    }
    assert request["url"].startswith("http://")
    assert not set(' <>"\\^`{|}') & set(request["url"])
    assert response.keys() == {
        "status",
        "statusText",
        "httpVersion",
        "cookies",
        "headers",
        "content",
        "redirectURL",
        "headersSize",
        "bodySize",
    }
    assert isinstance(response["status"], int)
    assert response["content"].keys() == {"size", "mimeType", "text"}
    for pairs in (request["headers"], request["queryString"], request["cookies"], response["headers"]):
        check_pairs(pairs)
    if "postData" in request:
        assert request["postData"].keys() == {"mimeType", "params", "text"}
        assert request["bodySize"] > 0


def test_an_archive_is_a_har_with_the_requests_oldest_first(world: World) -> None:
    session = world.session()
    world.sign(session)
    world.anonymous.get(session["signatureUrl"])
    world.api.get("/sign/signing-sessions", params={"limit": 10, "sessionTitleLike": "ä b"})
    entries = har(world)
    for entry in entries:
        check_har(entry)
    assert [entry["comment"].partition(" ")[0] for entry in entries] == operations(world, kind="request")
    last = entries[-1]
    assert last["request"]["queryString"] == [
        {"name": "limit", "value": "10"},
        {"name": "sessionTitleLike", "value": "ä b"},
    ]
    assert json.loads(last["response"]["content"]["text"])["count"] == 0
    token = entries[0]
    assert token["request"]["postData"]["text"] == "grant_type=client_credentials&scope=signicat-api"


def test_an_archive_takes_filters(world: World) -> None:
    world.upload()
    assert [entry["response"]["status"] for entry in har(world, operation="upload_document")] == [200]
    assert har(world, status="5xx") == []


# ---- curl

curl_is_there = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def commands(world: World, **filters: Any) -> str:
    answer = world.anonymous.get("/_sandbox/v1/journal/curl", params=filters)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def run(script: str, folder: Any, **variables: str) -> str:
    """What the commands print."""
    done = subprocess.run(
        ["bash", "-eu"], input=script, cwd=folder, env=variables, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def bearer(world: World) -> str:
    return str(world.api.headers["Authorization"]).removeprefix("Bearer ")


@curl_is_there
def test_a_command_asks_the_same_again(world: World, tmp_path: Any) -> None:
    title = 'It\'s a "$HOME" `id` \\ ünïcode\nand more'
    [session] = world.create(world.a_session(title=title))
    script = commands(world, operation="create_signing_session")
    assert bearer(world) not in script
    again = json.loads(run(script, tmp_path, TOKEN=bearer(world)))
    assert again[0]["title"] == title
    assert again[0]["id"] != session["id"]
    repeated, original = newest(world), newest(world, before=newest(world)["id"])
    assert repeated["request"]["body"] == original["request"]["body"]


@curl_is_there
def test_commands_of_every_method_and_kind_of_body_run(world: World, tmp_path: Any) -> None:
    (tmp_path / "document").write_bytes(agreement())
    session = world.session()
    world.api.get("/sign/signing-sessions", params={"sessionTitleLike": "a b&c='d'"})
    world.api.delete(f"/sign/signing-sessions/{session['id']}")
    last = newest(world)["id"]
    before = operations(world, kind="request")
    script = commands(world)
    secret = str(world.client["client_secret"])
    credentials = base64.b64encode(f"{world.client['client_id']}:{secret}".encode()).decode()
    run(script, tmp_path, TOKEN=bearer(world), CREDENTIALS=credentials)
    assert operations(world, since=last) == before
    assert newest(world, operation="list_signing_sessions")["request"]["query"][0]["value"] == "a b&c='d'"


@curl_is_there
def test_secrets_in_forms_and_links_are_variables(world: World, tmp_path: Any) -> None:
    form = {"grant_type": "client_credentials", "client_id": world.client["client_id"]}
    secret = world.client["client_secret"]
    assert world.anonymous.post("/auth/open/connect/token", data={**form, "client_secret": secret}).status_code == 200
    session = world.session()
    world.anonymous.get(session["signatureUrl"])
    script = commands(world, since=1, operation="token") + commands(world, operation="signing_page")
    token = session["signatureUrl"].partition("sessionId=")[2]
    assert secret not in script
    assert token not in script
    assert '"$CLIENT_SECRET"' in script
    assert '"$SESSION_ID"' in script
    printed = run(script, tmp_path, CLIENT_SECRET=secret, SESSION_ID=token)
    assert "access_token" in printed
    assert "Rental agreement" in printed


def test_nothing_that_was_sent_can_break_out_of_a_command(world: World, tmp_path: Any) -> None:
    marker = tmp_path / "broken-out"
    evil = f"';touch {marker};'\ue000$(touch {marker})\ue001`touch {marker}`\n touch {marker}\r\u2028"
    world.api.post("/sign/signing-sessions", json=[{evil: evil}])
    world.api.get("/sign/'; touch x;'")
    world.api.get("/sign/signing-sessions", params={evil: evil}, headers={"X-Odd": "'; touch x; '"})
    script = commands(world, since=1)
    safe = script.replace("curl -s", "true")  # only what the shell makes of it counts
    run(safe, tmp_path, TOKEN="t")
    assert list(tmp_path.iterdir()) == []


@curl_is_there
def test_a_command_reads_no_file_that_the_request_names(world: World, tmp_path: Any) -> None:
    (tmp_path / "document").write_bytes(b"%PDF-1.7 mine")
    (tmp_path / "private").write_bytes(b"not to be sent")
    share = world.api.post("/secure-share/shares", json=a_share()).json()
    path = f"/secure-share/shares/{share['id']}/files"
    parts = [("a", (None, "@private")), ("b", (None, "<private")), ("c=@private;x", (None, "v"))]
    file = ("file", ('n";type=x,@private', b"%PDF-1.7 mine", "application/pdf"))
    world.api.post(path, files=[*parts, file])
    entry = newest(world, operation="upload_files")
    before = entry["request"]["body"]
    run(commands(world, operation="upload_files"), tmp_path, TOKEN=bearer(world))
    after = newest(world, operation="upload_files")["request"]["body"]
    assert len(before) == 4
    assert [one["value"] for one in after] == [one["value"] for one in before]
    assert after[-1]["filename"] == before[-1]["filename"]


@pytest.mark.parametrize("content", [b'{"title": ', b"\xff\xfe"])
def test_a_body_that_is_not_json_is_the_file_document(world: World, content: bytes) -> None:
    world.api.post("/sign/signing-sessions", content=content, headers={"Content-Type": "application/json"})
    assert "--data-binary @document " in commands(world, operation="create_signing_session")
