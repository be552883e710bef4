"""CMS by hand: CAdES signatures, beside a PDF or around a file, and RFC 3161 tokens of our own timestamp authority.

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


def cades_signature(
    authority: Authority,
    identity: Identity,
    digest: bytes,
    at: datetime,
    entropy: bytes,
    *,
    is_timestamped: bool = True,
) -> bytes:
    """DER of a detached CMS over a SHA-256 `digest`, timestamped at `at` by our own authority unless told otherwise.

    Signed attributes are those of PAdES baseline: no signing time, which stands in the PDF.
    """
    info = _signer_info(identity, "data", digest)
    if is_timestamped:
        _add_timestamp(authority, info, at, entropy)
    chain = [asn1(identity), asn1(authority.root)]
    return _signed_data("v1", {"content_type": "data"}, chain, info).dump()  # type: ignore[no-any-return]


def cades_envelope(
    authority: Authority,
    identity: Identity,
    content: bytes,
    at: datetime,
    entropy: bytes,
    *,
    is_timestamped: bool = True,
) -> bytes:
    """DER of a CMS that holds `content` and one signature more: CAdES baseline B, or T with a timestamp.

    `content` is what is to be signed, or a CMS that this function has made of it before.
    """
    earlier = _signed_before(content)
    signed = content if earlier is None else earlier["encap_content_info"]["content"].native
    info = _signer_info(identity, "data", hashlib.sha256(signed).digest(), at)
    if is_timestamped:
        _add_timestamp(authority, info, at, entropy)
    if earlier is None:
        enclosed = {"content_type": "data", "content": signed}
        chain = [asn1(identity), asn1(authority.root)]
        return _signed_data("v1", enclosed, chain, info).dump()  # type: ignore[no-any-return]
    certificates = [one.chosen for one in earlier["certificates"]]
    if asn1(identity).dump() not in [one.dump() for one in certificates]:
        certificates.append(asn1(identity))
    enclosed = {"content_type": "data", "content": signed}
    infos = [*earlier["signer_infos"], info]
    return _signed_data("v1", enclosed, certificates, *infos).dump()  # type: ignore[no-any-return]


def _signed_before(content: bytes) -> Any:
    """The SignedData in `content`; None where it is no CMS with something in it."""
    if not content.startswith(b"\x30"):  # a PDF is none, whatever it holds
        return None
    try:
        found = cms.ContentInfo.load(content, strict=True)
        is_ours = found["content_type"].native == "signed_data" and found["content"]["encap_content_info"]["content"]
        return found["content"] if is_ours else None
    except (ValueError, TypeError):
        return None


def _add_timestamp(authority: Authority, info: Any, at: datetime, entropy: bytes) -> None:
    stamped = hashlib.sha256(info["signature"].native).digest()
    token = timestamp_token(authority, stamped, at, entropy)
    info["unsigned_attrs"] = [_attribute("signature_time_stamp_token", token)]


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


def _signer_info(identity: Identity, content_type: str, digest: bytes, at: datetime | None = None) -> Any:
    certificate = asn1(identity)
    reference = tsp.SigningCertificateV2(
        {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}  # SHA-256 is the default
    )
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", content_type),
            *([_attribute("signing_time", _time(at))] if at else []),
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


def _time(at: datetime) -> Any:
    return cms.Time({"utc_time": at.astimezone(UTC).replace(microsecond=0)})


def _attribute(kind: str, value: Any) -> Any:
    return cms.CMSAttribute({"type": cms.CMSAttributeType(kind), "values": (value,)})


def _signed_data(version: str, enclosed: dict[str, Any], certificates: list[Any], *infos: Any) -> Any:
    content = {
        "version": version,
        "digest_algorithms": (algos.DigestAlgorithm({"algorithm": "sha256"}),),
        "encap_content_info": enclosed,
        "certificates": certificates,
        "signer_infos": list(infos),
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})
