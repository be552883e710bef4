"""The signer's page in a real browser, mostly without scripts, as a person uses it."""

from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.browsing import Integrator
from tests.world import Json, World

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def redirects(integrator: ThreadingHTTPServer) -> Json:
    base = f"http://127.0.0.1:{integrator.server_port}"
    return {name: f"{base}/{name}?own=1#part" for name in ("success", "cancel", "error", "reject")}


def test_a_person_signs_with_the_keyboard_alone(world: World, page: "Page", integrator: ThreadingHTTPServer) -> None:
    session = world.session(
        signText="I agree to all of it.", externalReference="ref-1", redirectSettings=redirects(integrator)
    )
    page.goto(session["signatureUrl"])
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    consent = page.get_by_label("I have read this text and agree to it.")
    for _ in range(20):
        if consent.evaluate("box => box === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(3):  # over the personas and the eIDs
        page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Kari Nordmann")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Sign"
    page.keyboard.press("Enter")

    page.wait_for_url("**/success?*")

    assert page.url.endswith(f"/success?own=1&externalReference=ref-1&sessionId={session['id']}#part")
    assert page.title() == "Back"
    assert Integrator.asked == [f"/success?own=1&externalReference=ref-1&sessionId={session['id']}"]
    assert Integrator.referrers == [None]
    assert world.read(session)["lifecycle"]["state"] == "SIGNED"
    page.goto(session["signatureUrl"])
    assert "Kari Nordmann signed on" in page.inner_text("main")


def test_consent_is_asked_for_again(world: World, page: "Page") -> None:
    session = world.session(signText="I agree to all of it.")
    page.goto(session["signatureUrl"])
    page.fill("#name", "Kari")
    page.get_by_role("button", name="Sign", exact=True).click()
    alert = page.get_by_role("alert")
    assert "Tick the box" in alert.inner_text()
    assert alert.evaluate("box => box === document.activeElement")
    assert page.input_value("#name") == "Kari"
    alert.get_by_role("link").click()
    page.get_by_label("I have read this text and agree to it.").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("heading", name="Signed", exact=True).wait_for()
    assert world.read(session)["lifecycle"]["state"] == "SIGNED"


def test_a_person_rejects_with_a_reason(world: World, page: "Page") -> None:
    session = world.session()
    page.goto(session["signatureUrl"])
    page.get_by_text("Reject signing").click()
    page.get_by_label("Reason").fill("Wrong price\nand wrong date")
    page.get_by_role("button", name="Reject", exact=True).click()
    page.get_by_role("heading", name="Signing was rejected").wait_for()
    assert world.read(session)["lifecycle"]["rejectReason"] == "Wrong price\nand wrong date"


@pytest.mark.parametrize(("button", "path"), [("Cancel", "cancel"), ("Simulate an eID error", "error")])
def test_leaving_goes_back(world: World, page: "Page", integrator: ThreadingHTTPServer, button: str, path: str) -> None:
    session = world.session(redirectSettings=redirects(integrator), signText="I agree.")
    page.goto(session["signatureUrl"])
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"**/{path}?*")
    assert page.url.endswith(f"/{path}?own=1&sessionId={session['id']}#part")
    assert world.read(session)["lifecycle"]["state"] == "READY"


def test_leaving_without_redirects_leads_back_to_the_documents(world: World, page: "Page") -> None:
    page.goto(world.session()["signatureUrl"])
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="You left without signing").wait_for()
    page.get_by_role("link", name="Back to the documents").click()
    page.get_by_role("button", name="Sign", exact=True).wait_for()


def test_pictures_load_and_nothing_is_complained_of(world: World, page: "Page", complaints: list[str]) -> None:
    page.goto(world.session(signText="I agree.")["signatureUrl"])
    pictures = page.get_by_role("img")
    assert pictures.count() == 2
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    for picture in pictures.all():
        assert picture.evaluate("image => image.naturalWidth") == 1000
    assert complaints == []


def test_the_download_has_its_name(world: World, page: "Page") -> None:
    document = world.upload()
    world.api.patch(f"/sign/documents/{document}/metadata", json={"filename": "leie å.pdf"})
    page.goto(world.session(world.collect(document))["signatureUrl"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "leie å.pdf"


def test_authentication_comes_first(world: World, page: "Page", complaints: list[str]) -> None:
    page.goto(world.session(preAuthentication={"enabled": True})["signatureUrl"])
    assert page.get_by_role("img").count() == 0
    page.fill("#name", "Kari")
    page.get_by_role("button", name="Show who I am").click()
    page.get_by_role("button", name="Sign", exact=True).wait_for()
    assert page.input_value("#name") == "Kari"
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("img").first.evaluate("image => image.naturalWidth") == 1000
    assert complaints == []


def test_it_fits_on_a_telephone(world: World, page: "Page") -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(world.session(title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2)["signatureUrl"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("link", name="Go to signing").click()
    assert page.url.endswith("#signing")
