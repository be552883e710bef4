"""Forms that nobody fills in by hand, and files that come with them."""

from typing import Any

import pytest
from tests.conftest import Server
from tests.mint.flows import Mint, flow, id_of, step
from tests.world import Json, World

FIELDS = [
    {"name": "name"},
    {"name": "photo", "type": "file", "required": True},
    {"name": "more", "type": "file"},
]
FORM = step("form", "Form", fields=FIELDS)


def act(mint: Mint, journey: Json, **body: Any) -> Any:
    return mint.world.control("POST", f"mint/journeys/{id_of(journey)}/act", {"action": "complete", **body})


def content(mint: Mint, journey: Json, file: Json) -> bytes:
    return mint.api.get(f"/mint/journeys/{id_of(journey)}/files/{file['id']}").content


def arriving(server: Server, world: World) -> list[str]:
    """What is left of uploads that nobody kept."""
    folder = server.sandbox.find(world.name).blobs.folder
    return [path.name for path in folder.glob("arriving-*")]


def test_a_willing_person_has_a_file_where_one_is_required(mint: Mint) -> None:
    started = mint.start(mint.create(flow(FORM)))
    journey = mint.act(started, "complete")
    assert journey["status"] == "finished"
    answers = journey["stepData"]["form"]
    assert answers["more"] is None
    assert [one["id"] for one in journey["files"]] == [answers["photo"]["id"]]
    assert answers["photo"]["filename"] == "sample.txt"
    assert content(mint, started, answers["photo"]) == b"This file stands for one of your own.\n"


def test_a_command_can_bring_files(mint: Mint) -> None:
    started = mint.start(mint.create(flow(FORM)))
    data = {
        "photo": {"filename": "me.png", "contentType": "image/png", "base64": "iVBORw=="},
        "more": {"text": "words"},
    }
    answers = mint.act(started, "complete", data=data)["stepData"]["form"]
    assert (answers["photo"]["filename"], answers["photo"]["contentType"]) == ("me.png", "image/png")
    assert content(mint, started, answers["photo"]) == b"\x89PNG"
    assert content(mint, started, answers["more"]) == b"words"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "data.photo"),
        ({"photo": ""}, "data.photo"),
        ({"photo": {"base64": "?"}}, "data.photo.base64"),
        ({"photo": {"base64": 5}}, "data.photo.base64"),
    ],
)
def test_what_is_no_file_is_refused_and_nothing_is_kept(mint: Mint, server: Server, data: Json, words: str) -> None:
    started = mint.start(mint.create(flow(FORM)))
    answer = act(mint, started, data=data)
    assert answer.status_code == 400, answer.text
    assert words in answer.text
    assert mint.read(started)["status"] == "active"
    assert (mint.read(started)["files"], arriving(server, mint.world)) == ([], [])


@pytest.mark.parametrize("kind", ["IdentifyWithEid", "StartVideoId"])
def test_an_unknown_persona_is_refused(mint: Mint, kind: str) -> None:
    """By a command, by resuming, and from a page that somebody changed; the journey waits on."""
    started = mint.start(mint.create(flow(step("who", kind))))
    address = f"/mint/journeys/{id_of(started)}"
    answer = act(mint, started, data={"persona": "karl"})
    assert answer.status_code == 400
    assert "there is no persona 'karl'" in answer.text
    assert "kari" in answer.text
    answer = mint.api.post(f"{address}/resume", json={"stepId": "who", "input": {"persona": "karl"}})
    assert (answer.status_code, answer.json()["invalidParams"][0]["name"]) == (400, "input.persona")
    person = mint.world.anonymous
    page = person.get(started["journeyUrl"], follow_redirects=True)
    sent = {"step": "who", "action": "complete", "persona": "karl"}
    assert person.post(str(page.url), data=sent).status_code in (303, 400, 422)
    assert mint.read(started)["status"] == "active"


def test_of_two_files_in_one_field_the_last_counts_and_nothing_is_left(mint: Mint, server: Server) -> None:
    started = mint.start(mint.create(flow(FORM)))
    person = mint.world.anonymous
    page = person.get(started["journeyUrl"], follow_redirects=True)
    sent = [("field:photo", ("a.txt", b"first")), ("field:photo", ("b.txt", b"second")), ("field:x", ("c", b"third"))]
    answer = person.post(str(page.url), data={"step": "form", "action": "complete"}, files=sent)
    assert answer.status_code == 303
    [file] = mint.read(started)["files"]
    assert (file["filename"], content(mint, started, file)) == ("b.txt", b"second")
    assert arriving(server, mint.world) == []


def test_a_form_with_a_flaw_leaves_no_file(mint: Mint, server: Server) -> None:
    started = mint.start(mint.create(flow(step("form", "Form", fields=[*FIELDS, {"name": "x", "required": True}]))))
    person = mint.world.anonymous
    page = person.get(started["journeyUrl"], follow_redirects=True)
    sent = [("field:photo", ("a.txt", b"first"))]
    answer = person.post(str(page.url), data={"step": "form", "action": "complete"}, files=sent)
    assert answer.status_code == 422
    assert "choose the file again" in answer.text.casefold()
    assert (mint.read(started)["files"], arriving(server, mint.world)) == ([], [])
