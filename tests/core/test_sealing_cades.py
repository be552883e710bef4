"""CAdES around a file: every signature in it holds, whoever added the next."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from localsign.core.sealing.authority import Authority
from localsign.core.sealing.cms import cades_envelope

AT = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
CONTENT = b"%PDF-1.7 whatever"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.open(tmp_path_factory.mktemp("authority"))


def opened(envelope: bytes) -> Any:
    return cms.ContentInfo.load(envelope, strict=True)["content"]


def assert_holds(data: Any, number: int, content: bytes = CONTENT) -> Any:
    """The signed attributes of a signature that was made of `content` by the certificate it names."""
    assert data["encap_content_info"]["content"].native == content
    info = data["signer_infos"][number]
    attributes = {one["type"].native: one["values"][0] for one in info["signed_attrs"]}
    assert attributes["message_digest"].native == hashlib.sha256(content).digest()
    [certificate] = [
        one.chosen
        for one in data["certificates"]
        if one.chosen.serial_number == info["sid"].chosen["serial_number"].native
    ]
    assert attributes["signing_certificate_v2"].native["certs"][0]["cert_hash"] == certificate.sha256
    key = x509.load_der_x509_certificate(certificate.dump()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(info["signature"].native, info["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
    return attributes


def test_an_envelope_holds_the_file_and_says_when(authority: Authority) -> None:
    data = opened(cades_envelope(authority, authority.signer("Adam Smith"), CONTENT, AT, b"e"))
    attributes = assert_holds(data, 0)
    assert attributes["signing_time"].native == AT.replace(microsecond=0)
    assert [one["type"].native for one in data["signer_infos"][0]["unsigned_attrs"]] == ["signature_time_stamp_token"]


def test_without_a_timestamp_there_is_none(authority: Authority) -> None:
    data = opened(cades_envelope(authority, authority.signer("Adam"), CONTENT, AT, b"e", is_timestamped=False))
    assert_holds(data, 0)
    assert data["signer_infos"][0]["unsigned_attrs"].native is None


def test_a_second_signature_leaves_the_first_as_it_is(authority: Authority) -> None:
    first = cades_envelope(authority, authority.signer("Adam"), CONTENT, AT, b"1")
    both = opened(cades_envelope(authority, authority.signer("Eve"), first, AT, b"2"))
    again = opened(cades_envelope(authority, authority.signer("Adam"), first, AT, b"2"))
    for data in (both, again):
        assert len(data["signer_infos"]) == 2
        assert_holds(data, 0)
        assert_holds(data, 1)
        assert opened(first)["signer_infos"][0].dump() in [one.dump() for one in data["signer_infos"]]
    assert len(both["certificates"]) == 3
    assert len(again["certificates"]) == 2


def test_the_same_seal_gives_the_same_bytes(authority: Authority) -> None:
    signer = authority.signer("Adam")
    assert cades_envelope(authority, signer, CONTENT, AT, b"1") == cades_envelope(authority, signer, CONTENT, AT, b"1")


@pytest.mark.parametrize("content", [b"", b"0", b"0\x80", b"0\x03\x02\x01\x01", b"\x30\x82"])
def test_what_only_looks_like_an_envelope_is_signed_as_it_is(authority: Authority, content: bytes) -> None:
    assert_holds(opened(cades_envelope(authority, authority.signer("Adam"), content, AT, b"e")), 0, content)
