"""Wrong codes and wrong persons: their pages, and how often they can be tried."""

import pytest
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, BY_SMS, NIN, Sender, Visitor
from tests.signer import shows
from tests.world import Json

RIGHT = {"nin": NIN, "idpId": "1234-3456-5678"}


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def a_visitor(sender: Sender, *methods: Json) -> tuple[Json, Json, Visitor]:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, authentication=list(methods or [BY_EMAIL]))
    return share, recipient, Visitor(recipient)


def test_a_code_can_be_tried_three_times(sender: Sender) -> None:
    share, recipient, visitor = a_visitor(sender)
    visitor.click("send")
    code = sender.code()
    shows(visitor.click("enter", code=wrong(code)), 422, "not the code that was sent", "2 tries left")
    shows(visitor.click("enter", code=wrong(code)), 422, "one try left")
    page = shows(visitor.click("enter", code=wrong(code)), 422, "wrong too often", "Send me a code")
    assert "code" not in page.all("input", "name")
    shows(visitor.click("enter", code=code), 422, "can no longer be used")
    assert sender.recipient(share, recipient)["loggedInTime"] is None
    visitor.click("send")
    shows(visitor.click("enter", code=sender.code()), 200, "report.pdf")


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "abcdef", "\uff11" * 6, "\x00", "x" * 200, "x" * 201])
def test_what_is_no_code_does_not_open(sender: Sender, typed: str) -> None:
    _, _, visitor = a_visitor(sender)
    visitor.click("send")
    assert visitor.click("enter", code=typed).status_code == 422
    shows(visitor.click("enter", code=sender.code()), 200, "report.pdf")


def test_a_code_is_good_for_ten_minutes(sender: Sender) -> None:
    _, _, visitor = a_visitor(sender)
    sender.world.freeze()
    visitor.click("send")
    sender.world.advance("PT9M59S")
    page = shows(visitor.get(), 200, "A code was sent")
    assert "code" in page.all("input", "name")
    sender.world.advance("PT1S")
    shows(visitor.get(), 200, "Send me a code")
    shows(visitor.click("enter", code=sender.code()), 422, "can no longer be used")


def test_a_code_is_good_once_and_the_newest_only(sender: Sender) -> None:
    _, recipient, visitor = a_visitor(sender)
    visitor.click("send")
    old = sender.code()
    visitor.click("send")
    new = sender.code()
    if old != new:
        shows(visitor.click("enter", code=old), 422, "not the code")
    shows(visitor.click("enter", code=new), 200, "report.pdf")
    shows(Visitor(recipient).click("enter", code=new), 422, "can no longer be used")


def test_a_login_ends_the_codes_sent_before_it_and_they_count_no_more(sender: Sender) -> None:
    share, recipient, visitor = a_visitor(sender, BY_EMAIL, BY_SMS)
    visitor.click("send", "?method=1")
    other = sender.code("+4791234567")
    for _ in range(7):
        sender.does(share, recipient, "authenticate")
    assert visitor.click("enter", "?method=1", code=other).status_code == 422


def test_a_code_is_of_one_recipient(sender: Sender) -> None:
    share, _, visitor = a_visitor(sender)
    other = Visitor(sender.invite(share, email="ola@example.test"))
    visitor.click("send")
    assert other.click("enter", code=sender.code()).status_code == 422


def test_only_so_many_codes_are_sent_in_an_hour(sender: Sender) -> None:
    _, _, visitor = a_visitor(sender, BY_EMAIL, BY_SMS)
    sender.world.freeze()
    for number in range(5):
        assert visitor.click("send", f"?method={number % 2}").status_code == 200
        sender.world.advance("PT1M")
    answer = visitor.click("send", "?method=0")
    shows(answer, 429, "Too many codes")
    assert answer.headers["retry-after"] == str(55 * 60)
    assert len(sender.messages()) == 5
    sender.world.advance("PT55M")
    shows(visitor.click("send", "?method=0"), 200, "A code was sent")
    shows(visitor.click("send", "?method=0"), 429, "Too many codes")


def test_the_wrong_person_is_turned_away(sender: Sender) -> None:
    share, recipient, visitor = a_visitor(sender, BY_BANKID)
    for typed in ({**RIGHT, "nin": "1"}, {**RIGHT, "idpId": "x"}):
        page = shows(visitor.click("login", **typed), 403, "These files are for somebody else", "Try again")
        assert "report.pdf" not in page.text
    assert sender.recipient(share, recipient)["loggedInTime"] is None
    shows(visitor.click("login", **RIGHT), 200, "report.pdf")


def test_five_wrong_tries_in_a_row_lock_the_link(sender: Sender) -> None:
    share, recipient, visitor = a_visitor(sender, BY_BANKID, BY_EMAIL)
    sender.world.freeze()
    visitor.click("send", "?method=1")
    code = sender.code()
    for _ in range(2):
        assert visitor.click("login", "?method=0", **{**RIGHT, "nin": "1"}).status_code == 403
        assert visitor.click("enter", "?method=1", code=wrong(code)).status_code == 422
    shows(visitor.click("fail", "?method=0"), 429, "Too many tries")
    for action, query, fields in (
        ("login", "?method=0", RIGHT),
        ("enter", "?method=1", {"code": code}),
        ("send", "?method=1", {}),
        ("fail", "?method=0", {}),
    ):
        answer = visitor.click(action, query, **fields)
        shows(answer, 429, "Too many tries", "You can try again after")
        assert answer.headers["retry-after"] == "900"
    assert sender.recipient(share, recipient)["loggedInTime"] is None
    sender.world.advance("PT15M")
    shows(visitor.click("login", "?method=0", **RIGHT), 200, "report.pdf")


def test_a_lock_ends_when_the_sender_says_who_may_log_in(sender: Sender) -> None:
    """Such as after a number that the sender had mistyped."""
    share, recipient, visitor = a_visitor(sender, {"identityProvider": "nbid", "nin": "1"})
    for _ in range(5):
        visitor.click("login", nin=NIN)
    assert visitor.click("login", nin=NIN).status_code == 429
    assert sender.change(share, recipient, firstName="Kari").status_code == 200
    assert visitor.click("login", nin=NIN).status_code == 429
    right = {"identityProvider": "nbid", "nin": NIN}
    assert sender.change(share, recipient, authentication=[right]).status_code == 200
    shows(visitor.click("login", nin=NIN), 200, "report.pdf")


def test_an_error_of_the_eid_can_be_simulated(sender: Sender) -> None:
    _, _, visitor = a_visitor(sender, BY_BANKID)
    shows(visitor.click("fail"), 403, "The eID did not work", "An error was simulated")
    shows(visitor.click("login", **RIGHT), 200, "report.pdf")


def test_who_is_in_stays_in_while_others_try(sender: Sender) -> None:
    _, recipient, visitor = a_visitor(sender, BY_BANKID)
    visitor.click("login", **RIGHT)
    stranger = Visitor(recipient)
    for _ in range(5):
        stranger.click("fail")
    assert stranger.click("login", **RIGHT).status_code == 429
    shows(visitor.get(), 200, "report.pdf")
    assert visitor.request("GET", visitor.files()[0]).status_code == 200


@pytest.mark.parametrize(
    ("methods", "action"),
    [([BY_EMAIL], "login"), ([BY_EMAIL], "fail"), ([BY_BANKID], "send"), ([BY_BANKID], "enter"), ([BY_EMAIL], "x")],
    ids=str,
)
def test_a_button_that_is_not_there_does_nothing(sender: Sender, methods: list[Json], action: str) -> None:
    _, _, visitor = a_visitor(sender, *methods)
    shows(visitor.click(action, code="1", nin=NIN), 422, "Choose one of the buttons.")
    assert sender.messages() == []


def test_codes_follow_the_seed(sender: Sender) -> None:
    codes = []
    for name in ("one", "two"):
        world = sender.server.world(seed="7")
        mine = Sender(sender.server, world)
        _, _, visitor = a_visitor(mine)
        visitor.click("send")
        codes.append((visitor.link.rpartition("/")[2], mine.code(), name))
        world.close()
    assert codes[0][:2] == codes[1][:2]
