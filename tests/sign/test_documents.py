"""Documents over HTTP: uploaded, described, downloaded, deleted."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server, serve
from tests.core import odd_pdfs
from tests.world import Json, World, agreement, refused, shown, terms, unknown_id

from localsign.settings import Settings

LIMITS = {"filename": 255, "title": 255, "description": 1000}

NOT_A_PDF = "body: is not a PDF that can be opened"


def post(world: World, content: bytes, media_type: str | None) -> httpx.Response:
    headers = {} if media_type is None else {"Content-Type": media_type}
    return world.api.post("/sign/documents", content=content, headers=headers)


def patch(world: World, document: str, body: object) -> httpx.Response:
    return world.api.patch(f"/sign/documents/{document}/metadata", json=body)


def stored_files(server: Server, world: World) -> list[Path]:
    """The files that the workspace keeps bytes in."""
    folder = server.sandbox.find(world.name).blobs.folder
    return [path for path in folder.rglob("*") if path.is_file()]


# ---- uploading


def test_an_upload_answers_with_what_was_stored(world: World) -> None:
    now = world.freeze("2040-01-02T03:04:05.678Z")
    answer = post(world, agreement(), "application/pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body == {
        "mimeType": "application/pdf",
        "documentId": body["documentId"],
        "createdAt": shown(now),
        "documentHash": {"hash": hashlib.sha256(agreement()).hexdigest(), "hashAlgorithm": "SHA256"},
    }


@pytest.mark.parametrize(
    ("declared", "stored"),
    [
        ("application/pdf", "application/pdf"),
        ("text/plain", "text/plain"),
        ("text/markdown", "text/markdown"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("text/plain;charset=ISO-8859-1", "text/plain"),
        ("Application/PDF", "application/pdf"),
    ],
)
def test_a_documented_type_is_taken_and_downloaded_unchanged(world: World, declared: str, stored: str) -> None:
    content = agreement() if stored == "application/pdf" else "Leieavtale Ærø\n".encode()
    answer = post(world, content, declared)
    assert answer.status_code == 200
    assert answer.json()["mimeType"] == stored
    download = world.api.get(f"/sign/documents/{answer.json()['documentId']}")
    assert download.status_code == 200
    assert download.content == content
    assert download.headers["content-type"].partition(";")[0] == stored


@pytest.mark.parametrize(
    "declared", ["image/png", "application/xml", "text/html", "application/json", "application/pdfx", "pdf"]
)
def test_another_type_is_refused(server: Server, world: World, declared: str) -> None:
    refused(post(world, agreement(), declared), 400, "Content-Type")
    assert stored_files(server, world) == []


def test_an_upload_needs_a_content_type(world: World) -> None:
    refused(post(world, agreement(), None), 400, "Content-Type")


@pytest.mark.parametrize("media_type", ["application/pdf", "text/plain", "text/markdown"])
def test_an_empty_body_is_refused(server: Server, world: World, media_type: str) -> None:
    refused(post(world, b"", media_type), 400, "body")
    assert stored_files(server, world) == []


@pytest.mark.parametrize(
    "content",
    [b"hello", b"%PDF-1.7\n", agreement()[:200], odd_pdfs.encrypted("secret")],
    ids=["text", "only a header", "cut off", "encrypted"],
)
def test_a_pdf_that_cannot_be_signed_is_refused(server: Server, world: World, content: bytes) -> None:
    refused(post(world, content, "application/pdf"), 400, "body")
    assert stored_files(server, world) == []


def test_a_pdf_that_is_encrypted_with_an_empty_password_is_refused_too(world: World) -> None:
    answer = post(world, odd_pdfs.encrypted(""), "application/pdf")
    assert "encrypted" in refused(answer, 400, "body")["detail"]


def test_what_is_said_of_a_pdf_does_not_depend_on_the_one_before(world: World) -> None:
    empty = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    empty += b"trailer<</Root 1 0 R>>\n%%EOF"
    first = refused(post(world, empty, "application/pdf"), 400, "body")["detail"]
    refused(post(world, odd_pdfs.encrypted("secret"), "application/pdf"), 400, "body")
    assert refused(post(world, empty, "application/pdf"), 400, "body")["detail"] == first == NOT_A_PDF


def test_a_text_comes_back_without_a_charset_that_nobody_sent(world: World) -> None:
    document = world.upload("Grüße".encode("latin-1"), "text/plain; charset=iso-8859-1")
    answer = world.api.get(f"/sign/documents/{document}")
    assert (answer.headers["content-type"], answer.content) == ("text/plain", "Grüße".encode("latin-1"))


def test_a_refused_pdf_does_not_take_the_bytes_of_a_text_with_it(world: World) -> None:
    text = world.upload(b"the same bytes", "text/plain")
    refused(post(world, b"the same bytes", "application/pdf"), 400, "body")
    assert world.download(text) == b"the same bytes"


def test_a_document_may_be_larger_than_any_other_body(world: World) -> None:
    content = b"All work and no play.\n" * 250_000  # 5.5 MB; other bodies end at 4 MiB
    assert world.download(world.upload(content, "text/plain")) == content


def test_a_body_without_a_declared_length_is_taken(world: World) -> None:
    def chunks() -> Iterator[bytes]:
        yield from (b"one ", b"two ", b"three")

    answer = world.api.post("/sign/documents", content=chunks(), headers={"Content-Type": "text/plain"})
    assert world.download(answer.json()["documentId"]) == b"one two three"


@pytest.fixture(scope="module")
def small_server() -> Iterator[Server]:
    """A server that takes documents of up to 1000 bytes."""
    yield from serve(Settings(max_document_bytes=1000))


def test_the_largest_document_is_taken_and_a_byte_more_is_refused(small_server: Server) -> None:
    world = small_server.world()
    assert post(world, b"x" * 1000, "text/plain").status_code == 200
    before = stored_files(small_server, world)
    refused(post(world, b"x" * 1001, "text/plain"), 413)
    assert stored_files(small_server, world) == before
    world.close()


def test_the_same_bytes_twice_are_two_documents(world: World) -> None:
    first, second = world.upload(), world.upload()
    assert first != second
    assert world.api.delete(f"/sign/documents/{first}").status_code == 204
    assert world.download(second) == agreement()


# ---- metadata


def test_a_new_document_has_no_metadata_but_its_own(world: World) -> None:
    uploaded = post(world, terms(), "text/plain").json()
    answer = world.api.get(f"/sign/documents/{uploaded['documentId']}/metadata")
    assert answer.status_code == 200
    assert answer.json() == uploaded


def test_metadata_is_stored_and_shown(world: World) -> None:
    uploaded = post(world, agreement(), "application/pdf").json()
    wanted = {"filename": "invoice_001.pdf", "description": "Invoice for order #001", "title": "Invoice ☃"}
    answer = patch(world, uploaded["documentId"], wanted)
    assert answer.status_code == 200
    assert answer.json() == uploaded | wanted
    assert world.api.get(f"/sign/documents/{uploaded['documentId']}/metadata").json() == uploaded | wanted


def test_a_patch_changes_only_what_it_sends(world: World) -> None:
    document = world.upload()
    patch(world, document, {"filename": "a.pdf", "description": "b", "title": "c"})
    changed = patch(world, document, {"title": "new"}).json()
    assert (changed["filename"], changed["description"], changed["title"]) == ("a.pdf", "b", "new")


def test_null_clears_a_member(world: World) -> None:
    document = world.upload()
    patch(world, document, {"filename": "a.pdf", "title": "c"})
    changed = patch(world, document, {"filename": None}).json()
    assert "filename" not in changed
    assert changed["title"] == "c"


def test_an_empty_patch_changes_nothing(world: World) -> None:
    document = world.upload()
    before = patch(world, document, {"filename": "a.pdf", "title": ""}).json()
    assert patch(world, document, {}).json() == before
    assert before["title"] == ""


@pytest.mark.parametrize(("member", "most"), LIMITS.items())
def test_metadata_may_have_so_many_characters_and_no_more(world: World, member: str, most: int) -> None:
    document = world.upload()
    longest = "Æ" * most
    assert patch(world, document, {member: longest}).json()[member] == longest
    refused(patch(world, document, {member: longest + "Æ"}), 400, member)
    assert patch(world, document, {}).json()[member] == longest


def test_a_patch_with_one_flaw_changes_nothing(world: World) -> None:
    document = world.upload()
    refused(patch(world, document, {"filename": "good.pdf", "title": 5}), 400, "title")
    assert "filename" not in patch(world, document, {}).json()


@pytest.mark.parametrize(
    ("body", "flawed"),
    [
        ({"filename": 1, "description": [], "title": {}}, ["filename", "description", "title"]),
        ({"mimeType": "text/plain"}, ["mimeType"]),
        ({"fileName": "a.pdf"}, ["fileName"]),
        ([], ["body"]),
        (None, ["body"]),
    ],
)
def test_a_patch_that_does_not_fit_the_schema_is_refused(world: World, body: object, flawed: list[str]) -> None:
    refused(patch(world, world.upload(), body), 400, *flawed)


def test_a_document_of_a_session_can_still_be_described(world: World) -> None:
    document = world.upload()
    world.session(world.collect(document))
    assert patch(world, document, {"title": "c"}).json()["title"] == "c"


def test_a_download_is_called_as_the_metadata_says(world: World) -> None:
    document = world.upload()
    patch(world, document, {"filename": "avtale.pdf"})
    disposition = world.api.get(f"/sign/documents/{document}").headers["content-disposition"]
    assert disposition == 'attachment; filename="avtale.pdf"'


@pytest.mark.parametrize("filename", ['a"b\r\nX-Evil: 1.pdf', "leie Ærø.pdf", "../../passwd"])
def test_any_file_name_is_safe_in_a_download(world: World, filename: str) -> None:
    document = world.upload()
    assert patch(world, document, {"filename": filename}).json()["filename"] == filename
    answer = world.api.get(f"/sign/documents/{document}")
    assert answer.content == agreement()
    assert "x-evil" not in answer.headers


# ---- deleting


def test_a_deleted_document_is_gone(world: World) -> None:
    document = world.upload()
    answer = world.api.delete(f"/sign/documents/{document}")
    assert (answer.status_code, answer.content) == (204, b"")
    refused(world.api.get(f"/sign/documents/{document}"), 404)
    refused(world.api.get(f"/sign/documents/{document}/metadata"), 404)
    refused(patch(world, document, {"title": "c"}), 404)
    refused(world.api.delete(f"/sign/documents/{document}"), 404)


CALLS = [("GET", ""), ("DELETE", ""), ("GET", "/metadata"), ("PATCH", "/metadata")]


@pytest.mark.parametrize(("method", "below"), CALLS)
def test_an_unknown_document_is_not_found(world: World, method: str, below: str) -> None:
    body: Json | None = {} if method == "PATCH" else None
    refused(world.api.request(method, f"/sign/documents/{unknown_id()}{below}", json=body), 404)


@pytest.mark.parametrize(("method", "below"), CALLS)
def test_an_id_that_is_no_uuid_is_named(world: World, method: str, below: str) -> None:
    body: Json | None = {} if method == "PATCH" else None
    answer = world.api.request(method, f"/sign/documents/nonsense{below}", json=body)
    refused(answer, 400, "documentId")
