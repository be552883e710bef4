"""PAdES seals: valid for pyHanko and poppler, the same bytes for the same seal, on PDFs of every make."""

from __future__ import annotations

import io
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.status import SignatureCoverageLevel
from tests.core import odd_pdfs
from tests.core.poppler import judged, nss_folder, pdfsig

from localsign.core.sealing.authority import Authority
from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, inspect_pdf, render_page
from localsign.core.sealing.pdf import MOST_WATERMARKED, Seal, seal_pdf

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AGREEMENT = Path(__file__).parents[2] / "fixtures" / "documents" / "agreement.pdf"
NAMES = [
    "Kari Nordmann",
    "Łukasz Żółć",
    "Ærø Ångström",
    "Παπαδόπουλος",
    "日本 太郎",
    "Дмитрий",
    "Nguyễn Văn Đức",
]

ODD = {
    "plain": odd_pdfs.written(odd_pdfs.plain()),
    "pdf 2.0": odd_pdfs.written(odd_pdfs.plain(), version=b"2.0"),
    "xref stream": odd_pdfs.with_xref_stream(),
    "hybrid": odd_pdfs.hybrid(),
    "linearised": odd_pdfs.linearised(),
    "opens without password": odd_pdfs.encrypted(""),
    "wrong startxref": odd_pdfs.written(odd_pdfs.plain()).replace(b"startxref\n", b"startxref\n9"),
    "wrong page count": odd_pdfs.written(odd_pdfs.page(b"/MediaBox [0 0 300 300]")).replace(b"/Count 1", b"/Count 7"),
    "no contents, no resources": odd_pdfs.written(odd_pdfs.page()),
    "inherited": odd_pdfs.written(
        odd_pdfs.page(b"/Contents 4 0 R", pages=b"/MediaBox [0 0 400 300] /Rotate 90 /Resources " + odd_pdfs.FONT)
    ),
    "no media box": odd_pdfs.written(odd_pdfs.page(b"/Contents [4 0 R] /Resources " + odd_pdfs.FONT)),
    "null contents": odd_pdfs.written(odd_pdfs.page(b"/MediaBox [0 0 200 200] /Contents 9 0 R")),
    "form": odd_pdfs.written(
        odd_pdfs.plain(root=b"/AcroForm << /Fields [7 0 R] /NeedAppearances true >>")
        | {7: b"<< /FT /Tx /T (Sig0) /V (text) /Type /Annot /Subtype /Widget /Rect [40 700 200 720] >>"}
    ),
    "direct fields": odd_pdfs.written(odd_pdfs.plain(root=b"/AcroForm << /Fields [<< /FT /Tx /T (a) >>] >>")),
    "identifier": odd_pdfs.written(odd_pdfs.plain(), trailer=b"/ID [<0123> <4567>]"),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.open(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def store(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nss_folder(authority, tmp_path_factory.mktemp("trust"))


def make_seal(number: int = 0, **changes: Any) -> Seal:
    seal = Seal(
        signer_name=NAMES[number],
        session_id=f"session-{number}",
        at=AT + timedelta(minutes=number),
        entropy=b"entropy %d" % number,
        field_name=f"Sig{number}",
        slot=number,
    )
    return replace(seal, **changes)


def assert_sound(authority: Authority, pdf: bytes, signatures: int = 1) -> None:
    statuses = judged(authority, pdf)
    assert len(statuses) == signatures
    for status in statuses:
        assert status.bottom_line, status.pretty_print_details()
        assert status.timestamp_validity.trusted
    assert statuses[-1].coverage == SignatureCoverageLevel.ENTIRE_FILE


def test_a_seal_is_trusted_with_its_time_and_revocations_inside(authority: Authority) -> None:
    sealed = seal_pdf(authority, AGREEMENT.read_bytes(), make_seal(national_id="01019012345", reason="I agree"))
    assert_sound(authority, sealed)
    status = judged(authority, sealed)[0]
    assert status.timestamp_validity.timestamp == AT
    assert status.signing_cert.subject.native["serial_number"] == "01019012345"
    signature = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Name"] == NAMES[0]


@pytest.mark.poppler
def test_poppler_trusts_it_and_sees_the_whole_document_signed(
    authority: Authority, store: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(NAMES):
        sealed = seal_pdf(authority, AGREEMENT.read_bytes(), make_seal(number))
        (verdict,) = pdfsig(store, sealed, tmp_path)
        assert verdict.is_valid
        assert verdict.is_trusted
        assert verdict.is_total
        assert (verdict.signer, verdict.field) == (name, f"Sig{number}")


def test_the_same_seal_gives_the_same_bytes(tmp_path: Path) -> None:
    pdf = AGREEMENT.read_bytes()
    first = seal_pdf(Authority.open(tmp_path), pdf, make_seal(1))
    assert seal_pdf(Authority.open(tmp_path), pdf, make_seal(1)) == first


@pytest.mark.parametrize(
    "change",
    [
        {"session_id": "another"},
        {"entropy": b"another"},
        {"signer_name": "Another"},
        {"at": AT + timedelta(seconds=1)},
        {"slot": 5},
        {"page": 1},
        {"reason": "another"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_seal_gives_other_bytes(authority: Authority, change: dict[str, Any]) -> None:
    pdf = AGREEMENT.read_bytes()
    assert seal_pdf(authority, pdf, make_seal(**change)) != seal_pdf(authority, pdf, make_seal())


def test_three_signers_in_turn_leave_each_other_valid(authority: Authority) -> None:
    revisions = [AGREEMENT.read_bytes()]
    for number in range(3):
        revisions.append(seal_pdf(authority, revisions[-1], make_seal(number)))
        assert revisions[-1].startswith(revisions[-2])
    assert_sound(authority, revisions[-1], signatures=3)
    levels = [status.modification_level for status in judged(authority, revisions[-1])]
    assert levels[-1] == ModificationLevel.NONE
    assert all(level <= ModificationLevel.FORM_FILLING for level in levels)


@pytest.mark.poppler
def test_poppler_trusts_three_signers(authority: Authority, store: Path, tmp_path: Path) -> None:
    pdf = AGREEMENT.read_bytes()
    for number in range(3):
        pdf = seal_pdf(authority, pdf, make_seal(number))
    verdicts = pdfsig(store, pdf, tmp_path)
    assert [(v.is_valid, v.is_trusted) for v in verdicts] == [(True, True)] * 3
    assert [v.is_total for v in verdicts] == [False, False, True]


def test_one_flipped_byte_is_noticed(authority: Authority) -> None:
    sealed = bytearray(seal_pdf(authority, AGREEMENT.read_bytes(), make_seal()))
    sealed[sealed.index(b"stream") + 20] ^= 1
    assert not judged(authority, bytes(sealed))[0].intact


@pytest.mark.poppler
def test_poppler_notices_a_flipped_byte(authority: Authority, store: Path, tmp_path: Path) -> None:
    sealed = bytearray(seal_pdf(authority, AGREEMENT.read_bytes(), make_seal()))
    sealed[sealed.index(b"stream") + 20] ^= 1
    assert not pdfsig(store, bytes(sealed), tmp_path)[0].is_valid


def page_count(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


@pytest.mark.parametrize("make", ODD)
def test_every_make_of_pdf_is_sealed_twice(authority: Authority, make: str) -> None:
    once = seal_pdf(authority, ODD[make], make_seal())
    assert once == seal_pdf(authority, ODD[make], make_seal())
    assert_sound(authority, once)
    twice = seal_pdf(authority, once, make_seal(1))
    assert_sound(authority, twice, signatures=2)
    assert page_count(twice) == page_count(ODD[make])


@pytest.mark.parametrize("make", ["plain", "pdf 2.0", "xref stream", "linearised", "inherited", "form", "identifier"])
def test_sound_documents_are_only_appended_to(authority: Authority, make: str) -> None:
    assert seal_pdf(authority, ODD[make], make_seal()).startswith(ODD[make])


def test_threads_do_not_disturb_each_other(authority: Authority) -> None:
    jobs = [(ODD["hybrid" if n % 2 else "plain"], make_seal(n % 7, session_id=str(n))) for n in range(24)]
    in_turn = [seal_pdf(authority, *job) for job in jobs]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda job: seal_pdf(authority, *job), jobs)) == in_turn


@pytest.mark.poppler
@pytest.mark.parametrize("make", ODD)
def test_poppler_reads_every_make(authority: Authority, store: Path, make: str, tmp_path: Path) -> None:
    (verdict,) = pdfsig(store, seal_pdf(authority, ODD[make], make_seal()), tmp_path)
    assert verdict.is_valid
    assert verdict.is_trusted
    assert verdict.is_total


def red_box(pdf: bytes, folder: Path, width: int = 600) -> tuple[int, int, int, int]:
    """Where the page as displayed is red, the colour of stamps: left, top, right, bottom in thousandths."""
    (folder / "red.pdf").write_bytes(pdf)
    image = Image.open(io.BytesIO(render_page(folder / "red.pdf", 0, width))).convert("RGB")
    red, green, _ = image.split()
    mask = Image.eval(
        Image.composite(red, Image.new("L", image.size), Image.eval(green, lambda g: 255 * (g < 110))),
        lambda r: 255 * (r > 140),
    )
    box = mask.getbbox()
    assert box is not None, "no stamp to be seen"
    across, down = image.size
    return box[0] * 1000 // across, box[1] * 1000 // down, box[2] * 1000 // across, box[3] * 1000 // down


@pytest.mark.parametrize("rotation", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("box", ["0 0 595 842", "595 842 0 0", "-300 -200 295 642", "1000 1000 1595 1842"])
def test_the_stamp_stands_at_the_lower_left_as_displayed(
    authority: Authority, rotation: int, box: str, tmp_path: Path
) -> None:
    pdf = odd_pdfs.written(odd_pdfs.page(f"/MediaBox [{box}] /Rotate {rotation}".encode()))
    left, top, right, bottom = red_box(seal_pdf(authority, pdf, make_seal()), tmp_path)
    across, down = (842, 595) if rotation % 180 else (595, 842)
    assert left == pytest.approx(16 / across * 1000, abs=8)
    assert right == pytest.approx(196 / across * 1000, abs=8)
    assert bottom == pytest.approx(1000 - 16 / down * 1000, abs=8)
    assert top == pytest.approx(1000 - 74 / down * 1000, abs=8)


def test_the_stamp_keeps_inside_the_crop_box(authority: Authority, tmp_path: Path) -> None:
    pdf = odd_pdfs.written(odd_pdfs.page(b"/MediaBox [0 0 900 900] /CropBox [100 200 695 1042]"))
    left, _, _, bottom = red_box(seal_pdf(authority, pdf, make_seal()), tmp_path)
    assert left < 40
    assert bottom > 960


@pytest.mark.parametrize("size", ["30 20", "5 5", "100 3000", "3000 40", "14400 14400"])
def test_pages_of_any_size(authority: Authority, size: str) -> None:
    pdf = odd_pdfs.written(odd_pdfs.page(f"/MediaBox [0 0 {size}]".encode()))
    assert_sound(authority, seal_pdf(authority, pdf, make_seal()))


def test_a_signer_for_whom_there_is_no_room_signs_invisibly(authority: Authority) -> None:
    sealed = seal_pdf(authority, AGREEMENT.read_bytes(), make_seal(slot=5000))
    assert_sound(authority, sealed)
    field = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0].sig_field
    assert [float(value) for value in field["/Rect"]] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "name",
    [
        *NAMES,
        "",
        "   ",
        "a\0b\nc",
        "\ud800 lone",
        "x" * 500,
        "日" * 300,
        "مرحبا",
        "مرحبا (Joe) 2",
        "Straße ẞ \ufffd \u200f",
        "e\u0301\u0323",
        "👩‍👩‍👧",
        "ﬁ½Ⅷ",
        "(\\)",
    ],
)
def test_any_name_can_sign(authority: Authority, name: str) -> None:
    seal = make_seal(signer_name=name, session_id=name, reason=name, national_id=name, field_name=name)
    assert_sound(authority, seal_pdf(authority, AGREEMENT.read_bytes(), seal))


def text_of(pdf: bytes) -> list[str]:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return texts


def test_the_first_fifty_pages_are_marked_once() -> None:
    from reportlab.pdfgen.canvas import Canvas

    authority = Authority.open(None)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number in range(MOST_WATERMARKED + 2):
        canvas.drawString(50, 700, f"page {number}")
        canvas.showPage()
    canvas.save()
    pdf = out.getvalue()
    for number in range(2):
        pdf = seal_pdf(authority, pdf, make_seal(number, page=-1))
    counts = [text.count("NO LEGAL VALUE") for text in text_of(pdf)]
    assert counts == [1] * MOST_WATERMARKED + [0, 0]
    assert "page 51" in text_of(pdf)[51]
    assert_sound(authority, pdf, signatures=2)


def test_a_taken_field_name_gets_a_number(authority: Authority) -> None:
    pdf = AGREEMENT.read_bytes()
    for number in range(3):
        pdf = seal_pdf(authority, pdf, make_seal(number, field_name="Signature"))
    fields = [s.field_name for s in PdfFileReader(io.BytesIO(pdf)).embedded_signatures]
    assert fields == ["Signature", "Signature_2", "Signature_3"]


def test_a_page_that_is_not_there_means_the_last(authority: Authority) -> None:
    pdf = AGREEMENT.read_bytes()
    assert seal_pdf(authority, pdf, make_seal(page=99)) == seal_pdf(authority, pdf, make_seal(page=-1))


@pytest.mark.parametrize("year", [2001, 2019, 2049, 2051, 2098])
def test_a_travelled_clock_still_gives_a_trusted_time(authority: Authority, year: int) -> None:
    at = datetime(year, 6, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    sealed = seal_pdf(authority, AGREEMENT.read_bytes(), make_seal(at=at))
    (status,) = judged(authority, sealed)
    assert status.bottom_line
    assert status.timestamp_validity.timestamp == at


def test_a_time_without_zone_is_refused(authority: Authority) -> None:
    with pytest.raises(ValueError, match="zone"):
        seal_pdf(authority, AGREEMENT.read_bytes(), make_seal(at=AT.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotAPdfError),
        (b"GIF89a not at all", NotAPdfError),
        (AGREEMENT.read_bytes()[:700], NotAPdfError),
        (
            odd_pdfs.written({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
            NotAPdfError,
        ),
        (odd_pdfs.encrypted("secret"), EncryptedPdfError),
    ],
    ids=["empty", "gif", "cut", "no pages", "password"],
)
def test_what_cannot_be_read_says_why(
    authority: Authority, content: bytes, error: type[Exception], tmp_path: Path
) -> None:
    (tmp_path / "upload.pdf").write_bytes(content)
    with pytest.raises(error):
        inspect_pdf(tmp_path / "upload.pdf")
    with pytest.raises(error):
        render_page(tmp_path / "upload.pdf", 0, 100)
    with pytest.raises(error):
        seal_pdf(authority, content, make_seal())


def test_pages_are_counted_and_drawn() -> None:
    assert inspect_pdf(AGREEMENT).pages == 2
    assert Image.open(io.BytesIO(render_page(AGREEMENT, 1, 200))).width == 200
    with pytest.raises(IndexError):
        render_page(AGREEMENT, 2, 200)


def test_sealing_is_quick(authority: Authority) -> None:
    pdf = AGREEMENT.read_bytes()
    times = []
    for number in range(12):
        start = time.perf_counter()
        seal_pdf(authority, pdf, make_seal(session_id=str(number)))
        times.append(time.perf_counter() - start)
    # 30 ms on a machine at rest; the promise is 80, and others may be using the machine.
    assert statistics.median(times) < 0.4
