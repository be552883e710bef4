"""The contract-signing workflow in a real browser, as the end user goes through it."""

from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Server
from tests.mint.flows import Mint, flow, step
from tests.mint.samples import sample
from tests.sign.reading import signers

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("page", [False], ids=["without scripts"], indirect=True),
]


def test_a_contract_from_the_public_address_to_the_signature(
    server: Server,
    mint: Mint,
    page: "Page",
    integrator: ThreadingHTTPServer,
) -> None:
    workflow = mint.create(sample("contract-signing"))
    page.goto(
        f"{workflow['workflowUrl']}?email=kari@example.com&returnUrl=http://127.0.0.1:{integrator.server_port}/done"
    )
    page.get_by_role("heading", name="Rent an office").wait_for()
    page.get_by_role("button", name="Make the contract").click()
    assert "Your name is required." in page.get_by_role("alert").inner_text()
    page.get_by_label("Your name").fill("Kari Nordmann")
    page.get_by_role("button", name="Make the contract").click()

    page.get_by_role("heading", name="Rental agreement").wait_for()
    page.get_by_label("Your name").fill("Kari Nordmann")
    page.get_by_role("button", name="Sign", exact=True).click()
    page.wait_for_url("**/done")

    [journey] = mint.api.get("/mint/journeys", params={"workflowId": workflow["id"]}).json()["data"]
    assert (journey["status"], journey["name"]) == ("finished", "Contract of Kari Nordmann")
    [_, signed] = mint.read(journey)["files"]
    pdf = mint.api.get(f"/mint/journeys/{journey['id']}/files/{signed['id']}").content
    assert signers(server.sandbox.house.authority, pdf) == ["Kari Nordmann"]


def test_every_kind_of_page(mint: Mint, page: "Page") -> None:
    steps = [
        step("who", "IdentifyWithEid", title="Who are you?"),
        step("card", "StartWebId", title="Show your passport"),
        step(
            "form",
            "Form",
            title="More",
            fields=[
                {"name": "photo", "label": "A photo", "type": "file"},
                {"name": "why", "label": "Why", "type": "multiline"},
                {"name": "size", "label": "Size", "type": "choice", "options": ["S", "M"], "required": True},
                {"name": "yes", "label": "I agree", "type": "checkbox", "required": True},
            ],
        ),
        step("ok", "RequireApproval", message="A colleague looks at it"),
    ]
    started = mint.start(mint.create(flow(*steps)))
    page.goto(started["journeyUrl"])
    page.get_by_label("Astrid Lind").check()
    page.get_by_role("button", name="This is me").click()
    page.get_by_role("heading", name="Show your passport").wait_for()
    page.get_by_role("button", name="It succeeds").click()
    page.get_by_role("heading", name="More").wait_for()
    page.get_by_role("button", name="Continue").click()
    assert page.locator(".flaws li").all_inner_texts() == ["Size is required.", "I agree is required."]
    page.get_by_label("M", exact=True).check()
    page.get_by_label("I agree").check()
    page.get_by_label("A photo").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": b"\x89PNG not really"}
    )
    page.get_by_label("Why").fill("two\nlines")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Please wait").wait_for()
    assert "A colleague looks at it" in page.inner_text("main")

    mint.act(started, "approve")
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("heading", name="You are done").wait_for()
    data = mint.read(started)["stepData"]
    assert data["who"]["nationalId"] == "199104122388"
    assert data["form"] == {"photo": data["form"]["photo"], "why": "two\nlines", "size": "M", "yes": True}
    [photo] = mint.read(started)["files"]
    assert data["form"]["photo"]["id"] == photo["id"]
    assert mint.api.get(f"/mint/journeys/{started['journeyId']}/files/{photo['id']}").content == b"\x89PNG not really"
