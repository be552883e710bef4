"""The recipient's site: showing who one is, the files, and what a link does not show."""

import re
from typing import Any

import httpx
import pytest
from tests.conftest import serve
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, BY_SMS, CONTACT, NIN, Sender, Visitor, a_file
from tests.signer import shows
from tests.world import Json, World

from localsign.core.people import built_in
from localsign.secure_share.pages import hidden
from localsign.settings import Settings


def a_visit(sender: Sender, **but: Any) -> tuple[Json, Json, Visitor]:
    """A share of one file, its recipient, and their browser."""
    share = sender.share(description="All of last year.")
    sender.upload(share)
    recipient = sender.invite(share, **but)
    return share, recipient, Visitor(recipient)


def let_in(sender: Sender, visitor: Visitor) -> None:
    visitor.click("send")
    shows(visitor.click("enter", code=sender.code()), 200, "Files", "Download")


def test_the_link_alone_shows_no_file(sender: Sender) -> None:
    share, _, visitor = a_visit(sender)
    [file] = sender.read(share)["files"]
    page = shows(visitor.get(), 200, "Tax papers", "Acme AS", "Show who you are", "ka•••@example.test")
    assert "report.pdf" not in page.text
    shows(visitor.get(f"/files/{file['id']}"), 403, "Show who you are first")
    assert sender.recipient(share, {"id": sender.read(share)["recipients"][0]["id"]})["fileAccessInfos"] == []


def test_a_code_by_e_mail_opens_the_files(sender: Sender) -> None:
    share, recipient, visitor = a_visit(sender)
    shows(visitor.click("send"), 200, "A code was sent to ka•••@example.test", "Six digits.")
    [message] = sender.messages("kari@example.test")
    assert (message.kind, message.channel.value, message.language) == ("share.code", "email", "En")
    assert re.fullmatch(r"\d{6}", message.codes[0])
    assert message.codes[0] in message.text
    page = shows(visitor.click("enter", code=message.codes[0]), 200, "report.pdf", "All of last year.", "Kari Nordmann")
    assert "Downloaded" not in page.text
    assert sender.recipient(share, recipient)["loggedInTime"] is not None
    [link] = visitor.files()
    answer = visitor.request("GET", link)
    assert answer.content == b"%PDF-1.7 report"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="report.pdf"'
    assert sender.read(share)["status"] == "Completed"
    shows(visitor.get(), 200, "Downloaded on")


def test_a_code_by_text_message(sender: Sender) -> None:
    _, _, visitor = a_visit(sender, authentication=[BY_SMS])
    shows(visitor.click("send"), 200, "+47•••567")
    [message] = sender.messages("+4791234567")
    assert (message.channel.value, message.subject) == ("sms", None)
    shows(visitor.click("enter", code=f" {message.codes[0][:3]} {message.codes[0][3:]} "), 200, "report.pdf")


def test_an_eid_opens_the_files(sender: Sender) -> None:
    share, recipient, visitor = a_visit(sender, authentication=[BY_BANKID])
    page = shows(visitor.get(), 200, "Norwegian BankID", "Simulated: no real eID is asked")
    assert {held["name"] for tag, held in page.tags if tag == "input"} == {"nin", "idpId"}
    assert NIN not in visitor.get().text
    assert page.all("option", "value") == ["", *(one.key for one in built_in() if one.national_id)]
    shows(visitor.click("login", nin=NIN, idpId=" 1234-3456-5678 "), 200, "report.pdf")
    assert sender.recipient(share, recipient)["loggedInTime"] is not None


def test_a_persona_logs_in_as_who_they_are(sender: Sender) -> None:
    made = sender.world.control("POST", "personas", {"name": "Nora Berg"}).json()
    bankid = {"identityProvider": "nbid", "nin": made["national_id"]}
    _, _, visitor = a_visit(sender, authentication=[bankid])
    page = visitor.look()
    assert "Nora Berg" in page.text
    assert made["national_id"] not in visitor.get().text
    shows(visitor.click("login", persona="kari", nin=made["national_id"]), 403, "These files are for somebody else")
    shows(visitor.click("login", persona="<nobody>"), 422, "The number is missing.")
    shows(visitor.click("login", persona="nora-berg"), 200, "report.pdf")


def test_a_persona_who_forgets_their_id_stays_chosen(sender: Sender) -> None:
    _, _, visitor = a_visit(sender, authentication=[BY_BANKID])
    page = shows(visitor.click("login", persona="kari"), 422, "The id is missing.")
    [chosen] = [held["value"] for tag, held in page.tags if tag == "option" and "selected" in held]
    assert chosen == "kari"


def test_an_eid_that_nothing_is_asked_of_lets_everybody_in(sender: Sender) -> None:
    _, _, visitor = a_visit(sender, authentication=[{"identityProvider": "sbid"}])
    assert visitor.look().all("input", "name") == []
    shows(visitor.click("login"), 200, "report.pdf")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"nin": NIN}, "The id is missing."),
        ({"nin": "", "idpId": "1"}, "The number is missing."),
        ({"nin": "1" * 201, "idpId": "1"}, "The number may have at most 200 characters."),
    ],
)
def test_a_form_that_is_not_filled_says_so(sender: Sender, typed: Json, words: str) -> None:
    share, recipient, visitor = a_visit(sender, authentication=[BY_BANKID])
    page = shows(visitor.click("login", **typed), 422, words)
    assert page.value("nin") == typed["nin"][:201]
    assert sender.does(share, recipient, "open")["state"] == "Invited"


def test_one_of_several_ways_is_chosen(sender: Sender) -> None:
    _, _, visitor = a_visit(sender, authentication=[BY_EMAIL, BY_SMS, BY_BANKID])
    page = shows(visitor.get(), 200, "Code by e-mail", "Code by text message", "Norwegian BankID")
    assert [one.partition("?")[2] for one in page.all("a", "href") if "method" in one] == [
        "method=0",
        "method=1",
        "method=2",
    ]
    shows(visitor.get("?method=1"), 200, "Send me a code", "Choose another way")
    shows(visitor.click("send", "?method=1"), 200, "A code was sent to +47•••567")
    shows(visitor.click("enter", "?method=0", code=sender.code("+4791234567")), 422, "no longer be used")
    shows(visitor.click("enter", "?method=1", code=sender.code("+4791234567")), 200, "report.pdf")
    for query in ("?method=9", "?method=", "?method=x", "?method=-1", "?method=%00"):
        shows(Visitor(visitor.link).get(query), 200, "How do you want")
        shows(Visitor(visitor.link).click("send", query), 422, "Choose one of the buttons.")


def test_only_the_files_that_somebody_may_see_are_there(sender: Sender) -> None:
    share = sender.share()
    [one, two] = sender.upload(share, a_file("mine.pdf"), a_file("secret.pdf"))
    visitor = Visitor(sender.invite(share, fileRestrictions=[one["id"]]))
    let_in(sender, visitor)
    page = shows(visitor.get(), 200, "mine.pdf", "shares 1 file with you")
    assert "secret.pdf" not in page.text
    for place in (two["id"], "x", "%00", "..%2f..%2fworld.db", sender.share()["id"]):
        assert visitor.get(f"/files/{place}").status_code == 404
    shows(visitor.get(f"/files/{two['id']}"), 404, "There is no such file")
    assert visitor.get(f"/files/{one['id'].upper()}").status_code == 200


def test_what_is_removed_meanwhile_is_not_there_any_more(sender: Sender) -> None:
    share, recipient, visitor = a_visit(sender)
    let_in(sender, visitor)
    [link] = visitor.files()
    [file] = sender.read(share)["files"]
    sender.drop_file(share, file)
    shows(visitor.request("GET", link), 404, "no such file")
    shows(visitor.get(), 200, "shares no files with you", "There is nothing here for you yet")
    sender.call("DELETE", f"/{share['id']}/recipients/{recipient['id']}")
    shows(visitor.get(), 404, "This link leads nowhere")
    shows(visitor.click("send"), 404, "This link leads nowhere")


def test_links_that_lead_nowhere(sender: Sender) -> None:
    base = f"{sender.world.url}/secure-share/open"
    for token in ("x", "A" * 40, "A" * 5000, "%00" * 40, "'" * 40):
        shows(httpx.get(f"{base}/{token}"), 404, "This link leads nowhere")
        assert httpx.post(f"{base}/{token}", data={"action": "send"}).status_code == 404
        assert httpx.get(f"{base}/{token}/files/x").status_code == 404
    link = sender.invite(sender.share())["url"]
    other = sender.server.world()
    assert httpx.get(link.replace(sender.world.name, other.name)).status_code == 404
    other.close()


def test_a_login_lasts_half_an_hour_and_can_be_ended(sender: Sender) -> None:
    _, _, visitor = a_visit(sender)
    let_in(sender, visitor)
    sender.world.advance("PT29M")
    shows(visitor.get(), 200, "report.pdf")
    sender.world.advance("PT1M1S")
    shows(visitor.get(), 200, "Show who you are")
    let_in(sender, visitor)
    shows(visitor.click("leave"), 200, "Show who you are")


def test_a_login_is_of_one_person_in_one_share(sender: Sender) -> None:
    share, recipient, visitor = a_visit(sender)
    let_in(sender, visitor)
    other = Visitor(sender.invite(share))
    cookie = next(iter(visitor.cookies.jar))
    for name in (cookie.name, f"localsign-recipient-{recipient['id'].replace('-', '')}"):
        other.cookies.set(name, cookie.value or "")
    shows(other.get(), 200, "Show who you are")
    stranger = Visitor(recipient)
    for value in ("", "x", "x.y", f"x{cookie.value}", f"{cookie.value}x", "é"):
        answer = httpx.get(stranger.link, headers=[(b"Cookie", f"{cookie.name}={value}".encode("latin-1"))])
        shows(answer, 200, "Show who you are")


@pytest.mark.parametrize("members", [{"email": "new@example.test"}, {"authentication": [BY_SMS]}], ids=str)
def test_a_change_of_who_may_log_in_ends_logins_and_codes(sender: Sender, members: Json) -> None:
    share, recipient, visitor = a_visit(sender)
    let_in(sender, visitor)
    waiting = Visitor(recipient)
    waiting.click("send")
    sent = sender.code()
    assert sender.change(share, recipient, firstName="Same").status_code == 200
    shows(visitor.get(), 200, "report.pdf")
    assert sender.change(share, recipient, **members).status_code == 200
    shows(visitor.get(), 200, "Show who you are")
    assert waiting.click("enter", code=sent).status_code == 422


def test_everything_is_locked_down(sender: Sender) -> None:
    _, _, visitor = a_visit(sender)
    let_in(sender, visitor)
    for answer in (visitor.get(), visitor.request("GET", visitor.files()[0]), visitor.click("nothing")):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
    answer = httpx.post(visitor.link, data={"action": "send"}, headers={"Sec-Fetch-Site": "cross-site"})
    shows(answer, 403, "This came from another site")


def test_the_cookie_goes_nowhere_else(sender: Sender) -> None:
    for own in serve(Settings(public_url="https://share.test", client_secret="s")):
        world = World(
            {"name": "default", "base_url": own.url, "clients": [{"client_id": "localsign", "client_secret": "s"}]}
        )
        mine = Sender(own, world)
        recipient = mine.invite(mine.share())
        assert recipient["url"].startswith("https://share.test/secure-share/open/")
        link = recipient["url"].replace("https://share.test", own.url)
        httpx.post(link, data={"action": "send"})
        answer = httpx.post(link, data={"action": "enter", "code": mine.code()})
        token = recipient["url"].rpartition("/")[2]
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert f"Path=/secure-share/open/{token}; SameSite=lax; Secure" in cookie
        world.close()


def test_what_the_sender_wrote_cannot_become_code(sender: Sender) -> None:
    evil = "<script>alert(1)</script>"
    contact = CONTACT | {"name": evil, "url": "javascript:alert(1)", "email": '"><img src=x>', "phone": evil}
    share = sender.share(title=evil, description=evil, contactDetails=contact)
    sender.upload(share, a_file(f"{evil}.html", evil.encode(), "text/html"))
    recipient = sender.invite(share, firstName=evil, authentication=[{"identityProvider": "nbid"}])
    visitor = Visitor(recipient)
    entrance, files = visitor.get(), visitor.click("login")
    for page in (entrance, files):
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert 'href="javascript' not in page.text
    answer = visitor.request("GET", visitor.files()[0])
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"].startswith("text/html")


def test_a_part_of_a_file_can_be_fetched(sender: Sender) -> None:
    _, _, visitor = a_visit(sender)
    let_in(sender, visitor)
    answer = visitor.request("GET", visitor.files()[0], headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (206, b"%PDF")


def test_the_first_look_is_remembered(sender: Sender) -> None:
    share, recipient, visitor = a_visit(sender)
    assert visitor.get().headers["x-sandbox-operation"] == "secure-share.recipient_page; evidence=invented"
    assert sender.does(share, recipient, "open")["state"] == "Invited"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("kari@example.test", "ka•••@example.test"),
        ("k@x", "•••@x"),
        ("karinordmann@x", "kar•••@x"),
        ("+4791234567", "+47•••567"),
        ("123456", "•••"),
        ("", "•••"),
    ],
)
def test_an_address_is_mostly_hidden(target: str, shown: str) -> None:
    assert hidden(target) == shown
