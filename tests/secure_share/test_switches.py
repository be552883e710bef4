"""What the documentation leaves open, chosen otherwise. What expiry and notices offer is tested with them."""

import pytest
from tests.secure_share.sharing import (
    BY_BANKID,
    BY_EMAIL,
    BY_SMS,
    Sender,
    Visitor,
    a_file,
    a_recipient,
    a_share,
    problem,
)
from tests.signer import shows
from tests.world import Json

from localsign.secure_share.api import API
from localsign.secure_share.switches import SWITCHES


def test_the_manifest_has_every_switch() -> None:
    assert API.switches == SWITCHES
    assert len({one.name for one in SWITCHES}) == len(SWITCHES)
    assert all(one.name.startswith("secure-share.") and one.alternatives and one.source for one in SWITCHES)


def test_completion_with_the_first_file(sender: Sender) -> None:
    sender.switch("completion", "any_file")
    share = sender.share()
    [one, two] = sender.upload(share, a_file("1"), a_file("2"))
    recipient = sender.invite(share)
    sender.does(share, recipient, "download", file=one["id"])
    assert sender.read(share)["status"] == "Completed"
    sender.upload(share)
    assert sender.read(share)["status"] == "Completed"
    sender.drop_file(share, one)
    assert sender.read(share)["status"] == "Active"
    sender.does(share, recipient, "download", file=two["id"])
    assert sender.read(share)["completedRecipients"] == 1


def test_file_access_infos_of_everything_visible(sender: Sender) -> None:
    sender.switch("file-access-infos", "visible")
    share = sender.share()
    [one, two, _] = sender.upload(share, a_file("1"), a_file("2"), a_file("3"))
    recipient = sender.invite(share, fileRestrictions=[one["id"], two["id"]])
    sender.does(share, recipient, "download", file=two["id"])
    infos = sender.recipient(share, recipient)["fileAccessInfos"]
    assert [info["id"] for info in infos] == [one["id"], two["id"]]
    assert [info["lastDownloadedAt"] is None for info in infos] == [True, False]


def test_the_language_of_who_has_none(sender: Sender) -> None:
    sender.switch("language", "No")
    share = sender.share()
    recipient = sender.invite(share, notification={"sendEmail": True})
    assert recipient["notification"]["language"] == "No"
    assert sender.messages()[0].language == "No"
    assert sender.invite(share, notification={"language": "Fi"})["notification"]["language"] == "Fi"


def test_only_the_first_method_counts(sender: Sender) -> None:
    sender.switch("methods", "first")
    share = sender.share()
    recipient = sender.invite(share, authentication=[BY_SMS, BY_EMAIL, BY_BANKID])
    assert len(recipient["authentication"]) == 3
    visitor = Visitor(recipient)
    shows(visitor.get(), 200, "Send me a code", "+47•••567")
    shows(visitor.click("send", "?method=1"), 200, "+47•••567")
    assert sender.act(share, recipient, "authenticate", method="nbid").status_code == 400


def test_null_clears(sender: Sender) -> None:
    sender.switch("nulls", "clear")
    share = sender.share(description="d")
    cleared = sender.call("PATCH", f"/{share['id']}", json=dict.fromkeys(["title", "description", "expires"])).json()
    assert cleared == share | {"title": None, "description": None}
    contact = sender.call("PATCH", f"/{share['id']}", json={"contactDetails": {"name": None}}).json()["contactDetails"]
    assert contact == share["contactDetails"] | {"name": None}
    [file] = sender.upload(share)
    recipient = sender.invite(share, notification={"sendEmail": True}, fileRestrictions=[file["id"]])
    names = ["firstName", "mobile", "notification", "fileRestrictions", "authentication"]
    changed = sender.change(share, recipient, **dict.fromkeys(names)).json()
    empty: Json = {"firstName": None, "mobile": None, "notification": None, "fileRestrictions": []}
    assert changed == recipient | empty
    problem(sender.change(share, recipient, email=None), 400, "email")


def test_only_known_identity_providers(sender: Sender) -> None:
    share = sender.share()
    exotic = {"identityProvider": "my-own-idp"}
    sender.invite(share, authentication=[exotic])
    sender.switch("identity-providers", "known")
    flaw = "authentication[1].identityProvider"
    wanted = a_recipient(authentication=[BY_EMAIL, exotic])
    problem(sender.call("POST", f"/{share['id']}/recipients", json=wanted), 400, flaw)
    problem(sender.call("POST", "", json=a_share(recipients=[wanted])), 400, f"recipients[0].{flaw}")
    recipient = sender.invite(share, authentication=[BY_BANKID])
    problem(sender.change(share, recipient, authentication=[exotic]), 400, "authentication[0].identityProvider")


@pytest.mark.parametrize(("choice", "before"), [("with_files", None), ("never", None)])
def test_when_a_recipient_has_a_url(sender: Sender, choice: str, before: str | None) -> None:
    sender.switch("recipient-url", choice)
    share = sender.share()
    [file, other] = sender.upload(share, a_file(), a_file())
    recipient = sender.invite(share, fileRestrictions=[file["id"]])
    assert (recipient["url"] is None) == (choice == "never")
    sender.drop_file(share, file)
    assert sender.recipient(share, recipient)["url"] is None
    sender.change(share, recipient, fileRestrictions=[other["id"]])
    assert (sender.recipient(share, recipient)["url"] is None) == (choice == "never")


def test_a_message_has_the_link_even_where_the_answer_has_none(sender: Sender) -> None:
    sender.switch("recipient-url", "never")
    sender.invite(sender.share(), notification={"sendEmail": True})
    [link] = sender.messages()[0].links
    assert Visitor(link).get().status_code == 200


def test_templates_are_shown(sender: Sender) -> None:
    sender.switch("templates", "shown")
    share = sender.share()
    recipient = sender.invite(share, notification={"emailTemplate": "{url}"})
    assert recipient["notification"] == {
        "sendEmail": False,
        "sendSms": False,
        "language": "En",
        "emailTemplate": "{url}",
        "smsTemplate": None,
    }


def test_unknown_members_are_ignored_or_refused(sender: Sender) -> None:
    share = sender.share(colour="red")
    assert "colour" not in share
    extra = a_recipient(colour="red", notification={"sound": 1}, authentication=[BY_EMAIL | {"acr": "high"}])
    recipient = sender.invite(share, **extra)
    assert recipient["authentication"] == [BY_EMAIL | {"idpId": None, "nin": None}]
    sender.switch("unknown-members", "reject")
    flaws = ("colour", "authentication[0].acr", "notification.sound")
    answer = sender.call("POST", f"/{share['id']}/recipients", json=extra)
    assert set(problem(answer, 400, *answer.json()["errors"])["errors"]) == set(flaws)
    problem(sender.call("POST", "", json=a_share(colour="red", contactDetails={"fax": "1"})), 400, "colour")
    problem(sender.call("PATCH", f"/{share['id']}", json={"tags": []}), 400, "tags")
    problem(sender.change(share, recipient, colour="red"), 400, "colour")
