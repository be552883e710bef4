"""mTLS at the token endpoint (RFC 8705): a client that proves itself by the certificate of its connection."""

import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.conftest import serve
from tests.faces.processes import serving as serving_process
from tests.platform.test_token_errors import check
from tests.world import Json, World, refused

from localsign.core.clock import wall
from localsign.serving import serving
from localsign.settings import Settings
from localsign.signicat.certificates import of_header

METHODS = {"tls_client_auth", "self_signed_tls_client_auth"}


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def kept(self, folder: Path) -> Path:
        """One file with both."""
        path = folder / f"{self.certificate.serial_number}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(key + self.certificate.public_bytes(Encoding.PEM))
        return path


def named(text: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(text)


def make(subject: str, by: Made | None = None, *, is_authority: bool = False) -> Made:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.DNSName("robot.test"),
        x509.UniformResourceIdentifier("urn:robot"),
        x509.RFC822Name("robot@test.test"),
    ]
    built = (
        x509.CertificateBuilder(by.certificate.subject if by else named(subject), named(subject), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(wall() - timedelta(days=1))
        .not_valid_after(wall() + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    return Made(built.sign(by.key if by else key, hashes.SHA256()), key)


AUTHORITY = make("CN=Clients,O=Test", is_authority=True)
ROBOT = make("CN=robot,O=Test", AUTHORITY)
LONELY = make("CN=lonely")


class Caller:
    """Calls of a server whose authority is not looked at, with or without a certificate."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder

    def http(self, shown: Made | None = None) -> httpx.Client:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if shown is not None:
            context.load_cert_chain(shown.kept(self._folder))
        return httpx.Client(base_url=self.url, verify=context, timeout=60)

    def register(self, **members: Any) -> str:
        with self.http() as http:
            answer = http.post("/_sandbox/v1/clients", json=members)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["client_id"])

    def ask(self, client_id: str, shown: Made | None, **form: str) -> httpx.Response:
        with self.http(shown) as http:
            fields = {"grant_type": "client_credentials", "client_id": client_id, **form}
            return http.post("/auth/open/connect/token", data=fields)


@contextmanager
def calling(folder: Path, **more: Any) -> Iterator[Caller]:
    with serving(Settings(port=0, tls="self-signed", **more)) as url:
        yield Caller(url, folder)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder = tmp_path_factory.mktemp("mtls")
    (folder / "clients.pem").write_text(AUTHORITY.pem)
    with calling(folder, tls_client_ca=folder / "clients.pem") as made:
        yield made


def test_a_registered_certificate_is_worth_a_token(caller: Caller) -> None:
    client_id = caller.register(certificate=LONELY.pem)
    answer = caller.ask(client_id, LONELY)
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    with caller.http() as http:
        listed = http.get("/sign/signing-sessions", headers={"Authorization": f"Bearer {token}"})
        assert listed.status_code == 200
    assert "has shown no certificate" in check(caller.ask(client_id, None), "invalid_client")
    assert "is not one of" in check(caller.ask(client_id, ROBOT), "invalid_client")


def test_it_may_stand_in_the_key_set(caller: Caller) -> None:
    with_pem = caller.register(certificate=LONELY.pem)
    with caller.http() as http:
        [keys] = [one["jwks"] for one in http.get("/_sandbox/v1/clients").json() if one["client_id"] == with_pem]
    assert keys["keys"][0]["x5c"] == [base64.b64encode(LONELY.der).decode()]
    client_id = caller.register(jwks=keys)
    assert caller.ask(client_id, LONELY).status_code == 200


def test_a_registered_certificate_need_not_be_self_signed(tmp_path: Path) -> None:
    """Nobody looks at who signed it, not even whether he is known."""
    with calling(tmp_path) as caller:
        client_id = caller.register(certificate=ROBOT.pem)
        assert caller.ask(client_id, ROBOT).status_code == 200


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("subject_dn", "CN=robot,O=Test"),
        ("san_dns", "ROBOT.test"),
        ("san_uri", "urn:robot"),
        ("san_email", "robot@test.test"),
    ],
)
def test_a_name_that_an_authority_vouches_for_is_worth_a_token(caller: Caller, member: str, value: str) -> None:
    client_id = caller.register(**{f"tls_client_auth_{member}": value})
    assert caller.ask(client_id, ROBOT).status_code == 200
    other = caller.register(**{f"tls_client_auth_{member}": f"{value}x"})
    assert "is not one of" in check(caller.ask(other, ROBOT), "invalid_client")


def test_a_name_that_nobody_vouches_for_is_worth_nothing(caller: Caller) -> None:
    imposter = make("CN=robot,O=Test")
    caller.register(certificate=imposter.pem)  # so that the connection comes about
    client_id = caller.register(tls_client_auth_subject_dn="CN=robot,O=Test")
    assert "is not one of" in check(caller.ask(client_id, imposter), "invalid_client")


def test_a_certificate_that_is_nowhere_known_gets_no_connection(caller: Caller) -> None:
    client_id = caller.register(certificate=LONELY.pem)
    with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
        caller.ask(client_id, make("CN=stranger"))


def test_a_secret_still_counts(caller: Caller) -> None:
    with caller.http() as http:
        made = http.post("/_sandbox/v1/clients", json={"certificate": LONELY.pem}).json()
    assert caller.ask(made["client_id"], None, client_secret=made["client_secret"]).status_code == 200
    assert "the secret" in check(caller.ask(made["client_id"], LONELY, client_secret="wrong"), "invalid_client")


def test_introspection_and_revocation_take_it_as_well(caller: Caller) -> None:
    client_id = caller.register(certificate=LONELY.pem)
    token = caller.ask(client_id, LONELY).json()["access_token"]
    with caller.http(LONELY) as http:
        form = {"client_id": client_id, "token": token}
        assert http.post("/auth/open/connect/introspect", data=form).json()["active"] is True
        assert http.post("/auth/open/connect/revocation", data=form).status_code == 200
        assert http.post("/auth/open/connect/introspect", data=form).json()["active"] is False


def test_discovery_offers_it_where_connections_carry_certificates(caller: Caller, world: World) -> None:
    where = "/auth/open/.well-known/openid-configuration"
    with caller.http() as http:
        assert {*http.get(where).json()["token_endpoint_auth_methods_supported"]} >= METHODS
    plain = world.anonymous.get(where).json()["token_endpoint_auth_methods_supported"]
    assert not METHODS & {*plain}


def test_without_tls_it_says_what_is_missing(world: World) -> None:
    client_id = world.control("POST", "clients", {"certificate": LONELY.pem}).json()["client_id"]
    form = {"grant_type": "client_credentials", "client_id": client_id}
    answer = world.anonymous.post("/auth/open/connect/token", data=form)
    assert "has shown no certificate" in check(answer, "invalid_client")


def test_what_was_registered_before_a_restart_is_let_in(tmp_path: Path) -> None:
    kept = tmp_path / "data"
    with calling(tmp_path, data_dir=kept) as caller:
        client_id = caller.register(certificate=LONELY.pem)
    with calling(tmp_path, data_dir=kept) as caller:
        assert caller.ask(client_id, LONELY).status_code == 200


def test_every_worker_lets_in_what_one_of_them_registered(tmp_path: Path) -> None:
    options = ("--tls", "self-signed", "--workers", "2", "--data-dir", str(tmp_path / "data"))
    with serving_process(*options) as announced:
        caller = Caller(announced["url"], tmp_path)
        client_id = caller.register(certificate=LONELY.pem)
        latest = wall() + timedelta(seconds=20)
        good = 0
        while good < 8 and wall() < latest:  # a new connection each time, which any worker may take
            try:
                good = good + 1 if caller.ask(client_id, LONELY).status_code == 200 else 0
            except httpx.TransportError:
                good = 0
        assert good == 8


# ---- a proxy in front


@pytest.mark.parametrize(
    "text",
    [
        quote(LONELY.pem, safe=""),
        f":{base64.b64encode(LONELY.der).decode()}:",
        f'By=spiffe://x;Hash=00;Cert="{quote(LONELY.pem, safe="")}";Subject="CN=lonely";URI=',
        f'Hash=00;Cert="{quote(ROBOT.pem, safe="")}",Hash=01;Cert="{quote(LONELY.pem, safe="")}"',
    ],
    ids=["escaped", "rfc9440", "envoy", "the nearest proxy"],
)
def test_a_proxy_can_hand_it_on(text: str, tmp_path: Path) -> None:
    assert of_header(text) == LONELY.der
    for server in serve(Settings(tls_client_header="X-Client-Cert")):
        world = server.world()
        client_id = world.control("POST", "clients", {"certificate": LONELY.pem}).json()["client_id"]
        form = {"grant_type": "client_credentials", "client_id": client_id}
        ask = world.anonymous.post
        assert ask("/auth/open/connect/token", data=form, headers={"X-Client-Cert": text}).status_code == 200
        check(ask("/auth/open/connect/token", data=form), "invalid_client")
        world.close()


def test_a_header_counts_for_nothing_unless_it_is_configured(world: World) -> None:
    client_id = world.control("POST", "clients", {"certificate": LONELY.pem}).json()["client_id"]
    form = {"grant_type": "client_credentials", "client_id": client_id}
    headers = {"X-Forwarded-Client-Cert": quote(LONELY.pem, safe=""), "X-Client-Cert": quote(LONELY.pem, safe="")}
    check(world.anonymous.post("/auth/open/connect/token", data=form, headers=headers), "invalid_client")


@pytest.mark.parametrize(
    "text", ["", ":", "::", ":a:", "Cert=", 'Cert="', "%00", "é", "x" * 60_000, ":" + "A" * 99 + ":"]
)
def test_what_is_no_certificate_is_none(text: str) -> None:
    assert of_header(text) is None


# ---- registering


@pytest.mark.parametrize(
    ("wanted", "flawed"),
    [
        ({"certificate": "no"}, "certificate"),
        ({"certificate": "\ud800"}, "certificate"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "certificate"),
        ({"tls_client_auth_subject_dn": "robot"}, "tls_client_auth_subject_dn"),
        ({"tls_client_auth_san_ip": "300.1.1.1"}, "tls_client_auth_san_ip"),
        ({"tls_client_auth_san_dns": "é.test"}, "tls_client_auth_san_dns"),
        ({"tls_client_auth_san_dns": "a", "tls_client_auth_san_uri": "b"}, "tls_client_auth_san_uri"),
        ({"tls_client_auth_san_dns": ""}, "tls_client_auth_san_dns"),
    ],
)
def test_what_cannot_be_registered(world: World, wanted: Json, flawed: str) -> None:
    content = json.dumps(wanted)
    answer = world.anonymous.post("/_sandbox/v1/clients", content=content, headers={"Content-Type": "application/json"})
    refused(answer, 400, flawed)


@pytest.mark.parametrize("chain", ["x", [], [7], ["AAAA"], ["*"], {}])
def test_a_chain_begins_with_a_certificate(world: World, chain: Any) -> None:
    key = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "x5c": chain}
    answer = world.control("POST", "clients", {"jwks": {"keys": [key]}})
    assert answer.status_code == 400
