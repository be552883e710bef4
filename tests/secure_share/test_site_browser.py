"""The recipient's site in a real browser, mostly without scripts, as people use it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, BY_SMS, NIN, Sender, a_file
from tests.world import agreement

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def download(page: "Page", name: str) -> bytes:
    """What a click on the download of `name` gives."""
    with page.expect_download() as arriving:
        page.get_by_role("link", name=f"Download {name}", exact=True).click()
    assert arriving.value.suggested_filename == name
    return Path(arriving.value.path()).read_bytes()


def test_a_share_from_creation_to_completion(sender: Sender, page: "Page", complaints: list[str]) -> None:
    """Two recipients, one of them restricted to a file: each comes by the link of their message."""
    share = sender.share(title="Tax papers", description="All of last year.")
    [report, payslips] = sender.upload(
        share, a_file("report.pdf", agreement()), a_file("lønnsslipper.txt", b"1 2 3", "text/plain")
    )
    notification = {"sendEmail": True}
    kari = sender.invite(share, notification=notification)
    ola = sender.invite(
        share,
        firstName="Ola",
        email="ola@example.test",
        authentication=[BY_BANKID],
        notification=notification,
        fileRestrictions=[payslips["id"]],
    )

    page.goto(sender.messages("kari@example.test")[0].links[0])
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).fill(sender.code())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Files", exact=True).wait_for()
    assert download(page, "report.pdf") == agreement()
    page.reload()
    assert page.get_by_text("Downloaded on").count() == 1
    assert sender.read(share)["completedRecipients"] == 0
    assert download(page, "lønnsslipper.txt") == b"1 2 3"
    assert (sender.read(share)["completedRecipients"], sender.read(share)["status"]) == (1, "Active")

    page.goto(sender.messages("ola@example.test")[0].links[0])
    page.get_by_label("National identity number").fill(NIN)
    page.get_by_label("Your id at Norwegian BankID").fill("1234-3456-5678")
    page.get_by_role("button", name="Log in with Norwegian BankID").click()
    page.get_by_role("heading", name="lønnsslipper.txt").wait_for()
    assert page.get_by_role("heading", name="report.pdf").count() == 0
    assert download(page, "lønnsslipper.txt") == b"1 2 3"

    done = sender.read(share)
    assert (done["completedRecipients"], done["status"]) == (2, "Completed")
    assert [len(one["fileAccessInfos"]) for one in done["recipients"]] == [2, 1]
    assert all(one["loggedInTime"] for one in (sender.recipient(share, kari), sender.recipient(share, ola)))
    assert report["id"] not in str(done["recipients"][1])
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("button", name="Log in with Norwegian BankID").wait_for()
    assert complaints == []


def test_a_wrong_code_is_told_where_it_was_typed(sender: Sender, page: "Page") -> None:
    share = sender.share()
    sender.upload(share)
    page.goto(sender.invite(share)["url"])
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).fill("x")
    page.get_by_role("button", name="Show the files").click()
    alert = page.get_by_role("alert")
    assert "You have 2 tries left" in alert.inner_text()
    assert alert.evaluate("box => box === document.activeElement")
    assert page.title().startswith("Error: ")
    field = page.get_by_label("Code", exact=True)
    assert field.get_attribute("aria-invalid") == "true"
    assert "code-flaw" in str(field.get_attribute("aria-describedby"))
    alert.get_by_role("link").click()
    field.fill(sender.code())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Files", exact=True).wait_for()


def test_a_way_is_chosen_with_the_keyboard_alone(sender: Sender, page: "Page") -> None:
    share = sender.share()
    sender.upload(share)
    page.goto(sender.invite(share, authentication=[BY_EMAIL, BY_SMS, BY_BANKID])["url"])
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    for _ in range(2):
        page.keyboard.press("Tab")
    assert "Code by text message" in page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send me a code").wait_for()
    page.get_by_role("link", name="Choose another way").click()
    page.get_by_role("link", name="Norwegian BankID").click()
    page.get_by_role("button", name="Simulate an eID error").click()
    page.get_by_role("heading", name="The eID did not work").wait_for()
    page.get_by_role("link", name="Try again").click()
    page.get_by_label("National identity number").fill("1")
    page.get_by_label("Your id at Norwegian BankID").fill("2")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="These files are for somebody else").wait_for()


def test_it_fits_on_a_telephone(sender: Sender, page: "Page") -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    share = sender.share(title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2)
    sender.upload(share, a_file("x" * 200 + ".pdf"), a_file("short.pdf"))
    page.goto(sender.invite(share, authentication=[BY_EMAIL, BY_SMS])["url"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("link", name="Code by e-mail").click()
    page.get_by_role("button", name="Send me a code").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_label("Code", exact=True).fill(sender.code())
    page.get_by_role("button", name="Show the files").click()
    page.get_by_role("heading", name="short.pdf").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
