"""What a recipient downloads is what was shared, by its name, whatever happens to the share meanwhile."""

from collections.abc import Callable
from urllib.parse import unquote

import httpx
import pytest
from tests.secure_share.sharing import Sender, Visitor, a_file
from tests.signer import shows
from tests.world import Json

from localsign.core.work import Work

EID = {"identityProvider": "nbid"}


def inside(sender: Sender, share: Json) -> Visitor:
    """A recipient who has logged in."""
    visitor = Visitor(sender.invite(share, authentication=[EID]))
    shows(visitor.click("login"), 200, "Files")
    return visitor


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("report.pdf", "application/pdf"),
        ("main.c", "text/plain"),
        ("payroll.csv", "text/plain"),
        ("service.wsdl", "application/xml"),
        ("no ending", "application/pdf"),
        ("x" * 251 + ".pdf", "application/pdf"),
        ("x" * 255, "application/octet-stream"),
        ("avtale å; a=b.pdf", "application/pdf"),
        ("say 'hi'; filename=x.exe", "text/plain"),
        ("100%41.txt", "text/plain"),
        (".htaccess", "text/plain"),
        ("契約書.pdf", "application/pdf"),
    ],
)
def test_a_file_keeps_its_name(sender: Sender, name: str, media_type: str) -> None:
    share = sender.share()
    [file] = sender.upload(share, a_file(name, b"x", media_type))
    assert file["name"] == name
    visitor = inside(sender, share)
    answer = visitor.request("GET", visitor.files()[0])
    kind, _, sent = answer.headers["content-disposition"].partition("; ")
    plain = sent.removeprefix('filename="').removesuffix('"')
    assert kind == "attachment"
    assert (unquote(sent.removeprefix("filename*=utf-8''")) if "*=" in sent else plain) == name
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"


def after_download(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen right after the transaction that remembers a download."""
    commit = Work.commit

    def committed(work: Work) -> None:
        is_download = any(one.get("announced") == "recipient.downloaded" for one in work.followed.entries)
        commit(work)
        if is_download:
            happens()

    monkeypatch.setattr(Work, "commit", committed)


def test_what_is_deleted_while_it_is_sent_arrives(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    share = sender.share()
    content = b"%PDF" + bytes(range(256)) * 4000
    [file] = sender.upload(share, a_file(content=content))
    visitor = inside(sender, share)
    [link] = visitor.files()
    blobs = sender.server.sandbox.find(sender.world.name).blobs
    after_download(monkeypatch, blobs.clear)
    answer = visitor.request("GET", link)
    assert (answer.status_code, answer.content) == (200, content)
    assert [one["id"] for one in sender.read(share)["recipients"][0]["fileAccessInfos"]] == [file["id"]]


def test_a_large_download_outlives_the_share(sender: Sender) -> None:
    """Expired and deleted while it is under way: who was let in gets the whole file, and nobody after them."""
    sender.switch("after-expiry", "readable")
    share = sender.share()
    content = bytes(range(256)) * 40_000
    sender.upload(share, a_file(content=content))
    visitor = inside(sender, share)
    [link] = visitor.files()
    with httpx.stream("GET", link, cookies=visitor.cookies, timeout=60) as answer:
        pieces = answer.iter_raw(1000)
        got = next(pieces)
        sender.world.advance("P8D")
        assert sender.read(share)["status"] == "Expired"
        assert sender.call("DELETE", f"/{share['id']}").status_code == 204
        assert sender.blobs() == []
        assert got + b"".join(pieces) == content
    shows(visitor.request("GET", link), 404, "This link leads nowhere")


def test_a_file_that_is_deleted_first_is_not_remembered(sender: Sender) -> None:
    share = sender.share()
    one, two = sender.upload(share, a_file("1"), a_file("2"))
    visitor = inside(sender, share)
    links = visitor.files()
    sender.drop_file(share, one)
    shows(visitor.request("GET", links[0]), 404, "There is no such file")
    assert visitor.request("GET", links[1]).status_code == 200
    [recipient] = sender.read(share)["recipients"]
    assert [info["id"] for info in recipient["fileAccessInfos"]] == [two["id"]]
