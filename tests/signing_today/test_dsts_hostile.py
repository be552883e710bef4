"""Hostile input to DSTs: refused in the vendor's shape, never a failure of ours, and nothing is changed by it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.signing_today.people import People, people_of, refused
from tests.signing_today.transactions import Desk, a_plan, a_text, an_upload
from tests.world import Json, unknown_id

JSON = {"Content-Type": "application/json"}
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def someone(server: Server) -> Iterator[Desk]:
    """One workspace for all: what is refused matters to nobody."""
    world = server.world()
    with people_of(world, server) as people:
        yield Desk(people)
    world.close()


@pytest.fixture(scope="module")
def draft(someone: Desk) -> Json:
    return someone.draft(a_plan(forms=[a_text()]))


def is_proper(answer: httpx.Response) -> bool:
    """Whether an answer is a success, or a refusal in the shape of its status."""
    if answer.status_code >= 400:
        assert answer.status_code < 500, answer.text
        if answer.status_code in (405, 413):
            return True
        refused(answer, answer.status_code)
    return True


HUGE = "1" * 5000
DEEP = "[" * 100_000
BODIES = [
    b"",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b'{"title"',
    b"\xff\xfe\x00",
    b'{"title": "\\ud800"}',
    b'{"title": "\\u0000"}',
    b'{"extraData": {"a": NaN}}',
    b'{"extraData": {"a": 1e999}}',
    b'{"extraData": {"\\ud800": 1}}',
    f'{{"extraData": {{"a": {HUGE}}}}}'.encode(),
    f'{{"extraData": {{"a": {DEEP}'.encode(),
    f'{{"extraData": {{"a": {"[" * 900}{"]" * 900}}}}}'.encode(),
    f'{{"documents": [{{"id": {HUGE}}}]}}'.encode(),
    b'{"documents": [{"id": -1}]}',
    b'{"documents": [{"id": 1.5}]}',
    b'{"documents": [{"id": true}]}',
    b'{"documents": [null]}',
    b'{"documents": [{"forms": [null]}]}',
    b'{"documents": [{"forms": [{"extraData": {"signatureRequestId": [1]}}]}]}',
    b'{"documents": [{"forms": [{"width": 1e400}]}]}',
    b'{"documents": [{"forms": [{"positionX": true}]}]}',
    b'{"documents": [{"signerGroups": [{"signers": [null]}]}]}',
    b'{"documents": ' + b"[" + b",".join([b"{}"] * 101) + b"]}",
    '{"title": "é"}'.encode("utf-16"),
]
PATHS = [
    ("POST", "/DSTs"),
    ("PUT", "/DST/{id}"),
    ("PATCH", "/DST/{id}/fill"),
    ("POST", "/DST/{id}/note"),
    ("PUT", "/DST/{id}/note/1"),
    ("PUT", "/resource/{resource}"),
    ("POST", "/robot/DSTs"),
    ("POST", "/robot/{id}/instantiate"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("content", BODIES, ids=[repr(one[:40]) for one in BODIES])
def test_a_hostile_body(someone: Desk, draft: Json, method: str, path: str, content: bytes) -> None:
    before = someone.read(draft)
    where = path.format(id=draft["id"], resource=draft["resources"][0]["id"])
    answer = someone.client.request(method, where, content=content, headers=JSON)
    assert is_proper(answer)
    if answer.is_error:
        assert someone.read(draft) == before
    else:
        someone.put(before)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/json; charset=utf-16"])
def test_a_body_of_another_kind(someone: Desk, kind: str) -> None:
    answer = someone.client.post("/DSTs", content=b"<a/>", headers={"Content-Type": kind})
    refused(answer, 400)


@pytest.mark.parametrize("value", ["1", "x", "%00", "..", "'%20OR%201=1", "%ff", unknown_id() + "0", "-" * 300])
@pytest.mark.parametrize(
    "path",
    ["/DST/{}", "/DST/{}/audit", "/resource/{}", "/DST/{}/note", "/pdfResource/{}/thumbs?page=1", "/DST/{}/sign/1/1"],
)
def test_a_hostile_id(someone: Desk, path: str, value: str) -> None:
    assert someone.client.get(path.format(value)).status_code == 404


@pytest.mark.parametrize("number", ["-1", "x", str(2**31), str(2**64), "1.5", "1e3", "%00"])
def test_a_hostile_number_in_a_path(someone: Desk, draft: Json, number: str) -> None:
    refused(someone.client.get(f"/DST/{draft['id']}/sign/{number}/1"), 404)
    refused(someone.client.get(f"/DST/{draft['id']}/sign/1/{number}"), 404)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    [
        *("title", "documents", "tags", "template", "extraData", "visibleTo", "ccGroups", "urgent", "status"),
        *("id", "forms", "signatureRequests", "signerGroups", "signers", "extraData", "page", "signerId", "type"),
        *("resource", "source", "embeddedData", "sourceURL", "rolesMapping", "templatePatches", "roleName", "signer"),
    ]
)
BODY = st.recursive(
    ANY, lambda inner: st.dictionaries(MEMBERS, inner | st.lists(inner, max_size=2), max_size=5), max_leaves=10
)


@SLOW
@given(place=st.sampled_from(PATHS), body=BODY)
def test_any_json_is_taken_or_refused(someone: Desk, draft: Json, place: tuple[str, str], body: Any) -> None:
    method, path = place
    where = path.format(id=draft["id"], resource=draft["resources"][0]["id"])
    answer = someone.client.request(method, where, content=json.dumps(body).encode(), headers=JSON)
    assert is_proper(answer)
    if answer.is_success:
        someone.put(draft)


@SLOW
@given(text=st.text(alphabet="abtile=!<>();,'\"*\\ and or\x00é", max_size=40) | st.text(max_size=20))
def test_any_filter_is_taken_or_refused(someone: Desk, text: str) -> None:
    if any("\ud800" <= one <= "\udfff" for one in text):
        return
    for name in ("$filter", "$orderBy"):
        answer = someone.client.get("/DSTs", params={name: text})
        assert answer.is_success or refused(answer, 400, name)


@pytest.mark.parametrize(
    "query", ["$filter=title==%ff", "$filter=%ed%a0%80==x", "$filter=" + "(" * 3000, "$filter=title==" + "x" * 20_000]
)
def test_a_filter_of_no_text(someone: Desk, query: str) -> None:
    assert is_proper(someone.client.get(f"/DSTs?{query}"))


def multipart(*parts: bytes) -> Json:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return {"content": body, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


FILE = b'Content-Disposition: form-data; name="file"; filename="x.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-'
UPLOADS = [
    multipart(),
    multipart(FILE),
    multipart(b"x"),
    multipart(b"\r\n"),
    multipart(b'Content-Disposition: form-data; name="file"\r\n\r\nx'),
    multipart(FILE, b'Content-Disposition: form-data; name="filename"\r\n\r\n\xff\xfe'),
    multipart(*[b'Content-Disposition: form-data; name="a%d"\r\n\r\nx' % number for number in range(200)]),
    {"content": b"--b\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    {"content": b"x" * 1000, "headers": {"Content-Type": "multipart/form-data"}},
    {"content": b"", "headers": {"Content-Type": "multipart/form-data; boundary="}},
    {"content": b"", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    {"content": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}},
    an_upload(b"%PDF-1.7\n%%EOF"),
    an_upload(b"%PDF-1.7\ntrailer << /Root 1 0 R >>"),
    an_upload(title="x" * 300),
    an_upload(filename="\x00\u202e"),
]


@pytest.mark.parametrize("upload", UPLOADS, ids=range(len(UPLOADS)))
def test_a_hostile_upload(someone: Desk, upload: Json) -> None:
    dst = someone.create()
    answer = someone.client.patch(f"/DST/{dst['id']}/resources", **upload)
    assert is_proper(answer)
    if answer.is_error:
        assert someone.read(dst) == dst


@SLOW
@given(body=st.binary(max_size=200))
def test_any_multipart_is_taken_or_refused(someone: Desk, draft: Json, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = someone.client.patch(f"/DST/{draft['id']}/resources", content=b"--b" + body, headers=headers)
    refused(answer, 400)


def test_two_who_sign_at_once_both_have_signed(people: People) -> None:
    """Each signature is made of what the other left."""
    from concurrent.futures import ThreadPoolExecutor

    desk = Desk(people)
    signers = [{"id": number, "name": f"Signer {number}", "email": f"s{number}@example.com"} for number in range(1, 5)]
    dst = desk.published(a_plan(signers))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: desk.try_act(dst, "sign", signatureRequestId=number), [1, 2, 3, 4] * 2))
    assert sorted(one.status_code for one in answers) == [200] * 4 + [409] * 4
    dst = desk.read(dst)
    assert dst["status"] == "signed"
    assert len(dst["signatures"]) == 4
