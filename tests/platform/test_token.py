"""Asking for an access token, and what it looks like."""

import re
from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import Server, serve
from tests.platform.jwts import Token, seconds_now
from tests.world import Json, World

from localsign.settings import Settings

FORM = {"grant_type": "client_credentials", "scope": "signicat-api"}


def ask(world: World, auth: tuple[str, str] | None = None, **form: str) -> httpx.Response:
    return world.anonymous.post(
        "/auth/open/connect/token", data={**FORM, **form}, auth=auth or httpx.USE_CLIENT_DEFAULT
    )


def token_of(answer: httpx.Response) -> Token:
    assert answer.status_code == 200, answer.text
    return Token.read(answer.json()["access_token"])


def basic(client: Json) -> tuple[str, str]:
    return client["client_id"], client["client_secret"]


# ---- ways to say who asks


def test_a_client_proves_itself_with_http_basic(world: World) -> None:
    assert token_of(ask(world, basic(world.client))).claims["client_id"] == world.client["client_id"]


def test_a_client_proves_itself_in_the_body(world: World) -> None:
    client_id, client_secret = basic(world.client)
    token = token_of(ask(world, client_id=client_id, client_secret=client_secret))
    assert token.claims["client_id"] == client_id


def test_basic_and_body_at_once_are_fine_when_they_agree(world: World) -> None:
    client_id, client_secret = basic(world.client)
    assert ask(world, (client_id, client_secret), client_id=client_id).status_code == 200
    both = ask(world, (client_id, client_secret), client_id=client_id, client_secret=client_secret)
    assert both.status_code == 200


@pytest.mark.parametrize("contradiction", [{"client_id": "another"}, {"client_secret": "another"}])
def test_basic_and_body_that_contradict_each_other_are_refused(world: World, contradiction: Json) -> None:
    refusal = ask(world, basic(world.client), **contradiction)
    assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_client")


def test_basic_credentials_are_form_encoded_first(world: World) -> None:
    """RFC 6749 2.3.1: colons and the like in an id or a secret are escaped before Basic."""
    odd = {"client_id": "round:apple 1", "client_secret": "a:b+c%d/é"}
    world.control("POST", "clients", odd).raise_for_status()
    token = token_of(ask(world, ("round%3Aapple+1", "a%3Ab%2Bc%25d%2F%C3%A9")))
    assert token.claims["client_id"] == "round:apple 1"


def test_the_scope_may_be_left_out(world: World) -> None:
    answer = world.anonymous.post(
        "/auth/open/connect/token", data={"grant_type": "client_credentials"}, auth=basic(world.client)
    )
    assert token_of(answer).claims["scope"] == ["signicat-api"]


@pytest.mark.parametrize(
    "media_type",
    ["application/x-www-form-urlencoded; charset=UTF-8", "Application/X-WWW-Form-URLEncoded"],
)
def test_the_media_type_is_read_like_one(world: World, media_type: str) -> None:
    answer = world.anonymous.post(
        "/auth/open/connect/token",
        content="grant_type=client_credentials",
        headers={"Content-Type": media_type},
        auth=basic(world.client),
    )
    assert answer.status_code == 200, answer.text


# ---- the answer


def test_the_answer_has_four_members_in_the_order_of_the_platform(world: World) -> None:
    answer = world.token()
    assert list(answer.json()) == ["access_token", "expires_in", "token_type", "scope"]
    assert list(answer.json().values())[1:] == [600, "Bearer", "signicat-api"]


def test_the_answer_must_not_be_cached(world: World) -> None:
    headers = world.token().headers
    assert headers["cache-control"] == "no-store, no-cache, max-age=0"
    assert headers["pragma"] == "no-cache"
    assert headers["content-type"].startswith("application/json")


def test_the_header_of_a_token_has_the_recorded_members_in_order(world: World) -> None:
    header = token_of(world.token()).header
    assert list(header) == ["alg", "kid", "typ"]
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    assert re.fullmatch("sandbox-signing-key-[0-9a-f]{32}", header["kid"])


def test_the_claims_of_a_token_are_the_recorded_ones_in_order(world: World) -> None:
    before = seconds_now()
    claims = token_of(world.token()).claims
    assert list(claims) == [
        "nbf", "exp", "iss", "aud", "client_id", "account_id", "jti", "iat", "sandbox", "scope"
    ]  # fmt: skip
    assert before <= claims["nbf"] <= seconds_now()
    assert claims["iat"] == claims["nbf"]
    assert claims["exp"] == claims["nbf"] + 600
    assert claims["client_id"] == world.client["client_id"]
    assert re.fullmatch("a-spge-[0-9A-Za-z]{20}", claims["account_id"])
    assert re.fullmatch("[0-9A-F]{32}", claims["jti"])
    assert claims["sandbox"] is True
    assert claims["scope"] == ["signicat-api"]


def test_issuer_and_audience_name_this_server(world: World) -> None:
    """A divergence: the vendor's token names api.signicat.com, which no client could check against discovery here."""
    claims = token_of(world.token()).claims
    assert (claims["iss"], claims["aud"]) == (f"{world.url}/auth/open", world.url)


def test_every_token_has_an_id_of_its_own_and_the_same_account(world: World) -> None:
    first, second = token_of(world.token()).claims, token_of(world.token()).claims
    assert first["jti"] != second["jti"]
    assert first["account_id"] == second["account_id"]


def test_two_workspaces_are_two_accounts(server: Server, world: World) -> None:
    other = server.world()
    assert token_of(other.token()).claims["account_id"] != token_of(world.token()).claims["account_id"]
    other.close()


# ---- how long it lives


def test_a_client_can_have_a_lifetime_of_its_own(world: World) -> None:
    client = world.control("POST", "clients", {"token_lifetime": 42}).json()
    answer = world.token(client)
    claims = token_of(answer).claims
    assert answer.json()["expires_in"] == 42
    assert claims["exp"] - claims["nbf"] == 42


@pytest.mark.parametrize("lifetime", [0, 3601, "60", 1.5, True])
def test_a_lifetime_out_of_bounds_is_refused(world: World, lifetime: object) -> None:
    refusal = world.control("POST", "clients", {"token_lifetime": lifetime})
    assert refusal.status_code == 400
    assert [one["name"] for one in refusal.json()["invalidParams"]] == ["token_lifetime"]


@pytest.fixture(scope="module")
def short_lived() -> Iterator[Server]:
    yield from serve(Settings(token_lifetime=7))


def test_the_setting_is_the_lifetime_of_all_other_clients(short_lived: Server) -> None:
    world = short_lived.world()
    assert world.token().json()["expires_in"] == 7
    client = world.control("POST", "clients", {"token_lifetime": 8}).json()
    assert world.token(client).json()["expires_in"] == 8
    assert [one["token_lifetime"] for one in world.control("GET", "clients").json()] == [7, 8]
    world.close()
