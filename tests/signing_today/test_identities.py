"""Identities, and how their signatures look."""

import io
from typing import Any

import httpx
import pytest
from tests.signing_today.people import ADMIN, ANNA, BRUNO, NOBODY, STRANGER, People, refused
from tests.world import agreement

MINE = "1d000000-0000-4000-8000-000000000003"
PATH = f"/user/{ANNA}/identity/{MINE}/appearance"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, kind)
    return file.getvalue()


def upload(client: httpx.Client, content: bytes | None = None, path: str = PATH, **fields: Any) -> httpx.Response:
    wanted = {"filename": "anna.png", "resourceType": "Image", "title": "Anna's hand", **fields}
    return client.post(
        path,
        data={name: value for name, value in wanted.items() if value is not None},
        files={"file": ("local.png", picture() if content is None else content, "image/png")},
    )


def test_identities_are_listed(people: People) -> None:
    remote, token = people.anna.get(f"/user/{ANNA}/identities").json()
    assert remote == {
        "id": MINE,
        "actions": {},
        "provider": "Approval Signing Today",
        "label": "Anna Rossi",
        "providerType": "remote",
        "subjectCommonName": "Anna Rossi",
        "issuerCommonName": "localsign Test CA",
        "expireDate": "2099-12-31T23:59:59Z",
        "rawCertificate": None,
        "valid": True,
        "tags": [],
    }
    assert (token["providerType"], token["tags"]) == ("token", ["qualified"])
    assert token["providerData"]["tokenInfo"]["ulMaxPinLen"] == 8
    assert people.admin.get(f"/user/{ANNA}/identities").json() == [remote, token]
    refused(people.bruno.get(f"/user/{ANNA}/identities"), 403, "user.access.all")
    refused(people.admin.get(f"/user/{STRANGER}/identities"), 404)


def test_an_appearance_is_uploaded_read_and_dropped(people: People) -> None:
    refused(people.anna.get(PATH), 404)
    answer = upload(people.anna)
    assert answer.status_code == 200, answer.text
    resource = answer.json()
    assert resource.pop("createdAt")
    assert resource.pop("id") not in (MINE, ANNA)
    assert resource == {
        "domain": "demo",
        "type": "ImageResource",
        "title": "Anna's hand",
        "filename": "anna.png",
        "url": f"{people.url}{PATH}",
        "size": len(picture()),
        "mimetype": "image/png",
        "pages": 1,
        "extraData": {},
    }
    for client in (people.anna, people.admin):
        read = client.get(PATH)
        assert read.content == picture()
        assert read.headers["content-type"] == "application/octet-stream"
        assert 'filename="anna.png"' in read.headers["content-disposition"]
    assert people.anna.get(f"/user/{ANNA}/identities").json()[0]["appearance"]["filename"] == "anna.png"

    assert upload(people.anna, picture("JPEG"), filename="other.jpg").json()["mimetype"] == "image/jpeg"
    assert people.anna.get(PATH).content == picture("JPEG")
    dropped = people.anna.delete(PATH)
    assert (dropped.status_code, dropped.content) == (204, b"")
    refused(people.anna.get(PATH), 404)
    refused(people.anna.delete(PATH), 404)


def test_an_appearance_may_be_a_pdf(people: People) -> None:
    resource = upload(people.anna, agreement(), filename="a.pdf", resourceType="PDF_Document", title=None).json()
    assert [resource.get(name) for name in ("type", "mimetype", "pages", "title")] == [
        "PDFResource",
        "application/pdf",
        2,
        None,
    ]
    assert people.anna.get(PATH).content == agreement()


def test_only_the_owner_changes_an_appearance(people: People) -> None:
    refused(upload(people.admin), 403, "id")
    refused(people.admin.delete(PATH), 403, "id")
    refused(people.bruno.get(PATH), 403, "user.access.all")
    refused(upload(people.anna, path=f"/user/{BRUNO}/identity/{MINE}/appearance"), 403, "id")
    refused(upload(people.anna, path=f"/user/{ANNA}/identity/{NOBODY}/appearance"), 404)
    refused(upload(people.bruno, path=f"/user/{BRUNO}/identity/{MINE}/appearance"), 404)
    refused(upload(people.admin, path=f"/user/{STRANGER}/identity/{MINE}/appearance"), 404)
    refused(people.admin.get(f"/user/{ADMIN}/identity/{MINE}/appearance"), 404)
    refused(people.anna.get(f"/user/{ANNA}/identity/x/appearance"), 404)


@pytest.mark.parametrize(
    ("content", "fields", "targets"),
    [
        (b"", {}, ["file"]),
        (b"GIF89a", {}, ["file"]),
        (picture()[:-30], {}, ["file"]),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, ["file"]),
        (picture(), {"resourceType": "PDF_Document"}, ["file"]),
        (agreement(), {}, ["file"]),
        (agreement()[:200], {"resourceType": "PDF_Document"}, ["file"]),
        (picture(), {"resourceType": "Video"}, ["resourceType"]),
        (picture(), {"resourceType": None, "filename": None}, ["filename", "resourceType"]),
        (b"x", {"filename": "x" * 256, "title": "x" * 256}, ["filename", "title", "file"]),
    ],
)
def test_a_bad_upload_is_refused_and_changes_nothing(
    people: People, content: bytes, fields: Any, targets: list[str]
) -> None:
    assert upload(people.anna).status_code == 200
    refused(upload(people.anna, content, **fields), 400, *targets)
    assert people.anna.get(PATH).content == picture()


def test_a_picture_of_too_many_pixels_is_refused_without_drawing_it(people: People) -> None:
    refused(upload(people.anna, picture(size=(6000, 5000))), 400, "file")


def test_a_file_is_needed(people: People) -> None:
    fields = {"filename": "a.png", "resourceType": "Image"}
    parts = {name: (None, value) for name, value in fields.items()}
    refused(people.anna.post(PATH, files=parts), 400, "file")
    refused(people.anna.post(PATH, data={**fields, "file": "x"}), 400, "file")
    refused(people.anna.post(PATH, json=fields), 400, "Content-Type")


def test_an_expired_identity_takes_no_appearance(people: People) -> None:
    user_id = people.create(username="jdo")
    mine = people.logged_in("jdo@demo", "A12345678z")
    [identity] = mine.get(f"/user/{user_id}/identities").json()
    people.world.advance("P1096D")
    [identity] = mine.get(f"/user/{user_id}/identities").json()
    assert identity["valid"] is False
    refused(upload(mine, path=f"/user/{user_id}/identity/{identity['id']}/appearance"), 409, "identity-id")
