"""PAdES containers: all pages, an evidence page, the originals inside, one signature over it all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from tests.core import odd_pdfs
from tests.core.poppler import attached, judged, nss_folder, pdfsig

from localsign.core.sealing.authority import SEAL_NAME, Authority
from localsign.core.sealing.container import EvidenceFile, Part, Signing, seal_container
from localsign.core.sealing.inspect import NotAPdfError
from localsign.core.sealing.pdf import Seal, seal_pdf
from localsign.core.sealing.xml import Evidence, seal_xml

FIXTURES = Path(__file__).parents[2] / "fixtures" / "documents"
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SEAL = Seal(SEAL_NAME, "session-1", AT, b"entropy", "Seal", page=-1)
PARTS = [
    Part("agreement.pdf", "application/pdf", (FIXTURES / "agreement.pdf").read_bytes()),
    Part("annex.pdf", "application/pdf", (FIXTURES / "annex.pdf").read_bytes()),
    Part("terms.txt", "text/plain; charset=utf-8", (FIXTURES / "terms.txt").read_bytes()),
]
SIGNINGS = [
    Signing("Łukasz Ærø", "session-1", "nbid", AT, "01019012345"),
    Signing("Παπαδόπουλος", "session-2", "mitid", AT),
]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.open(None)


def packed(authority: Authority, parts: Iterable[Part] = PARTS, seal: Seal = SEAL) -> bytes:
    parts = list(parts)
    evidence = [
        EvidenceFile(f"{signing.session_id}-{part.name}.xml", seal_xml(authority, evidence_of(signing, part)))
        for signing in SIGNINGS
        for part in parts
    ]
    return seal_container(authority, title="Rental 日本", parts=parts, signings=SIGNINGS, evidence=evidence, seal=seal)


def evidence_of(signing: Signing, part: Part) -> Evidence:
    return Evidence(
        document_name=part.name,
        media_type=part.media_type,
        content=part.content,
        signer_name=signing.signer_name,
        eid=signing.eid,
        session_id=signing.session_id,
        session_title="Rental",
        sign_text="I agree",
        at=signing.at,
        entropy=b"entropy",
    )


def contents(pdf: bytes) -> tuple[list[str], dict[str, bytes]]:
    """Text by page and attachments by name."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in document]
    files = [document.get_attachment(i) for i in range(document.count_attachments())]
    result = texts, {file.get_name(): bytes(file.get_data()) for file in files}
    document.close()
    return result


def test_everything_is_inside(authority: Authority) -> None:
    texts, files = contents(packed(authority))
    assert len(texts) == 4
    assert "Rental agreement" in texts[0]
    assert "inventory" in texts[2]
    for words in ("Łukasz", "01019012345", "session-2", "2026-03-04 05:06:07 UTC", "No legal value"):
        assert words in texts[3]
    for part in PARTS:
        assert files[part.name] == part.content
        assert hashlib.sha256(part.content).hexdigest() in texts[3]
    assert len(files) == 3 + 6
    assert files["session-2-terms.txt.xml"].startswith(b"<?xml")


def test_the_seal_covers_it_all(authority: Authority) -> None:
    (status,) = judged(authority, packed(authority))
    assert status.bottom_line
    assert status.signing_cert.subject.native["common_name"] == SEAL_NAME
    damaged = bytearray(packed(authority))
    damaged[damaged.index(b"stream") + 20] ^= 1
    assert not judged(authority, bytes(damaged))[0].intact


@pytest.mark.poppler
def test_poppler_trusts_it_and_lists_the_files(authority: Authority, tmp_path: Path) -> None:
    pdf = packed(authority)
    (verdict,) = pdfsig(nss_folder(authority, tmp_path), pdf, tmp_path)
    assert verdict.is_valid
    assert verdict.is_trusted
    assert verdict.is_total
    assert attached(pdf, tmp_path) == sorted(contents(pdf)[1])


def test_the_same_container_gives_the_same_bytes(authority: Authority) -> None:
    assert packed(authority) == packed(authority)
    assert packed(authority, seal=replace(SEAL, session_id="2")) != packed(authority)


def test_names_are_made_safe_and_unique(authority: Authority) -> None:
    names = [
        "../../etc/passwd",
        "c:\\a.txt",
        "A.TXT",
        "a.txt",
        "",
        "...",
        "x" * 300 + ".txt",
        "日本.txt",
        "a\0\nb",
        ".pdf",
    ]
    parts = [Part(name, "text/plain", b"%d" % number) for number, name in enumerate(names)]
    _, files = contents(seal_container(authority, title="", parts=parts, signings=[], evidence=[], seal=SEAL))
    assert sorted(files.values()) == [b"%d" % number for number in range(len(names))]
    assert {"passwd", "a.txt", "A-2.TXT", "a-3.txt", "document", "document-2", "日本.txt", "a__b"} < set(files)
    assert all(len(name) <= 125 and "/" not in name for name in files)


def test_signed_and_odd_parts_become_pages(authority: Authority) -> None:
    signed = seal_pdf(authority, PARTS[0].content, replace(SEAL, signer_name="Kari Nordmann", page=0))
    parts = [
        Part("signed.pdf", "application/pdf", signed),
        Part("open.pdf", "APPLICATION/PDF", odd_pdfs.encrypted("")),
        Part(
            "form.pdf",
            "application/pdf",
            odd_pdfs.written(odd_pdfs.plain(root=b"/AcroForm << /Fields [] >>")),
        ),
    ]
    pdf = packed(authority, parts)
    texts, files = contents(pdf)
    assert len(texts) == 5
    assert "Kari Nordmann" in texts[0]
    assert "Sample" in texts[2]
    assert files["signed.pdf"] == signed
    assert len(judged(authority, pdf)) == 1


def test_many_lines_run_on_to_more_pages(authority: Authority) -> None:
    signings = [replace(SIGNINGS[0], session_id=f"session-{number}") for number in range(60)]
    pdf = seal_container(authority, title="", parts=PARTS[:1], signings=signings, evidence=[], seal=SEAL)
    texts, _ = contents(pdf)
    assert len(texts) > 4
    assert "session-59" in "".join(texts)


def test_an_unreadable_part_says_why(authority: Authority) -> None:
    with pytest.raises(NotAPdfError):
        packed(authority, [Part("a.pdf", "application/pdf", b"nothing")])
