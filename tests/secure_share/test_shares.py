"""Shares: every member there and back, what is required, and what an update changes."""

import re
from datetime import datetime, timedelta

import pytest
from tests.secure_share.sharing import CONTACT, Sender, a_file, a_recipient, a_share, problem
from tests.world import Json, unknown_id

from localsign.secure_share.moments import show, ticks_of

MEMBERS = [
    "id",
    "title",
    "description",
    "externalReference",
    "usageReference",
    "recipients",
    "files",
    "expires",
    "created",
    "contactDetails",
    "tags",
    "requestDomain",
    "completedRecipients",
    "status",
    "providerPath",
]
NULLABLE = (
    "title",
    "description",
    "externalReference",
    "usageReference",
    "recipients",
    "tags",
    "expires",
    "requestDomain",
)
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_a_share_is_shown_with_every_member_of_the_reference(sender: Sender) -> None:
    wanted: Json = {
        "title": "Title of the share",
        "description": "Description of what this share contains",
        "externalReference": "c6b1d651-6fd8-4281-88e1-7e13c3aed6bf",
        "usageReference": "9564525f-fc89-45e9-9038-cb531cfbea6c",
        "contactDetails": CONTACT | {"url": "https://acme.test", "fax": {"number": [1, None, "2"]}},
        "tags": ["custom-tag", "another-custom-tag"],
        "requestDomain": "my-custom-domain",
    }
    answer = sender.call("POST", "", json={**wanted, "recipients": [], "expires": "2126-03-19T15:12:39.6695822+00:00"})
    assert answer.status_code == 201
    share = answer.json()
    assert list(share) == MEMBERS
    assert {name: share[name] for name in wanted} == wanted
    assert share["expires"] == "2126-03-19T15:12:39.6695822+00:00"
    assert (share["recipients"], share["files"], share["completedRecipients"]) == ([], [], 0)
    assert (share["status"], share["providerPath"]) == ("Active", "secure-share")
    assert re.fullmatch(STAMP, share["created"])
    assert re.fullmatch(GUID, share["id"])
    assert answer.headers["location"] == f"{sender.world.url}/secure-share/shares/{share['id']}"
    assert sender.world.api.get(answer.headers["location"]).json() == share


def test_only_contact_details_are_required(sender: Sender) -> None:
    bare: Json = {"contactDetails": {}}
    for wanted in (bare, bare | dict.fromkeys(NULLABLE)):
        answer = sender.call("POST", "", json=wanted)
        assert answer.status_code == 201, answer.text
        share = answer.json()
        assert [name for name in MEMBERS if share[name] is None] == [
            "title",
            "description",
            "externalReference",
            "usageReference",
            "requestDomain",
        ]
        assert (share["recipients"], share["tags"]) == ([], [])
        assert share["contactDetails"] == {"name": None, "email": None, "phone": None, "url": None}


@pytest.mark.parametrize(
    ("but", "flawed"),
    [
        ({"contactDetails": None}, ["contactDetails"]),
        ({"contactDetails": "me"}, ["contactDetails"]),
        ({"contactDetails": {"name": 5}}, ["contactDetails.name"]),
        ({"title": 5, "description": [], "tags": "a"}, ["title", "description", "tags"]),
        ({"tags": ["a", None, 5]}, ["tags[1]", "tags[2]"]),
        ({"expires": "tomorrow"}, ["expires"]),
        ({"expires": "2126-02-30T00:00:00Z"}, ["expires"]),
        ({"expires": "2126-01-01T00:00:00"}, ["expires"]),
        ({"expires": 4_000_000_000}, ["expires"]),
        ({"expires": True}, ["expires"]),
        ({"expires": 49_273_056_000_000_000}, ["expires"]),
        ({"expires": 10**40}, ["expires"]),
        ({"expires": 1.5}, ["expires"]),
        ({"expires": "2020-01-01T00:00:00Z"}, ["expires"]),
        ({"recipients": {}}, ["recipients"]),
        ({"recipients": [{}]}, ["recipients[0].authentication"]),
        ({"requestDomain": 1, "externalReference": {}, "usageReference": False}, None),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_share_is_named(sender: Sender, but: Json, flawed: list[str] | None) -> None:
    flawed = sorted(but) if flawed is None else flawed
    body = problem(sender.call("POST", "", json=a_share(**but)), 400, *_in_order(but, flawed))
    assert set(body["errors"]) == set(flawed)
    assert sender.call("GET", "").json()["total"] == 0


def _in_order(but: Json, flawed: list[str]) -> list[str]:
    order = ["title", "description", "externalReference", "usageReference", "recipients", "tags", "expires"]
    return sorted(flawed, key=lambda name: order.index(name) if name in order else len(order))


def test_a_share_without_contact_details_is_refused(sender: Sender) -> None:
    body = problem(sender.call("POST", "", json={"title": "a"}), 400, "contactDetails")
    assert body["errors"] == {"contactDetails": ["is required"]}


def test_a_share_lives_seven_days_unless_it_says_otherwise(sender: Sender) -> None:
    now = sender.world.freeze()
    share = sender.share()
    assert share["created"] == show(ticks_of(now))
    assert share["expires"] == show(ticks_of(now + timedelta(days=7)))


def test_moments_are_echoed_to_the_last_digit_and_in_utc(sender: Sender) -> None:
    for sent, shown in {
        "2126-03-19T15:12:39.6695822+00:00": "2126-03-19T15:12:39.6695822+00:00",
        "2126-03-19T15:12:39.1+02:00": "2126-03-19T13:12:39.1000000+00:00",
        "2126-03-19T15:12:39Z": "2126-03-19T15:12:39.0000000+00:00",
        "2126-03-19T15:12:39.66958229+00:00": "2126-03-19T15:12:39.6695822+00:00",
    }.items():
        assert sender.share(expires=sent)["expires"] == shown
        assert sender.share(expires=shown)["expires"] == shown


def test_recipients_can_come_with_the_share(sender: Sender) -> None:
    share = sender.share(recipients=[a_recipient(), a_recipient(firstName="Ola", email="ola@example.test")])
    assert [one["firstName"] for one in share["recipients"]] == ["Kari", "Ola"]
    assert sender.read(share) == share


def test_a_bad_recipient_leaves_no_share(sender: Sender) -> None:
    wanted = a_share(
        recipients=[
            a_recipient(),
            a_recipient(email=None, mobile=None),
            a_recipient(fileRestrictions=[unknown_id()]),
        ]
    )
    flawed = ("recipients[1].email", "recipients[2].fileRestrictions[0]")
    problem(sender.call("POST", "", json=wanted), 400, *flawed)
    assert sender.call("GET", "").json()["total"] == 0
    assert sender.messages() == []


def test_a_share_takes_so_many_recipients_and_no_more(sender: Sender) -> None:
    many = [a_recipient() for _ in range(501)]
    problem(sender.call("POST", "", json=a_share(recipients=many)), 400, "recipients")
    share = sender.share(recipients=many[1:])
    problem(sender.call("POST", f"/{share['id']}/recipients", json=a_recipient()), 409)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_update_changes_what_it_has(sender: Sender, method: str) -> None:
    share = sender.share(description="Old", tags=["a"], externalReference="e")
    wanted = {"title": "New", "expires": "2126-01-01T00:00:00.0000001+00:00", "contactDetails": {"name": "Beta"}}
    answer = sender.call(method, f"/{share['id']}", json=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sandbox-operation"] == "secure-share.update_share; evidence=inferred"
    assert answer.json() == share | wanted | {"contactDetails": share["contactDetails"] | {"name": "Beta"}}
    assert sender.read(share) == answer.json()


def test_an_update_leaves_what_it_does_not_have(sender: Sender) -> None:
    share = sender.share(description="Old")
    for body in ({}, dict.fromkeys(("title", "description", "contactDetails", "expires"))):
        assert sender.call("PATCH", f"/{share['id']}", json=body).json() == share


def test_null_within_contact_details_leaves_a_member_as_it_is(sender: Sender) -> None:
    share = sender.share()
    body = {"contactDetails": {"name": None, "email": "new@acme.test", "fax": None}}
    changed = sender.call("PATCH", f"/{share['id']}", json=body).json()
    assert changed["contactDetails"] == share["contactDetails"] | {"email": "new@acme.test"}


def test_members_are_known_by_their_names_on_the_wire_only(sender: Sender) -> None:
    problem(sender.call("POST", "", json={"contact_details": {}}), 400, "contactDetails")
    assert sender.share(external_reference="a")["externalReference"] is None


def test_an_update_cannot_reach_other_members(sender: Sender) -> None:
    share = sender.share(tags=["a"], externalReference="e")
    others = {"tags": ["b"], "externalReference": "f", "usageReference": "g", "requestDomain": "h", "status": "Expired"}
    assert sender.call("PATCH", f"/{share['id']}", json=others).json() == share


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({"title": 1}, ["title"]),
        ({"expires": "2020-01-01T00:00:00Z"}, ["expires"]),
        ({"contactDetails": []}, ["contactDetails"]),
        ({"contactDetails": {"email": {}}}, ["contactDetails.email"]),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_update_is_named(sender: Sender, body: Json, flawed: list[str]) -> None:
    share = sender.share()
    problem(sender.call("PATCH", f"/{share['id']}", json={"description": "x", **body}), 400, *flawed)
    assert sender.read(share) == share


def test_an_expiry_can_be_brought_forward_and_put_off(sender: Sender) -> None:
    now = sender.world.freeze()
    share = sender.share()
    for days in (1, 3, 2):
        moment = show(ticks_of(now + timedelta(days=days)))
        assert sender.call("PATCH", f"/{share['id']}", json={"expires": moment}).json()["expires"] == moment
    sender.world.advance("PT47H59M")
    assert sender.read(share)["status"] == "Active"
    sender.world.advance("PT1M")
    problem(sender.call("GET", f"/{share['id']}"), 404)


def test_a_deleted_share_is_gone_with_everything_in_it(sender: Sender) -> None:
    share = sender.share()
    [file] = sender.upload(share, a_file())
    recipient = sender.invite(share)
    sender.does(share, recipient, "download")
    answer = sender.call("DELETE", f"/{share['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert sender.blobs() == []
    assert sender.call("GET", "").json()["total"] == 0
    base = f"/{share['id']}"
    for method, path in (
        ("GET", base),
        ("DELETE", base),
        ("GET", f"{base}/recipients/{recipient['id']}"),
        ("DELETE", f"{base}/recipients/{recipient['id']}"),
        ("POST", f"{base}/recipients/{recipient['id']}/remind"),
        ("DELETE", f"{base}/files/{file['id']}"),
    ):
        problem(sender.call(method, path), 404)
    problem(sender.call("PATCH", base, json={}), 404)
    problem(sender.call("POST", f"{base}/recipients", json=a_recipient()), 404)
    problem(sender.call("POST", f"{base}/files", files=[a_file()]), 404)
    assert sender.act(share, recipient, "open").status_code == 404


def test_a_share_says_when_it_was_made(sender: Sender) -> None:
    at = sender.world.freeze("2031-05-06T07:08:09.123Z")
    assert at == datetime.fromisoformat("2031-05-06T07:08:09.123+00:00")
    assert sender.share()["created"] == "2031-05-06T07:08:09.1230000+00:00"
