"""Discovery, the key set at its odd path, and keys that change."""

from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from tests.conftest import Server, serve
from tests.platform.jwts import Token
from tests.world import Json, World

from localsign.settings import Settings

DISCOVERY = "/auth/open/.well-known/openid-configuration"


def jwks(world: World) -> list[Json]:
    answer = world.anonymous.get(f"{DISCOVERY}/jwks")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["keys"])


def verify(world: World, token: str) -> Json:
    """The claims of a token, verified as a client library does: with nothing but the key set."""
    keys = KeySet.import_key_set({"keys": jwks(world)})
    decoded = jwt.decode(token, keys, algorithms=["RS256"])
    jwt.JWTClaimsRegistry(iss={"essential": True, "value": f"{world.url}/auth/open"}).validate(decoded.claims)
    return dict(decoded.claims)


def is_accepted(world: World, token: str) -> bool:
    answer = world.anonymous.get("/sign/signing-sessions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def a_token(world: World) -> str:
    return str(world.token().json()["access_token"])


def kid_of(token: str) -> str:
    return str(Token.read(token).header["kid"])


def test_discovery_tells_where_everything_is(world: World) -> None:
    document = world.anonymous.get(DISCOVERY).json()
    issuer = f"{world.url}/auth/open"
    assert document["issuer"] == issuer
    assert document["token_endpoint"] == f"{issuer}/connect/token"
    assert document["introspection_endpoint"] == f"{issuer}/connect/introspect"
    assert document["revocation_endpoint"] == f"{issuer}/connect/revocation"
    assert document["jwks_uri"] == f"{issuer}/.well-known/openid-configuration/jwks"


def test_discovery_advertises_what_works_and_nothing_else(world: World) -> None:
    document = world.anonymous.get(DISCOVERY).json()
    assert document["grant_types_supported"] == ["client_credentials"]
    assert document["scopes_supported"] == ["signicat-api"]
    assert document["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]
    assert {"RS256", "PS256", "ES256"} <= {*document["token_endpoint_auth_signing_alg_values_supported"]}
    assert "none" not in document["token_endpoint_auth_signing_alg_values_supported"]
    for absent in ("registration_endpoint", "acr_values_supported", "authorization_endpoint"):
        assert absent not in document


def test_every_address_in_discovery_answers(world: World) -> None:
    document = world.anonymous.get(DISCOVERY).json()
    form = {"grant_type": "client_credentials", "token": "x", **world.client}
    form.pop("permissions")
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert world.anonymous.post(document[name], data=form).status_code == 200, name
    assert world.anonymous.get(document["jwks_uri"]).status_code == 200


def test_the_key_set_holds_public_rsa_keys_only(world: World) -> None:
    [key] = jwks(world)
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}


def test_the_key_set_is_there_before_the_first_token(server: Server) -> None:
    description = httpx.post(f"{server.url}/_sandbox/v1/workspaces").json()
    url, [client] = description["base_url"], description["clients"]
    [key] = httpx.get(f"{url}{DISCOVERY}/jwks").json()["keys"]
    form = {"grant_type": "client_credentials"}
    token = httpx.post(
        f"{url}/auth/open/connect/token", data=form, auth=(client["client_id"], client["client_secret"])
    ).json()["access_token"]
    assert kid_of(token) == key["kid"]


def test_a_token_verifies_against_the_key_set(world: World) -> None:
    assert verify(world, a_token(world))["client_id"] == world.client["client_id"]


def test_a_changed_token_does_not(world: World) -> None:
    token = Token.read(a_token(world))
    token.claims["client_id"] = "another"
    with pytest.raises(JoseError):
        verify(world, token.text())


# ---- rotation


def test_rotation_signs_with_a_new_key_and_keeps_the_old_one_good(world: World) -> None:
    old = a_token(world)

    rotated = world.control("POST", "keys/rotate")

    assert rotated.status_code == 201
    new = a_token(world)
    assert kid_of(new) != kid_of(old)
    assert [key["kid"] for key in jwks(world)] == [kid_of(old), kid_of(new)]
    assert rotated.json() == [
        {"kid": kid_of(old), "is_signing": False, "is_published": True},
        {"kid": kid_of(new), "is_signing": True, "is_published": True},
    ]
    for token in (old, new):
        assert verify(world, token)
        assert is_accepted(world, token)


def test_rotation_can_drop_the_old_keys_at_once(world: World) -> None:
    oldest = a_token(world)
    world.control("POST", "keys/rotate")
    old = a_token(world)
    assert is_accepted(world, oldest)
    assert is_accepted(world, old)

    world.control("POST", "keys/rotate", {"keep_old": False})

    new = a_token(world)
    assert [key["kid"] for key in jwks(world)] == [kid_of(new)]
    assert [is_accepted(world, token) for token in (oldest, old, new)] == [False, False, True]


def test_an_old_key_can_be_retired_later(world: World) -> None:
    old = a_token(world)
    world.control("POST", "keys/rotate")
    new = a_token(world)
    assert is_accepted(world, old)

    retired = world.control("DELETE", f"keys/{kid_of(old)}")

    assert retired.status_code == 204
    assert [key["kid"] for key in jwks(world)] == [kid_of(new)]
    assert [is_accepted(world, token) for token in (old, new)] == [False, True]


def test_the_key_that_signs_cannot_be_retired(world: World) -> None:
    refusal = world.control("DELETE", f"keys/{kid_of(a_token(world))}")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "key_in_use")


def test_an_unknown_key_cannot_be_retired(world: World) -> None:
    assert world.control("DELETE", "keys/nothing").status_code == 404


def test_a_wish_for_rotation_is_checked(world: World) -> None:
    for body in ({"keep_old": "perhaps"}, {"keepOld": False}, [True]):
        assert world.control("POST", "keys/rotate", body).status_code == 400
    assert len(world.control("GET", "keys").json()) == 1


def test_rotation_in_one_workspace_is_none_in_another(server: Server, world: World) -> None:
    other = server.world()
    before = jwks(other)
    world.control("POST", "keys/rotate", {"keep_old": False})
    assert jwks(other) == before
    other.close()


# ---- keys outlive the process


def test_keys_and_tokens_outlive_the_process(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = serve(settings)
    world = next(first).world("kept")
    old = a_token(world)
    world.control("POST", "keys/rotate")
    new = a_token(world)
    kids = [key["kid"] for key in jwks(world)]
    world.close()
    next(first, None)

    second = serve(settings)
    server = next(second)
    world = World(httpx.get(f"{server.url}/_sandbox/v1/workspaces/kept").json())
    assert [key["kid"] for key in jwks(world)] == kids
    assert kid_of(a_token(world)) == kid_of(new)
    assert [is_accepted(world, token) for token in (old, new)] == [True, True]
    world.close()
    next(second, None)
