"""The life of a DST, over HTTP: drafted, published, filled, signed by all, declined, expired."""

import io

import pypdfium2
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.signing_today.people import ANNA, BRUNO, INSTRUCTOR, People, refused
from tests.signing_today.transactions import (
    Desk,
    a_place,
    a_plan,
    a_request,
    a_text,
    account,
    external,
    one_after_the_other,
)
from tests.world import unknown_id


def signatures(pdf: bytes) -> list[str]:
    """Who signed a PDF, in order."""
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return [str(one.sig_object["/Name"]) for one in found]


def words(pdf: bytes) -> str:
    """Everything that is written on a PDF, its form fields included."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    for page in document:
        page.flatten()
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_new_dst_is_a_draft_with_all_its_read_only_members(desk: Desk) -> None:
    desk.world.freeze("2030-05-01T10:00:00Z")
    dst = desk.create(tags=["important"], urgent=True, extraData={"mine": 1})
    assert dst["status"] == "draft"
    assert dst["createdByUser"] == INSTRUCTOR
    assert dst["domain"] == "demo"
    assert dst["createdAt"] == dst["updatedAt"] == "2030-05-01T10:00:00Z"
    assert (dst["tags"], dst["urgent"], dst["extraData"]) == (["important"], True, {"mine": 1})
    assert not {"replaces", "replacedBy", "publishedAt", "expiresAt", "deletedAt"} & dst.keys()
    assert dst["errorMessage"] is None
    assert dst["documents"] == dst["resources"] == dst["signatures"] == []
    assert desk.read(dst) == dst


def test_read_only_members_are_ignored_on_input(desk: Desk) -> None:
    lies = {
        "id": unknown_id(),
        "status": "signed",
        "createdByUser": unknown_id(),
        "createdAt": "2001-01-01T00:00:00Z",
        "domain": "partner",
        "deletedAt": "2001-01-01T00:00:00Z",
        "replaces": unknown_id(),
        "expiresAt": "2001-01-01T00:00:00Z",
        "errorMessage": "no",
    }
    dst = desk.create(**lies)
    assert dst["id"] != lies["id"]
    assert all(dst.get(name) != value for name, value in lies.items())
    again = desk.put(dst, **lies)
    assert {**again, "updatedAt": None} == {**dst, "updatedAt": None}


def test_an_upload_becomes_a_resource_and_a_document(desk: Desk) -> None:
    dst = desk.upload(desk.create())
    [resource], [document] = dst["resources"], dst["documents"]
    assert resource["type"] == "PDFResource"
    assert resource["dstUuid"] == dst["id"]
    assert (resource["filename"], resource["title"], resource["pages"]) == ("contract.pdf", "Contract", 2)
    assert resource["mimetype"] == "application/pdf"
    assert resource["size"] == len(desk.download(resource["id"]))
    assert resource["url"].endswith(f"/api/resource/{resource['id']}")
    assert (document["id"], document["plainDocumentUuid"], document["status"]) == (1, resource["id"], "plain")


def test_what_nobody_has_to_fill_in_is_to_be_signed_at_once(desk: Desk) -> None:
    desk.world.freeze("2030-05-01T10:00:00Z")
    dst = desk.published()
    assert dst["status"] == "toSign"
    assert dst["publishedAt"] == "2030-05-01T10:00:00Z"
    assert dst["expiresAt"] == "2030-05-31T10:00:00Z"
    assert desk.events(dst) == ["event_published", "stage_to_sign"]


def test_one_signature_signs_it(desk: Desk) -> None:
    dst = desk.act(desk.published(a_plan(forms=[a_place()])), "sign")
    assert dst["status"] == "signed"
    [signature] = dst["signatures"]
    assert (signature["documentId"], signature["signatureRequestId"], signature["status"]) == (1, 1, "signed")
    assert signature["signedAt"]
    [document] = dst["documents"]
    assert document["status"] == "signed"
    assert signatures(desk.download(document["signedDocumentUuid"])) == ["Anna Rossi"]
    assert document["signedDocumentUuid"] in {one["id"] for one in dst["resources"]}
    assert desk.events(dst) == ["event_published", "stage_to_sign", "event_signature", "stage_signed"]


def test_groups_sign_one_after_the_other_and_into_the_same_file(desk: Desk) -> None:
    dst = desk.published(one_after_the_other())
    desk_of_bruno = desk.by(desk.people.bruno)
    refused(desk_of_bruno.client.get(f"/DST/{dst['id']}/sign/1/2"), 403, "signId")
    assert desk.try_act(dst, "sign", signatureRequestId=2).status_code == 409
    dst = desk.act(dst, "sign", signatureRequestId=1)
    assert dst["status"] == "toSign"
    assert "signedDocumentUuid" not in dst["documents"][0]
    assert len(dst["resources"]) == 1
    dst = desk.act(dst, "sign")
    assert dst["status"] == "signed"
    assert signatures(desk.download(dst["documents"][0]["signedDocumentUuid"])) == ["Anna Rossi", "Bruno Bianchi"]


def test_signers_of_a_group_sign_in_any_order(desk: Desk) -> None:
    dst = desk.published(a_plan([account(ANNA, 1), account(BRUNO, 2)]))
    dst = desk.act(dst, "sign", signatureRequestId=2)
    assert dst["status"] == "toSign"
    assert desk.act(dst, "sign", signatureRequestId=1)["status"] == "signed"


def test_documents_do_not_wait_for_each_other(desk: Desk) -> None:
    dst = desk.published(one_after_the_other(), a_plan([account(BRUNO, 1)]))
    dst = desk.act(dst, "sign", documentId=2)
    assert [one["status"] for one in dst["documents"]] == ["plain", "signed"]
    assert dst["status"] == "toSign"
    dst = desk.act(desk.act(dst, "sign"), "sign")
    assert dst["status"] == "signed"


def test_texts_are_filled_in_before_anybody_signs(desk: Desk) -> None:
    plan = a_plan([account(ANNA, 1), account(BRUNO, 2)], forms=[a_text(11, 1), a_text(12, 2, positionY=65)])
    dst = desk.published(plan)
    assert dst["status"] == "toFill"
    assert desk.try_act(dst, "sign").status_code == 409
    anna, bruno = desk.by(desk.people.anna), desk.by(desk.people.bruno)
    dst = anna.call(
        "PATCH", f"/DST/{dst['id']}/fill", json={"id": 11, "documentId": 1, "extraData": {"text": "Napoli"}}
    )
    assert dst["status"] == "toFill"
    assert [form["filled"] for form in dst["documents"][0]["forms"]] == [True, False]
    assert "filledDocumentUuid" not in dst["documents"][0]
    dst = bruno.call("PATCH", f"/DST/{dst['id']}/fill", json={"id": 12, "documentId": 1, "extraData": {"text": "Roma"}})
    [document] = dst["documents"]
    assert (dst["status"], document["status"]) == ("toSign", "filled")
    written = words(desk.download(document["filledDocumentUuid"]))
    assert "Napoli" in written
    assert "Roma" in written
    dst = desk.act(desk.act(dst, "sign"), "sign")
    signed = desk.download(dst["documents"][0]["signedDocumentUuid"])
    assert "Napoli" in words(signed)
    assert signatures(signed) == ["Anna Rossi", "Bruno Bianchi"]
    events = desk.events(dst)
    assert events[:5] == ["event_published", "stage_to_fill", "event_form_fill", "event_form_fill", "stage_to_sign"]


def test_a_refusal_rejects_the_whole(desk: Desk) -> None:
    dst = desk.published(a_plan([account(ANNA, 1), external(2)]))
    dst = desk.act(dst, "decline", signatureRequestId=2, reason="Too dear")
    assert dst["status"] == "rejected"
    [signature] = dst["signatures"]
    assert (signature["status"], signature["declinedReason"]) == ("declined", "Too dear")
    assert desk.try_act(dst, "sign", signatureRequestId=1).status_code == 409
    assert desk.events(dst)[-2:] == ["event_rejection", "stage_rejected"]


def test_only_what_may_be_declined_is(desk: Desk) -> None:
    dst = desk.published(a_plan(signatureRequests=[a_request(declinable=False)]))
    assert desk.try_act(dst, "decline").status_code == 403
    assert desk.read(dst)["status"] == "toSign"


def test_time_runs_out(desk: Desk) -> None:
    for plan in (a_plan(), a_plan(forms=[a_text()])):
        dst = desk.published(plan)
        desk.world.advance("P30D")
        dst = desk.read(dst)
        assert dst["status"] == "expired"
        assert dst["signatures"] == []
        assert desk.events(dst)[-1] == "stage_expired"
        assert desk.try_act(dst, "sign").status_code == 409


def test_a_cades_request_gives_an_envelope(desk: Desk) -> None:
    requests = [a_request(1, 1, signProfile="CAdES"), a_request(2, 2, signProfile="CAdES", withTimestamp=True)]
    dst = desk.signed(a_plan([account(ANNA, 1), account(BRUNO, 2)], signatureRequests=requests))
    [document] = dst["documents"]
    resource = next(one for one in dst["resources"] if one["id"] == document["signedDocumentUuid"])
    assert resource["filename"] == "contract 1.pdf.p7m"
    assert resource["mimetype"] == "application/pkcs7-mime"
    content = desk.download(resource["id"])
    assert content[:1] == b"\x30"
    assert desk.download(document["plainDocumentUuid"]) in content


def test_who_may_see_it(people: People) -> None:
    desk = Desk(people)
    dst = desk.draft()
    path = f"/DST/{dst['id']}"
    assert people.admin.get(path).status_code == 200
    refused(people.anna.get(path), 404)  # a signer, but of a draft
    refused(people.at("admin", "partner").get(path), 404)
    refused(people.anna.get(f"{path}/audit"), 403, "id")
    desk.publish(dst)
    assert people.anna.get(path).status_code == 200
    refused(people.bruno.get(path), 404)
    assert Desk(people).create(visibleTo=[BRUNO])
