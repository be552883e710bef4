"""The shape of every refusal, and input that no client sends by accident."""

import json
import logging
from collections.abc import Iterator
from typing import Any, NoReturn

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Server, serve
from tests.signing_today.people import ANNA, People, people_of, refused
from tests.world import World

from localsign.settings import Settings
from localsign.workspace import Workspace

JSON = {"Content-Type": "application/json"}
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
IDENTITY = "1d000000-0000-4000-8000-000000000003"


def test_what_is_not_there_has_no_body(people: People) -> None:
    for client in (people.nobody, people.admin):
        refused(client.get("/nothing"), 404)


def test_a_wrong_method_is_named(people: People) -> None:
    answer = people.nobody.put("/oauth/token")
    assert answer.status_code == 405
    assert answer.json().keys() == {"code", "message"}, "no member without a value: ErrorResponse has none that is null"
    assert answer.json()["code"] == "MethodNotAllowed"
    assert answer.headers["allow"] == "POST"


def test_a_401_comes_before_all_else(people: People) -> None:
    for method, path in (("POST", "/users"), ("PUT", "/user/x"), ("GET", "/users?$top=x")):
        refused(people.nobody.request(method, path, content=b"{", headers=JSON), 401, "Authorization")


def test_a_403_comes_before_the_body(people: People) -> None:
    refused(people.anna.post("/users", content=b"{", headers=JSON), 403)


@pytest.mark.parametrize(
    ("content", "target"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b"[1]", "body"),
        (b"null", "body"),
        (b'{"user": {"username": "\\ud800"}, "password": "x"}', "user.username"),
        (b'{"user": {"username": "x", "extraData": {"a": "\\ud800"}}, "password": "x"}', "user.extraData"),
        (b'{"user": {"username": "x", "extraData": {"\\udfff": 1}}, "password": "x"}', "user.extraData"),
        (b'{"user": {"username": "x", "extraData": {"a": 1e999}}, "password": "x"}', "user.extraData"),
        (b'{"user": {"username": "x", "extraData": {"a": NaN}}, "password": "x"}', "user.extraData"),
        (b'{"user": {"username": "x"}, "password": "\\ud800"}', "password"),
        (b'{"user": {"username": "x", "phone": ' + b"9" * 400 + b'}, "password": "x"}', "user.phone"),
        (
            b'{"user": {"username": "x", "groups": [{"id": 99999999999999999999}]}, "password": "x"}',
            "user.groups[0].id",
        ),
        (b'{"user": ' + b"[" * 90_000 + b"}", None),
        (b'{"user": {"username": "x", "extraData": {"a": ' + b"9" * 5000 + b'}}, "password": "x"}', None),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(people: People, content: bytes, target: str | None) -> None:
    answer = people.admin.post("/users", content=content, headers=JSON)
    refused(answer, 400, *([target] if target else []))
    assert people.admin.get("/users").json()["count"] == 6


def test_a_body_that_is_not_json_is_refused_by_its_type(people: People) -> None:
    refused(people.admin.post("/users", data={"user": "x"}), 400, "Content-Type")


def test_free_data_of_any_kind_comes_back_as_it_was_sent(people: People) -> None:
    sent = {"": None, "a": [1, 2.5, True, {"é\u0000": "😀"}], "big": 10**30}
    assert people.read(people.create(extraData=sent))["extraData"] == sent


def test_a_failure_of_ours_has_the_shape_for_it(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(self: Workspace) -> NoReturn:
        raise RuntimeError("the inside")

    anna = people.anna
    caplog.set_level(logging.CRITICAL, "localsign.http")
    monkeypatch.setattr(Workspace, "turn", crash)
    answer = anna.get("/auth/user")
    refused(answer, 500)
    assert "the inside" not in answer.text


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 503}, {"code": "ServiceUnavailable"}),
        ({"status": 503, "code": "IOException", "detail": "no"}, {"code": "IOException", "message": "no"}),
        ({"status": 429}, {"code": "TooManyRequests"}),
        ({"status": 409, "code": "Busy"}, {"code": "Busy"}),
    ],
)
def test_a_fault_that_was_asked_for_speaks_the_dialect(people: People, fault: Any, expected: Any) -> None:
    assert people.world.control("POST", "faults", {"operation": "signing-today.authUser", **fault}).is_success
    answer = people.anna.get("/auth/user")
    assert answer.status_code == fault["status"]
    assert answer.json() == {"message": answer.json()["message"], **expected}


def test_a_400_that_was_asked_for_is_an_array(people: People) -> None:
    people.world.control("POST", "faults", {"operation": "signing-today.usersGET", "status": 400})
    refused(people.anna.get("/users"), 400, "body")


@pytest.fixture(scope="module")
def tight() -> Iterator[People]:
    """A workspace of a server that takes small bodies."""
    for server in serve(Settings(max_body_bytes=1024, max_document_bytes=2048)):
        world = server.world()
        with people_of(world, server) as people:
            yield people
        world.close()


def test_a_body_that_is_too_large_is_refused(tight: People) -> None:
    large = b'{"user": "' + b"x" * 2000 + b'"}'
    assert refused(tight.admin.post("/users", content=large, headers=JSON), 413)["code"] == "PayloadTooLarge"
    answer = tight.nobody.post("/oauth/token", data={"username": "x" * 2000}, auth=("any", "x"))
    assert answer.status_code == 413
    path = f"/user/{ANNA}/identity/{IDENTITY}/appearance"
    refused(tight.anna.post(path, files={"file": ("a", b"x" * 4000)}), 413)


# ---- input by chance


def part(name: str, value: bytes, more: bytes = b"") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name.encode(), more, value)


WHOLE = b"".join(
    (
        part("filename", b"a.png"),
        part("resourceType", b"Image"),
        part("file", b"\x89PNG\r\n\x1a\n", b'; filename="a.png"\r\nContent-Type: image/png'),
        b"--b--\r\n",
    )
)


def damaged(data: st.DataObject, whole: bytes) -> bytes:
    """`whole` with some of it cut out, repeated or replaced."""
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, min(len(whole), start + 40)))
        whole = (
            whole[:start]
            + data.draw(st.sampled_from([b"", whole[start:end] * 2]) | st.binary(max_size=8))
            + whole[end:]
        )
    return whole


def is_refusal(answer: httpx.Response) -> bool:
    return 400 <= answer.status_code < 500 and (answer.status_code == 404 or bool(answer.json()))


def test_an_upload_that_breaks_off_is_refused(people: People) -> None:
    """The parser would drop the file and leave it open."""
    path = f"/user/{ANNA}/identity/{IDENTITY}/appearance"
    content = WHOLE.removesuffix(b"\r\n--b--\r\n")
    answer = people.anna.post(path, content=content, headers={"Content-Type": "multipart/form-data; boundary=b"})
    refused(answer, 400, "body")


@FUZZ
@given(data=st.data())
def test_no_multipart_body_breaks_an_upload(people: People, data: st.DataObject) -> None:
    boundary = data.draw(
        st.sampled_from(["; boundary=b", '; boundary="b"', "", "; boundary=", "; boundary=x; charset=x"])
    )
    charset = data.draw(st.sampled_from(["", "; charset=utf-16", "; charset=unicode_escape", "; charset=idna"]))
    answer = people.anna.post(
        f"/user/{ANNA}/identity/{IDENTITY}/appearance",
        content=damaged(data, WHOLE),
        headers={"Content-Type": f"multipart/form-data{boundary}{charset}"},
    )
    assert is_refusal(answer), answer.text
    assert people.anna.get(f"/user/{ANNA}/identities").json()[0].get("appearance") is None


@FUZZ
@given(data=st.data())
def test_no_form_breaks_a_login(people: People, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]))
    whole = part("grant_type", b"password") + part("username", b"x@demo") + part("password", b"y") + b"--b--\r\n"
    content = damaged(data, whole if "multipart" in kind else b"grant_type=password&username=x%40demo&password=%ff%00")
    answer = people.nobody.post("/oauth/token", content=content, headers={"Content-Type": kind}, auth=("a", "b"))
    assert is_refusal(answer), answer.text


@FUZZ
@given(
    domain=st.sampled_from(["demo", "partner"]) | st.text(max_size=20),
    reply=st.text(max_size=40) | st.binary(max_size=40).map(lambda some: some.hex()),
    mac=st.text(max_size=70),
)
def test_no_form_breaks_a_saml_login(people: People, domain: str, reply: str, mac: str) -> None:
    fields = {"domain": domain, "IDToken1": reply, "IDToken2": mac}
    text = httpx.QueryParams({name: value.encode("utf-8", "replace").decode() for name, value in fields.items()})
    answer = people.nobody.post(
        "/auth/saml", content=str(text), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in (400, 409), answer.text
    refused(answer, answer.status_code)


TEXT = st.text(st.characters(exclude_categories=()), max_size=10)  # half of a surrogate pair is no text
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = """user password username domain language name email phone role groups capabilities extraData challenge
deviceId token requestHeaders authentication authMode webhooks dst newPassword currentPassword id
eduPersonPrincipalName isMemberOf orgRole"""
MEMBERS = st.sampled_from(NAMES.split())
BODIES = st.recursive(
    ANY, lambda inner: st.dictionaries(MEMBERS, inner, max_size=5) | st.lists(inner, max_size=2), max_leaves=10
)
CALLS = [
    ("POST", "/users"),
    ("PUT", f"/user/{ANNA}"),
    ("POST", "/users/groups"),
    ("POST", "/auth/passwordReset"),
    ("POST", "/service/users/sync"),
    ("POST", "/device/authorization"),
    ("POST", "/notifications/push-token"),
    ("PUT", "/robot/configuration"),
]


@FUZZ
@given(call=st.sampled_from(CALLS), body=BODIES)
def test_no_json_breaks_a_call(people: People, call: Any, body: Any) -> None:
    answer = people.admin.request(*call, content=json.dumps(body).encode(), headers=JSON)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        refused(answer, answer.status_code)
    assert people.admin.get("/users").status_code == 200


@FUZZ
@given(name=st.sampled_from(["$filter", "$orderBy", "$top", "$skip", "$count"]), value=st.text(max_size=30))
def test_no_parameter_breaks_a_list(people: People, name: str, value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    for path in ("/users", "/users/groups"):
        answer = people.admin.get(path, params={name: text})
        assert answer.status_code in (200, 400), answer.text


def test_a_world_of_its_own(server: Server, world: World, people: People) -> None:
    """What one workspace makes, another does not see."""
    people.create(username="jdo")
    other = server.world()
    with people_of(other, server) as others:
        assert others.admin.get("/users").json()["count"] == 6
    other.close()
