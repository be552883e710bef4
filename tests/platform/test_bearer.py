"""The gateway in front of the product APIs: which bearer tokens are good."""

from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import Server, serve
from tests.platform.jwts import Token, seconds_now
from tests.world import Json, World, refused

from localsign.settings import Settings

PATH = "/sign/signing-sessions"


def call(world: World, authorization: str | None, path: str = PATH) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return world.anonymous.get(path, headers=headers)


def with_token(world: World, token: str) -> httpx.Response:
    return call(world, f"Bearer {token}")


def a_token(world: World, client: Json | None = None) -> str:
    return str(world.token(client).json()["access_token"])


def check_unauthenticated(answer: httpx.Response, reason: str) -> None:
    """`answer` is the platform's error object for a token that is not good."""
    body = refused(answer, 401)
    assert reason in body["detail"]
    assert list(body) == ["title", "status", "code", "detail", "traceId", "type"]
    assert body["type"] == "https://developer.signicat.com/docs/error-codes/"
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_good_token_opens_the_door_in_any_spelling_of_the_scheme(world: World) -> None:
    token = a_token(world)
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert call(world, f"{scheme} {token}").status_code == 200


def test_no_token(world: World) -> None:
    check_unauthenticated(call(world, None), "the Authorization header is missing")


@pytest.mark.parametrize("header", ["Bearer", "x", "Basic bG9jYWxzaWduOmxvY2Fsc2lnbg==", "Token a.b.c"])
def test_a_header_that_carries_no_bearer_token(world: World, header: str) -> None:
    check_unauthenticated(call(world, header), "not 'Bearer', a space and a token")


@pytest.mark.parametrize(
    "token", ["x", "a.b", "a.b.c", "..", "W10.W10.W10", "a.b.c.d", "%00", "a b c", "\xe9.\xe9.\xe9"]
)
def test_a_token_that_is_no_jwt(world: World, token: str) -> None:
    answer = world.anonymous.get(PATH, headers={b"Authorization": f"Bearer {token}".encode("latin-1")})
    check_unauthenticated(answer, "not a JWT")


def test_a_flipped_character_breaks_the_signature(world: World) -> None:
    token = a_token(world)
    assert with_token(world, token).status_code == 200
    for place in (len(token) - 100, token.rindex(".") + 1):
        flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        check_unauthenticated(with_token(world, flipped), "signature of the token is wrong")


def test_changed_claims_break_the_signature(world: World) -> None:
    token = Token.read(a_token(world))
    token.claims["exp"] += 3600
    check_unauthenticated(with_token(world, token.text()), "signature of the token is wrong")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS512", None])
def test_a_token_cannot_choose_its_algorithm(world: World, algorithm: str | None) -> None:
    token = Token.read(a_token(world))
    token.header["alg"] = algorithm
    check_unauthenticated(with_token(world, token.text()), "signature of the token is wrong")
    unsigned = token.text().rpartition(".")[0] + "."
    check_unauthenticated(with_token(world, unsigned), "signature of the token is wrong")


@pytest.mark.parametrize("kid", [None, "unknown", 7, {}])
def test_a_token_signed_with_an_unknown_key(world: World, kid: object) -> None:
    token = Token.read(a_token(world))
    token.header["kid"] = kid
    check_unauthenticated(with_token(world, token.text()), "a key that this workspace does not have")


def test_a_token_of_another_workspace(server: Server, world: World) -> None:
    other = server.world()
    check_unauthenticated(with_token(other, a_token(world)), f"not issued by the workspace '{other.name}'")
    assert with_token(other, a_token(other)).status_code == 200
    other.close()


def test_a_token_of_a_deleted_client(world: World) -> None:
    client = world.control("POST", "clients", {"client_id": "short-lived"}).json()
    token = a_token(world, client)
    assert with_token(world, token).status_code == 200

    assert world.control("DELETE", "clients/short-lived").status_code == 204

    check_unauthenticated(with_token(world, token), "'short-lived' does not exist any more")
    assert world.control("DELETE", "clients/short-lived").status_code == 404


# ---- time


@pytest.fixture(scope="module")
def on_workspace_time() -> Iterator[Server]:
    yield from serve(Settings(switches={"tokens.clock": "workspace"}, token_lifetime=60))


def test_a_token_expires_on_the_workspace_clock_where_the_setting_says_so(on_workspace_time: Server) -> None:
    world = on_workspace_time.world()
    now = world.freeze("2030-01-01T00:00:00Z")
    token = a_token(world)
    assert Token.read(token).claims["iat"] == int(now.timestamp())
    world.advance("PT59.9S")
    assert with_token(world, token).status_code == 200
    world.advance("PT0.1S")
    check_unauthenticated(with_token(world, token), "The token expired at 2030-01-01T00:01:00Z.")
    world.log_in()
    assert world.api.get(PATH).status_code == 200
    world.close()


def test_a_token_from_the_future_is_not_valid_yet(on_workspace_time: Server) -> None:
    """A reset sets the clock back; a token that was issued before it is then from the future."""
    world = on_workspace_time.world()
    world.advance("P1D")
    token = a_token(world)
    world.control("POST", "reset")
    check_unauthenticated(with_token(world, token), "not valid yet")
    world.close()


def test_tokens_follow_the_machine_by_default(world: World) -> None:
    """Client libraries check a token with their own clock, which does not travel."""
    world.advance("P30D")
    token = a_token(world)
    assert abs(Token.read(token).claims["iat"] - seconds_now()) <= 2
    assert with_token(world, token).status_code == 200
    world.advance("P30D")
    assert with_token(world, token).status_code == 200


# ---- permissions


def test_a_client_without_the_permission_is_forbidden(world: World) -> None:
    client = world.control("POST", "clients", {"client_id": "poor", "permissions": []}).json()
    answer = with_token(world, a_token(world, client))
    body = refused(answer, 403)
    assert body["type"] == "https://developer.signicat.com/docs/error-codes/"
    assert "'poor' does not have the permission 'Signature API'. It has: none" in body["detail"]
    assert "www-authenticate" not in answer.headers


def test_a_permission_that_does_not_exist_is_refused(world: World) -> None:
    refusal = world.control("POST", "clients", {"permissions": ["Signature API", "Fly"]})
    assert "Signature API" in refused(refusal, 400, "permissions")["detail"]


def test_who_calls_is_looked_at_before_what_is_sent(world: World) -> None:
    """Neither a broken body nor an unknown id tells a stranger anything."""
    for method, path in (("POST", PATH), ("GET", f"{PATH}/not-a-uuid"), ("POST", "/sign/documents")):
        answer = world.anonymous.request(method, path, content=b"{")
        check_unauthenticated(answer, "missing")


# ---- what the vendor's SDKs add


def test_query_parameters_and_headers_of_the_platform_are_ignored(world: World) -> None:
    answer = world.api.get(
        PATH,
        params={"signicat-accountId": "a-spge-x", "signicat-organizationId": "o", "Signicat-Anything": "1"},
        headers={"Signicat-SDK": "net", "Signicat-OrganizationId": "o", "signicat-correlation-id": "x"},
    )
    assert answer.status_code == 200
    [session] = world.create(world.a_session())
    assert world.api.get(f"{PATH}/{session['id']}?signicat-accountId=x").json()["id"] == session["id"]
    created = world.api.post(f"{PATH}?signicat-accountId=x", json=[world.a_session()])
    assert created.status_code == 201
