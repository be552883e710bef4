"""Notes on a DST, its audit, and what users are told of it."""

import pytest
from tests.signing_today.people import ADMIN, ANNA, BRUNO, CARLA, INSTRUCTOR, STRANGER, People, refused
from tests.signing_today.transactions import Desk, a_plan, a_text, account, external, one_after_the_other
from tests.world import Json, unknown_id


def told(desk: Desk) -> list[str]:
    """What the user is told, newest first."""
    return [one["event"] for one in desk.call("GET", "/notifications/dsts")["values"]]


def test_a_note_is_written_changed_and_removed(desk: Desk) -> None:
    dst = desk.draft()
    path = f"/DST/{dst['id']}/note"
    note = desk.call("POST", path, json={"text": "First"})
    assert (note["dstId"], note["userId"], note["text"]) == (dst["id"], INSTRUCTOR, "First")
    assert note["createdAt"].endswith("Z")
    changed = desk.call("PUT", f"{path}/{note['id']}", json={**note, "text": "Second", "userId": ANNA, "id": 99})
    assert changed == {**note, "text": "Second"}
    second = desk.call("POST", path, json={"text": "Third"})
    assert desk.call("GET", path) == [changed, second]
    desk.call("DELETE", f"{path}/{note['id']}", 204)
    assert desk.call("GET", path) == [second]
    refused(desk.client.delete(f"{path}/{note['id']}"), 404)
    assert desk.events(dst) == ["event_note_add", "event_note_modify", "event_note_add", "event_note_delete"]
    assert [one["noteId"] for one in desk.audit(dst)] == [note["id"], note["id"], second["id"], note["id"]]


@pytest.mark.parametrize("body", [None, {}, {"text": ""}, {"text": None}, {"text": 7}, {"text": "x" * 10_001}])
def test_a_note_needs_a_text(desk: Desk, body: Json | None) -> None:
    path = f"/DST/{desk.create()['id']}/note"
    refused(desk.client.post(path, json=body), 400, "text")
    note = desk.call("POST", path, json={"text": "First"})
    refused(desk.client.put(f"{path}/{note['id']}", json=body), 400)


def test_only_the_author_changes_a_note(people: People) -> None:
    desk = Desk(people)
    dst = desk.published(a_plan([account(ANNA)]))
    path = f"/DST/{dst['id']}/note"
    note = desk.by(people.anna).call("POST", path, json={"text": "By Anna"})
    assert desk.call("GET", path) == [note]
    refused(people.admin.put(f"{path}/{note['id']}", json={"text": "x"}), 403, "noteId")
    refused(people.admin.delete(f"{path}/{note['id']}"), 403, "noteId")
    refused(people.bruno.post(path, json={"text": "x"}), 403, "id")
    refused(people.bruno.get(path), 403, "id")
    other = desk.create()
    refused(people.anna.get(f"/DST/{other['id']}/note/"), 404)
    refused(people.instructor.put(f"/DST/{other['id']}/note/{note['id']}", json={"text": "x"}), 404)
    refused(people.instructor.put(f"{path}/{2**63}", json={"text": "x"}), 404)


def test_a_note_is_told_to_all_but_its_author(people: People) -> None:
    desk = Desk(people)
    dst = desk.published(a_plan([account(ANNA)]), ccUsers=[CARLA], ccGroups=["Sales"])
    anna, bruno, carla = (desk.by(one) for one in (people.anna, people.bruno, people.carla))
    for one in (desk, anna, bruno, carla):
        one.call("DELETE", f"/notifications/dst/{dst['id']}", 204)
    note = anna.call("POST", f"/DST/{dst['id']}/note", json={"text": "Hello"})
    anna.call("PUT", f"/DST/{dst['id']}/note/{note['id']}", json={"text": "Hello!"})
    anna.call("DELETE", f"/DST/{dst['id']}/note/{note['id']}", 204)
    expected = ["dst_alert_note_deleted", "dst_alert_note_modified", "dst_alert_note_added"]
    assert told(desk) == told(bruno) == told(carla) == expected
    assert told(anna) == []


def test_notifications_are_told_newest_first_until_they_are_consumed(people: People) -> None:
    desk = Desk(people)
    dst = desk.published(one_after_the_other(), ccUsers=[CARLA])
    anna, bruno, carla = (desk.by(one) for one in (people.anna, people.bruno, people.carla))
    [asked] = anna.call("GET", "/notifications/dsts")["values"]
    assert (asked["event"], asked["dstId"], asked["userId"]) == ("dst_alert_sign", dst["id"], ANNA)
    assert (asked["dstTitle"], asked["email"], "username" in asked) == (dst["title"], "anna@demo.example", False)
    assert asked["time"].endswith("Z")
    assert told(bruno) == []
    desk.act(dst, "sign")
    assert told(bruno) == ["dst_alert_sign"]
    desk.act(dst, "sign")
    assert told(desk) == told(carla) == ["dst_status_signed", "dst_status_published"]
    page = desk.call("GET", "/notifications/dsts?$top=1&$skip=1&$count=true")
    assert page["count"] == 2
    assert [one["event"] for one in page["values"]] == ["dst_status_published"]
    assert desk.call("GET", "/notifications/dsts")["count"] == 2
    desk.call("DELETE", f"/notifications/dst/{dst['id']}", 204)
    desk.call("DELETE", f"/notifications/dst/{unknown_id()}", 204)
    assert told(desk) == []
    assert told(carla) == ["dst_status_signed", "dst_status_published"]


def test_every_end_is_told(people: People) -> None:
    desk = Desk(people)
    desk.rejected()
    assert told(desk)[0] == "dst_status_rejected"
    desk.published(a_plan(forms=[a_text()]))
    assert told(desk.by(people.anna))[0] == "dst_alert_fill"
    desk.world.advance("P31D")
    assert told(desk)[0] == "dst_status_expired"


def test_a_reminder_goes_to_those_whose_turn_it_is(people: People) -> None:
    desk = Desk(people)
    plan = a_plan([account(ANNA, 1), external(2)], [account(BRUNO, 3)])
    dst = desk.published(plan)
    desk.call("POST", f"/DST/{dst['id']}/notify", 204)
    assert told(desk.by(people.anna)) == ["dst_alert_sign", "dst_alert_sign"]
    assert told(desk.by(people.bruno)) == []
    [record] = [one for one in desk.audit(dst) if one["event"] == "event_solicitation"]
    assert "Anna Rossi, Eve External" in record["value"]
    desk.act(dst, "sign", signatureRequestId=1)
    desk.call("POST", f"/DST/{dst['id']}/notify", 204)
    assert len(told(desk.by(people.anna))) == 2
    mails = desk.mails("eve@example.com")
    assert [one.kind for one in mails] == ["dst.sign"] * 3
    refused(people.anna.post(f"/DST/{dst['id']}/notify"), 403, "id")


def test_a_mail_has_the_link_of_the_tray(desk: Desk) -> None:
    dst = desk.published(a_plan([external(1)]))
    [mail] = desk.mails("eve@example.com")
    [request] = dst["documents"][0]["signatureRequests"]
    assert mail.links == [request["extraData"]["st_ticketUrl"]]
    assert "Ivo Instructor" in mail.text


def test_the_audit_tells_who_did_what(desk: Desk) -> None:
    dst = desk.published(a_plan([account(ANNA)], forms=[a_text()]))
    dst = desk.act(desk.act(dst, "fill", text="Napoli"), "sign")
    audit = desk.audit(dst)
    assert [one["event"] for one in audit] == [
        *("event_published", "stage_to_fill", "event_form_fill", "stage_to_sign", "event_signature", "stage_signed"),
    ]
    published, _, filled, _, signed, _ = audit
    assert published["value"].splitlines() == [
        f'registered user Ivo Instructor (instructor@demo.example) published the DST "Sales contract" ({dst["id"]})',
        "The DST contains the documents:",
        '- "Contract" with fillers [Anna Rossi (anna@demo.example)] and signers [Anna Rossi (anna@demo.example)]',
    ]
    assert published["signer"]["userUUID"] == INSTRUCTOR
    assert (filled["documentId"], filled["fillableFormId"], filled.get("signatureRequestId")) == (1, 11, None)
    assert (signed["documentId"], signed["signatureRequestId"]) == (1, 1)
    assert signed["signer"]["name"] == "Anna"
    assert all(one["dstId"] == dst["id"] and one["_instance_id"] for one in audit)
    assert ADMIN not in str(audit)


def test_nobody_of_another_domain_is_told(people: People) -> None:
    desk, stranger = Desk(people), people.at("admin", "partner")
    dst = desk.published(ccUsers=[STRANGER], visibleTo=[STRANGER])
    desk.call("POST", f"/DST/{dst['id']}/note", json={"text": "x"})
    desk.act(dst, "decline")
    assert stranger.get("/notifications/dsts").json() == {"count": 0, "values": []}
    assert stranger.get("/DSTs").json()["count"] == 0
    assert stranger.get(f"/DST/{dst['id']}").status_code == 404
