"""Filled fields: in the document for machines and for eyes, on PDFs of every make, before and beside signatures."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.core import odd_pdfs
from tests.core.poppler import judged
from tests.core.test_sealing_pdf import AGREEMENT, ODD

from localsign.core.sealing.authority import Authority
from localsign.core.sealing.forms import FilledField, fill_in
from localsign.core.sealing.inspect import NotAPdfError, render_page
from localsign.core.sealing.pdf import Seal, seal_pdf
from localsign.core.sealing.stamp import Area, wrapped

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NAME = FilledField("name", "Adam Smith", 0, Area(10, 60, 40, 4))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.open(tmp_path_factory.mktemp("authority"))


def fields(pdf: bytes) -> dict[str, Any]:
    form: Any = PdfFileReader(io.BytesIO(pdf), strict=False).root["/AcroForm"]
    return {str(one.get_object()["/T"]): one.get_object() for one in form["/Fields"]}


def pixels(pdf: bytes, folder: Path, page: int = 0) -> Image.Image:
    path = folder / "shown.pdf"
    path.write_bytes(pdf)
    return Image.open(io.BytesIO(render_page(path, page, 400))).convert("L")


def ink(picture: Image.Image, area: Area) -> int:
    """How many pixels of an area are not white."""
    width, height = picture.size
    box = Area.on(area, width, height)
    cut = picture.crop((int(box.left), int(height - box.top), int(box.right), int(height - box.bottom)))
    return sum(cut.histogram()[:200])


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    for page in pages(document):
        page.flatten()
    return "".join(page.get_textpage().get_text_range() for page in pages(document))


def pages(document: Any) -> Iterator[Any]:
    """The pages that are there; a damaged document may promise more."""
    for index in range(len(document)):
        with suppress(pypdfium2.PdfiumError):
            yield document[index]


def test_a_field_has_its_value_and_cannot_be_changed() -> None:
    field = fields(fill_in(AGREEMENT.read_bytes(), [NAME], b"e"))["name"]
    assert str(field["/V"]) == "Adam Smith"
    assert int(field["/Ff"]) & 1
    assert int(field["/F"]) == 4


def test_a_field_is_seen_where_it_was_asked_for(tmp_path: Path) -> None:
    before = ink(pixels(AGREEMENT.read_bytes(), tmp_path), NAME.area)
    assert ink(pixels(fill_in(AGREEMENT.read_bytes(), [NAME], b"e"), tmp_path), NAME.area) > before + 50


def test_one_that_is_not_to_be_seen_has_its_value_only(tmp_path: Path) -> None:
    pdf = fill_in(AGREEMENT.read_bytes(), [replace(NAME, is_visible=False)], b"e")
    assert str(fields(pdf)["name"]["/V"]) == "Adam Smith"
    before = ink(pixels(AGREEMENT.read_bytes(), tmp_path), NAME.area)
    assert ink(pixels(pdf, tmp_path), NAME.area) == before


@pytest.mark.parametrize(
    "text", ["", "Łukasz Żółć", "日本", "one\r\ntwo\rthree", "long " * 500, "\x00\ud800\u202e", "𝄞"]
)
def test_any_text_can_be_filled_in(text: str) -> None:
    pdf = fill_in(AGREEMENT.read_bytes(), [replace(NAME, text=text)], b"e")
    assert fields(pdf).keys() == {"name"}
    assert "Rental agreement" in words(pdf)


def test_several_fields_of_one_name_are_told_apart() -> None:
    pdf = fill_in(AGREEMENT.read_bytes(), [NAME, replace(NAME, text="Eve", page=1), replace(NAME, page=99)], b"e")
    assert fields(pdf).keys() == {"name", "name_2", "name_3"}
    assert "Eve" in words(pdf)


@pytest.mark.parametrize("kind", ODD)
def test_a_pdf_of_any_make_can_be_filled_and_signed(authority: Authority, kind: str) -> None:
    filled = fill_in(ODD[kind], [NAME], b"e")
    assert "Adam Smith" in words(filled)
    sealed = seal_pdf(authority, filled, Seal("Eve", "s", AT, b"e", "Sig"))
    [status] = judged(authority, sealed)
    assert status.bottom_line, status.pretty_print_details()
    assert "Adam Smith" in words(sealed)
    if kind not in ("direct fields", "wrong page count"):  # beyond mending: fields are drawn into the page
        assert str(fields(sealed)["name"]["/V"]) == "Adam Smith"


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(NotAPdfError):
        fill_in(b"no", [NAME], b"e")


def test_the_same_fields_give_the_same_bytes() -> None:
    pdf = odd_pdfs.written(odd_pdfs.plain())
    assert fill_in(pdf, [NAME], b"e") == fill_in(pdf, [NAME], b"e")
    assert fill_in(pdf, [NAME], b"e") != fill_in(pdf, [NAME], b"f")


def test_lines_are_broken_between_words_and_where_they_were() -> None:
    assert wrapped("one two\n\nthree", 10, 500) == ["one two", "", "three"]
    assert wrapped("one two three", 10, 40) == ["one two", "three"]
    assert wrapped("W" * 100, 10, 40) == ["W" * 100]


# ---- a signature where it was asked for


def picture() -> bytes:
    image = Image.new("RGB", (60, 30), "white")
    ImageDraw.Draw(image).rectangle((10, 10, 50, 20), fill="black")
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("area", [Area(5, 5, 30, 6), Area(50, 50, 20, 30), Area(100, 58.14, 10.1, 5.66)])
@pytest.mark.parametrize("image", [None, picture(), b"no picture"], ids=["words", "picture", "broken"])
def test_a_signature_stands_where_it_was_asked_for(
    authority: Authority, tmp_path: Path, area: Area, image: bytes | None
) -> None:
    sealed = seal_pdf(authority, AGREEMENT.read_bytes(), Seal("Eve", "s", AT, b"e", "Sig", area=area, image=image))
    [status] = judged(authority, sealed)
    assert status.bottom_line
    document: Any = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0].sig_field
    left, bottom, right, top = (float(one) for one in document["/Rect"])
    assert left >= 0
    assert bottom >= 0
    assert right <= 595.3
    assert top <= 842
    assert right - left == pytest.approx(area.width / 100 * 595, abs=1)
    assert top - bottom == pytest.approx(area.height / 100 * 842, abs=1)


def test_a_signature_may_be_unseen_and_without_a_timestamp(authority: Authority, tmp_path: Path) -> None:
    seal = Seal("Eve", "s", AT, b"e", "Sig", area=NAME.area, is_visible=False, is_timestamped=False)
    sealed = seal_pdf(authority, AGREEMENT.read_bytes(), seal)
    [status] = judged(authority, sealed)
    assert status.intact
    assert status.valid
    assert status.timestamp_validity is None
    field: Any = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0].sig_field
    assert [float(one) for one in field["/Rect"]] == [0, 0, 0, 0]


def test_an_area_stays_on_the_page_and_has_an_extent() -> None:
    box = Area(250, -10, 0, 400).on(200, 100)
    assert (box.left, box.bottom, box.right, box.top) == (196, 0, 200, 100)
