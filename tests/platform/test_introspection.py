"""Introspection (RFC 7662) and revocation (RFC 7009)."""

from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import Server, serve
from tests.platform.jwts import Token
from tests.platform.test_token_errors import check
from tests.world import Json, World

from localsign.settings import Settings


def introspect(world: World, token: str | None, client: Json | None = None) -> httpx.Response:
    return ask(world, "introspect", token, client)


def revoke(world: World, token: str | None, client: Json | None = None) -> httpx.Response:
    return ask(world, "revocation", token, client)


def ask(world: World, endpoint: str, token: str | None, client: Json | None) -> httpx.Response:
    client = client or world.client
    return world.anonymous.post(
        f"/auth/open/connect/{endpoint}",
        data={"token": token} if token is not None else {"token_type_hint": "access_token"},
        auth=(client["client_id"], client["client_secret"]),
    )


def a_token(world: World, client: Json | None = None) -> str:
    return str(world.token(client).json()["access_token"])


def is_active(world: World, token: str) -> bool:
    answer = introspect(world, token)
    assert answer.status_code == 200, answer.text
    if not answer.json()["active"]:
        assert answer.json() == {"active": False}  # RFC 7662 2.2: nothing more may be told
    return bool(answer.json()["active"])


def is_accepted(world: World, token: str) -> bool:
    answer = world.anonymous.get("/sign/signing-sessions", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def test_an_active_token_shows_its_claims(world: World) -> None:
    token = a_token(world)
    shown = introspect(world, token).json()
    assert shown == {**Token.read(token).claims, "active": True, "scope": "signicat-api", "token_type": "Bearer"}


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "é", "e30.e30.e30"])
def test_garbage_is_not_active(world: World, garbage: str) -> None:
    assert not is_active(world, garbage)


def test_a_token_of_another_workspace_is_not_active(server: Server, world: World) -> None:
    other = server.world()
    world.control("POST", "keys/rotate")  # the first keys of two workspaces may be one
    assert not is_active(other, a_token(world))
    other.close()


def test_a_token_whose_key_was_retired_is_not_active(world: World) -> None:
    token = a_token(world)
    world.control("POST", "keys/rotate", {"keep_old": False})
    assert not is_active(world, token)


def test_a_revoked_token_is_not_active_and_not_accepted(world: World) -> None:
    token, other = a_token(world), a_token(world)
    assert is_active(world, token)
    assert is_accepted(world, token)  # now it is remembered as a good one

    answer = revoke(world, token)

    assert (answer.status_code, answer.content) == (200, b"")
    assert not is_active(world, token)
    assert not is_accepted(world, token)
    assert is_active(world, other)
    assert is_accepted(world, other)


def test_revoking_what_is_revoked_or_garbage_is_no_error(world: World) -> None:
    token = a_token(world)
    for one in (token, token, "garbage"):
        assert revoke(world, one).status_code == 200


def test_a_client_cannot_revoke_the_token_of_another(world: World) -> None:
    stranger = world.control("POST", "clients", {}).json()
    token = a_token(world)
    assert revoke(world, token, stranger).status_code == 200
    assert is_active(world, token)


def test_both_need_a_client_and_a_token(world: World) -> None:
    stranger = {"client_id": "nobody", "client_secret": "x"}
    for endpoint in (introspect, revoke):
        check(endpoint(world, "x", stranger), "invalid_client")
        assert check(endpoint(world, None), "invalid_request") == "token is missing"


@pytest.fixture(scope="module")
def on_workspace_time() -> Iterator[Server]:
    yield from serve(Settings(switches={"tokens.clock": "workspace"}))


def test_an_expired_token_is_not_active(on_workspace_time: Server) -> None:
    world = on_workspace_time.world()
    world.freeze()
    token = a_token(world)
    world.advance("PT9M59S")
    assert is_active(world, token)
    world.advance("PT1S")
    assert not is_active(world, token)
    world.close()


def test_a_revoked_token_stays_revoked_over_a_reset(world: World) -> None:
    token = a_token(world)
    revoke(world, token)
    assert world.control("POST", "reset").status_code == 204
    assert not is_active(world, token)
    assert not is_accepted(world, token)


def test_a_token_signed_with_a_shared_key_is_of_its_own_workspace_only(world: World, server: Server) -> None:
    other = server.world()
    try:
        token = other.token().json()["access_token"]
        answer = world.anonymous.post(
            "/auth/open/connect/introspect",
            data={"token": token},
            auth=(world.client["client_id"], world.client["client_secret"]),
        )
        assert answer.json() == {"active": False}
    finally:
        other.close()
