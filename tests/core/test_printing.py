"""PDFs that are written front to back: what comes out opens, and says in any script what went in."""

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localsign.core.printing.letters import Letters
from localsign.core.printing.pdf import PdfStream
from localsign.core.printing.shaping import visual

SCRIPTS = [
    "Plain (text) \\ with signs",
    "Łódź żółć",
    "Привет мир",
    "Ελληνικά",
    "Tiếng Việt",
    "日本語 한국",
    "हिन्दी ไทย",
    "emoji \U0001f600 \U0001faf6 \U00020bb7",
]
RIGHT_TO_LEFT = ["שלום עולם", "محمد بن سلمان"]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def drawn(*lines: str) -> bytes:
    pdf = PdfStream("Łódź 日本", 500, 20 * len(lines) + 20)
    operators = [pdf.letters.drawn(line, 10, 20 * place + 20, 10) for place, line in enumerate(lines)]
    pdf.page(operators)
    pdf.end()
    return pdf.take()


def read(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return found


@pytest.mark.parametrize("line", [*SCRIPTS, *RIGHT_TO_LEFT])
@pytest.mark.parametrize("bold", [False, True])
def test_what_is_drawn_is_read_again(line: str, bold: bool) -> None:
    pdf = PdfStream("T", 500, 60)
    pdf.page([pdf.letters.drawn(line, 10, 20, 10, bold=bold)])
    pdf.end()
    [page] = read(pdf.take())
    assert page.split() == line.split()


def test_letters_that_no_font_has_are_boxes_with_their_code() -> None:
    document = pypdfium2.PdfDocument(drawn("日"))
    [page] = document
    bitmap = page.render(scale=8).to_pil().convert("L")
    dark = sum(count for value, count in enumerate(bitmap.histogram()) if value < 128)
    document.close()
    assert dark > 150  # a frame and four digits


def test_a_document_has_its_title() -> None:
    document = pypdfium2.PdfDocument(drawn("x"))
    title = document.get_metadata_value("Title")
    document.close()
    assert title == "Łódź 日本"


def test_pages_leave_as_soon_as_they_are_full() -> None:
    pdf = PdfStream("T", 200, 100)
    pieces = [pdf.take()]
    assert pieces[0].startswith(b"%PDF-1.7")
    for number in range(130):  # more than two nodes of the tree
        operators = [pdf.letters.drawn(f"Łine {number}", 10, 50, 10), b"q 1 0 0 1 10 10 cm /T Do Q"]
        pdf.page(operators)
        pieces.append(pdf.take())
    assert min(map(len, pieces)) > 10
    pdf.end()
    pages = read(b"".join([*pieces, pdf.take()]))
    assert [page.split() for page in pages] == [["Łine", str(number), "130"] for number in range(130)]
    assert pdf.take() == b""


def shown(text: str) -> str:
    return "".join(one.drawn for one in visual(text))


@pytest.mark.parametrize(
    ("text", "on_paper"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("אב 12-34 ג", "ג 12-34 בא"),
        ("abc אבג def", "abc גבא def"),
        ("(אב) x", "x (בא)"),
        ("x (אב)", "x (בא)"),
        ("אב abc 12", "abc 12 בא"),
        ("e\u0301", "é"),
        ("a\u200eb\x00c", "ab c"),
        ("\u0628", "\ufe8f"),  # beh alone, then at each place of a word
        ("\u0628\u0628\u0628", "\ufe90\ufe92\ufe91"),
        ("\u0627\u0628", "\ufe8f\u0627".replace("\u0627", "\ufe8d")),  # alef does not reach on
        ("\u0644\u0627", "\ufefb"),
        ("\u0628\u0644\u0627", "\ufefc\ufe91"),
        ("\u0628\u064e\u0628", "\ufe90\u064e\ufe91"),  # a vowel sign does not part letters
        ("\u0628\u0640", "\u0640\ufe91"),
    ],
)
def test_text_stands_as_it_is_read(text: str, on_paper: str) -> None:
    assert shown(text) == on_paper


@settings(deadline=None)
@given(ANY)
def test_no_letter_is_lost_in_turning(text: str) -> None:
    letters = visual(text)
    assert len("".join(one.meant for one in letters)) <= len(text) * 3
    assert all(one.drawn and one.meant for one in letters)


@settings(deadline=None)
@given(ANY, st.integers(5, 20), st.integers(20, 300))
def test_a_line_that_is_cut_fits(text: str, size: int, room: int) -> None:
    letters = Letters()
    found = letters.cut(text, size, room)
    assert found == text or found.endswith("…")
    assert letters.width(found, size) <= room


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.integers(4, 12), st.integers(40, 300))
def test_lines_that_are_wrapped_fit_and_lose_nothing(text: str, size: int, room: int) -> None:
    letters = Letters()
    lines = list(letters.wrap(text, size, room))
    assert all(letters.width(line, size) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_very_long_line_is_wrapped_in_one_go() -> None:
    lines = list(Letters().wrap("x" * 2_000_000 + " end", 8, 500))
    assert (lines[-1], sum(map(len, lines))) == ("end", 2_000_003)


@settings(deadline=None)
@given(st.lists(ANY, min_size=1, max_size=8))
def test_any_text_gives_a_document_that_opens(lines: list[str]) -> None:
    assert len(read(drawn(*lines))) == 1
