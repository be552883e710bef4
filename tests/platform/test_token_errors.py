"""Refusals of the authentication host: the recorded bodies, always with status 400."""

import re

import httpx
import pytest
from tests.world import Json, World

TOKEN = "/auth/open/connect/token"
DESCRIPTIONS = {
    "invalid_request": "The request is missing a required parameter.",
    "invalid_client": "Client authentication failed (e.g., unknown client, no client authentication included, "
    "or unsupported authentication method).",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "unauthorized_client": "The client is not authorized to use this authorization grant type.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
}


def check(answer: httpx.Response, error: str) -> str:
    """`answer` is this error, in every detail that was recorded; the reason it gives to people."""
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store, no-cache, max-age=0"
    assert answer.headers["pragma"] == "no-cache"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-trace-id"])
    assert list(answer.json().items()) == [
        ("error", error),
        ("error_uri", f"https://api.signicat.com/auth/open/config/errors/{error}"),
        ("error_description", DESCRIPTIONS[error]),
    ]
    return answer.headers["x-sandbox-reason"]


def form(world: World, **but: str | None) -> Json:
    fields = {"grant_type": "client_credentials", "scope": "signicat-api", **world.client, **but}
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def test_an_empty_body_is_an_invalid_request(world: World) -> None:
    check(world.anonymous.post(TOKEN), "invalid_request")
    check(
        world.anonymous.post(TOKEN, headers={"Content-Type": "application/x-www-form-urlencoded"}),
        "invalid_request",
    )


def test_a_missing_grant_type_is_an_invalid_request(world: World) -> None:
    reason = check(world.anonymous.post(TOKEN, data=form(world, grant_type=None)), "invalid_request")
    assert reason == "grant_type is missing"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_another_content_type_is_an_invalid_request(world: World, media_type: str) -> None:
    body = '{"grant_type": "client_credentials"}'
    answer = world.anonymous.post(TOKEN, content=body, headers={"Content-Type": media_type})
    assert "x-www-form-urlencoded" in check(answer, "invalid_request")


@pytest.mark.parametrize(
    ("but", "reason"),
    [
        ({"client_secret": "wrong"}, "the secret is not one of"),
        ({"client_secret": None}, "client_secret is missing"),
        ({"client_secret": ""}, "the secret is not one of"),
        ({"client_id": "nobody"}, "no client 'nobody'"),
        ({"client_id": None}, "neither an Authorization header nor client_id"),
    ],
)
def test_wrong_credentials_in_the_body_are_an_invalid_client(world: World, but: Json, reason: str) -> None:
    assert reason in check(world.anonymous.post(TOKEN, data=form(world, **but)), "invalid_client")


def test_wrong_credentials_in_basic_are_an_invalid_client_with_400_as_well(world: World) -> None:
    check(world.token({**world.client, "client_secret": "wrong"}), "invalid_client")
    check(world.token({"client_id": "nobody", "client_secret": "x"}), "invalid_client")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Digest abc", "Bearer x.y.z", "Basic /w=="]
)
def test_an_authorization_header_that_is_not_basic_is_an_invalid_client(world: World, header: str) -> None:
    answer = world.anonymous.post(TOKEN, data=form(world), headers={"Authorization": header})
    assert "not HTTP Basic" in check(answer, "invalid_client")


def test_a_client_of_another_workspace_is_an_invalid_client(world: World) -> None:
    check(world.token({"client_id": "localsign", "client_secret": "localsign-secret"}), "invalid_client")


def test_an_unknown_grant_is_unsupported(world: World) -> None:
    for grant in ("password", "nonsense", "CLIENT_CREDENTIALS"):
        check(world.anonymous.post(TOKEN, data=form(world, grant_type=grant)), "unsupported_grant_type")


@pytest.mark.parametrize(
    "grant",
    [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:openid:params:grant-type:ciba",
    ],
)
def test_a_grant_that_the_vendor_has_and_localsign_has_not_is_unauthorized(world: World, grant: str) -> None:
    assert grant in check(world.anonymous.post(TOKEN, data=form(world, grant_type=grant)), "unauthorized_client")


def test_the_secret_is_looked_at_before_the_grant(world: World) -> None:
    wanted = form(world, grant_type="nonsense", client_secret="wrong")
    check(world.anonymous.post(TOKEN, data=wanted), "invalid_client")


@pytest.mark.parametrize("scope", ["openid", "signicat-api openid", "SIGNICAT-API"])
def test_an_unknown_scope_is_invalid(world: World, scope: str) -> None:
    check(world.anonymous.post(TOKEN, data=form(world, scope=scope)), "invalid_scope")


@pytest.mark.parametrize(
    "odd", ["x\r\nX-Evil: 1", "x\x00y", "ω" * 10, "y" * 20_000], ids=["lines", "null", "greek", "long"]
)
def test_whatever_was_sent_the_reason_stays_a_header(world: World, odd: str) -> None:
    reason = check(world.anonymous.post(TOKEN, data=form(world, grant_type=odd)), "unsupported_grant_type")
    assert reason.isascii()
    assert reason.isprintable()
    assert len(reason) < 1000


def test_a_refusal_names_its_operation(world: World) -> None:
    refusal = world.anonymous.post(TOKEN)
    assert refusal.headers["x-sandbox-operation"] == "platform.token; evidence=documented"


def test_an_unknown_path_is_an_empty_404(world: World) -> None:
    for path in ("/auth/open", "/auth/open/", "/auth/open/nothing", "/auth/open/connect", f"{TOKEN}/"):
        answer = world.anonymous.get(path)
        assert (answer.status_code, answer.content) == (404, b""), path
        assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "authorize"),
        ("GET", "userinfo"),
        ("GET", "endsession"),
        ("GET", "checksession"),
        ("POST", "deviceauthorization"),
        ("POST", "ciba"),
        ("POST", "ciba/cancel"),
        ("POST", "par"),
    ],
)
def test_what_the_vendor_has_and_localsign_has_not_is_a_501_with_a_reason(world: World, method: str, path: str) -> None:
    answer = world.anonymous.request(method, f"/auth/open/connect/{path}")
    assert answer.status_code == 501
    assert answer.json()["code"] == "not_implemented"
    assert path in answer.json()["detail"]
    assert answer.headers["x-sandbox-operation"].endswith("evidence=documented")
