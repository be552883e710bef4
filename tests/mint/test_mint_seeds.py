"""Worlds with workflows and journeys from seed documents."""

from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import Server
from tests.mint.conftest import Inside
from tests.mint.flows import Mint
from tests.seeded import apply, seeded
from tests.sign.reading import signers
from tests.world import Json, World

from localsign.mint.models import Secret

PINNED = "0a000000-0000-4000-8000-0000000000"


@pytest.fixture
def onboarding(server: Server) -> Iterator[World]:
    with seeded(server, "onboarding") as world:
        yield world


def made(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["id"] for one in answer.json()[0]["made"]}


def test_the_fixture_is_a_landlord_at_work(onboarding: World, server: Server) -> None:
    mint = Mint(onboarding)
    flows = mint.api.get("/mint/workflows?sort=name").json()["data"]
    assert [(one["name"], one["isPublished"]) for one in flows][-1] == ("Reminder", False)
    listed = [mint.read(one) for one in mint.api.get("/mint/journeys?sort=createdAt").json()["data"]]
    waiting = {one["activeSteps"][0]["stepType"]: one for one in listed if one["activeSteps"]}
    assert sorted(waiting) == ["Form", "RequireApproval", "SignInsideJourney"]
    [signed] = [one for one in listed if one["status"] == "finished"]
    pdf = mint.api.get(f"/mint/journeys/{signed['id']}/files/{signed['files'][-1]['id']}").content
    assert signers(server.sandbox.house.authority, pdf) == ["Kari Nordmann"]
    [reminder] = [one for one in flows if one["name"] == "Reminder"]
    [file] = mint.api.get(f"/mint/workflows/{reminder['id']}").json()["files"]
    assert (file["filename"], file["contentType"]) == ("terms.txt", "text/plain")
    # What was seeded goes on as anything else.
    assert mint.act(waiting["SignInsideJourney"], "complete", data={"name": "Ola Nordmann"})["status"] == "finished"


def test_ids_can_be_pinned_and_secrets_have_their_value(world: World, inside: Inside) -> None:
    document = f"""
mint:
  secrets: [{{name: key, id: {PINNED}01, value: hush}}]
  workflows:
    - name: w
      id: {PINNED}02
      content: {{name: W, steps: [{{id: wait, type: SuspendWorkflow}}]}}
  journeys: [{{name: j, id: {PINNED}03, workflow: w, input: {{x: 1}}, acts: [{{action: complete, data: {{y: 2}}}}]}}]
"""
    ids = made(apply(world, document))
    assert ids == {"key": f"{PINNED}01", "w": f"{PINNED}02", "j": f"{PINNED}03"}
    journey = Mint(world).read(f"{PINNED}03".replace("-", ""))
    assert (journey["status"], journey["stepData"]) == ("finished", {"wait": {"y": 2}})
    with inside() as work:
        assert [one.value for one in work.everything(Secret)] == ["hush"]
    assert "hush" not in apply(world, document).text


FLOW = "{name: W, steps: [{id: a, type: Form}]}"


@pytest.mark.parametrize(
    ("document", "flaw", "words"),
    [
        ("workflows: [{name: w}]", "mint.workflows[0]", 'exactly one of "content" and "file"'),
        ("workflows: [{name: w, content: {name: W}}]", "mint.workflows[0].content.steps", "required"),
        ("workflows: [{name: w, contents: {}}]", "mint.workflows[0].contents", "did you mean content"),
        ("workflows: [{file: mint/workflows/contract.json}]", "mint.workflows[0].file", "there is no file"),
        ("workflows: [{file: documents/terms.txt}]", "mint.workflows[0].file", "terms.txt"),
        ("workflows: [{file: documents/agreement.pdf}]", "mint.workflows[0].file", "agreement.pdf"),
        ("workflows: [{file: ../../etc/passwd}]", "mint.workflows[0].file", "there is no file"),
        (
            "workflows: [{content: {name: W, steps: [{id: a, type: x}, {id: a, type: x}]}}]",
            "mint.workflows[0].content.steps[1].id",
            "earlier step",
        ),
        (
            f"workflows: [{{content: {FLOW}, files: [{{text: x}}, {{base64: '?'}}]}}]",
            "mint.workflows[0].files[1].base64",
            "is not base64",
        ),
        ("secrets: [{name: a, value: x}, {name: a, value: y}]", "mint.secrets[1].name", "already"),
        ("journeys: [{workflow: w}]", "mint.journeys[0].workflow", "no entry called 'w'"),
        (
            f"{{workflows: [{{name: w, publish: false, content: {FLOW}}}], journeys: [{{workflow: w}}]}}",
            "mint.journeys[0]",
            "no published version",
        ),
        (
            f"{{workflows: [{{name: w, content: {FLOW}}}], journeys: [{{workflow: w, acts: [dance]}}]}}",
            "mint.journeys[0].acts[0].action",
            "must be one of",
        ),
        (
            f"{{workflows: [{{name: w, content: {FLOW}}}], journeys: [{{workflow: w, acts: [complete, complete]}}]}}",
            "mint.journeys[0].acts[1]",
            "finished",
        ),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(world: World, document: str, flaw: str, words: str) -> None:
    answer = apply(world, f"mint: {document if document.startswith('{') else '{' + document + '}'}")
    assert answer.status_code == 400, answer.text
    [found] = answer.json()["invalidParams"]
    assert found["name"].startswith(flaw), found
    assert words in found["reason"].casefold(), found
    assert Mint(world).api.get("/mint/workflows").json()["totalCount"] == 0


def test_a_flawed_act_names_its_data(world: World) -> None:
    form = "{id: form, type: Form, properties: {fields: [{name: x, required: true}]}}"
    document = f"""
mint:
  workflows: [{{name: w, content: {{name: W, steps: [{form}]}}}}]
  journeys: [{{workflow: w, acts: [{{action: complete, data: {{}}}}]}}]
"""
    found: Json = apply(world, document).json()["invalidParams"][0]
    assert found["name"] == "mint.journeys[0].acts[0].data.x"
