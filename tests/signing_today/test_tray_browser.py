"""The signature tray in a real browser, mostly without scripts, as a person uses it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.signing_today.transactions import Desk, a_plan, a_text, external

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def quiet(complaints: list[str]) -> Iterator[None]:
    """The console has nothing to complain of but a refused form, a 422, which it notes."""
    yield
    assert [one for one in complaints if "status of 4" not in one] == []


def test_a_person_fills_in_and_signs_with_the_keyboard_alone(desk: Desk, page: "Page") -> None:
    dst = desk.published(a_plan([external(1)], forms=[a_text()]))
    [link] = desk.mails("eve@example.com")[0].links
    page.goto(link)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    text = page.get_by_label("Text")
    for _ in range(20):
        if text.evaluate("box => box === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Via Roma 1, Napoli")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign Contract", exact=True).wait_for()
    assert desk.read(dst)["status"] == "toSign"
    page.get_by_role("button", name="Sign Contract", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Signed by all", exact=True).wait_for()
    assert desk.read(dst)["status"] == "signed"


def test_a_missing_text_is_asked_for_again(desk: Desk, page: "Page") -> None:
    desk.published(a_plan([external(1)], forms=[a_text(), a_text(12)]))
    page.goto(desk.mails("eve@example.com")[0].links[0])
    page.get_by_label("Text 2").fill("Roma")
    page.get_by_role("button", name="Fill in").click()
    alert = page.get_by_role("alert")
    assert alert.evaluate("box => box === document.activeElement")
    alert.get_by_role("link", name="Text 1 is missing.").click()
    assert page.get_by_label("Text 1").get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Text 2").input_value() == "Roma"


def test_a_person_declines_with_a_reason(desk: Desk, page: "Page") -> None:
    dst = desk.published(a_plan([external(1)]))
    page.goto(dst["documents"][0]["signatureRequests"][0]["extraData"]["st_ticketUrl"])
    page.get_by_text("Decline to sign", exact=True).click()
    page.get_by_label("Reason").fill("Too dear")
    page.get_by_role("button", name="Decline to sign Contract").click()
    page.get_by_role("heading", name="Signing was declined").wait_for()
    assert desk.read(dst)["signatures"][0]["declinedReason"] == "Too dear"


def test_every_field_has_a_label_and_every_picture_a_text(desk: Desk, page: "Page") -> None:
    desk.published(a_plan([external(1)], forms=[a_text()]), a_plan([external(1)]))
    page.goto(desk.mails("eve@example.com")[0].links[0])
    unnamed = "element => !element.labels || element.labels.length == 0"
    assert not any(field.evaluate(unnamed) for field in page.locator("textarea, input").all())
    assert all(image.get_attribute("alt") for image in page.locator("img").all())
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    ids = [element.get_attribute("id") for element in page.locator("[id]").all()]
    assert len(ids) == len(set(ids))


def test_a_narrow_screen_needs_no_sideways_scrolling(desk: Desk, page: "Page") -> None:
    desk.published(a_plan([external(1)], forms=[a_text()]), title="W" * 120)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(desk.mails("eve@example.com")[0].links[0])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_documents_of_the_same_name_are_told_apart(desk: Desk, page: "Page") -> None:
    dst = desk.published(a_plan([external(1)]), a_plan([external(1)]), title="عقد بيع")
    page.goto(desk.mails("eve@example.com")[0].links[0])
    assert page.get_by_role("heading", name="عقد بيع").evaluate("one => getComputedStyle(one).direction") == "rtl"
    page.get_by_role("button", name="Sign Contract (document 2)", exact=True).click()
    page.get_by_role("button", name="Sign Contract (document 1)", exact=True).wait_for()
    assert [one["documentId"] for one in desk.read(dst)["signatures"]] == [2]
