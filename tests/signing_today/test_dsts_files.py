"""The files of a DST: uploading, describing, taking away, downloading, pictures."""

import io
import zipfile

import pytest
from PIL import Image
from tests.core.odd_pdfs import encrypted
from tests.signing_today.people import People, refused
from tests.signing_today.transactions import Desk, a_plan, a_text, an_upload, external
from tests.world import Json, agreement, terms, unknown_id


def resource(desk: Desk) -> Json:
    """The file of a new draft."""
    found: Json = desk.draft()["resources"][0]
    return found


def test_a_file_comes_back_as_it_was(desk: Desk) -> None:
    answer = desk.client.get(f"/resource/{resource(desk)['id']}")
    assert answer.content == agreement()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="contract 1.pdf"' or (
        "contract%201.pdf" in answer.headers["content-disposition"]
    )


@pytest.mark.parametrize(
    ("upload", "targets"),
    [
        (an_upload(terms()), ["file"]),
        (an_upload(b""), ["file"]),
        (an_upload(encrypted("secret")), ["file"]),
        (an_upload(encrypted("")), ["file"]),
        (an_upload(filename=""), ["filename"]),
        (an_upload(resourceType=None), ["resourceType"]),
        (an_upload(resourceType="Image"), ["resourceType"]),
        (an_upload(filename="x" * 256), ["filename"]),
        ({"data": {"filename": "x", "resourceType": "PDF_Document"}, "files": {"other": b"x"}}, ["file"]),
        ({"json": {}}, ["Content-Type"]),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, None),
    ],
)
def test_an_upload_that_is_none_is_refused(desk: Desk, upload: Json, targets: list[str] | None) -> None:
    dst = desk.create()
    refused(desk.client.patch(f"/DST/{dst['id']}/resources", **upload), 400, *(targets or ()))
    assert desk.read(dst) == dst


def test_each_upload_makes_a_document(desk: Desk) -> None:
    dst = desk.upload(desk.upload(desk.create()), filename="annex.pdf", title=None)
    assert [one["id"] for one in dst["documents"]] == [1, 2]
    assert [one["filename"] for one in dst["resources"]] == ["contract.pdf", "annex.pdf"]
    assert "title" not in dst["resources"][1]


def test_what_describes_a_file_can_be_changed(desk: Desk) -> None:
    file = resource(desk)
    change = {"title": "Better", "filename": "better.pdf", "extraData": {"a": 1}, "size": 7, "id": unknown_id()}
    desk.call("PUT", f"/resource/{file['id']}", 204, json=change)
    [after] = desk.read(file["dstUuid"])["resources"]
    assert (after["id"], after["size"]) == (file["id"], file["size"])
    assert (after["title"], after["filename"]) == ("Better", "better.pdf")
    assert after["extraData"]["a"] == 1


def test_a_file_goes_with_its_document(desk: Desk) -> None:
    dst = desk.draft(a_plan(), a_plan())
    after = desk.call("DELETE", f"/DST/resource/{dst['resources'][0]['id']}")
    assert [one["id"] for one in after["documents"]] == [2]
    assert [one["id"] for one in after["resources"]] == [dst["resources"][1]["id"]]
    refused(desk.client.get(f"/resource/{dst['resources'][0]['id']}"), 404)
    assert desk.download(dst["resources"][1]["id"]) == agreement()  # the same bytes, under another id


def test_all_files_come_in_a_zip(desk: Desk) -> None:
    plan = a_plan([external(1)], forms=[a_text()])
    dst = desk.act(desk.published(plan, a_plan()), "fill")
    while dst["status"] == "toSign":
        dst = desk.act(dst, "sign")
    answer = desk.client.get(f"/DST/{dst['id']}/resources")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert f"{dst['id']}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            *("contract 1.pdf", "contract 2.pdf", "contract 1-filled.pdf"),
            *("contract 1-signed.pdf", "contract 2-signed.pdf"),
        ]
        assert archive.read("contract 1.pdf") == agreement()


def test_files_of_one_name_have_names_of_their_own_in_a_zip(desk: Desk) -> None:
    dst = desk.create()
    for name in ("../a.pdf", "A.PDF", "..\\a.pdf"):
        desk.upload(dst, filename=name)
    answer = desk.client.get(f"/DST/{dst['id']}/resources")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
    assert len({one.lower() for one in names}) == 3
    assert all("/" not in one and "\\" not in one for one in names)


def test_the_zip_of_nothing_is_empty(desk: Desk) -> None:
    answer = desk.client.get(f"/DST/{desk.create()['id']}/resources")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist() == []


def test_a_picture_of_a_page(desk: Desk) -> None:
    file = resource(desk)
    for query, width in (("page=1", 200), ("page=2&width=20", 20), ("page=1&width=1000", 1000)):
        answer = desk.client.get(f"/pdfResource/{file['id']}/thumbs?{query}")
        assert answer.headers["content-type"] == "image/jpeg"
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, picture.width) == ("JPEG", width)


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("", "page"),
        ("page=0", "page"),
        ("page=3", "page"),
        ("page=x", "page"),
        ("page=2147483648", "page"),
        ("page=1&width=0", "width"),
        ("page=1&width=4001", "width"),
    ],
)
def test_no_picture_of_what_is_not_there(desk: Desk, query: str, target: str) -> None:
    refused(desk.client.get(f"/pdfResource/{resource(desk)['id']}/thumbs?{query}"), 400, target)


def test_a_cades_envelope_has_no_picture(desk: Desk) -> None:
    dst = desk.signed(a_plan(signatureRequests=[{"id": 1, "signerId": 1, "signProfile": "CAdES"}]))
    signed = dst["documents"][0]["signedDocumentUuid"]
    refused(desk.client.get(f"/pdfResource/{signed}/thumbs?page=1"), 400, "id")


def test_who_sees_a_file(people: People) -> None:
    file = resource(Desk(people))
    for path in (
        f"/resource/{file['id']}",
        f"/pdfResource/{file['id']}/thumbs?page=1",
        f"/DST/{file['dstUuid']}/resources",
    ):
        assert people.admin.get(path).status_code == 200
        refused(people.anna.get(path), 403, "id")
        refused(people.at("admin", "partner").get(path), 404)
        refused(people.nobody.get(path), 401)
    refused(people.anna.put(f"/resource/{file['id']}", json={}), 403, "id")
    refused(people.anna.delete(f"/DST/resource/{file['id']}"), 403, "id")
    refused(people.admin.get(f"/resource/{unknown_id()}"), 404)
    refused(people.admin.delete(f"/DST/resource/{unknown_id()}"), 404)


def test_what_earlier_signers_left_is_not_shown_yet(desk: Desk) -> None:
    dst = desk.act(desk.published(a_plan([external(1)], [external(2, email="b@example.com")])), "sign")
    assert [one["filename"] for one in dst["resources"]] == ["contract 1.pdf"]
