"""What a signature looks like: the stamp itself, and where on the page it stands.

Names are drawn with the fonts that are there without shipping any: Helvetica for Western Latin, else
reportlab's Vera with accents put over the letters (all of Latin Extended-A and most of Vietnamese),
Symbol for Greek. Cyrillic is romanised. Any other script shows code points (U+65E5), and is left
whole in the certificate, the signature's /Name and the annotation's /Contents.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 180.0, 58.0  # points
_MARGIN, _GAP = 16.0, 6.0
_ENOUGH = 12  # stamps any page must have room for; they shrink until it has
_SMALLEST = 0.02
_SMALLEST_SIDE = 4.0  # points
NOTICE = "TEST SIGNATURE, NO LEGAL VALUE"

_PLAIN, _WIDE, _GREEK = "Helvetica", "LocalsignVera", "Symbol"
DRAWING = Lock()  # reportlab's font registry is global

# Combining marks and what stands for them by itself: grave, acute, circumflex, tilde, macron, breve,
# dot, diaeresis, ring, double acute, caron; below: dot, comma, cedilla, ogonek.
_ABOVE = {
    **{"\u0300": "`", "\u0301": "\u00b4", "\u0302": "\u02c6", "\u0303": "\u02dc", "\u0304": "\u00af"},
    **{"\u0306": "\u02d8", "\u0307": "\u02d9", "\u0308": "\u00a8", "\u030a": "\u02da"},
    **{"\u030b": "\u02dd", "\u030c": "\u02c7"},
}
_BELOW = {"\u0323": ".", "\u0326": ",", "\u0327": "\u00b8", "\u0328": "\u02db"}
_DOTLESS_I = "\u0131"
# U+0430 to U+045F, one after the other.
_ROMAN = (
    "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch ' y ' e yu ya e e dj g ye z i yi j lj nj c k i u dz"
)
_CYRILLIC = {chr(0x430 + i): roman for i, roman in enumerate(_ROMAN.split())} | {"\u0491": "g"}
_SYMBOL_GREEK = frozenset("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω")
# Letters that are no letter with a mark to Unicode.
_LETTERS = dict(zip("ĐđħĦŧŦŋŊĸəƏẞ", "ÐdhHtTnNkeEß", strict=True)) | {"\u0149": "'n"}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points, lower left to upper right."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a page as displayed, in percent of the page, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    def on(self, width: float, height: float) -> Box:
        """Where it is on a page of this size, moved onto the page where it stands out, and never without extent."""
        across = min(max(self.width * width / 100, _SMALLEST_SIDE), width)
        down = min(max(self.height * height / 100, _SMALLEST_SIDE), height)
        left = min(max(self.left * width / 100, 0.0), width - across)
        top = min(max(self.top * height / 100, 0.0), height - down)
        return Box(left, height - top - down, left + across, height - top)


def place(width: float, height: float, slot: int) -> Box | None:
    """Where the stamp of `slot` (0, 1, ...) stands on a page as displayed, in points from its lower left.

    Left to right, then upwards, the same size for all slots of a page. None where no room is left:
    that signature is to be invisible.
    """
    scale = 1.0
    while scale > _SMALLEST:
        columns = int((width / scale - 2 * _MARGIN + _GAP) // (WIDTH + _GAP))
        rows = int((height / scale - 2 * _MARGIN + _GAP) // (HEIGHT + _GAP))
        if columns > 0 and rows > 0 and columns * rows >= _ENOUGH:
            break
        scale *= 0.9
    else:
        return None
    row, column = divmod(slot, columns)
    if not 0 <= row < rows:
        return None
    left = scale * (_MARGIN + column * (WIDTH + _GAP))
    bottom = scale * (_MARGIN + row * (HEIGHT + _GAP))
    return Box(left, bottom, left + scale * WIDTH, bottom + scale * HEIGHT)


def draw(
    signer_name: str,
    session_id: str,
    at: datetime,
    reason: str | None,
    *,
    size: tuple[float, float] = (WIDTH, HEIGHT),
    image: bytes | None = None,
) -> bytes:
    """The stamp as a PDF of one page of `size` points; the same bytes for the same words.

    `image` is drawn to the left of the words, or beneath them where the stamp is higher than wide.
    """
    from reportlab.pdfgen.canvas import Canvas

    words = [(signer_name, 11.0, 14.5), (f"Session {session_id}", 6.5, 9.0), (f"{moment(at)}", 6.5, 9.0)]
    if reason:
        words.append((reason, 6.5, 9.0))
    scale = min(size[0] / WIDTH, size[1] / HEIGHT)
    width, height = size[0] / scale, size[1] / scale
    page = io.BytesIO()
    with DRAWING:
        canvas = Canvas(page, pagesize=size, invariant=1)
        if scale != 1.0:
            canvas.scale(scale, scale)
        _frame(canvas, width, height)
        top, left = height - 12, 6.0
        if image is not None:
            left = _draw_image(canvas, image, width, height)
        for text, points, leading in words:
            top -= leading
            write(canvas, text, left, top, size=points, room=width - left - 6)
        canvas.showPage()
        canvas.save()
    return page.getvalue()


def _draw_image(canvas: Canvas, image: bytes, width: float, height: float) -> float:
    """Draw the picture; where the words begin then. One that cannot be read is left out."""
    from reportlab.lib.utils import ImageReader

    try:
        picture: Any = ImageReader(io.BytesIO(image))
        picture.getRGBData()
    except Exception:  # whatever a broken picture makes its reader raise
        return 6.0
    is_high = height >= 2 * HEIGHT
    box = (6.0, 4.0, width - 12, height - HEIGHT) if is_high else (4.0, 4.0, 0.4 * width - 6, height - 20)
    canvas.drawImage(picture, *box, mask="auto", preserveAspectRatio=True, anchor="c")
    return 6.0 if is_high else 0.4 * width


def moment(at: datetime) -> str:
    """A time as people read it, in UTC and to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def write(canvas: Canvas, text: str, left: float, baseline: float, *, size: float, room: float) -> None:
    """One line of any text, made smaller (to half) and then cut to fit into `room` points."""
    pieces = list(_pieces(text))
    natural = sum(_width(piece, size) for piece in pieces)
    size = max(size / 2, size * min(1.0, room / natural)) if natural else size
    for piece in pieces:
        advance = _width(piece, size)
        if advance > room + 0.01:
            break
        room -= advance
        _write_piece(canvas, piece, left, baseline, size)
        left += advance


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The lines of any text, broken between words where they would be wider than `room` points."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and sum(_width(piece, size) for piece in _pieces(longer)) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some characters of one font, or one letter with a mark the font has only by itself."""

    font: str
    text: str
    mark: str = ""
    is_above: bool = True


def _frame(canvas: Canvas, width: float, height: float) -> None:
    canvas.setFillColorRGB(1, 1, 1, alpha=0.88)
    canvas.setStrokeColorRGB(0.72, 0.11, 0.11)
    canvas.setLineWidth(0.8)
    canvas.roundRect(0.5, 0.5, width - 1, height - 1, 4, stroke=1, fill=1)
    canvas.setFillColorRGB(0.72, 0.11, 0.11, alpha=1)
    canvas.setFont("Helvetica-Bold", 7.5)
    canvas.drawString(6, height - 11, NOTICE)
    canvas.setFillColorRGB(0.1, 0.1, 0.15, alpha=1)


def _pieces(text: str) -> Iterator[_Piece]:
    text = unicodedata.normalize("NFC", "".join(c if c.isprintable() else " " for c in text))
    # One font for the whole line where it does: mixed fonts inside a word look like a fault.
    if _is_plain(text):
        if text:
            yield _Piece(_PLAIN, text)
        return
    for character in text:
        yield from _piece(character)


def _piece(character: str) -> Iterator[_Piece]:
    is_greek = unicodedata.name(character, "").startswith("GREEK")
    if ord(character) in _wide_letters() and not is_greek:
        yield _Piece(_WIDE, character)
        return
    if character.lower() in _CYRILLIC:
        roman = _CYRILLIC[character.lower()]
        yield _Piece(_WIDE, roman.capitalize() if character.isupper() else roman)
        return
    base, *marks = list(unicodedata.normalize("NFD", character))
    if marks:
        # Two marks on one letter would meet: one is enough to read it.
        mark = next((m for m in marks if m in _ABOVE or m in _BELOW), "")
        for inner in _piece(_DOTLESS_I if base == "i" and mark in _ABOVE else base):
            sign = _ABOVE.get(mark) or _BELOW.get(mark, "")
            yield _Piece(inner.font, inner.text, sign, mark in _ABOVE)
        return
    if is_greek and character in _SYMBOL_GREEK:
        yield _Piece(_GREEK, character)
    elif character in _LETTERS:
        yield _Piece(_WIDE, _LETTERS[character])
    else:
        compatible = unicodedata.normalize("NFKD", character)
        known = compatible != character and _is_plain(compatible)
        yield _Piece(_WIDE, compatible if known else f"U+{ord(character):04X} ")


def _is_plain(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _width(piece: _Piece, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    _wide_letters()
    return float(stringWidth(piece.text, piece.font, size))


def _write_piece(canvas: Canvas, piece: _Piece, left: float, baseline: float, size: float) -> None:
    canvas.setFont(piece.font, size)
    canvas.drawString(left, baseline, piece.text)
    if piece.mark:
        middle = left + (_width(piece, size) - _width(_Piece(_WIDE, piece.mark), size)) / 2
        rise = size * 0.17 if piece.is_above and piece.text.isupper() else 0.0
        canvas.setFont(_WIDE, size)
        canvas.drawString(middle, baseline + (rise if piece.is_above else -size * 0.04), piece.mark)


@cache
def _wide_letters() -> frozenset[int]:
    """The code points Vera has; registers the font."""
    from pathlib import Path

    import reportlab
    from reportlab.pdfbase import pdfmetrics, ttfonts

    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    font: Any = ttfonts.TTFont(_WIDE, str(vera))
    pdfmetrics.registerFont(font)
    return frozenset(code for code, glyph in font.face.charToGlyph.items() if glyph)
