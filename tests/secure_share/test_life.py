"""The lives of shares and recipients: completion, expiry, and what a recipient may see."""

import pytest
from tests.secure_share.sharing import BY_BANKID, Sender, Visitor, a_file, a_recipient, problem
from tests.world import Json


def standing(sender: Sender, share: Json) -> tuple[str, int]:
    now = sender.read(share)
    return now["status"], now["completedRecipients"]


def test_two_recipients_complete_a_share(sender: Sender) -> None:
    share = sender.share()
    [one, two, three] = sender.upload(share, a_file("1"), a_file("2"), a_file("3"))
    kari = sender.invite(share)
    ola = sender.invite(share, email="ola@example.test", fileRestrictions=[two["id"]])
    assert standing(sender, share) == ("Active", 0)

    sender.does(share, ola, "download")
    assert standing(sender, share) == ("Active", 1)
    sender.does(share, kari, "download", file=one["id"])
    sender.does(share, kari, "download", file=two["id"])
    assert standing(sender, share) == ("Active", 1)
    sender.does(share, kari, "download", file=three["id"])

    assert standing(sender, share) == ("Completed", 2)


def test_what_a_recipient_did_is_shown(sender: Sender) -> None:
    sender.world.freeze("2031-01-01T00:00:00Z")
    share = sender.share()
    [one, two] = sender.upload(share, a_file("1"), a_file("2"))
    recipient = sender.invite(share)
    sender.world.advance("PT1M")
    acted = sender.does(share, recipient, "authenticate")
    assert acted["state"] == "LoggedIn"
    assert acted["recipient"]["loggedInTime"] == "2031-01-01T00:01:00.0000000+00:00"
    assert acted["recipient"]["fileAccessInfos"] == []
    sender.world.advance("PT1M")
    sender.does(share, recipient, "download", file=two["id"])
    sender.world.advance("PT1M")
    sender.does(share, recipient, "download")
    assert sender.recipient(share, recipient)["fileAccessInfos"] == [
        {"id": two["id"], "lastDownloadedAt": "2031-01-01T00:03:00.0000000+00:00"},
        {"id": one["id"], "lastDownloadedAt": "2031-01-01T00:03:00.0000000+00:00"},
    ]
    assert sender.recipient(share, recipient)["loggedInTime"] == "2031-01-01T00:01:00.0000000+00:00"


def test_something_new_to_fetch_opens_a_completed_share_again(sender: Sender) -> None:
    share = sender.share()
    [file] = sender.upload(share)
    kari = sender.invite(share)
    ola = sender.invite(share, fileRestrictions=[file["id"]])
    for one in (kari, ola):
        sender.does(share, one, "download")
    assert standing(sender, share) == ("Completed", 2)
    [more] = sender.upload(share)
    assert standing(sender, share) == ("Active", 1)  # Ola may not see it
    sender.does(share, kari, "download", file=more["id"])
    assert standing(sender, share) == ("Completed", 2)
    assert sender.change(share, ola, fileRestrictions=[]).status_code == 200
    assert standing(sender, share) == ("Active", 1)
    eva = sender.invite(share)
    sender.does(share, ola, "download")
    assert standing(sender, share) == ("Active", 2)
    assert sender.call("DELETE", f"/{share['id']}/recipients/{eva['id']}").status_code == 204
    assert standing(sender, share) == ("Completed", 2)


def test_a_share_without_recipients_or_files_is_not_completed(sender: Sender) -> None:
    share = sender.share()
    recipient = sender.invite(share)
    sender.does(share, recipient, "authenticate")
    assert standing(sender, share) == ("Active", 0)
    [file] = sender.upload(share)
    sender.does(share, recipient, "download")
    assert standing(sender, share) == ("Completed", 1)
    sender.drop_file(share, file)
    assert standing(sender, share) == ("Completed", 1)
    sender.call("DELETE", f"/{share['id']}/recipients/{recipient['id']}")
    assert standing(sender, share) == ("Active", 0)


def test_deleting_what_was_left_to_fetch_completes(sender: Sender) -> None:
    share = sender.share()
    [one, two] = sender.upload(share, a_file("1"), a_file("2"))
    recipient = sender.invite(share)
    sender.does(share, recipient, "download", file=one["id"])
    assert standing(sender, share) == ("Active", 0)
    sender.drop_file(share, two)
    assert standing(sender, share) == ("Completed", 1)
    infos = sender.recipient(share, recipient)["fileAccessInfos"]
    assert [info["id"] for info in infos] == [one["id"]]
    sender.drop_file(share, one)
    assert sender.recipient(share, recipient)["fileAccessInfos"] == []


# ---- deleting a file never widens what a recipient may see


def test_a_deleted_file_leaves_the_restrictions(sender: Sender) -> None:
    share = sender.share()
    [one, two, _] = sender.upload(share, a_file("1"), a_file("2"), a_file("3"))
    recipient = sender.invite(share, fileRestrictions=[one["id"], two["id"]])
    sender.drop_file(share, one)
    assert sender.recipient(share, recipient)["fileRestrictions"] == [two["id"]]


def test_the_last_restriction_outlives_its_file(sender: Sender) -> None:
    share = sender.share()
    [one, two, secret] = sender.upload(share, a_file("1"), a_file("2"), a_file("secret"))
    recipient = sender.invite(share, fileRestrictions=[one["id"], two["id"]], authentication=[BY_BANKID])
    visitor = Visitor(recipient)
    visitor.click("login", nin="12345678901", idpId="1234-3456-5678")
    assert len(visitor.files()) == 2
    for file in (two, one):
        sender.drop_file(share, file)
    assert sender.recipient(share, recipient)["fileRestrictions"] == [one["id"]]
    assert visitor.files() == []
    assert visitor.get(f"/files/{secret['id']}").status_code == 404
    assert sender.act(share, recipient, "download", file=secret["id"]).status_code == 400
    assert sender.act(share, recipient, "download").json()["code"] == "nothing_to_download"
    [later] = sender.upload(share)
    assert visitor.files() == []
    # what is there may be sent back, and be added to
    same = sender.change(share, recipient, fileRestrictions=[one["id"]])
    assert same.json()["fileRestrictions"] == [one["id"]]
    sender.change(share, recipient, fileRestrictions=[one["id"], later["id"]])
    assert len(visitor.files()) == 1
    assert sender.change(share, recipient, fileRestrictions=[]).status_code == 200
    assert len(visitor.files()) == 2


# ---- expiry


def expired(sender: Sender) -> tuple[Json, Json, Json]:
    """A share that has expired, its file and its recipient, who had logged in."""
    share = sender.share()
    [file] = sender.upload(share)
    recipient = sender.invite(share, notification={"sendEmail": True})
    sender.does(share, recipient, "authenticate")
    sender.world.advance("P7D")
    return share, file, recipient


EVERY_CALL = (
    ("GET", ""),
    ("PATCH", ""),
    ("POST", "/recipients"),
    ("GET", "/recipients/{recipient}"),
    ("PATCH", "/recipients/{recipient}"),
    ("POST", "/recipients/{recipient}/remind"),
    ("DELETE", "/recipients/{recipient}"),
    ("POST", "/files"),
    ("DELETE", "/files/{file}"),
    ("DELETE", ""),
)


@pytest.mark.parametrize(
    ("choice", "reads", "changes", "deletes", "listed"),
    [("not_found", 404, 404, 404, 0), ("gone", 410, 410, 410, 0), ("readable", 200, 409, 204, 1)],
)
def test_after_the_expiry(sender: Sender, choice: str, reads: int, changes: int, deletes: int, listed: int) -> None:
    sender.switch("after-expiry", choice)
    share, file, recipient = expired(sender)
    assert sender.call("GET", "").json()["total"] == listed
    bodies = {("POST", "/recipients"): a_recipient(), ("PATCH", ""): {}, ("PATCH", "/recipients/{recipient}"): {}}
    for method, path in EVERY_CALL:
        where = f"/{share['id']}" + path.format(recipient=recipient["id"], file=file["id"])
        body = bodies.get((method, path))
        answer = (
            sender.call(method, where, json=body)
            if body is not None
            else (sender.call(method, where, files=[a_file()]) if path == "/files" else sender.call(method, where))
        )
        expected = reads if method == "GET" else deletes if (method, path) == ("DELETE", "") else changes
        assert answer.status_code == expected, (method, path, answer.text)
        if expected >= 400:
            problem(answer, expected)
        elif path == "":
            assert method == "DELETE" or answer.json()["status"] == "Expired"


def test_a_share_expires_at_its_moment(sender: Sender) -> None:
    sender.world.freeze("2031-01-01T00:00:00Z")
    share = sender.share(expires="2031-01-02T00:00:00.0000000+00:00")
    sender.world.advance("PT23H59M59.999S")
    assert sender.read(share)["status"] == "Active"
    fired = sender.world.advance("PT0.001S")
    assert [one["kind"] for one in fired] == ["secure-share.expire"]
    assert {"announced": "share.expired", "id": share["id"]} in fired[0]["followed"]
    problem(sender.call("GET", f"/{share['id']}"), 404)


def test_a_completed_share_expires_as_well(sender: Sender) -> None:
    sender.switch("after-expiry", "readable")
    share = sender.share()
    sender.upload(share)
    sender.does(share, sender.invite(share), "download")
    assert standing(sender, share) == ("Completed", 1)
    sender.world.advance("P7D")
    assert standing(sender, share) == ("Expired", 1)


def test_a_recipient_has_no_access_after_the_expiry(sender: Sender) -> None:
    share, file, recipient = expired(sender)
    visitor = Visitor(recipient)
    assert visitor.get().status_code == 410
    assert visitor.get(f"/files/{file['id']}").status_code == 410
    assert visitor.click("send").status_code == 410
    for action in ("open", "authenticate", "download", "fail"):
        answer = sender.act(share, recipient, action)
        assert answer.status_code == 409
        assert (answer.json()["state"], answer.json()["event"]) == ("Expired", "download")


def test_what_happens_is_announced(sender: Sender) -> None:
    share = sender.share(externalReference="my-share", tags=["tax"])
    [file] = sender.upload(share)
    recipient = sender.invite(share, externalReference="my-kari")
    sender.does(share, recipient, "download")
    other = sender.share()
    sender.call("DELETE", f"/{other['id']}")
    sender.world.advance("P7D")
    about = {"id": share["id"], "externalReference": "my-share", "tags": ["tax"]}
    whom = {"id": share["id"], "recipientId": recipient["id"], "recipientExternalReference": "my-kari", "tags": ["tax"]}
    gone = {"id": other["id"], "externalReference": None, "tags": []}
    assert sender.events() == [
        ("share.created", about),
        ("recipient.authenticated", whom),
        ("recipient.downloaded", whom | {"fileIds": [file["id"]]}),
        ("share.completed", about),
        ("share.created", gone),
        ("share.deleted", gone),
        ("share.expired", about),
    ]
