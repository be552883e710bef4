"""Recipients: every member there and back, the rules on how they are reached, and what an update changes."""

from typing import Any

import pytest
from tests.secure_share.sharing import BY_BANKID, BY_EMAIL, BY_SMS, Sender, Visitor, a_file, a_recipient, problem
from tests.world import Json, unknown_id

MEMBERS = [
    "id",
    "externalReference",
    "firstName",
    "lastName",
    "email",
    "mobile",
    "fileAccessInfos",
    "fileRestrictions",
    "authentication",
    "loggedInTime",
    "url",
    "notification",
]


def test_a_recipient_is_shown_with_every_member_of_the_reference(sender: Sender) -> None:
    share = sender.share()
    [file] = sender.upload(share)
    wanted: Json = {
        "firstName": "John",
        "lastName": "Johnson",
        "email": "john.johnson@signicat.com",
        "mobile": "+4771234567",
        "fileRestrictions": [file["id"]],
        "authentication": [BY_BANKID, {"identityProvider": "otp-sms", "idpId": None, "nin": None}],
        "notification": {"sendEmail": True, "sendSms": False, "language": "En"},
        "externalReference": "739f4667-cd4a-419d-a592-5a0dd45edec6",
    }
    answer = sender.call("POST", f"/{share['id']}/recipients", json=wanted)
    assert answer.status_code == 201, answer.text
    recipient = answer.json()
    assert list(recipient) == MEMBERS
    assert {name: recipient[name] for name in wanted} == wanted
    assert (recipient["fileAccessInfos"], recipient["loggedInTime"]) == ([], None)
    assert recipient["url"].startswith(f"{sender.world.url}/secure-share/open/")
    assert answer.headers["location"].endswith(f"/shares/{share['id']}/recipients/{recipient['id']}")
    assert sender.world.api.get(answer.headers["location"]).json() == recipient
    assert sender.read(share)["recipients"] == [recipient]


def test_only_authentication_and_one_address_are_required(sender: Sender) -> None:
    share = sender.share()
    nulls = dict.fromkeys(
        ("firstName", "lastName", "mobile", "fileRestrictions", "notification", "externalReference", "email")
    )
    for address in ({"email": "a@b"}, {"mobile": "0777777777"}):
        methods = [{"identityProvider": "nbid"}]
        recipient = sender.invite(share, **{**nulls, **address}, authentication=methods)
        assert recipient["notification"] is None
        assert recipient["fileRestrictions"] == []
        assert recipient["authentication"] == [{"identityProvider": "nbid", "idpId": None, "nin": None}]


NOWHERE: Json = {"email": None, "mobile": None}
NOTIFY_EMAIL: Json = {"notification": {"sendEmail": True}}
NOTIFY_SMS: Json = {"notification": {"sendSms": True}}


@pytest.mark.parametrize(
    ("but", "flawed"),
    [
        ({"authentication": None}, ["authentication"]),
        ({"authentication": []}, ["authentication"]),
        ({"authentication": [{}]}, ["authentication[0].identityProvider"]),
        ({"authentication": [{"identityProvider": None}]}, ["authentication[0].identityProvider"]),
        ({"authentication": [{"identityProvider": ""}]}, ["authentication[0].identityProvider"]),
        ({"authentication": [{"identityProvider": "n b"}]}, ["authentication[0].identityProvider"]),
        ({"authentication": [BY_BANKID | {"nin": 1}]}, ["authentication[0].nin"]),
        ({"authentication": [BY_BANKID] * 21}, ["authentication"]),
        ({"email": "kari"}, ["email"]),
        ({"email": "@"}, ["email"]),
        ({"email": "a@"}, ["email"]),
        ({"email": "a@b@c"}, ["email"]),
        ({"email": ""}, ["email"]),
        ({"email": "a b@c"}, ["email"]),
        ({"email": "a@b\n"}, ["email"]),
        ({"email": "a@b\r\nBcc: c@d"}, ["email"]),
        ({"email": "a@b\x85Bcc: c@d"}, ["email"]),
        ({"email": "a\u2028@b"}, ["email"]),
        ({"email": 5}, ["email"]),
        ({"email": None, "authentication": [{"identityProvider": "OTP-Email"}]}, ["email"]),
        ({**NOWHERE, "authentication": [BY_BANKID]}, ["email"]),
        ({"email": None, "mobile": " ", "authentication": [BY_BANKID]}, ["email"]),
        ({"email": None}, ["email"]),
        ({"mobile": None, "authentication": [BY_SMS]}, ["mobile"]),
        ({"mobile": "", "authentication": [BY_BANKID, BY_SMS]}, ["mobile"]),
        ({"email": None, "authentication": [BY_SMS], **NOTIFY_EMAIL}, ["email"]),
        ({"mobile": None, **NOTIFY_SMS}, ["mobile"]),
        ({**NOWHERE, "authentication": [BY_SMS], **NOTIFY_EMAIL}, ["email", "mobile"]),
        ({"notification": {"sendEmail": "yes"}}, ["notification.sendEmail"]),
        ({"notification": {"language": "Klingon"}}, ["notification.language"]),
        ({"notification": []}, ["notification"]),
        ({"fileRestrictions": [unknown_id()]}, ["fileRestrictions[0]"]),
        ({"fileRestrictions": ["report.pdf"]}, ["fileRestrictions[0]"]),
        ({"fileRestrictions": [None]}, ["fileRestrictions[0]"]),
        ({"fileRestrictions": "all"}, ["fileRestrictions"]),
        ({"firstName": 1, "lastName": {}, "externalReference": []}, ["firstName", "lastName", "externalReference"]),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_recipient_is_named(sender: Sender, but: Json, flawed: list[str]) -> None:
    share = sender.share()
    problem(sender.call("POST", f"/{share['id']}/recipients", json=a_recipient(**but)), 400, *flawed)
    assert sender.read(share)["recipients"] == []
    assert sender.messages() == []


def test_the_reason_says_what_needs_the_address(sender: Sender) -> None:
    share = sender.share()
    wanted = a_recipient(email=None, **NOTIFY_EMAIL)
    body = problem(sender.call("POST", f"/{share['id']}/recipients", json=wanted), 400, "email")
    reason = "is required: it is used by the authentication otp-email and notification.sendEmail"
    assert body["errors"] == {"email": [reason]}


def test_identity_providers_are_known_in_any_case(sender: Sender) -> None:
    """Else `OTP-EMAIL` would be an eID that asks for nothing, and let everybody in."""
    methods = [{"identityProvider": name} for name in ("OTP-EMAIL", "Otp-Sms", "NBID", "MyOwn")]
    share = sender.share()
    recipient = sender.invite(share, authentication=methods)
    names = ["otp-email", "otp-sms", "nbid", "MyOwn"]
    assert [one["identityProvider"] for one in recipient["authentication"]] == names
    sender.switch("identity-providers", "known")
    answer = sender.change(share, recipient, authentication=methods)
    problem(answer, 400, "authentication[3].identityProvider")


def test_files_of_another_share_cannot_be_named(sender: Sender) -> None:
    other, share = sender.share(), sender.share()
    [theirs], [own] = sender.upload(other), sender.upload(share)
    wanted = a_recipient(fileRestrictions=[own["id"], theirs["id"]])
    problem(sender.call("POST", f"/{share['id']}/recipients", json=wanted), 400, "fileRestrictions[1]")


def test_an_id_that_is_named_twice_counts_once(sender: Sender) -> None:
    share = sender.share()
    [file] = sender.upload(share)
    assert sender.invite(share, fileRestrictions=[file["id"], file["id"].upper()])["fileRestrictions"] == [file["id"]]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_update_changes_what_it_has(sender: Sender, method: str) -> None:
    share = sender.share()
    [file, _] = sender.upload(share, a_file(), a_file())
    recipient = sender.invite(share, notification={"sendEmail": True, "language": "Sv"})
    wanted: Json = {
        "firstName": "Ola",
        "lastName": "Hansen",
        "email": "ola@example.test",
        "mobile": "+4790000000",
        "externalReference": "r",
        "fileRestrictions": [file["id"]],
        "authentication": [BY_BANKID],
        "notification": {"sendSms": True},
    }
    path = f"/{share['id']}/recipients/{recipient['id']}"
    answer = sender.call(method, path, json=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sandbox-operation"] == "secure-share.update_recipient; evidence=inferred"
    merged = {"notification": {"sendEmail": True, "sendSms": True, "language": "Sv"}}
    assert answer.json() == recipient | wanted | merged
    assert sender.recipient(share, recipient) == answer.json()


def test_null_within_a_notification_leaves_a_member_as_it_is(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share, notification={"sendEmail": True, "language": "Sv"})
    changed = sender.change(share, recipient, notification={"sendEmail": None, "language": None, "sendSms": True})
    assert changed.json()["notification"] == {"sendEmail": True, "sendSms": True, "language": "Sv"}


def test_an_update_leaves_what_it_does_not_have(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share, notification={"language": "Da"})
    nothing: list[Json] = [{}, dict.fromkeys([*a_recipient(), "fileRestrictions", "notification"])]
    for body in nothing:
        assert sender.change(share, recipient, **body).json() == recipient


@pytest.mark.parametrize(
    ("but", "members", "flawed"),
    [
        ({}, {"authentication": []}, ["authentication"]),
        ({}, {"email": "kari"}, ["email"]),
        ({}, {"fileRestrictions": [unknown_id()]}, ["fileRestrictions[0]"]),
        ({"mobile": None}, {"authentication": [BY_SMS]}, ["mobile"]),
        ({"mobile": None}, {"notification": {"sendSms": True}}, ["mobile"]),
        ({"email": None, "authentication": [BY_SMS]}, {"authentication": [BY_EMAIL]}, ["email"]),
        ({"email": None, "authentication": [BY_SMS]}, {"mobile": ""}, ["mobile"]),
    ],
    ids=str,
)
def test_the_rules_hold_for_what_an_update_makes(sender: Sender, but: Json, members: Json, flawed: list[str]) -> None:
    share = sender.share()
    recipient = sender.invite(share, **but)
    problem(sender.change(share, recipient, firstName="New", **members), 400, *flawed)
    assert sender.recipient(share, recipient) == recipient


def test_a_deleted_recipient_is_gone_and_so_is_their_link(sender: Sender) -> None:
    share = sender.share()
    sender.upload(share)
    recipient, other = sender.invite(share), sender.invite(share)
    sender.does(share, recipient, "authenticate")
    path = f"/{share['id']}/recipients/{recipient['id']}"
    assert sender.call("DELETE", path).status_code == 204
    for method in ("GET", "DELETE"):
        problem(sender.call(method, path), 404)
    problem(sender.change(share, recipient), 404)
    problem(sender.remind(share, recipient), 404)
    assert sender.read(share)["recipients"] == [other]
    assert Visitor(recipient).get().status_code == 404


def test_a_recipient_is_found_in_their_own_share_only(sender: Sender) -> None:
    share, other = sender.share(), sender.share()
    sender.upload(share)
    recipient = sender.invite(share)
    for method in ("GET", "PATCH", "DELETE"):
        more: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
        problem(sender.call(method, f"/{other['id']}/recipients/{recipient['id']}", **more), 404)
    problem(sender.remind(other, recipient), 404)
    assert sender.act(other, recipient, "open").status_code == 404
    assert sender.recipient(share, recipient) == recipient


@pytest.mark.parametrize("place", ["x", "1", unknown_id() + "0", "%00", "..%2f.."])
def test_a_malformed_id_is_named(sender: Sender, place: str) -> None:
    share = sender.share()
    for path, name in ((f"/{place}", "shareId"), (f"/{share['id']}/recipients/{place}", "recipientId")):
        answer = sender.call("GET", path)
        if answer.status_code != 404:  # `..%2f..` is more than one segment
            problem(answer, 400, name)
