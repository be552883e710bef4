"""Worlds from documents: what they say is there, by ordinary verbs; what is wrong in them is named; all or nothing."""

import base64
import json
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.control.dumping import dump
from tests.seeded import apply
from tests.world import NO_TLS, Json, World, refused

from localsign import seeding

SESSION = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
DOCUMENT = "11111111-2222-4333-8444-555555555555"

SMALL = f"""
clock: {{freeze: 2031-05-01T12:00:00Z}}
lags: {{packaging: manual}}
switches: {{sign.markdown: refuse}}
platform:
  clients:
    - {{client_id: app, client_secret: hush}}
sign:
  documents:
    - {{name: note, id: {DOCUMENT}, text: I agree., filename: note.txt, title: A note}}
    - {{name: other, base64: {base64.b64encode(b"bytes").decode()}, type: text/plain}}
  collections:
    - {{name: pile, documents: [note, other]}}
  sessions:
    - name: mine
      id: {SESSION}
      collection: pile
      documents: [{{document: note}}, {{document: other, action: VIEW}}]
      title: Consent
      dueIn: P10D
      externalReference: "42"
    - {{name: theirs, collection: pile, acts: [open, {{action: reject, reason: No.}}]}}
then: {{advance: PT1H}}
"""


def test_a_world_has_what_its_document_says(world: World) -> None:
    answer = apply(world, SMALL)
    assert answer.status_code == 200, answer.text
    [made] = answer.json()
    assert made["workspace"] == world.name
    ids = {one["name"]: one["id"] for one in made["made"]}
    assert (ids["mine"], ids["note"], ids["app"]) == (SESSION, DOCUMENT, "app")

    assert world.now() == "2031-05-01T13:00:00Z"
    assert world.control("GET", "lags/packaging").json()["progression"] == "manual"
    assert world.control("GET", "switches/sign.markdown").json()["value"] == "refuse"
    assert world.token({"client_id": "app", "client_secret": "hush"}).status_code == 200
    mine = world.read(SESSION)
    assert (mine["title"], mine["dueDate"], mine["externalReference"]) == ("Consent", "2031-05-11T12:00:00Z", "42")
    assert [one["action"] for one in mine["documents"]] == ["SIGN", "VIEW"]
    assert mine["documents"][0]["documentId"] == DOCUMENT
    assert world.download(DOCUMENT) == b"I agree."
    assert world.api.get(f"/sign/documents/{DOCUMENT}/metadata").json()["filename"] == "note.txt"
    assert world.read(ids["theirs"])["lifecycle"]["rejectReason"] == "No."
    assert world.sign(SESSION)["lifecycle"]["state"] == "SIGNED"


def test_a_document_may_be_json(world: World) -> None:
    document = {"sign": {"documents": [{"text": "x", "name": "n"}]}}
    answer = apply(world, json.dumps(document), "application/json; charset=utf-8")
    assert [one["name"] for one in answer.json()[0]["made"]] == ["n"]


def test_a_workspace_is_made_from_a_document(server: Server) -> None:
    wanted = {"name": "from-seed", "seed": 7, "from": {"sign": {"documents": [{"text": "x", "id": DOCUMENT}]}}}
    ids = []
    for _ in range(2):
        answer = httpx.post(f"{server.url}/_sandbox/v1/workspaces", json=wanted)
        assert answer.status_code == 201, answer.text
        world = World(answer.json())
        assert world.download(DOCUMENT) == b"x"
        ids.append(world.upload())
        server.sandbox.delete("from-seed")
        world.close()
    assert ids[0] == ids[1]


@pytest.mark.parametrize("name", list(seeding.fixtures()))
def test_every_fixture_is_a_world(server: Server, name: str) -> None:
    listed = httpx.get(f"{server.url}/_sandbox/v1/seeds").json()
    assert name in [one["name"] for one in listed if one["description"]]
    world = World(httpx.post(f"{server.url}/_sandbox/v1/workspaces", json={"fixture": name}).json())
    assert world.name.startswith("w-")
    server.sandbox.delete(world.name)
    world.close()


def test_the_rental_fixture_shows_every_state(server: Server) -> None:
    world = World(httpx.post(f"{server.url}/_sandbox/v1/workspaces", json={"fixture": "rental"}).json())
    sessions = world.api.get("/sign/signing-sessions").json()["data"]
    assert sorted(one["lifecycle"]["state"] for one in sessions) == ["BLOCKED", "READY", "REJECTED", "SIGNED", "SIGNED"]
    server.sandbox.delete(world.name)
    world.close()


def test_one_document_describes_several_workspaces(server: Server, world: World) -> None:
    of_this = f"{world.name}: {{sign: {{documents: [{{text: a}}]}}}}"
    document = f"workspaces:\n  {of_this}\n  seeded-b: {{lags: {{packaging: manual}}}}\n"
    made = apply(world, document).json()
    assert [one["workspace"] for one in made] == [world.name, "seeded-b"]
    other = httpx.get(f"{server.url}/w/seeded-b/_sandbox/v1/lags/packaging").json()
    assert other["progression"] == "manual"
    server.sandbox.delete("seeded-b")


# ---- what is wrong

WRONG: list[tuple[str, str, str]] = [
    ("sign:\n  documnets: []", "sign.documnets", "did you mean documents? (line 2)"),
    ("sgin: {}", "sgin", "did you mean sign?"),
    (
        "sign:\n  sessions:\n  - collection: pile\n    titel: x",
        "sign.sessions[0].titel",
        "did you mean title? (line 4)",
    ),
    ("sign: {sessions: [{collection: pile}]}", "sign.sessions[0].collection", "there are none before it"),
    ("sign: {documents: [{name: a}]}", "sign.documents[0]", "exactly one of"),
    ("sign: {documents: [{text: a, base64: YQ==}]}", "sign.documents[0]", "exactly one of"),
    ("sign: {documents: [{base64: '*'}]}", "sign.documents[0].base64", "is not base64"),
    (
        "sign: {documents: [{file: documents/agrement.pdf}]}",
        "sign.documents[0].file",
        "did you mean documents/agreement.pdf?",
    ),
    ("sign: {documents: [{file: ../pyproject.toml}]}", "sign.documents[0].file", "there is no file"),
    ("sign: {documents: [{file: /etc/passwd}]}", "sign.documents[0].file", "there is no file"),
    ('sign: {documents: [{file: "a\\u0001"}]}', "sign.documents[0].file", "there is no file"),
    ("sign: {documents: [{text: ''}]}", "sign.documents[0].text", "is empty"),
    ("sign: {documents: [{text: x, type: image/png}]}", "sign.documents[0].type", "is not one of"),
    ("sign: {documents: [{text: x, type: application/pdf}]}", "sign.documents[0].text", "is not a PDF"),
    (
        "sign: {documents: [{text: x, name: a}, {text: x, name: a}]}",
        "sign.documents[1].name",
        "another entry called 'a'",
    ),
    ("sign: {documents: [{text: x, id: 5}]}", "sign.documents[0].id", "UUID"),
    (
        f"sign: {{documents: [{{text: x, id: {DOCUMENT}}}, {{text: y, id: {DOCUMENT}}}]}}",
        "sign.documents[1].id",
        "already",
    ),
    ("sign: {documents: {}}", "sign.documents", "must be an array"),
    (
        "sign: {documents: [{text: x, name: deed}], collections: [{documents: [dead]}]}",
        "sign.collections[0].documents[0]",
        "did you mean deed?",
    ),
    ("lags: {packagin: manual}", "lags.packagin", "did you mean packaging?"),
    ("lags: {packaging: soon}", "lags.packaging", "must be immediate"),
    ("switches: {sign.markdown: maybe}", "switches.sign.markdown", "is not one of accept, refuse"),
    ("clock: {freeze: 2001-01-01T00:00:00Z}", "clock.freeze", "only goes forward"),
    ("clock: {freeze: tomorrow}", "clock.freeze", "date and time with an offset"),
    ("then: {advance: P1M}", "then.advance", "ISO 8601 duration"),
    ("then: {advance: P9999999D}", "then.advance", "leads past"),
    ("platform: {clients: [{client_id: x}, {client_id: x}]}", "platform.clients[1]", "already"),
    ("platform: {clients: [{permissions: [All]}]}", "platform.clients[0].permissions", "is not one of"),
    ("workspaces: {x: {}}\nlags: {}", "document", "everything else belongs into one of them"),
    ("workspaces: {Bad Name: {}}", "workspaces.Bad Name", "must be 1 to 63"),
    ("- a", "document", "must be an object"),
    ("a: [", "document", "is not YAML"),
    ("a: !!python/name:os.system x", "document", "tags are not allowed"),
]


@pytest.mark.parametrize(("document", "path", "reason"), WRONG, ids=lambda one: str(one)[:60])
def test_what_is_wrong_is_named_by_place_and_rule(
    server: Server, world: World, document: str, path: str, reason: str
) -> None:
    workspace = server.sandbox.find(world.name)
    before, names = dump(workspace), server.sandbox.names()
    body = refused(apply(world, document), 400, path)
    assert reason in body["invalidParams"][0]["reason"]
    assert dump(workspace) == before
    assert server.sandbox.names() == names


def test_all_flaws_of_the_shape_are_named_at_once(world: World) -> None:
    document = "sign:\n  documents:\n  - {txet: a}\n  - {text: a, id: x}\nlag: {}\n"
    body = apply(world, document).json()
    found = [one["name"] for one in body["invalidParams"]]
    assert found == ["lag"] or {"sign.documents[0].txet", "sign.documents[1].id"} <= set(found)


def test_what_cannot_happen_to_a_session_is_refused(server: Server, world: World) -> None:
    workspace = server.sandbox.find(world.name)
    before = dump(workspace)
    document = SMALL.replace("acts: [open,", "acts: [sign, sign,")
    body = refused(apply(world, document), 400, "sign.sessions[1].acts[1]")
    assert "SIGNED" in body["detail"]
    assert dump(workspace) == before


def test_of_several_workspaces_all_are_seeded_or_none(server: Server, world: World) -> None:
    workspace = server.sandbox.find(world.name)
    before = dump(workspace)
    document = f"workspaces:\n  {world.name}: {{lags: {{packaging: manual}}}}\n  half-made: {{}}\n  BAD: {{}}\n"
    assert apply(world, document).status_code == 400
    assert dump(workspace) == before
    assert "half-made" not in server.sandbox.names()


@pytest.mark.parametrize(
    ("document", "path"),
    [("workspaces: {../x: {}, fine: {}}", "workspaces.../x"), ("workspace: A\n", "workspace")],
)
def test_a_name_that_no_workspace_can_have_is_refused_in_its_place(world: World, document: str, path: str) -> None:
    body = refused(apply(world, document), 400, path)
    assert "(line 1)" in body["detail"]


@pytest.mark.parametrize("name", ["a" * 5000, "a/" * 3000, "../terms.txt", "/etc/hostname"])
def test_a_file_that_cannot_be_is_refused(world: World, name: str) -> None:
    document = json.dumps({"sign": {"documents": [{"name": "a", "file": name}]}})
    refused(apply(world, document, "application/json"), 400, "sign.documents[0].file")


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({"from": {"sgin": {}}}, "from.sgin"),
        ({"from": {"workspaces": {"a": {}}}}, "document"),
        ({"from": [], "name": "x"}, "from"),
        ({"from": {}, "fixture": "rental"}, "body"),
        ({"seed": "a" * 201}, "seed"),
    ],
)
def test_a_workspace_is_not_made_from_what_is_wrong(server: Server, body: Json, flawed: str) -> None:
    names = server.sandbox.names()
    refused(httpx.post(f"{server.url}/_sandbox/v1/workspaces", json=body), 400, flawed)
    assert server.sandbox.names() == names


def test_an_unknown_fixture_is_a_404_that_names_the_nearest(server: Server) -> None:
    answer = httpx.post(f"{server.url}/_sandbox/v1/workspaces", json={"fixture": "rentals"})
    assert refused(answer, 404, code="fixture_not_found")["detail"].endswith("; did you mean rental?")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml"])
def test_a_document_is_yaml_or_json(world: World, kind: str) -> None:
    refused(apply(world, "lags: {}", kind), 400, "Content-Type")


# ---- a world that is in use


def test_what_is_under_way_is_not_lost_and_not_refused(world: World) -> None:
    """Seeding adds: a session that was there is there, and signing it goes on."""
    session = world.session()
    apply(world, SMALL.replace("clock: {freeze: 2031-05-01T12:00:00Z}", ""))
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
    assert world.api.get("/sign/signing-sessions").json()["total"] == 3


def test_a_change_while_the_seed_is_made_is_kept(server: Server, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = seeding._fill
    uploaded: list[str] = []

    def fill_and_change(*args: Any) -> Any:
        made = fill(*args)
        if not uploaded:
            uploaded.append(world.upload())
        return made

    monkeypatch.setattr(seeding, "_fill", fill_and_change)
    assert apply(world, f"sign: {{documents: [{{text: x, id: {DOCUMENT}}}]}}").status_code == 200
    assert world.download(uploaded[0])
    assert world.download(DOCUMENT) == b"x"


# ---- the schema


def test_the_schema_has_every_section_and_accepts_what_is_accepted(world: World) -> None:
    answer = world.anonymous.get("/_sandbox/v1/seeds/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert schema["$schema"].endswith("2020-12/schema")
    assert {"clock", "lags", "switches", "sign", "platform", "then", "workspaces"} <= schema["properties"].keys()
    assert schema["additionalProperties"] is False
    assert {"packageTo", "documents"} <= schema["$defs"]["CollectionSeed"]["properties"].keys()


def test_a_fixture_is_made_at_the_time_that_the_workspace_is_to_have(world: World) -> None:
    wanted = {"fixture": "payroll", "clock": "2031-05-01T12:00:00Z"}
    made = world.control("POST", "workspaces", wanted)
    assert made.status_code == 201, made.text
    clock = httpx.get(f"{made.json()['base_url']}/_sandbox/v1/clock", verify=NO_TLS).json()
    assert (clock["now"], clock["is_frozen"]) == ("2031-05-01T12:00:00Z", True)
    later = World(made.json())
    [share, *_] = later.api.get("/secure-share/shares").json()["data"]
    assert share["created"].startswith("2031-05-01T12:00:00")
    later.close()


def test_a_new_workspace_whose_clock_stands_still(world: World) -> None:
    made = world.control("POST", "workspaces", {"clock": "2031-05-01T12:00:00Z"}).json()
    assert httpx.get(f"{made['base_url']}/_sandbox/v1/clock", verify=NO_TLS).json()["is_frozen"]
    refused(world.control("POST", "workspaces", {"clock": "soon"}), 400, "clock")
    assert world.control("POST", "workspaces", {"clock": "2001-05-01T12:00:00Z"}).status_code in (400, 409)
