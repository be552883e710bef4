"""CMS by hand: the detached CAdES signature of a PDF and the RFC 3161 token of our own timestamp authority.

Built with asn1crypto and not with pyHanko's Signer and TimeStamper: those need an event loop, draw
random nonces, read the clock and sign timestamps with RSA only.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

if TYPE_CHECKING:
    from localsign.core.sealing.authority import Authority, Identity

_ECDSA = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
# The arc kept free for examples: this policy promises nothing.
_TSA_POLICY = "2.999.1"


def cades_signature(authority: Authority, identity: Identity, digest: bytes, at: datetime, entropy: bytes) -> bytes:
    """DER of a detached CMS over a SHA-256 `digest`, timestamped at `at` by our own authority.

    Signed attributes are those of PAdES baseline: no signing time, which stands in the PDF.
    """
    info = _signer_info(identity, "data", digest)
    stamped = hashlib.sha256(info["signature"].native).digest()
    token = timestamp_token(authority, stamped, at, entropy)
    info["unsigned_attrs"] = [_attribute("signature_time_stamp_token", token)]
    chain = [asn1(identity), asn1(authority.root)]
    return _signed_data("v1", {"content_type": "data"}, chain, info).dump()  # type: ignore[no-any-return]


def timestamp_token(authority: Authority, digest: bytes, at: datetime, entropy: bytes) -> Any:
    """An RFC 3161 token (asn1crypto ContentInfo) saying that the SHA-256 `digest` existed at `at`."""
    tsa = asn1(authority.tsa)
    content = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": _TSA_POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
            "serial_number": int.from_bytes(b"\x01" + hashlib.sha256(entropy + digest).digest()[:15], "big"),
            "gen_time": at.astimezone(UTC).replace(microsecond=0),
            "tsa": x509.GeneralName(name="directory_name", value=tsa.subject),
        }
    ).dump()
    info = _signer_info(authority.tsa, "tst_info", hashlib.sha256(content).digest())
    enclosed = {"content_type": "tst_info", "content": cms.ParsableOctetString(content)}
    return _signed_data("v3", enclosed, [tsa, asn1(authority.root)], info)


def asn1(identity: Identity) -> Any:
    """The certificate as asn1crypto sees it; new each time, as lazy parsing is no thing for two threads."""
    return x509.Certificate.load(identity.certificate.public_bytes(Encoding.DER))


def _signer_info(identity: Identity, content_type: str, digest: bytes) -> Any:
    certificate = asn1(identity)
    reference = tsp.SigningCertificateV2(
        {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}  # SHA-256 is the default
    )
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", content_type),
            _attribute("message_digest", digest),
            _attribute("signing_certificate_v2", reference),
        ]
    )
    issuer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(name="issuer_and_serial_number", value=cms.IssuerAndSerialNumber(issuer)),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": identity.key.sign(attributes.dump(), _ECDSA),
        }
    )


def _attribute(kind: str, value: Any) -> Any:
    return cms.CMSAttribute({"type": cms.CMSAttributeType(kind), "values": (value,)})


def _signed_data(version: str, enclosed: dict[str, Any], certificates: list[Any], info: Any) -> Any:
    content = {
        "version": version,
        "digest_algorithms": (algos.DigestAlgorithm({"algorithm": "sha256"}),),
        "encap_content_info": enclosed,
        "certificates": certificates,
        "signer_infos": [info],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})
