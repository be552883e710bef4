"""Acting for the recipient by the control plane: every action in every state, and what is refused."""

import pytest
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, BY_SMS, NIN, Sender, a_file, a_recipient
from tests.world import Json, names, refused, unknown_id

from localsign.secure_share.models import Recipient, SharedFile

ACTIONS = ("open", "authenticate", "download", "fail")


def recipient_in(sender: Sender, state: str) -> tuple[Json, Json]:
    """A share of one file, and its recipient in `state`."""
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share)
    if state != "Invited":
        sender.does(share, recipient, "authenticate" if state == "LoggedIn" else "download")
    return share, recipient


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", ["Invited", "LoggedIn", "Downloaded"])
def test_every_action_in_every_state(sender: Sender, state: str, action: str) -> None:
    share, recipient = recipient_in(sender, state)
    moves = {("Invited", "authenticate"): "LoggedIn", ("Invited", "download"): "Downloaded"}
    moves |= {("LoggedIn", "download"): "Downloaded"}
    acted = sender.does(share, recipient, action)
    assert acted["state"] == moves.get((state, action), state)
    assert acted["recipient"] == sender.recipient(share, recipient)


def test_what_followed_is_told_in_order(sender: Sender) -> None:
    share = sender.share()
    [file] = sender.upload(share)
    recipient = sender.invite(share)
    followed = sender.does(share, recipient, "download")["followed"]
    steps = [one.get("announced") or one.get("kind") or (one["machine"], one["event"]) for one in followed]
    assert steps == [
        "share.code",
        ("recipient", "log_in"),
        "recipient.authenticated",
        ("share", "download"),
        ("recipient", "download"),
        "recipient.downloaded",
        ("recipient", "complete"),
        ("share", "complete"),
        "share.completed",
    ]
    assert file["id"] in str(sender.events()[-2])


def test_who_authenticates_is_right_by_default(sender: Sender) -> None:
    share = sender.share()
    for method in (BY_EMAIL, BY_SMS, BY_BANKID, {"identityProvider": "sbid"}):
        recipient = sender.invite(share, authentication=[method])
        assert sender.does(share, recipient, "authenticate")["state"] == "LoggedIn"


def test_a_method_can_be_chosen(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share, authentication=[BY_EMAIL, BY_SMS, BY_BANKID])
    sender.does(share, recipient, "authenticate", method="otp-sms")
    assert [one.recipient for one in sender.messages()] == ["+4791234567"]
    sender.does(share, recipient, "authenticate", method="nbid", nin=NIN)
    refused(sender.act(share, recipient, "authenticate", method="mitid"), 400, "method")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"code": "000000"}, "no_code"),
        ({"method": "nbid", "nin": "1"}, "wrong_person"),
        ({"method": "nbid", "nin": ""}, "wrong_person"),
        ({"method": "nbid", "idpId": "x"}, "wrong_person"),
        ({"method": "nbid", "nin": NIN + " "}, "wrong_person"),
    ],
)
def test_who_gives_the_wrong_thing_is_not_let_in(sender: Sender, command: Json, code: str) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, authentication=[BY_EMAIL, BY_BANKID])
    refused(sender.act(share, recipient, "authenticate", **command), 409, code=code)
    refused(sender.act(share, recipient, "download", **command), 409, code=code)
    assert sender.recipient(share, recipient)["loggedInTime"] is None


def test_five_failures_lock_for_a_while(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, authentication=[BY_BANKID])
    for _ in range(4):
        sender.does(share, recipient, "fail")
    refused(sender.act(share, recipient, "authenticate", nin="1"), 409, code="locked")
    refused(sender.act(share, recipient, "authenticate"), 409, code="locked")
    refused(sender.act(share, recipient, "download"), 409, code="locked")
    sender.world.advance("PT14M59S")
    refused(sender.act(share, recipient, "authenticate"), 409, code="locked")
    sender.world.advance("PT1S")
    sender.does(share, recipient, "authenticate")


def test_a_login_starts_the_count_anew(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share)
    for _ in range(3):
        for _ in range(4):
            sender.does(share, recipient, "fail")
        sender.does(share, recipient, "authenticate")


def test_only_what_a_recipient_may_see_can_be_downloaded(sender: Sender) -> None:
    share, other = sender.share(), sender.share()
    [one, two] = sender.upload(share, a_file("1"), a_file("2"))
    [theirs] = sender.upload(other)
    recipient = sender.invite(share, fileRestrictions=[one["id"]])
    for file in (two["id"], theirs["id"], unknown_id()):
        refused(sender.act(share, recipient, "download", file=file), 400, "file")
    assert sender.recipient(share, recipient)["loggedInTime"] is None
    sender.does(share, recipient, "download", file=one["id"])


def test_who_downloads_everything_is_looked_at_alone(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others may see is not gone through for each file: of many people and files, that took half a minute."""
    share = sender.share(recipients=[a_recipient() for _ in range(20)])
    files = sender.upload(share, *(a_file(str(number), b"") for number in range(20)))
    looks = []

    def counted(recipient: Recipient, file: SharedFile) -> bool:
        looks.append(recipient.id)
        return may_see(recipient, file)

    may_see = Recipient.may_see
    monkeypatch.setattr(Recipient, "may_see", counted)
    sender.does(share, share["recipients"][0], "download")
    assert {str(one) for one in looks} == {share["recipients"][0]["id"]}
    assert len(looks) <= 4 * len(files)
    monkeypatch.undo()
    now = sender.read(share)
    assert [len(one["fileAccessInfos"]) for one in now["recipients"]] == [20] + [0] * 19
    assert now["completedRecipients"] == 1


def test_where_there_is_nothing_nothing_can_be_downloaded(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share)
    refused(sender.act(share, recipient, "download"), 409, code="nothing_to_download")


@pytest.mark.parametrize(
    ("command", "flawed"),
    [
        ({"action": "dance"}, {"action"}),
        ({"action": "open", "who": "me"}, {"who"}),
        ({"action": "download", "file": "report.pdf"}, {"file"}),
        ({"action": "authenticate", "nin": 5, "code": "x" * 201}, {"nin", "code"}),
    ],
)
def test_what_is_wrong_with_a_command_is_named(sender: Sender, command: Json, flawed: set[str]) -> None:
    share = sender.share()
    answer = sender.act(share, sender.invite(share), **command)
    assert answer.status_code == 400
    assert names(answer) == flawed


def test_nobody_is_nobody(sender: Sender) -> None:
    share = sender.share()
    refused(sender.act(share, {"id": unknown_id()}, "open"), 404)
    refused(sender.act({"id": unknown_id()}, sender.invite(share), "open"), 404)
