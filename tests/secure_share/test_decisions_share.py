"""Recipients who act by themselves: by a magic address, and how a command or an end takes that back."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, Sender, a_file, a_recipient
from tests.world import Json

from localsign.core import decisions
from localsign.core.people import built_in
from localsign.secure_share.actions import MOST_FAILURES


def test_a_recipient_waits_for_a_command_by_default(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share)
    assert sender.world.advance("PT1H") == []
    assert sender.recipient(share, recipient)["loggedInTime"] is None


@pytest.mark.parametrize(("word", "status"), [("sign", "Completed"), ("error", "Active"), ("reject", "Active")])
def test_a_magic_address_decides_without_any_call(sender: Sender, word: str, status: str) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, email=f"{word}+kari@example.test")
    assert sender.read(share)["status"] == status
    assert (sender.recipient(share, recipient)["loggedInTime"] is not None) == (word == "sign")


def test_nobody_is_asked_before_there_is_something_to_fetch(sender: Sender) -> None:
    share = sender.share(recipients=[a_recipient(email="sign+kari@example.test")])
    assert sender.read(share)["recipients"][0]["loggedInTime"] is None
    sender.upload(share)
    assert sender.read(share)["status"] == "Completed"
    sender.upload(share, a_file("more"))
    assert sender.read(share)["status"] == "Completed"
    assert [name for name, _ in sender.events()].count("recipient.downloaded") == 3


def test_slow_comes_half_a_minute_later(sender: Sender) -> None:
    sender.world.freeze()
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, email="slow+kari@example.test")
    assert sender.world.advance("PT29S") == []
    [fired] = sender.world.advance("PT1S")
    assert (fired["kind"], fired["subject"]) == ("decisions.act", recipient["id"])
    assert sender.read(share)["status"] == "Completed"


@pytest.mark.parametrize("end", ["recipient", "share", "act", "expiry"])
def test_an_end_takes_back_what_was_decided(sender: Sender, end: str) -> None:
    sender.world.freeze()
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, email="slow+kari@example.test")
    match end:
        case "recipient":
            sender.call("DELETE", f"/{share['id']}/recipients/{recipient['id']}")
        case "share":
            sender.call("DELETE", f"/{share['id']}")
        case "act":
            sender.does(share, recipient, "fail")
        case "expiry":
            sender.call("PATCH", f"/{share['id']}", json={"expires": soon(sender)})
            sender.world.advance("PT10S")
    assert sender.world.advance("PT1M") == []


def soon(sender: Sender) -> str:
    """Five seconds from now."""
    return (datetime.fromisoformat(sender.world.now()) + timedelta(seconds=5)).isoformat()


def test_a_new_address_is_asked_anew(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share)
    assert sender.change(share, recipient, email="sign+kari@example.test").status_code == 200
    assert sender.read(share)["status"] == "Completed"


def decided(sender: Sender, recipient: Json, action: str, told: Json) -> None:
    """Carry out a decision as if it had been queued, as far as its verb is concerned."""
    found = built_in()
    with sender.server.sandbox.find(sender.world.name).work() as work:
        asking = work.house.people("secure-share")["recipient"]
        key = told.pop("persona", None)
        persona = next((one for one in found if one.key == key), None)
        asking.actions[action](work, UUID(recipient["id"]), {**told, "persona": persona})


def test_a_persona_comes_as_who_they_are(sender: Sender) -> None:
    [kari] = [one for one in built_in() if one.key == "kari"]
    share = sender.share()
    sender.upload(share)
    bankid = {"identityProvider": "nbid", "nin": kari.national_id}
    right = sender.invite(share, authentication=[BY_EMAIL, bankid])
    wrong = sender.invite(share, authentication=[BY_EMAIL, BY_BANKID])
    for recipient in (right, wrong):
        decided(sender, recipient, "download", {"persona": "kari"})
    assert sender.recipient(share, right)["loggedInTime"] is not None
    assert sender.recipient(share, wrong)["loggedInTime"] is None
    assert sender.messages() == []
    decided(sender, wrong, "download", {"persona": "kari", "method": "otp-email"})
    assert sender.recipient(share, wrong)["loggedInTime"] is not None


def test_a_decision_may_say_which_file(sender: Sender) -> None:
    share = sender.share()
    [one, _] = sender.upload(share, a_file("1"), a_file("2"))
    recipient = sender.invite(share)
    decided(sender, recipient, "download", {"file": one["id"]})
    assert [info["id"] for info in sender.recipient(share, recipient)["fileAccessInfos"]] == [one["id"]]


def test_a_queued_decision_is_taken_by_who_it_matches(sender: Sender) -> None:
    share = sender.share()
    [one, _] = sender.upload(share, a_file("1"), a_file("2"))
    wanted: Json = {
        "action": "download",
        "api": "secure-share",
        "kind": "recipient",
        "match": {"email": "ola@example.test", "shareId": share["id"]},
        "details": {"file": one["id"]},
    }
    answer = sender.world.control("POST", "decisions", wanted)
    assert answer.status_code == 201, answer.text
    kari, ola = sender.invite(share), sender.invite(share, email="ola@example.test")
    assert sender.recipient(share, kari)["loggedInTime"] is None
    assert [info["id"] for info in sender.recipient(share, ola)["fileAccessInfos"]] == [one["id"]]


def test_a_queued_decision_is_told_what_it_cannot_say(sender: Sender) -> None:
    wanted: Json = {"action": "reject", "api": "secure-share", "kind": "recipient", "details": {"page": 1}}
    answer = sender.world.control("POST", "decisions", wanted)
    assert answer.status_code == 400
    assert {one["name"] for one in answer.json()["invalidParams"]} == {"action", "details.page"}


def test_who_is_asked_is_told(sender: Sender) -> None:
    share = sender.share(title="Papers", externalReference="s")
    recipient = sender.invite(share, externalReference="r", authentication=[BY_BANKID])
    with sender.server.sandbox.find(sender.world.name).work() as work:
        asking = work.house.people("secure-share")["recipient"]
        subject = UUID(recipient["id"])
        person = asking.person(work, subject)
        facts = asking.about(work, subject)
        assert decisions.current(work, subject) is None
    assert vars(person) == {
        "name": "Kari Nordmann",
        "email": "kari@example.test",
        "phone": "+4791234567",
        "national_id": "12345678901",
    }
    assert tuple(facts) == asking.attributes
    assert list(facts.values()) == [recipient["id"], "r", share["id"], "Papers", "s"]


def explained(sender: Sender, recipient: Json) -> Json:
    answer = sender.world.anonymous.get("/_sandbox/v1/decisions/explain", params={"subject": recipient["id"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_decision_that_was_turned_away_says_why_and_counts_as_a_wrong_try(sender: Sender) -> None:
    wanted: Json = {"action": "authenticate", "api": "secure-share", "kind": "recipient", "details": {"nin": "1"}}
    assert sender.world.control("POST", "decisions", wanted).status_code == 201
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, authentication=[BY_BANKID])
    sender.read(share)
    told = explained(sender, recipient)
    assert (told["outcome"], told["decided_by"]) == ("refused", "queued_decision")
    assert told["reason"] == "The eID belongs to somebody else: its nin is not the one that the sender named."
    sender.read(share)
    for _ in range(MOST_FAILURES - 1):  # the one by the decision is the first
        sender.act(share, recipient, "authenticate", nin="1")
    answer = sender.act(share, recipient, "fail")
    assert (answer.status_code, answer.json()["code"]) == (409, "locked")


def test_a_failure_that_was_decided_is_done(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, email="error+kari@example.test")
    sender.read(share)
    assert explained(sender, recipient)["outcome"] == "acted"
