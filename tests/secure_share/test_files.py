"""Uploads: several files at once, under any field name, with names of every kind; limits; deletion."""

from collections.abc import Iterator

import pytest
from tests.conftest import Server, serve
from tests.secure_share.sharing import Sender, Visitor, a_file, problem
from tests.world import Json, unknown_id

from localsign.secure_share.upload import clean_name
from localsign.settings import Settings

MEMBERS = ["id", "name", "fileName", "contentType", "size", "created"]


def test_several_files_come_in_one_request(sender: Sender) -> None:
    now = sender.world.freeze()
    share = sender.share()
    files = sender.upload(share, a_file(), a_file("b.txt", b"two", "text/plain; charset=utf-8"), a_file("c", b"", ""))
    assert [list(one) for one in files] == [MEMBERS] * 3
    assert [(one["name"], one["contentType"], one["size"]) for one in files] == [
        ("report.pdf", "application/pdf", 15),
        ("b.txt", "text/plain", 3),
        ("c", "application/octet-stream", 0),
    ]
    assert {one["created"] for one in files} == {now.strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")}
    assert all(one["name"] == one["fileName"] for one in files)
    assert sender.read(share)["files"] == files
    more = sender.upload(share)
    assert sender.read(share)["files"] == files + more


def test_the_field_may_be_called_anything(sender: Sender) -> None:
    share = sender.share()
    parts = [("files", ("a", b"1")), ("", ("b", b"2")), ("Æ[0]", ("c", b"3")), ("file", ("d", b"4"))]
    answer = sender.call("POST", f"/{share['id']}/files", files=parts, data={"comment": "not a file"})
    assert [one["name"] for one in answer.json()] == ["a", "b", "c", "d"]


def test_equal_names_and_equal_bytes_are_files_of_their_own(sender: Sender) -> None:
    share = sender.share()
    files = sender.upload(share, a_file(), a_file(), a_file(content=b"other"))
    assert len({one["id"] for one in files}) == 3
    assert {one["name"] for one in files} == {"report.pdf"}
    assert len(sender.blobs()) == 2
    sender.drop_file(share, files[0])
    recipient = sender.invite(share)
    visitor = Visitor(recipient)
    visitor.click("send")
    visitor.click("enter", code=sender.code())
    assert [visitor.request("GET", one).content for one in visitor.files()] == [b"%PDF-1.7 report", b"other"]
    sender.drop_file(share, files[1])
    assert len(sender.blobs()) == 1


def raw(disposition: str | bytes, content: bytes = b"x", kind: str = "text/plain") -> bytes:
    """A body of one part, with this Content-Disposition as it is."""
    disposition = disposition if isinstance(disposition, bytes) else disposition.encode()
    return b"--b\r\nContent-Disposition: %s\r\nContent-Type: %s\r\n\r\n%s\r\n--b--\r\n" % (
        disposition,
        kind.encode(),
        content,
    )


def send(sender: Sender, share: Json, body: bytes, kind: str = "multipart/form-data; boundary=b") -> object:
    return sender.call("POST", f"/{share['id']}/files", content=body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="f"; filename="a.pdf"', "a.pdf"),
        ("form-data; name=f; filename=a.pdf", "a.pdf"),
        ('form-data; name="f"; filename="leie å.pdf"', "leie å.pdf"),
        ('form-data; name="f"; filename="leie å.pdf"'.encode("latin-1"), "leie å.pdf"),
        ("form-data; name=f; filename=\"x.pdf\"; filename*=utf-8''leie%20%C3%A5.pdf", "leie å.pdf"),
        ("form-data; name=f; filename=\"x.pdf\"; filename*=klingon''a%20b.pdf", "x.pdf"),
        ("form-data; name=f; filename=\"x.pdf\"; filename*=utf-8''%ff.pdf", "x.pdf"),
        ('form-data; name="f"; filename="a\\"b.pdf"', 'a"b.pdf'),
        ('form-data; name="f"; filename="a;b.pdf"', "a;b.pdf"),
        ('form-data; name="f"; filename="C' r':\temp\new.pdf"', "new.pdf"),
        ('form-data; name="f"; filename="\\\\server\\new.pdf"', "new.pdf"),
        ('form-data; name="f"; filename="../../etc/passwd"', "passwd"),
        ("form-data; name=f; filename*=utf-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("form-data; name=f; filename*=utf-8''a%00b%0d%0aSet-Cookie.pdf", "a_b__Set-Cookie.pdf"),
        ('form-data; name="f"; filename="annex\u202efdp.exe"', "annex_fdp.exe"),
        ('form-data; name="f"; filename="👩‍💻 契約書.pdf"', "👩‍💻 契約書.pdf"),
        ('form-data; name="f"; filename="' + "x" * 251 + '.pdf"', "x" * 251 + ".pdf"),
        ('form-data; name="f"; filename=".htaccess"', ".htaccess"),
        ('form-data; name="f"; filename="CON"', "CON"),
        ('form-data; name="f"; filename="<script>alert(1)</script>.html"', "script>.html"),
        ('FORM-DATA; NAME="f"; FILENAME="a.pdf"', "a.pdf"),
        ('attachment; filename="a.pdf"', "a.pdf"),
    ],
    ids=lambda one: None,
)
def test_names_of_every_kind(sender: Sender, disposition: str | bytes, name: str) -> None:
    share = sender.share()
    answer = send(sender, share, raw(disposition))
    [file] = answer.json()  # type: ignore[attr-defined]
    assert file["name"] == name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a/b/", ""), ("..", ""), ("/", ""), ("\\", ""), (".", ""), (" \t", "_"), ("a\x00", "a_"), ("\ud800", "_")],
)
def test_a_name_is_cleaned(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


@pytest.mark.parametrize(
    ("disposition", "kind", "flawed"),
    [
        ('form-data; name="f"; filename=".."', "text/plain", ["files[0].fileName"]),
        ('form-data; name="f"; filename="a/"', "text/plain", ["files[0].fileName"]),
        ('form-data; name="f"; filename="' + "x" * 256 + '"', "text/plain", ["files[0].fileName"]),
        ('form-data; name="f"; filename="a"', "text", ["files[0].contentType"]),
        ('form-data; name="f"; filename="a"', "te xt/pl\x01ain", ["files[0].contentType"]),
        ('form-data; name="f"; filename="a"', "text/" + "x" * 100, ["files[0].contentType"]),
        ('form-data; name="f"; filename="a"', "té/é", ["files[0].contentType"]),
        ('form-data; name="f"; filename=".."', "text", ["files[0].fileName", "files[0].contentType"]),
        ('form-data; name="f"; filename=""', "text/plain", ["files"]),
        ('form-data; name="f"', "text/plain", ["files"]),
    ],
    ids=str,
)
def test_a_bad_part_is_named(sender: Sender, disposition: str, kind: str, flawed: list[str]) -> None:
    share = sender.share()
    problem(send(sender, share, raw(disposition, kind=kind)), 400, *flawed)  # type: ignore[arg-type]
    assert (sender.read(share)["files"], sender.blobs()) == ([], [])


def test_one_bad_part_among_good_ones_keeps_all_out(sender: Sender) -> None:
    share = sender.share()
    parts = [a_file(), a_file(".."), a_file(), a_file("b", b"x", "nothing")]
    answer = sender.call("POST", f"/{share['id']}/files", files=parts)
    problem(answer, 400, "files[1].fileName", "files[3].contentType")
    assert (sender.read(share)["files"], sender.blobs()) == ([], [])


def test_a_deleted_file_leaves_the_storage(sender: Sender) -> None:
    share = sender.share()
    keep, drop = sender.upload(share, a_file(), a_file("b", b"b"))
    sender.drop_file(share, drop)
    assert sender.read(share)["files"] == [keep]
    assert len(sender.blobs()) == 1
    for file in (drop["id"], unknown_id()):
        problem(sender.call("DELETE", f"/{share['id']}/files/{file}"), 404)
    other = sender.share()
    problem(sender.call("DELETE", f"/{other['id']}/files/{keep['id']}"), 404)
    assert sender.read(share)["files"] == [keep]


def test_bytes_that_another_api_holds_as_well_stay(sender: Sender) -> None:
    """Both directions: the bytes of a world are kept once for all its APIs."""
    share = sender.share()
    [file] = sender.upload(share, a_file(content=b"I agree.", media_type="text/plain"))
    document = sender.world.upload(b"I agree.", "text/plain")
    sender.drop_file(share, file)
    assert sender.world.download(document) == b"I agree."
    [again] = sender.upload(share, a_file(content=b"I agree.", media_type="text/plain"))
    sender.world.api.delete(f"/sign/documents/{document}")
    sender.switch("after-expiry", "readable")
    sender.world.advance("P6DT23H")
    assert len(sender.blobs()) == 1
    assert sender.read(share)["files"] == [again]


# ---- limits


@pytest.fixture(scope="module")
def narrow() -> Iterator[Server]:
    """A server that takes little."""
    yield from serve(Settings(max_document_bytes=1000, secure_share_max_upload_bytes=5000, secure_share_max_files=3))


@pytest.fixture
def frugal(narrow: Server) -> Iterator[Sender]:
    world = narrow.world()
    yield Sender(narrow, world)
    world.close()


def test_a_file_may_be_so_large_and_no_larger(frugal: Sender) -> None:
    share = frugal.share()
    frugal.upload(share, a_file(content=b"x" * 1000))
    answer = frugal.call("POST", f"/{share['id']}/files", files=[a_file(), a_file(content=b"x" * 1001)])
    assert problem(answer, 413)["detail"] == "files[1] is larger than 1000 bytes."
    assert len(frugal.read(share)["files"]) == len(frugal.blobs()) == 1


def test_an_upload_may_be_so_large_and_no_larger(frugal: Sender) -> None:
    share = frugal.share()
    files = [a_file(str(number), b"x" * 999) for number in range(3)]
    problem(frugal.call("POST", f"/{share['id']}/files", files=files, data={"comment": "x" * 3000}), 413)
    fields = {"comment": "x" * 6000}
    problem(frugal.call("POST", f"/{share['id']}/files", files=[a_file()], data=fields), 413)
    assert (frugal.read(share)["files"], frugal.blobs()) == ([], [])


def test_a_share_may_hold_so_many_files_and_no_more(frugal: Sender) -> None:
    share = frugal.share()
    path = f"/{share['id']}/files"
    problem(frugal.call("POST", path, files=[a_file(str(n), b"") for n in range(4)]), 400, "files")
    [first, _] = frugal.upload(share, a_file("a", b"a"), a_file("b", b"b"))
    problem(frugal.call("POST", path, files=[a_file("c"), a_file("d")]), 400, "files")
    assert len(frugal.read(share)["files"]) == len(frugal.blobs()) == 2
    frugal.upload(share)
    problem(frugal.call("POST", path, files=[a_file()]), 400, "files")
    frugal.drop_file(share, first)
    frugal.upload(share)
