"""Refusals: two shapes, one of the gateway and one of the product, and input that means harm."""

import json
from typing import Any

import httpx
import pytest
from tests.secure_share.sharing import Sender, a_recipient, a_share, problem
from tests.world import Json, refused, unknown_id

CALLS = [
    ("POST", "/shares"),
    ("GET", "/shares"),
    ("GET", "/shares/{}"),
    ("PATCH", "/shares/{}"),
    ("PUT", "/shares/{}"),
    ("DELETE", "/shares/{}"),
    ("POST", "/shares/{}/recipients"),
    ("GET", "/shares/{}/recipients/{}"),
    ("PATCH", "/shares/{}/recipients/{}"),
    ("PUT", "/shares/{}/recipients/{}"),
    ("DELETE", "/shares/{}/recipients/{}"),
    ("POST", "/shares/{}/recipients/{}/remind"),
    ("POST", "/shares/{}/files"),
    ("DELETE", "/shares/{}/files/{}"),
]


def address(path: str) -> str:
    return "/secure-share" + path.replace("{}", unknown_id())


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_the_gateway_refuses_in_the_shape_of_the_platform(sender: Sender, method: str, path: str) -> None:
    world = sender.world
    body = refused(world.anonymous.request(method, address(path)), 401)
    assert body["type"] == "https://developer.signicat.com/docs/error-codes/"
    for token in ("Bearer x", "Basic x", "Bearer"):
        refused(world.anonymous.request(method, address(path), headers={"Authorization": token}), 401)


def test_a_client_needs_the_permission(sender: Sender) -> None:
    world = sender.world
    for permissions, status in ((["Signature API"], 403), (["Secure Share API"], 404)):
        client = world.control("POST", "clients", {"permissions": permissions}).json()
        token = world.token(client).json()["access_token"]
        for method, path in CALLS:
            if status == 404 and "{}" not in path:
                continue
            headers = {"Authorization": f"Bearer {token}"}
            more: Json = {"json": a_recipient()} if method in ("PATCH", "PUT") or path.endswith("recipients") else {}
            more = {"files": [("f", ("a", b"a"))]} if path.endswith("files") else more
            answer = world.anonymous.request(method, address(path), headers=headers, **more)
            if status == 404:
                problem(answer, 404)
            else:
                detail = refused(answer, 403)["detail"]
                assert "'Secure Share API'. It has: Signature API." in detail


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("GET", ""), ("POST", "/shares/"), ("GET", "/Shares")]
)
def test_unknown_paths(sender: Sender, method: str, path: str) -> None:
    problem(sender.world.api.request(method, f"/secure-share{path}"), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/shares"),
        ("POST", "/shares/{}"),
        ("GET", "/shares/{}/recipients"),
        ("GET", "/shares/{}/files"),
        ("GET", "/shares/{}/files/{}"),
        ("GET", "/shares/{}/recipients/{}/remind"),
    ],
)
def test_what_the_reference_does_not_offer(sender: Sender, method: str, path: str) -> None:
    answer = sender.world.api.request(method, address(path))
    problem(answer, 405)
    assert answer.headers["allow"]


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


HARM: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("not JSON", b'{"title": '),
    ("not an object", b"[]"),
    ("a word", b'"title"'),
    ("null", b"null"),
    ("a number", b"1"),
    ("not UTF-8", b'{"title": "\xff", "contactDetails": {}}'),
    ("UTF-16", '{"title": 5}'.encode("utf-16")),
    ("a lone surrogate in text", b'{"title": "\\ud800", "contactDetails": {}}'),
    ("a lone surrogate in a contact", b'{"contactDetails": {"name": "\\ud800"}}'),
    ("a lone surrogate in an unknown contact", b'{"contactDetails": {"fax": "\\ud800"}}'),
    ("a lone surrogate in the name of a contact", b'{"contactDetails": {"\\ud800": 1}}'),
    ("a lone surrogate in a tag", b'{"tags": ["\\ud800"], "contactDetails": {}}'),
    ("no number", b'{"contactDetails": {"fax": NaN}}'),
    ("no end", b'{"contactDetails": {"fax": [Infinity]}}'),
    ("deep", f'{{"contactDetails": {{"fax": {deep(5_000)}}}}}'.encode()),
    ("very deep", deep(100_000).encode()),
    ("deep elsewhere", f'{{"title": {deep(900)}, "contactDetails": {{}}}}'.encode()),
    ("a huge number", b'{"contactDetails": {}, "expires": 1' + b"0" * 5_000 + b"}"),
    ("a huge date", b'{"contactDetails": {}, "expires": "99999-01-01T00:00:00Z"}'),
    ("the end of time", b'{"contactDetails": {}, "expires": "9999-12-31T23:59:59-12:00"}'),
    ("the beginning of time", b'{"contactDetails": {}, "expires": "0001-01-01T00:00:00+12:00"}'),
    ("two that are wrong", b'{"contactDetails": [], "tags": {}}'),
]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "text/plain", "x", ""])
@pytest.mark.parametrize("body", [one for _, one in HARM], ids=[name for name, _ in HARM])
def test_harmful_input_is_refused_and_changes_nothing(sender: Sender, body: bytes, kind: str) -> None:
    answer = sender.call("POST", "", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400, answer.text
    problem(answer, 400, *answer.json()["errors"])
    assert sender.call("GET", "").json()["total"] == 0


HARMLESS: list[tuple[str, Any]] = [
    ("control characters", {"title": "\x00\x01\x7f\u2028", "description": "\x00", "tags": ["\x00"]}),
    ("other scripts", {"title": "契約書 👩‍💻 \u202e", "externalReference": "Ω" * 3000}),
    ("SQL", {"title": "'; DROP TABLE share; --", "usageReference": "%' OR 1=1"}),
    ("long", {"title": "x" * 1_000_000}),
    ("a big number", {"contactDetails": {"fax": 10**40}}),
    ("a fraction", {"contactDetails": {"fax": 1e308}}),
    ("many tags", {"tags": ["x"] * 10_000}),
    ("words of ours", {"contactDetails": {"modelFields": 1, "model_config": 2, "sent": 3, "__class__": 4, "self": 5}}),
    ("the last day", {"expires": "9999-12-31T23:59:59.9999999+00:00"}),
]


@pytest.mark.parametrize("members", [one for _, one in HARMLESS], ids=[name for name, _ in HARMLESS])
def test_odd_input_is_echoed(sender: Sender, members: Json) -> None:
    share = sender.share(**members)
    for name, value in members.items():
        if name == "contactDetails":
            assert share[name].items() >= value.items()
        else:
            assert share[name] == value
    assert sender.read(share) == share
    assert sender.call("GET", "").json()["data"] == [share]
    changed = sender.call("PATCH", f"/{share['id']}", json={"contactDetails": {"name": "after"}}).json()
    assert changed["contactDetails"] == share["contactDetails"] | {"name": "after"}


def test_a_recipient_of_odd_text(sender: Sender) -> None:
    share = sender.share()
    odd = "\x00'\"<>&\u202e👩‍💻" * 10
    members = dict.fromkeys(("firstName", "lastName", "mobile", "externalReference"), odd)
    wanted = a_recipient(**members, authentication=[{"identityProvider": "nbid", "idpId": odd, "nin": odd}])
    recipient = sender.invite(share, **{**wanted, "notification": {"sendSms": True}})
    assert {name: recipient[name] for name in members} == members
    assert httpx.get(recipient["url"]).status_code == 200
    assert sender.does(share, recipient, "authenticate")["state"] == "LoggedIn"


@pytest.mark.parametrize("name", ["firstName", "lastName", "email", "mobile", "externalReference"])
def test_a_lone_surrogate_in_a_recipient(sender: Sender, name: str) -> None:
    share = sender.share()
    body = json.dumps(a_recipient(**{name: "a@\ud800"})).encode()
    headers = {"Content-Type": "application/json"}
    problem(sender.call("POST", f"/{share['id']}/recipients", content=body, headers=headers), 400, name)


def test_a_body_that_is_too_large(sender: Sender) -> None:
    problem(sender.call("POST", "", json=a_share(title="x" * 5_000_000)), 413)


def test_a_surrogate_in_the_name_of_an_unknown_member(sender: Sender) -> None:
    body = b'{"\\ud800": 1, "contactDetails": {}}'
    headers = {"Content-Type": "application/json"}
    for choice in ("ignore", "reject"):
        sender.switch("unknown-members", choice)
        answer = sender.call("POST", "", content=body, headers=headers)
        assert answer.status_code == 400
        problem(answer, 400, *answer.json()["errors"])


@pytest.mark.parametrize("order", ["recipients", "files"])
def test_a_share_that_is_deleted_meanwhile(sender: Sender, order: str) -> None:
    share = sender.share()
    sender.call("DELETE", f"/{share['id']}")
    more: Json = {"json": a_recipient()} if order == "recipients" else {"files": [("f", ("a", b"a"))]}
    problem(sender.call("POST", f"/{share['id']}/{order}", **more), 404)
    assert sender.blobs() == []
