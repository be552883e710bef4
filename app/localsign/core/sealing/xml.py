"""XAdES: what a signer consented to by logging in, as an XML document sealed with the organisation seal."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSigner

from localsign.core.sealing.authority import Authority

NAMESPACE = "urn:localsign:evidence:1"
LEGAL_NOTE = "Test evidence made by localsign. No legal value."
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signer's consent to one document. `entropy` is all the randomness there is."""

    document_name: str
    media_type: str
    content: bytes
    signer_name: str
    eid: str
    session_id: str
    session_title: str
    sign_text: str
    at: datetime
    entropy: bytes
    national_id: str | None = None


def seal_xml(authority: Authority, evidence: Evidence) -> bytes:
    """An XAdES baseline B document (UTF-8 XML, enveloped signature of the test seal) about the evidence.

    It holds the document's SHA-256, and the whole text when the media type is text/*.
    Raises ValueError for a time without zone.
    """
    if evidence.at.tzinfo is None:
        raise ValueError("the time of evidence needs a zone")
    signed = _SteadySigner(evidence).sign(
        _document(evidence),
        key=cast("ec.EllipticCurvePrivateKey", _SteadyKey(authority.seal.key)),
        cert=[authority.seal.certificate],
        always_add_key_value=False,
    )
    return cast("bytes", etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


class _SteadySigner(XAdESSigner):
    """XAdESSigner with its two sources of chance, identifiers and the clock, taken from the evidence."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(
            data_object_format=XAdESDataObjectFormat(Description=LEGAL_NOTE, MimeType="text/xml"),
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
        )
        self._at = evidence.at.astimezone(UTC).replace(microsecond=0)
        self._tokens = _tokens(evidence)

    def _get_token(self, length: int = 4) -> str:
        return next(self._tokens)[: 2 * length]

    def add_signing_time(self, signed_signature_properties: Any, sig_root: Any, signing_settings: Any) -> None:
        super().add_signing_time(signed_signature_properties, sig_root, signing_settings)
        signed_signature_properties[-1].text = self._at.isoformat()


class _SteadyKey:
    """A P-256 key whose signatures follow from what is signed; signxml itself asks for random ones."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.key_size = key.key_size

    def sign(self, data: bytes, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        assert isinstance(signature_algorithm.algorithm, hashes.SHA256)
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _document(evidence: Evidence) -> Any:
    root = etree.Element(f"{{{NAMESPACE}}}evidence", nsmap={None: NAMESPACE})
    _add(root, "note", LEGAL_NOTE)
    document = _add(root, "document")
    _add(document, "fileName", evidence.document_name)
    _add(document, "mediaType", evidence.media_type)
    _add(document, "size", str(len(evidence.content)))
    _add(document, "sha256", hashlib.sha256(evidence.content).hexdigest())
    if evidence.media_type.lower().startswith("text/"):
        text = _add(document, "content", base64.b64encode(evidence.content).decode("ascii"))
        text.set("encoding", "base64")
    signer = _add(root, "signer")
    _add(signer, "name", evidence.signer_name)
    if evidence.national_id is not None:
        _add(signer, "nationalId", evidence.national_id)
    _add(signer, "eid", evidence.eid)
    session = _add(root, "session")
    _add(session, "id", evidence.session_id)
    _add(session, "title", evidence.session_title)
    consent = _add(root, "consent")
    _add(consent, "signText", evidence.sign_text)
    _add(consent, "time", evidence.at.astimezone(UTC).isoformat(timespec="milliseconds"))
    return root


def _add(parent: Any, tag: str, text: str | None = None) -> Any:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    if text is not None:
        element.text = _ILLEGAL.sub("\ufffd", text)
    return element


def _tokens(evidence: Evidence) -> Iterator[str]:
    seed = evidence.entropy + hashlib.sha256(evidence.session_id.encode("utf-8", "surrogatepass")).digest()
    number = 0
    while True:
        yield hashlib.sha256(seed + number.to_bytes(4, "big")).hexdigest().upper()
        number += 1
