"""Messages to recipients: when they are sent, in which language, by which way, and what reminds."""

import re

import pytest
from tests.secure_share.sharing import BY_SMS, CONTACT, Sender, a_file, a_recipient, problem
from tests.world import Json

from localsign.core.mime import mail_of
from localsign.secure_share.schemas import LANGUAGES
from localsign.secure_share.texts import TEXTS

BOTH: Json = {"sendEmail": True, "sendSms": True}
EMAIL: Json = {"sendEmail": True}

FIRST_WORDS = {
    "No": ("deler filer med deg", "Påminnelse"),
    "En": ("shares files with you", "Reminder"),
    "Fi": ("jakaa tiedostoja kanssasi", "Muistutus"),
    "De": ("teilt Dateien mit Ihnen", "Erinnerung"),
    "Fr": ("partage des fichiers avec vous", "Rappel"),
    "Nl": ("deelt bestanden met u", "Herinnering"),
    "Da": ("deler filer med dig", "Påmindelse"),
    "Sv": ("delar filer med dig", "Påminnelse"),
}


def test_an_invitation_by_both_ways(sender: Sender) -> None:
    share = sender.share(description="All of last year.", expires="2031-02-03T04:05:06Z")
    recipient = sender.invite(share, notification=BOTH)
    email, sms = sender.messages()
    assert (email.api, email.kind, email.channel.value, email.recipient) == (
        "secure-share",
        "share.invitation",
        "email",
        "kari@example.test",
    )
    assert (sms.kind, sms.channel.value, sms.recipient, sms.subject) == ("share.invitation", "sms", "+4791234567", None)
    assert email.subject is not None
    assert "Acme AS shares files with you: Tax papers" in email.subject
    for words in ("Hello Kari Nordmann,", "All of last year.", "2031-02-03 04:05 UTC", "help@acme.test"):
        assert words in email.text
    for one in (email, sms):
        assert one.links == [recipient["url"]]
        assert (one.reference, one.language) == (recipient["id"], "En")
        assert "test message" in one.text
    assert (email.sender, sms.sender) == ("noreply@email.signicat.com", None)
    assert "\n" not in sms.text


@pytest.mark.parametrize("notification", [None, {}, {"sendEmail": False, "sendSms": False}, {"sendEmail": None}])
def test_nobody_is_written_to_unasked(sender: Sender, notification: Json | None) -> None:
    share = sender.share(recipients=[a_recipient(notification=notification)])
    sender.upload(share)
    assert sender.messages() == []
    problem(sender.remind(share, share["recipients"][0]), 409)
    assert sender.messages() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(sender: Sender, language: str) -> None:
    share = sender.share(title=None, contactDetails={})
    notification = BOTH | {"language": language.upper()}
    recipient = sender.invite(share, notification=notification, firstName=None, lastName=None)
    assert recipient["notification"]["language"] == language
    sender.remind(share, recipient)
    sender.does(share, recipient, "authenticate")
    messages = sender.messages()
    assert [(one.kind, one.channel.value) for one in messages] == [
        ("share.invitation", "email"),
        ("share.invitation", "sms"),
        ("share.reminder", "email"),
        ("share.reminder", "sms"),
        ("share.code", "email"),
    ]
    texts = TEXTS[language]
    for one in messages:
        assert one.language == language
        assert not re.search(r"[{}]|\bNone\b", f"{one.subject}{one.text}")
    invitation, reminder = FIRST_WORDS[language]
    assert invitation in messages[0].text
    assert invitation in str(messages[0].subject)
    assert reminder in str(messages[2].subject)
    assert texts.somebody in messages[1].text
    assert messages[4].codes[0] in messages[4].text


def test_every_language_has_its_own_words() -> None:
    assert set(TEXTS) == set(LANGUAGES) == set(FIRST_WORDS)
    for name in ("invitation", "invitation_subject", "reminder", "reminder_subject", "code", "code_subject"):
        words = [getattr(one, name) for one in TEXTS.values()]
        assert len(set(words)) == len(words) - (name == "code_subject")  # two of them are alike
        fields = {tuple(sorted(re.findall(r"{\w+}", one))) for one in words}
        assert len(fields) == 1


def test_templates_take_the_place_of_the_words(sender: Sender) -> None:
    notification = BOTH | {
        "emailTemplate": "Dear {firstName} {{ lastName }},\nsee {url} for {title} by {expires}. {nonsense}",
        "smsTemplate": "Acme: files!",
    }
    share = sender.share(expires="2031-02-03T04:05:06Z")
    recipient = sender.invite(share, notification=notification)
    for _ in range(2):
        email, sms = sender.messages()[-2:]
        body = f"Dear Kari Nordmann,\nsee {recipient['url']} for Tax papers by 2031-02-03 04:05 UTC. {{nonsense}}"
        assert email.text.endswith(body)
        assert sms.text.endswith(f"Acme: files!\n{recipient['url']}")
        assert email.links == sms.links == [recipient["url"]]
        assert sender.remind(share, recipient).status_code == 204
    assert "emailTemplate" not in recipient["notification"]


def test_templates_are_not_evaluated(sender: Sender) -> None:
    notification = EMAIL | {"emailTemplate": "{url.__class__} {0} {share[id]} %s {% raw %} ${7*7} {{7*7}} {url!r}"}
    share = sender.share(title="{url} {0}", contactDetails=CONTACT | {"name": "{code} {x}"})
    sender.invite(share, notification=notification)
    sender.invite(share, notification=EMAIL)
    filled, plain = sender.messages()
    assert "{url.__class__} {0} {share[id]} %s {% raw %} ${7*7} {{7*7}} {url!r}" in filled.text
    assert "{code} {x} shares files with you: {url} {0}" in str(plain.subject)


def test_a_subject_is_one_line(sender: Sender) -> None:
    share = sender.share(title="a\r\nBcc: x@y\u2028b\x85c", contactDetails={"name": "Hansen,\n\x85Kari <k@x>"})
    sender.invite(share, notification=BOTH, firstName="K\nari")
    email, sms = sender.messages()
    for one in (email, sms):
        assert len(str(one.subject).splitlines()) == 1
        assert "a Bcc: x@y b c" in one.text
    mail = mail_of(email)
    assert mail["From"].addresses[0].addr_spec == "noreply@email.signicat.com"
    assert mail["To"].addresses[0].addr_spec == "kari@example.test"
    assert "Hansen, Kari <k@x> shares files with you" in mail["Subject"]
    assert "Bcc" not in mail


# ---- when


def test_an_invitation_is_sent_once(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share, notification=EMAIL)
    sender.upload(share)
    sender.change(share, recipient, email="other@example.test", notification=BOTH)
    assert [one.kind for one in sender.messages()] == ["share.invitation"]


def test_an_invitation_is_sent_when_it_is_asked_for_later(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share)
    sender.change(share, recipient, notification=EMAIL)
    assert [one.kind for one in sender.messages()] == ["share.invitation"]


def test_an_invitation_can_wait_for_files(sender: Sender) -> None:
    sender.switch("notify", "with_files")
    share = sender.share(recipients=[a_recipient(notification=EMAIL)])
    assert sender.messages() == []
    [file, other] = sender.upload(share, a_file(), a_file())
    assert len(sender.messages()) == 1
    recipient = sender.invite(share, notification=EMAIL, fileRestrictions=[file["id"]])
    assert len(sender.messages()) == 2
    sender.drop_file(share, file)
    sender.change(share, recipient, fileRestrictions=[other["id"]])
    assert len(sender.messages()) == 2


# ---- reminders


def test_a_reminder(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, notification=EMAIL | {"language": "De"})
    for count in (1, 2):
        answer = sender.remind(share, recipient)
        assert (answer.status_code, answer.content) == (204, b"")
        reminders = [one for one in sender.messages() if one.kind == "share.reminder"]
        assert len(reminders) == count
        assert "Erinnerung" in str(reminders[-1].subject)
    sender.does(share, recipient, "authenticate")
    assert sender.remind(share, recipient).status_code == 204


def test_who_has_everything_cannot_be_reminded(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share, notification=EMAIL)
    sender.invite(share)
    sender.does(share, recipient, "download")
    body = problem(sender.remind(share, recipient), 409)
    assert body["detail"] == "The recipient is Downloaded: 'remind' is not possible in this state."
    sender.upload(share)
    assert sender.remind(share, recipient).status_code == 204


def test_who_wants_no_messages_cannot_be_reminded(sender: Sender) -> None:
    share = sender.share()
    body = problem(sender.remind(share, sender.invite(share)), 409)
    assert "neither sendEmail nor sendSms" in body["detail"]


def test_the_code_goes_where_the_authentication_says(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share, authentication=[BY_SMS], notification=EMAIL | {"language": "Sv"})
    sender.does(share, recipient, "authenticate")
    code = sender.messages()[-1]
    assert (code.channel.value, code.recipient, code.language) == ("sms", "+4791234567", "Sv")
    assert re.search(r"Din kod för att öppna filerna är \d{6}\.", code.text)


def test_nothing_is_sent_when_a_request_is_refused(sender: Sender) -> None:
    share = sender.share()
    wanted = a_recipient(notification=BOTH, firstName=7)
    problem(sender.call("POST", f"/{share['id']}/recipients", json=wanted), 400, "firstName")
    assert sender.messages() == []
