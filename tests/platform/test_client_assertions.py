"""private_key_jwt: a client that proves itself by a signature instead of a secret."""

import base64
import hmac

import httpx
import pytest
from tests.conftest import Server
from tests.platform.jwts import ASSERTION_TYPE, Token, claims_of, key_set, new_key, seconds_now, signed
from tests.platform.test_token_errors import check
from tests.world import NO_TLS, Json, World

KEY = new_key()


def register(world: World, jwks: Json) -> str:
    answer = world.control("POST", "clients", {"jwks": jwks})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["client_id"])


def present(world: World, assertion: str, **form: str) -> httpx.Response:
    fields = {
        "grant_type": "client_credentials",
        "scope": "signicat-api",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **form,
    }
    return world.anonymous.post("/auth/open/connect/token", data=fields)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_an_assertion_is_worth_a_token(world: World, algorithm: str) -> None:
    key = new_key(algorithm=algorithm)
    client_id = register(world, key_set(key))
    answer = present(world, signed(claims_of(world, client_id), key, algorithm, kid="mine"))
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    assert Token.read(token).claims["client_id"] == client_id
    listed = world.anonymous.get("/sign/signing-sessions", headers={"Authorization": f"Bearer {token}"})
    assert listed.status_code == 200


def test_an_assertion_need_not_name_its_key(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assert present(world, signed(claims_of(world, client_id), KEY)).status_code == 200


def test_of_several_registered_keys_the_named_one_counts(world: World) -> None:
    second = new_key("second")
    client_id = register(world, key_set(KEY, second))
    good = signed(claims_of(world, client_id, jti="1"), second, kid="second")
    assert present(world, good).status_code == 200
    crossed = signed(claims_of(world, client_id, jti="2"), second, kid="mine")
    assert "signature" in check(present(world, crossed), "invalid_client")


@pytest.mark.parametrize("suffix", ["/auth/open", "/auth/open/connect/token"])
def test_the_audience_is_the_issuer_or_the_endpoint(world: World, suffix: str) -> None:
    client_id = register(world, key_set(KEY))
    for number, audience in enumerate((world.url + suffix, ["https://elsewhere.test", world.url + suffix])):
        claims = claims_of(world, client_id, aud=audience, jti=str(number))
        assert present(world, signed(claims, KEY)).status_code == 200


def test_the_client_id_may_be_repeated_but_not_contradicted(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assertion = signed(claims_of(world, client_id), KEY)
    assert "different clients" in check(present(world, assertion, client_id="another"), "invalid_client")
    assert present(world, assertion, client_id=client_id).status_code == 200


def test_the_audience_may_be_the_address_that_was_called(world: World, server: Server) -> None:
    client_id = register(world, key_set(KEY))
    called = f"{server.url}/auth/open/connect/token"
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed(claims_of(world, client_id, aud=called), KEY),
    }
    answer = httpx.post(called, data=fields, headers={"X-Sandbox-Workspace": world.name}, verify=NO_TLS)
    assert answer.status_code == 200, answer.text


def test_an_assertion_stays_used_after_a_reset(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assertion = signed(claims_of(world, client_id), KEY)
    assert present(world, assertion).status_code == 200
    assert world.control("POST", "reset").status_code == 204
    assert "used before" in check(present(world, assertion), "invalid_client")


def test_an_assertion_is_good_once(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assertion = signed(claims_of(world, client_id), KEY)
    assert present(world, assertion).status_code == 200
    assert check(present(world, assertion), "invalid_client") == "the assertion was used before"


def test_two_clients_may_use_the_same_assertion_id(world: World) -> None:
    for client_id in (register(world, key_set(KEY)), register(world, key_set(KEY))):
        assert present(world, signed(claims_of(world, client_id, jti="1"), KEY)).status_code == 200


def test_a_refused_assertion_is_not_used_up(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assertion = signed(claims_of(world, client_id), KEY)
    check(present(world, assertion, scope="openid"), "invalid_scope")
    assert present(world, assertion).status_code == 200


@pytest.mark.parametrize(
    ("but", "reason"),
    [
        ({"aud": "https://api.signicat.com/auth/open"}, "aud of the assertion"),
        ({"aud": None}, "aud of the assertion"),
        ({"aud": []}, "aud of the assertion"),
        ({"aud": 7}, "aud of the assertion"),
        ({"exp": 1_000_000_000}, "has expired"),
        ({"exp": None}, "exp of the assertion is missing"),
        ({"exp": "tomorrow"}, "exp of the assertion is missing"),
        ({"exp": float("nan")}, "has expired"),
        ({"nbf": 2**40}, "has expired, or is not valid yet"),
        ({"jti": None}, "jti of the assertion is missing"),
        ({"jti": 7}, "jti of the assertion is missing"),
        ({"iss": "another"}, "iss of the assertion"),
        ({"iss": None}, "iss of the assertion"),
        ({"sub": None}, "no client"),
        ({"sub": "nobody"}, "no client 'nobody'"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else None,
)
def test_a_bad_claim_is_refused(world: World, but: Json, reason: str) -> None:
    client_id = register(world, key_set(KEY))
    assertion = signed(claims_of(world, client_id, **but), KEY)
    assert reason in check(present(world, assertion), "invalid_client")


def test_an_expiry_without_end_is_fine(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assert present(world, signed(claims_of(world, client_id, exp=10**15), KEY)).status_code == 200


def test_a_signature_of_another_key_is_refused(world: World) -> None:
    client_id = register(world, key_set(KEY))
    stranger = new_key()
    for header in ({"kid": "mine"}, {"kid": "unknown"}, {}):
        assertion = signed(claims_of(world, client_id), stranger, **header)
        assert "no registered key" in check(present(world, assertion), "invalid_client")


def test_an_assertion_without_signature_is_refused(world: World) -> None:
    client_id = register(world, key_set(KEY))
    token = Token({"alg": "none"}, claims_of(world, client_id), "")
    check(present(world, token.text()), "invalid_client")


def test_a_public_key_is_no_shared_secret(world: World) -> None:
    """The old attack: sign with HMAC, using the public key as the secret."""
    client_id = register(world, key_set(KEY))
    unsigned = Token({"alg": "HS256", "kid": "mine"}, claims_of(world, client_id), "").text().rstrip(".")
    mac = hmac.digest(KEY.as_pem(private=False), unsigned.encode(), "sha256")
    forged = f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    check(present(world, forged), "invalid_client")


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "a.b.c.d", "é.é.é"])
def test_what_is_no_jwt_is_refused(world: World, text: str) -> None:
    assert "not a JWT" in check(present(world, text), "invalid_client")


def test_another_kind_of_assertion_is_refused(world: World) -> None:
    client_id = register(world, key_set(KEY))
    assertion = signed(claims_of(world, client_id), KEY)
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    assert "client_assertion_type" in check(present(world, assertion, client_assertion_type=saml), "invalid_client")


def test_a_client_without_keys_cannot_assert(world: World) -> None:
    assertion = signed(claims_of(world, world.client["client_id"]), KEY)
    assert "with registered keys" in check(present(world, assertion), "invalid_client")


@pytest.mark.parametrize("jwks", [{}, {"keys": "x"}, {"keys": [{}]}, {"keys": [{"kty": "RSA"}]}, {"keys": [7]}])
def test_what_is_no_key_set_is_refused(world: World, jwks: Json) -> None:
    refusal = world.control("POST", "clients", {"jwks": jwks})
    assert refusal.status_code == 400, refusal.text
    assert [one["name"] for one in refusal.json()["invalidParams"]] == ["jwks"]


def test_an_assertion_is_good_until_the_second_in_which_it_expires(world: World) -> None:
    client_id = register(world, key_set(KEY))
    now = seconds_now()
    expired = signed(claims_of(world, client_id, exp=now, jti="1"), KEY)
    assert "has expired" in check(present(world, expired), "invalid_client")
    fresh = signed(claims_of(world, client_id, exp=now + 60, nbf=now, jti="2"), KEY)
    assert present(world, fresh).status_code == 200
