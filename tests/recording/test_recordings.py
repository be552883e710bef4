"""What a recording keeps, what it hides, and what it says when something cannot be done again."""

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.platform.jwts import claims_of, key_set, new_key, signed
from tests.platform.test_client_assertions import present, register
from tests.recording.replaying import exported, replay
from tests.recording.stories import saml, sharing, sign, signing_today, webhooks, worlds
from tests.secure_share.sharing import Sender, Visitor
from tests.world import Json, World

KINDS = ["recording", "pytest", "postman", "mermaid"]


def recorded(world: World, **filters: Any) -> Json:
    return dict(exported(world, "recording", **filters).json())


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_in_what_is_made(server: Server, world: World, kind: str) -> None:
    for story in (sign, sharing, signing_today, webhooks, saml, worlds):
        story(world, server)
    text = exported(world, kind).text
    facts = world.description["signing_today"]
    secrets = [world.client["client_secret"], facts["client_secret"], *(one["password"] for one in facts["accounts"])]
    secrets += ["a-shared-secret", "a-secret-of-mine", "A12345678z", "Another1234", "12345678901"]
    secrets += [*(one["saml_key"] for one in facts["domains"]), "a-cookie-of-theirs"]
    secrets += [str(world.api.headers["Authorization"]).removeprefix("Bearer ")]
    for message in world.control("GET", "outbox").json()["messages"]:
        secrets += message["codes"]
    assert [one for one in secrets if one in text] == []
    assert "eyJ" not in text


def test_any_text_comes_out_as_it_went_in(server: Server, world: World) -> None:
    titles = ['"""', "{x}", "{{y}}", "a\nb\\n'", "⟦url⟧ ⟦nothing⟧", "ä 你 \u2028", "$T"]
    for title in titles:
        world.session(title=title)
    replay(server, exported(world).text)


def test_a_document_that_is_not_a_fixture_is_stood_in_for(server: Server, world: World) -> None:
    world.upload(b"I agree to everything.", "text/plain")
    world.upload(b"I agree to nothing.", "text/plain")
    world.api.post("/sign/documents", content=b"no PDF", headers={"Content-Type": "application/pdf"})
    source = exported(world).text
    assert "agree" not in source
    assert "# stands in for 22 bytes of text/plain" in source
    replay(server, source)


def test_a_token_from_before_is_fetched_anew(server: Server, world: World) -> None:
    world.upload()
    since = world.control("GET", "journal/count").json()["last"]
    world.session()
    source = exported(world, since=since).text
    assert source.count("/auth/open/connect/token") == 1
    assert "# The recording begins with entry 3 of the journal" in source
    replay(server, source)


def test_a_client_with_a_key_shows_its_secret_instead(server: Server, world: World) -> None:
    key = new_key()
    client_id = register(world, key_set(key))
    assert present(world, signed(claims_of(world, client_id), key)).status_code == 200
    replay(server, exported(world).text)


def test_what_was_made_before_is_made_again(server: Server, world: World) -> None:
    world.freeze("2031-01-01T00:00:00Z")
    session = world.session()
    world.read(session)
    world.advance("P1D")
    since = world.control("GET", "journal/count").json()["last"]
    world.sign(session)
    source = exported(world, since=since).text
    assert "\n# Entry" not in source
    assert "# 5: sign.create_signing_session, before the recording began\n" in source
    assert "sign.get_signing_session, before" not in source, "what only reads makes nothing"
    assert "sandbox.advance_clock, before" in source
    replay(server, source)
    operation = exported(world, operation="sign.get_signing_session").text
    assert "# 5: sign.create_signing_session, before the recording began\n" in operation
    replay(server, operation)


def test_a_recording_begins_with_a_snapshot(server: Server, world: World, tmp_path: Path) -> None:
    world.control("POST", "seeds", {"sign": {"documents": [{"name": "note", "text": "Yes."}]}})
    session = world.session()
    sender = Sender(server, world)
    share = sender.share()
    sender.upload(share)
    visitor = Visitor(sender.invite(share, notification={"sendEmail": True}))
    for _ in range(2):
        world.control("DELETE", "snapshots/before")
        world.control("POST", "snapshots", {"name": "before"})
    world.sign(session)
    visitor.get()
    visitor.click("send")
    visitor.click("enter", code=sender.code())
    archive = world.anonymous.get("/_sandbox/v1/snapshots/before/archive").content
    (tmp_path / "before.zip").write_bytes(archive)
    told = recorded(world, snapshot="before")
    assert (told["world"], told["notes"]) == ("before", [])
    source = exported(world, snapshot="before").text
    world.close()
    assert "before the recording began" not in source
    assert '    localsign.restore("before")\n' in source
    assert session["id"] in source
    replay(server, source, folder=tmp_path)


def test_a_snapshot_of_which_the_journal_does_not_tell_is_refused(world: World) -> None:
    def refused(name: str) -> str:
        answer = world.anonymous.get("/_sandbox/v1/journal/pytest", params={"snapshot": name})
        assert answer.status_code == 404
        return str(answer.json()["code"])

    assert refused("nothing") == "snapshot_not_found"
    world.control("POST", "snapshots", {"name": "before"})
    assert exported(world, snapshot="before").text
    archive = world.anonymous.get("/_sandbox/v1/snapshots/before/archive").content
    world.control("DELETE", "snapshots/before")
    zipped = {"Content-Type": "application/zip"}
    world.anonymous.put("/_sandbox/v1/snapshots/before/archive", content=archive, headers=zipped)
    assert refused("before") == "snapshot_not_in_journal"


def test_what_no_answer_has_is_said(world: World) -> None:
    session = world.session()
    world.control("POST", "reset", {"scope": ["journal"]})
    since = world.control("GET", "journal/count").json()["last"]
    world.read(session)
    [_, note] = recorded(world, since=since)["notes"]
    assert note == f"Entry {since + 1} is about {session['id']}, which no earlier answer has."


@pytest.mark.parametrize("kind", ["reset", "lost_answer", "truncate", "error"])
def test_a_fault_strikes_again(server: Server, world: World, kind: str) -> None:
    wanted = {"operation": "sign.list_signing_sessions", "kind": kind, "times": 1}
    made = world.control("POST", "faults", wanted).json()
    with nullcontext() if kind == "error" else pytest.raises(httpx.TransportError):
        world.api.get("/sign/signing-sessions")
    world.api.get("/sign/signing-sessions")
    world.control("DELETE", f"faults/{made['id']}")
    replay(server, exported(world).text)


def test_a_collection_defines_what_it_uses(server: Server, world: World) -> None:
    for story in (sign, sharing, signing_today, webhooks, saml, worlds):
        story(world, server)
    collection = exported(world, "postman").json()
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    known = {one["key"] for one in collection["variable"]}
    for item in collection["item"]:
        events = {one["listen"]: "\n".join(one["script"]["exec"]) for one in item.get("event", [])}
        known |= set(re.findall(r'collectionVariables\.set\("(\w+)"', events.get("prerequest", "")))
        used = set(re.findall(r"{{(\w+)}}", json.dumps(item["request"]) + events.get("prerequest", "")))
        assert used <= known, item["name"]
        known |= set(re.findall(r'collectionVariables\.set\("(\w+)"', events.get("test", "")))


def test_a_diagram_shows_what_followed(server: Server, world: World) -> None:
    sign(world, server)
    lines = exported(world, "mermaid").text.splitlines()
    assert lines[:2] == ["sequenceDiagram", "    autonumber"]
    told = [line.strip() for line in lines]
    assert "app->>api_sign: POST /sign/signing-sessions" in told
    assert "test->>api_sign: sign/sessions/(signing_session_id)/act sign" in told
    assert "Note right of api_sign: signing session READY → SIGNED" in told
    assert "api_sign--xtest: 409" in told


def test_a_recording_takes_filters(world: World) -> None:
    world.session()
    steps = recorded(world, operation="sign.upload_document")["steps"]
    assert [one["operation"] for one in steps] == ["platform.get_token", "sign.upload_document"]
