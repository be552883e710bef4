"""TLS over real sockets: certificates made here or given, links that say https, and tools that find their way."""

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from tests.faces.processes import free_port, lines_until_ready, run, start
from tests.faces.processes import serving as serving_process

from localsign.core import tls
from localsign.core.clock import wall
from localsign.probe import refusal
from localsign.serving import serving
from localsign.settings import Settings


def trusting(pem: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pem)


def pem_of(url: str) -> str:
    answer = httpx.get(f"{url}/_sandbox/v1/tls/ca.pem", verify=False, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-pem-file"
    assert "PRIVATE" not in answer.text
    return answer.text


@contextmanager
def client(url: str, pem: str | None = None) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, verify=trusting(pem or pem_of(url)), timeout=60) as made:
        yield made


def names(pem: str) -> set[str]:
    leaf = x509.load_pem_x509_certificates(pem.encode())[0]
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(one.value) for one in found}


def test_everything_is_https_under_an_authority_that_is_served() -> None:
    with serving(Settings(port=0, tls="self-signed")) as url:
        assert url.startswith("https://127.0.0.1:")
        port = url.rpartition(":")[2]
        pem = pem_of(url)
        for host in ("127.0.0.1", "localhost"):
            with client(f"https://{host}:{port}", pem) as http:
                found = http.get("/auth/open/.well-known/openid-configuration").json()
                assert found["issuer"] == f"https://{host}:{port}/auth/open"
                assert http.get(found["jwks_uri"]).json()["keys"]
                world = http.post("/_sandbox/v1/workspaces").json()
                assert world["base_url"] == f"https://{host}:{port}/w/{world['name']}"
        with httpx.Client() as strange, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            strange.get(f"{url}/_sandbox/health/ready")


def test_the_authority_can_be_had_without_the_token_of_the_control_plane() -> None:
    with serving(Settings(port=0, tls="self-signed", control_token="a-control-token")) as url, client(url) as http:
        assert http.get("/_sandbox/health/ready").json() == {"status": "ready"}
        assert http.get("/_sandbox/v1/ca.pem").status_code == 200
        assert http.get("/_sandbox/v1/clock").status_code == 401


def test_the_certificate_names_what_it_is_asked_to() -> None:
    settings = Settings(
        host="192.0.2.5",
        tls="self-signed",
        tls_names=("Sign.Test", "*.sign.test", "10.1.2.3", "fe80::1"),
        public_url="https://public.test:444",
        internal_url="https://inside:8480",
    )
    asked = {"localhost", "127.0.0.1", "::1", "192.0.2.5", "sign.test", "*.sign.test", "10.1.2.3", "fe80::1"}
    assert names(tls.make(tls.names_of(settings))) == asked | {"public.test", "inside"}
    assert "0.0.0.0" not in tls.names_of(Settings(host="0.0.0.0"))


def test_the_authority_signs_nothing_else() -> None:
    pem = tls.make(("localhost",))
    leaf, root = x509.load_pem_x509_certificates(pem.encode())
    leaf.verify_directly_issued_by(root)
    assert pem.count("PRIVATE KEY-----") == 2, "one key, the server's"
    limits = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=398)


def test_a_kept_certificate_lasts_until_it_no_longer_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def authority(**more: Any) -> str:
        made = tls.Tls(Settings(data_dir=tmp_path, tls="self-signed", **more))
        assert made.context
        assert made.authority_pem is not None
        assert (tmp_path / "tls" / "ca.pem").read_text() == made.authority_pem
        return made.authority_pem

    first = authority()
    assert authority() == first
    assert (tmp_path / "tls" / "server.pem").stat().st_mode & 0o077 == 0
    named = authority(tls_names=("sign.test",))
    assert named != first
    assert authority() == named, "it serves for less as well"
    monkeypatch.setattr(tls, "wall", lambda: wall() + timedelta(days=390))
    assert authority() != named


def test_links_of_seeds_and_workers_are_https_as_well(tmp_path: Path) -> None:
    with serving_process("--tls", "self-signed", "--workers", "2", "--data-dir", str(tmp_path)) as announced:
        url = announced["url"]
        assert url.startswith("https://")
        assert announced["addresses"]["sign"] == f"{url}/sign"
        with client(url, (tmp_path / "tls" / "ca.pem").read_text()) as http:
            for _ in range(4):
                assert http.get("/_sandbox/health/ready").json() == {"status": "ready"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost as somebody else would bring it: chain.pem, key.pem, ca.pem."""
    folder = tmp_path_factory.mktemp("own")
    pem = tls.make(("localhost", "127.0.0.1"))
    end = "-----END PRIVATE KEY-----\n"
    key, _, chain = pem.partition(end)
    (folder / "key.pem").write_text(key + end)
    (folder / "chain.pem").write_text(chain)
    (folder / "ca.pem").write_text(chain.partition("-----END CERTIFICATE-----\n")[2])
    return folder


def test_a_certificate_of_ones_own(own: Path) -> None:
    settings = Settings(port=0, tls_cert=own / "chain.pem", tls_key=own / "key.pem")
    with serving(settings) as url, client(url, (own / "ca.pem").read_text()) as http:
        assert http.get("/_sandbox/health/ready").json() == {"status": "ready"}
        refused = http.get("/_sandbox/v1/tls/ca.pem")
        assert refused.status_code == 404
        assert "LOCALSIGN_TLS" in refused.json()["detail"]


def test_the_tools_find_their_way(own: Path, tmp_path: Path) -> None:
    with serving(Settings(port=0, tls_cert=own / "chain.pem", tls_key=own / "key.pem")) as url:
        port = url.rpartition(":")[2]
        for ended in (run("wait", "--url", url), run("health", LOCALSIGN_PORT=port, LOCALSIGN_TLS_CERT="any")):
            assert (ended.returncode, ended.stdout) == (0, f"{url} is ready.\n")
        ca = str(own / "ca.pem")
        demo = run("demo", "--url", f"https://localhost:{port}", "--ca", ca, "--output", str(tmp_path / "x.pdf"))
        assert demo.returncode == 0, demo.stderr
        assert f"https://localhost:{port}/w/" in demo.stdout
        other = tmp_path / "other.pem"
        other.write_text(tls.make(("localhost",)).partition("KEY-----\n")[2])
        assert "CERTIFICATE_VERIFY_FAILED" in (refusal(url, other) or "")


def test_an_authority_that_cannot_be_read_is_named(own: Path, tmp_path: Path) -> None:
    missing, no_certificate = tmp_path / "missing.pem", own / "key.pem"
    signed = ("--output", str(tmp_path / "x.pdf"))
    for ca in (missing, no_certificate):
        given = ("--url", f"https://localhost:{free_port()}", "--ca", str(ca))
        for command, code in ((("health",), 4), (("wait", "--timeout", "0"), 4), (("demo", *signed), 1)):
            ended = run(*command, *given)
            assert ended.returncode == code, ended.stderr
            assert f"the authority in {ca} cannot be used: " in ended.stderr
            assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"TLS": "maybe"}, "LOCALSIGN_TLS is 'maybe', and must be one of"),
        ({"TLS_CERT": "{own}/chain.pem"}, "go together"),
        ({"TLS": "self-signed", "TLS_CERT": "{own}/chain.pem", "TLS_KEY": "{own}/key.pem"}, "certificate of your own"),
        ({"TLS_CERT": "{own}/nothing.pem", "TLS_KEY": "{own}/key.pem"}, "nothing.pem', and must be a file"),
        ({"TLS_CERT": "nothing.pem", "TLS_KEY": "{own}/key.pem"}, "LOCALSIGN_TLS_CERT is 'nothing.pem', and"),
        ({"TLS_CERT": "{own}/ca.pem", "TLS_KEY": "{own}/key.pem"}, "key values mismatch"),
        ({"TLS_CERT": "{own}/key.pem", "TLS_KEY": "{own}/key.pem"}, "cannot be used for TLS"),
        ({"TLS": "self-signed", "TLS_NAMES": "a b"}, "has 'a b'"),
        ({"TLS": "self-signed", "TLS_NAMES": ":::"}, "LOCALSIGN_TLS_NAMES"),
        ({"TLS": "self-signed", "TLS_CLIENT_CA": "{own}/key.pem"}, "cannot be used for TLS"),
        ({"TLS_CLIENT_CA": "{own}/ca.pem"}, "LOCALSIGN_TLS_CLIENT_CA needs"),
        ({"TLS_CLIENT_HEADER": "a b"}, "must be the name of a header"),
    ],
)
def test_what_cannot_be_used_ends_with_5_and_a_sentence(own: Path, settings: dict[str, str], says: str) -> None:
    given = {f"LOCALSIGN_{name}": value.format(own=own) for name, value in settings.items()}
    ended = run("serve", "--port", "0", **given)
    assert ended.returncode == 5, ended.stderr
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_list_of_clients_is_told_and_half_of_a_line_waits(tmp_path: Path) -> None:
    whole = tls.make(("robot",)).partition("KEY-----\n")[2]
    settings = Settings(data_dir=tmp_path, tls="self-signed")
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "clients.pem").write_text(whole + whole[:100])
    made = tls.Tls(settings)
    made.refresh()
    assert made.context.verify_mode is ssl.CERT_OPTIONAL
    (tmp_path / "tls" / "clients.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    ended = run("serve", "--port", "0", "--tls", "self-signed", "--data-dir", str(tmp_path))
    assert ended.returncode == 5
    assert "clients.pem cannot be used for TLS" in ended.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_welcome_has_a_call_that_works(tmp_path: Path) -> None:
    folder = str(tmp_path)
    process = start("--port", "0", "--tls", "self-signed", "--data-dir", folder, LOCALSIGN_DATA_DIR=folder)
    lines = [line.strip() for line in lines_until_ready(process)]
    try:
        [command] = [line for line in lines if line.startswith("curl")]
        answer = subprocess.run(["bash", "-c", f"{command} -s"], capture_output=True, text=True, check=True, timeout=30)
        assert json.loads(answer.stdout)["token_type"] == "Bearer"
    finally:
        process.terminate()
        process.communicate(timeout=30)
