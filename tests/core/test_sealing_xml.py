"""XAdES evidence: verified against the root, the same bytes for the same evidence, whatever the text."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from signxml.exceptions import InvalidSignature
from signxml.xades.xades import XAdESVerifier

from localsign.core.sealing.authority import Authority
from localsign.core.sealing.xml import NAMESPACE, Evidence, seal_xml

TERMS = Path(__file__).parents[2] / "fixtures" / "documents" / "terms.txt"
EVIDENCE = Evidence(
    document_name="terms.txt",
    media_type="text/plain; charset=utf-8",
    content=TERMS.read_bytes(),
    signer_name="Łukasz Ærø 日本",
    national_id="01019012345",
    eid="nbid",
    session_id="session-1",
    session_title="Rental agreement",
    sign_text="I agree to <everything> & more",
    at=datetime(2026, 3, 4, 5, 6, 7, 89000, tzinfo=UTC),
    entropy=b"entropy",
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.open(None)


def verified(authority: Authority, data: bytes, folder: Path) -> Any:
    """The evidence element that the signature covers, trusted by the root alone."""
    root = folder / "root.pem"
    root.write_bytes(authority.certificate_pem)
    results = XAdESVerifier().verify(data, ca_pem_file=str(root), expect_references=3)
    return results[0].signed_xml


def value(element: Any, path: str) -> str:
    return str(element.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))))


def test_evidence_is_trusted_and_complete(authority: Authority, tmp_path: Path) -> None:
    element = verified(authority, seal_xml(authority, EVIDENCE), tmp_path)
    assert value(element, "document/fileName") == "terms.txt"
    assert value(element, "document/size") == str(len(EVIDENCE.content))
    assert value(element, "document/sha256") == hashlib.sha256(EVIDENCE.content).hexdigest()
    assert base64.b64decode(value(element, "document/content")) == EVIDENCE.content
    assert value(element, "signer/name") == EVIDENCE.signer_name
    assert value(element, "signer/nationalId") == "01019012345"
    assert value(element, "signer/eid") == "nbid"
    assert value(element, "session/id") == "session-1"
    assert value(element, "session/title") == "Rental agreement"
    assert value(element, "consent/signText") == EVIDENCE.sign_text
    assert value(element, "consent/time") == "2026-03-04T05:06:07.089+00:00"


def test_the_signing_time_is_that_of_the_evidence(authority: Authority) -> None:
    data = seal_xml(authority, EVIDENCE)
    assert b"<xades:SigningTime>2026-03-04T05:06:07+00:00</xades:SigningTime>" in data


def test_a_pdf_stands_by_its_digest_alone(authority: Authority, tmp_path: Path) -> None:
    evidence = replace(EVIDENCE, media_type="application/pdf", national_id=None)
    data = seal_xml(authority, evidence)
    verified(authority, data, tmp_path)
    assert b"<content" not in data
    assert b"<nationalId" not in data


def test_the_same_evidence_gives_the_same_bytes(tmp_path: Path) -> None:
    first = seal_xml(Authority.open(tmp_path), EVIDENCE)
    assert seal_xml(Authority.open(tmp_path), EVIDENCE) == first


@pytest.mark.parametrize("change", [{"session_id": "2"}, {"entropy": b"2"}, {"signer_name": "2"}])
def test_other_evidence_gives_other_bytes(authority: Authority, change: dict[str, Any]) -> None:
    assert seal_xml(authority, replace(EVIDENCE, **change)) != seal_xml(authority, EVIDENCE)


@pytest.mark.parametrize("word", [b"nbid", b"session-1", b"terms.txt", b"2026-03-04T05:06:07+00:00"])
def test_a_changed_word_is_noticed(authority: Authority, word: bytes, tmp_path: Path) -> None:
    data = seal_xml(authority, EVIDENCE)
    with pytest.raises(InvalidSignature):
        verified(authority, data.replace(word, word[:-1] + b"9"), tmp_path)


def test_another_authority_does_not_trust_it(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(InvalidSignature):
        verified(Authority.open(None), seal_xml(authority, EVIDENCE), tmp_path)


@pytest.mark.parametrize("text", ["", "a\0b\x0bc", "\ud800", "\uffff", "]]>", " \n\t "])
def test_any_text_is_taken(authority: Authority, text: str, tmp_path: Path) -> None:
    evidence = replace(EVIDENCE, signer_name=text, sign_text=text, session_id=text, document_name=text)
    verified(authority, seal_xml(authority, evidence), tmp_path)


def test_the_document_is_read_by_any_parser(authority: Authority) -> None:
    assert etree.fromstring(seal_xml(authority, EVIDENCE)).tag == f"{{{NAMESPACE}}}evidence"


def test_a_time_without_zone_is_refused(authority: Authority) -> None:
    with pytest.raises(ValueError, match="zone"):
        seal_xml(authority, replace(EVIDENCE, at=EVIDENCE.at.replace(tzinfo=None)))
