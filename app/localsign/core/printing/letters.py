"""The letters of a PDF: Helvetica where that has them all, else DejaVu Sans, of which the used letters are embedded.

Letters that DejaVu lacks (Chinese, Japanese, Korean, emoji) are drawn as a box with their code point, and are found
and copied as what they are.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

from localsign.core.printing.shaping import Letter, visual

_FONT = Path(__file__).parent / "DejaVuSans.ttf"
_SCALE = 0.92  # DejaVu beside Helvetica: its letters are larger
_SPECIAL = re.compile(rb"[\\()]")
_BOX = 1000  # of a letter in a box: its width, in thousandths of the size
_READING = Lock()  # the font file has one position at which it is read


@dataclass(frozen=True)
class Used:
    """The part of DejaVu that a document uses, as a PDF embeds it. `places` says which glyph each code is."""

    name: str
    widths: Sequence[int]
    box: str
    ascent: int
    descent: int
    file: bytes
    meaning: bytes
    places: bytes


class Letters:
    """Measures and draws text, and remembers which letters it drew."""

    def __init__(self) -> None:
        self._codes: dict[Letter, int] = {}

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide a line is, in points."""
        plain = _plain(text)
        if plain is not None:
            return sum(map(_widths(bold).__getitem__, plain)) * size / 1000
        return sum(map(_wide, visual(text))) * size / 1000

    def cut(self, text: str, size: float, room: float, *, bold: bool = False) -> str:
        """`text`, or as much of its beginning as fits into `room` points with an ellipsis behind."""
        # No letter is wider than it is high, and of what is far too long only the beginning matters.
        if len(text) * size <= room:
            return text
        is_long = len(text) > room
        text = text[: int(room) + 1]
        if not is_long and self.width(text, size, bold=bold) <= room:
            return text
        least, most = 0, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            if self.width(text[:middle].rstrip() + "…", size, bold=bold) <= room:
                least = middle
            else:
                most = middle - 1
        return text[:least].rstrip() + "…"

    def wrap(self, text: str, size: float, room: float, *, bold: bool = False) -> Iterator[str]:
        """The lines of a text, cut between words where that is possible; none is wider than `room` points."""
        most = max(1, int(room / (size * 0.2)))  # no letter is narrower than that
        for line in text.splitlines() or [""]:
            whole = line.expandtabs(4).rstrip()
            place = 0
            while place < len(whole):
                some = whole[place : place + most]
                fits = self._fitting(some, size, room, bold=bold)
                if place + fits < len(whole):
                    blank = some.rfind(" ", 1, fits + 1)
                    fits = blank if blank > fits // 3 else fits
                yield some[:fits].rstrip()
                place += fits
                while whole[place : place + 1] == " ":
                    place += 1
            if not whole:
                yield ""

    def _fitting(self, text: str, size: float, room: float, *, bold: bool) -> int:
        """How many letters from the beginning fit, at least one."""
        if self.width(text, size, bold=bold) <= room:
            return len(text)
        least, most = 1, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            if self.width(text[:middle], size, bold=bold) <= room:
                least = middle
            else:
                most = middle - 1
        return least

    def drawn(self, text: str, left: float, baseline: float, size: float, *, bold: bool = False) -> bytes:
        """The operators that draw a line. Of DejaVu there is no bold cut here."""
        plain = _plain(text)
        if plain is not None:
            escaped = _SPECIAL.sub(rb"\\\g<0>", plain)
            return b"BT /F%d %g Tf %.2f %.2f Td (%s) Tj ET" % (2 if bold else 1, size, left, baseline, escaped)
        found = []
        for is_known, some in groupby(visual(text), lambda one: ord(one.drawn) in _font().glyphs):
            letters = list(some)
            shown = b"".join(self._code(one).to_bytes(2, "big") for one in letters).hex().encode()
            if not is_known:
                mode, usual = b"3 Tr ", b" 0 Tr"  # to be found and copied, not to be seen
                found.append(_boxes("".join(one.drawn for one in letters), left, baseline, size))
            else:
                mode = usual = b""
            place = size * _SCALE, mode, left, baseline, shown, usual
            found.append(b"BT /F3 %g Tf %s%.2f %.2f Td <%s> Tj%s ET" % place)
            left += sum(map(_wide, letters)) * size / 1000
        return b"\n".join(found)

    def _code(self, letter: Letter) -> int:
        return self._codes.setdefault(letter, len(self._codes) + 1)

    def used(self) -> Used | None:
        """What the document must embed, if anything."""
        if not self._codes:
            return None
        font = _font()
        found = [font.glyphs.get(ord(one.drawn), 0) for one in self._codes]
        glyphs = list(dict.fromkeys(one for one in found if one))
        number = {0: 0, **{glyph: place for place, glyph in enumerate(glyphs, 1)}}
        boxed = round(_BOX / _SCALE)
        return Used(
            name="LOCALS+DejaVuSans",
            widths=[font.widths.get(ord(one.drawn), boxed) for one in self._codes],
            box=font.box,
            ascent=font.ascent,
            descent=font.descent,
            file=font.subset([font.codes[one] for one in glyphs]),
            meaning=_meaning([one.meant for one in self._codes]),
            places=b"\0\0" + b"".join(number[one].to_bytes(2, "big") for one in found),
        )


def _plain(text: str) -> bytes | None:
    """`text` as Helvetica has it; None where it lacks a letter."""
    if not text.isprintable():
        return None
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        return None


def _wide(letter: Letter) -> int:
    found = _font().widths.get(ord(letter.drawn))
    return _BOX if found is None else int(found * _SCALE)


def _boxes(letters: str, left: float, baseline: float, size: float) -> bytes:
    """Boxes side by side, each with the code point of a letter in two rows."""
    found = [b"q 0.3 w 1 0 0 1 %.2f %.2f cm" % (left, baseline)]
    for one in letters:
        found += [_box(one, size), b"1 0 0 1 %.2f 0 cm" % (size * _BOX / 1000)]
    return b"\n".join([*found, b"Q"])


@lru_cache(5000)
def _box(letter: str, size: float) -> bytes:
    code = f"{ord(letter):04X}"
    half = (len(code) + 1) // 2
    width, height = size * 0.84, size * 0.9
    found = [b"%.2f %.2f %.2f %.2f re" % (size * 0.08, -size * 0.14, width, height)]
    across, down = width / (half + 0.25), height / 2.2
    for row, part in enumerate((code[:half], code[half:])):
        bottom = size * -0.14 + height * (0.56 if row == 0 else 0.1)
        for column, digit in enumerate(part):
            start = size * 0.08 + across * (column + 0.3)
            found.append(_digit(digit, start, bottom, across * 0.62, down * 0.74))
    return b"\n".join([*found, b"S"])


# The strokes of a digit, as on a display of seven segments: corners from 0 0 to 1 2.
_STROKES = {
    "a": (0, 2, 1, 2), "b": (1, 2, 1, 1), "c": (1, 1, 1, 0), "d": (0, 0, 1, 0), "e": (0, 1, 0, 0), "f": (0, 2, 0, 1),
    "g": (0, 1, 1, 1),
}  # fmt: skip
_SEGMENTS = "abcdef bc abdeg abcdg bcfg acdfg acdefg abc abcdefg abcdfg abcefg cdefg adef bcdeg adefg aefg"
_DIGITS = {f"{digit:X}": strokes for digit, strokes in enumerate(_SEGMENTS.split())}


def _digit(digit: str, left: float, bottom: float, width: float, height: float) -> bytes:
    found = []
    for stroke in _DIGITS[digit]:
        x, y, to_x, to_y = _STROKES[stroke]
        ends = left + x * width, bottom + y * height / 2, left + to_x * width, bottom + to_y * height / 2
        found.append(b"%.2f %.2f m %.2f %.2f l" % ends)
    return b" ".join(found)


def _meaning(texts: Sequence[str]) -> bytes:
    """The text that each code stands for, as a ToUnicode map; a section has at most 100 lines."""
    rows = [f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in enumerate(texts, 1)]
    sections = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    body = "\n".join(f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar" for some in sections)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def /CMapName /Used def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{body}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


# ---- the fonts


@cache
def _widths(bold: bool) -> list[int]:
    from reportlab.pdfbase import pdfmetrics

    found: list[int] = pdfmetrics.getFont("Helvetica-Bold" if bold else "Helvetica").widths
    return found


@dataclass(frozen=True)
class _Font:
    """DejaVu Sans: a glyph and a width by code point, a code point by glyph."""

    glyphs: dict[int, int]
    widths: dict[int, int]
    codes: dict[int, int]
    box: str
    ascent: int
    descent: int
    face: Any

    def subset(self, codes: Sequence[int]) -> bytes:
        with _READING:
            made: bytes = self.face.makeSubset(list(codes))
        return made


@cache
def _font() -> _Font:
    from reportlab.pdfbase.ttfonts import TTFontFile

    with _READING:
        face: Any = TTFontFile(str(_FONT))
    glyphs = {code: glyph for code, glyph in face.charToGlyph.items() if glyph and not _is_unused(code)}
    codes = {glyph: code for code, glyph in glyphs.items()}
    widths = {code: round(face.charWidths.get(code, face.defaultWidth)) for code in glyphs}
    box = " ".join(str(round(one)) for one in face.bbox)
    return _Font(glyphs, widths, codes, box, round(face.ascent), round(face.descent), face)


def _is_unused(code: int) -> bool:
    return unicodedata.category(chr(code)) in ("Cn", "Co", "Cs")
