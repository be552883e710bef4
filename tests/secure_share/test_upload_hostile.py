"""Uploads that mean harm, or are broken: refused in the vendor's shape, and nothing is left of them."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.secure_share.sharing import Sender, a_file, problem
from tests.world import Json, unknown_id

PART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\n\r\nhello\r\n'
END = b"--b--\r\n"
KIND = "multipart/form-data; boundary=b"


def send(sender: Sender, share: Json, body: bytes | Iterator[bytes], kind: str | None = KIND) -> httpx.Response:
    headers = {} if kind is None else {"Content-Type": kind}
    return sender.call("POST", f"/{share['id']}/files", content=body, headers=headers)


def nothing_is_left(sender: Sender, share: Json) -> None:
    assert sender.read(share)["files"] == []
    assert sender.blobs() == []


@pytest.mark.parametrize(
    ("kind", "flawed"),
    [
        (None, "Content-Type"),
        ("", "Content-Type"),
        ("application/json", "Content-Type"),
        ("application/octet-stream", "Content-Type"),
        ("application/x-www-form-urlencoded", "Content-Type"),
        ("multipart/mixed; boundary=b", "Content-Type"),
        ("multipart/form-data", "Content-Type"),
        ("multipart/form-data; boundary=", "Content-Type"),
        ('multipart/form-data; boundary=""', "Content-Type"),
        ("multipart/form-data; boundary=" + "b" * 300, "body"),
        ("multipart/form-data; boundary=other", "body"),
        ("multipart/form-data; boundary=bb", "body"),
    ],
)
def test_a_wrong_type_or_boundary(sender: Sender, kind: str | None, flawed: str) -> None:
    share = sender.share()
    problem(send(sender, share, PART + END, kind), 400, flawed)
    nothing_is_left(sender, share)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"hello",
        b"{}",
        b"--b",
        b"--b\r\n",
        PART,
        PART + PART,
        PART + b"--b",
        PART + b"--b-",
        PART + b"--c--\r\n",
        PART[:30],
        PART[:70],
        PART[:-4],
        PART[1:] + END,
        b"--b\r\nno colon at all\r\n\r\nx\r\n" + END,
        b"--b\r\n: x\r\n\r\nx\r\n" + END,
        b"--b\r\nContent-Disposition form-data\r\n\r\nx\r\n" + END,
        b"--b\r\nX-\x00: 1\r\n\r\nx\r\n" + END,
        b"--b\r\n" + b"X: 1\r\n" * 100 + b"\r\nx\r\n" + END,
        b"--b\r\nX: " + b"1" * 100_000 + b"\r\n\r\nx\r\n" + END,
        b"--b\nContent-Disposition: form-data; filename=a\n\nx\n--b--\n",
        PART + b"--b\r\nX: " + b"1" * 100_000,
    ],
    ids=lambda one: None,
)
def test_a_broken_body(sender: Sender, body: bytes) -> None:
    share = sender.share()
    problem(send(sender, share, body), 400, "body")
    nothing_is_left(sender, share)


def test_only_the_end_is_empty(sender: Sender) -> None:
    share = sender.share()
    problem(send(sender, share, END), 400, "files")
    nothing_is_left(sender, share)


def test_what_follows_the_end_is_not_looked_at(sender: Sender) -> None:
    share = sender.share()
    assert send(sender, share, PART + END + PART).status_code == 201
    assert len(sender.read(share)["files"]) == 1


@pytest.mark.parametrize("filename", [b'; filename="a"', b""])
def test_ten_thousand_parts(sender: Sender, filename: bytes) -> None:
    share = sender.share()
    part = b'--b\r\nContent-Disposition: form-data; name="f"%s\r\n\r\nx\r\n' % filename
    body = part * 10_000 + END
    answer = send(sender, share, body)
    problem(answer, 400, "files" if filename else "body")
    nothing_is_left(sender, share)


def test_a_name_of_a_bomb_is_a_name(sender: Sender) -> None:
    """Nothing is ever unpacked, whatever a name or a type promises."""
    share = sender.share()
    bomb = a_file("42.zip", b"PK\x03\x04" + b"\0" * 1000, "application/zip")
    [file, other] = sender.upload(share, bomb, a_file("a.tar.gz.exe", b"\x1f\x8b" + b"\0" * 99, "application/gzip"))
    assert (file["name"], file["size"], other["size"]) == ("42.zip", 1004, 101)
    assert len(sender.blobs()) == 2


def test_an_encoding_that_nobody_undoes(sender: Sender) -> None:
    share = sender.share()
    headers = {"Content-Type": KIND, "Content-Encoding": "gzip"}
    answer = sender.call("POST", f"/{share['id']}/files", content=b"\x1f\x8b\x08\x00" + b"\0" * 50, headers=headers)
    problem(answer, 400, "body")
    encoded = PART.replace(b"\r\n\r\nhello", b"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=")
    assert send(sender, share, encoded + END).json()[0]["size"] == 8


def test_the_share_is_looked_for_before_the_body_is_read(sender: Sender) -> None:
    problem(send(sender, {"id": unknown_id()}, b"nothing that could be read"), 404)


@pytest.mark.parametrize("whole", [False, True])
def test_somebody_who_hangs_up(sender: Sender, whole: bool) -> None:
    """In the middle of a file nothing is kept; after a whole body the upload counts, heard or not."""
    share = sender.share()
    address = urlsplit(sender.world.url)
    head = (
        f"POST {address.path}/secure-share/shares/{share['id']}/files HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {sender.world.api.headers['Authorization']}\r\n"
        f"Content-Type: {KIND}\r\nContent-Length: {len(PART + END)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        connection.sendall(head.encode() + (PART + END if whole else PART[:-3]))
        if whole:
            assert b"201" in connection.recv(100)
        else:
            until(lambda: sender.blobs() != [])
    if not whole:
        until(lambda: sender.blobs() == [])
        nothing_is_left(sender, share)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the server is about to do; who asks it goes on asking."""
    latest = monotonic() + 20
    while not holds():
        assert monotonic() < latest


@pytest.mark.parametrize("choice", ["not_found", "gone", "readable"])
def test_a_share_that_expires_while_files_come(sender: Sender, choice: str) -> None:
    sender.switch("after-expiry", choice)
    sender.world.freeze()
    share = sender.share()
    world = sender.server.sandbox.find(sender.world.name)

    def body() -> Iterator[bytes]:
        yield PART
        until(lambda: sender.blobs() != [])
        now = world.clock.now()
        world.clock = replace(world.clock, frozen_at=now + timedelta(days=8))  # as time goes by, without a request
        yield END

    problem(send(sender, share, body()), {"not_found": 404, "gone": 410, "readable": 409}[choice])
    assert sender.blobs() == []
    if choice == "readable":
        assert sender.read(share)["files"] == []


@given(body=st.lists(st.sampled_from([PART, b"--b\r\n", END, b"\r\n", b"x", b"Content-Disposition: ", b":", b"\r"])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_any_mixture_is_taken_or_refused(server: Server, crowd: Sender, body: list[bytes]) -> None:
    share = crowd.share()
    answer = send(crowd, share, b"".join(body))
    assert answer.status_code in (201, 400)
    if answer.status_code == 400:
        assert crowd.read(share)["files"] == []


@pytest.fixture(scope="module")
def crowd(server: Server) -> Iterator[Sender]:
    """One workspace for many uploads."""
    world = server.world()
    yield Sender(server, world)
    world.close()
