"""What the vendor's generated clients demand: strict formats, no member of an enum that they do not know, and their own
habits in headers and queries."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.signing_today.people import ANNA
from tests.signing_today.transactions import Desk, a_place, a_plan, a_text, account, external
from tests.world import Json

DATES = {"createdAt", "updatedAt", "publishedAt", "expiresAt", "deletedAt", "signedAt", "at", "time"}
IDS = {
    *("replaces", "replacedBy", "createdByUser", "plainDocumentUuid", "filledDocumentUuid", "signedDocumentUuid"),
    *("dstUuid", "userUUID", "dstId", "userId"),
}
ENUMS = {
    "status": "draft downloadingInDraft downloadingInPublished published toFill toSign expired signed rejected error "
    "plain filled declined",
    "signProfile": "CAdES PAdES",
    "event": "event_published event_form_fill event_signature event_rejection event_replacement event_note_add "
    "event_note_modify event_note_delete event_solicitation stage_to_fill stage_to_sign stage_expired stage_signed "
    "stage_rejected event_upload_alfresco dst_status_published dst_status_expired dst_status_rejected "
    "dst_status_signed dst_status_error dst_alert_fill dst_alert_sign dst_alert_note_added dst_alert_note_modified "
    "dst_alert_note_deleted",
}


def check(value: Any, name: str = "") -> None:
    """Every date, id, number and enum in an answer, at any depth; what is in extraData is the client's own."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key != "extraData":
                check(one, key)
    elif isinstance(value, list):
        for one in value:
            check(one, name)
    elif value is None:
        return
    elif name in DATES:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value), (name, value)
        assert datetime.fromisoformat(value)
    elif name in IDS:
        assert str(UUID(value)) == value
    elif name in ENUMS:
        assert value in ENUMS[name].split(), (name, value)
    elif name in ("positionX", "positionY", "width", "height"):
        assert isinstance(value, float)
    elif name in ("documentId", "signerId", "signatureRequestId", "page", "pages", "_instance_id"):
        assert isinstance(value, int)
        assert not isinstance(value, bool)


@pytest.fixture
def dsts(desk: Desk) -> list[Json]:
    """DSTs in every status that is reached without a robot, as they are then."""
    plan = a_plan([account(ANNA, 1)], [external(2)], forms=[a_place(), a_text(11)])
    filled = desk.published(plan)
    later = desk.act(filled, "fill")
    return [
        *(desk.create(), desk.draft(plan), desk.template(), filled, later, desk.act(later, "sign")),
        *(desk.signed(a_plan()), desk.rejected(), desk.call("POST", f"/DST/{desk.rejected()['id']}/replace")),
    ]


def test_every_answer_is_as_typed_clients_need_it(desk: Desk, dsts: list[Json]) -> None:
    for dst in dsts:
        check(dst)
        check(desk.audit(dst))
        desk.call("POST", f"/DST/{dst['id']}/note", json={"text": "x"})
        check(desk.call("GET", f"/DST/{dst['id']}/note"))
    check(desk.call("GET", "/DSTs"))
    for one in (desk, desk.by(desk.people.anna)):
        check(one.call("GET", "/notifications/dsts"))


def test_calls_without_a_body_may_say_that_it_is_json(desk: Desk) -> None:
    headers = {"Content-Type": "application/json", "Accept": "*/*"}
    dst = desk.draft()
    assert desk.client.get(f"/DST/{dst['id']}", headers=headers).status_code == 200
    assert desk.client.post(f"/DST/{dst['id']}/publish", headers=headers).status_code == 200
    assert desk.client.post(f"/DST/{dst['id']}/notify", headers=headers).status_code == 204
    assert desk.client.delete(f"/DST/{dst['id']}", headers=headers).status_code == 204
    template = desk.template()
    assert desk.client.post(f"/DST/{template['id']}/instantiate", headers=headers).status_code == 200


def test_files_have_a_name(desk: Desk) -> None:
    file = desk.draft()["resources"][0]
    for path in (
        f"/resource/{file['id']}",
        f"/DST/{file['dstUuid']}/resources",
        f"/pdfResource/{file['id']}/thumbs?page=1",
    ):
        assert "filename" in desk.client.get(path).headers["content-disposition"]


def test_what_a_client_read_can_be_sent_back(desk: Desk) -> None:
    """Clients change what they read and put the whole of it."""
    dst = desk.draft(a_plan(forms=[a_place(), a_text()]))
    again = desk.put(dst)
    same = ("title", "resources", "tags", "extraData", "visibleTo", "template")
    assert {name: again[name] for name in same} == {name: dst[name] for name in same}
    assert [one["signatureRequests"][0]["reason"] for one in again["documents"]] == ["As the buyer"]


def test_an_answer_without_a_body_does_not_say_of_what_kind_it_is(desk: Desk) -> None:
    """Clients that choose how to read an answer by its content type would read JSON out of nothing."""
    answer = desk.client.delete(f"/DST/{desk.create()['id']}")
    lost = desk.people.nobody.get("/auth/passwordLost", params={"username": "x", "domain": "demo"})
    for one in (answer, lost, desk.client.delete(f"/DST/{ANNA}")):
        assert (one.status_code in (204, 404), one.content) == (True, b"")
        assert "content-type" not in one.headers
