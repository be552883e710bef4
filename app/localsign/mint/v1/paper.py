"""Pages of a report, drawn from the top down: headings, facts, paragraphs, tables that go on under their heading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

from localsign.core.printing.pdf import PdfStream

EDGE, FOOT = 36.0, 34.0
A4 = 595.28, 841.89
INK, GREY, LINE, BAND, BRAND, WHITE = "#1b2330", "#5f6b7a", "#cfd6df", "#f3f5f8", "#20456b", "#ffffff"
COLOURS = {
    "Finished": "#2e7d4f",
    "Faulted": "#b3261e",
    "Suspended": "#b26a00",
    "Active": "#b26a00",
    "Running": "#1f6fb2",
    "Idle": "#5f6b7a",
    "Cancelled": "#5f6b7a",
}


class Style(NamedTuple):
    """How a line is set: points, weight, colour."""

    size: float
    bold: bool = False
    colour: str = INK


TITLE, SUBTITLE, SECTION = Style(18, True, BRAND), Style(9, False, GREY), Style(11.5, True, BRAND)
BODY, STRONG, SMALL, HEADING = Style(7.6), Style(7.6, True), Style(6.6, False, GREY), Style(7.4, True, WHITE)
TEXT, LABEL, MONO = Style(8.5), Style(8.5, False, GREY), Style(7.8)

Cell = Sequence[tuple[str, Style]]  # lines, one below the other


def status_style(status: str) -> Style:
    return Style(BODY.size, True, COLOURS.get(status, INK))


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and its width in points."""

    title: str
    width: float


class Paper:
    """A PDF in the making, which `take` gives away piece by piece. Slow, and not for two threads at once."""

    def __init__(self, title: str, subtitle: str, *, is_wide: bool) -> None:
        self.width, self.height = A4[::-1] if is_wide else A4
        self._pdf = PdfStream(title, self.width, self.height)
        self._letters = self._pdf.letters
        self._operators: list[bytes] = []
        self.title = title
        self.y = 0.0
        self._columns: Sequence[Column] = ()
        self._is_banded = False
        self._colour = ""
        self._begin()
        self.paragraph(title, TITLE, most=3)
        self.gap(3)
        self.text(subtitle, SUBTITLE)
        self.gap(8)

    @property
    def room(self) -> float:
        return self.width - 2 * EDGE

    def take(self) -> bytes:
        """What is written since the last time: whole pages."""
        return self._pdf.take()

    def finish(self) -> bytes:
        """The last page and the end of the file."""
        self._end()
        self._pdf.end()
        return self._pdf.take()

    # ---- pages

    def _begin(self) -> None:
        self._colour = ""
        self.y = self.height - EDGE

    def _end(self) -> None:
        self._rule(FOOT + 4, LINE)
        right = self.width - EDGE
        self.put(self.title, EDGE, FOOT - 8, SMALL, room=self.room - 90)
        page = f"Page {self._pdf.pages + 1:,} of"
        self.put(page, right - 30 - self._letters.width(page, 7), FOOT - 8, Style(7, False, GREY))
        self._operators.append(b"q 1 0 0 1 %.2f %.2f cm /T Do Q" % (right - 27, FOOT - 8))
        self._pdf.page(self._operators)
        self._operators = []

    def need(self, room: float) -> None:
        """Go to the next page unless `room` points are left on this one; a table goes on under its heading."""
        if self.y - room < FOOT + 10:
            self._end()
            self._begin()
            if self._columns:
                self._heading()

    def gap(self, room: float) -> None:
        self.y -= room

    # ---- shapes

    def _fill(self, colour: str) -> None:
        if self._colour != colour:
            self._operators.append(_filling(colour))
            self._colour = colour

    def box(self, left: float, bottom: float, width: float, height: float, colour: str) -> None:
        self._fill(colour)
        self._operators.append(b"%.2f %.2f %.2f %.2f re f" % (left, bottom, width, height))

    def _rule(self, height: float, colour: str) -> None:
        self.box(EDGE, height, self.room, 0.6, colour)

    # ---- text

    def put(self, text: str, left: float, baseline: float, style: Style, *, room: float | None = None) -> None:
        """One line, cut to fit into `room`."""
        if not text:
            return
        if room is not None:
            text = self._letters.cut(text, style.size, room, bold=style.bold)
        self._fill(style.colour)
        self._operators.append(self._letters.drawn(text, left, baseline, style.size, bold=style.bold))

    def text(self, text: str, style: Style = TEXT, *, left: float = 0) -> None:
        """A line across the page."""
        self.need(style.size * 1.5)
        self.y -= style.size * 1.35
        self.put(text, EDGE + left, self.y, style, room=self.room - left)

    def paragraph(self, text: str, style: Style = TEXT, *, left: float = 0, most: int | None = None) -> None:
        """Text on as many lines as it takes; of `most`, the last is cut."""
        for line in self._lines(text, style, self.room - left, most):
            self.text(line, style, left=left)

    def _lines(self, text: str, style: Style, room: float, most: int | None) -> Iterable[str]:
        lines = self._letters.wrap(text, style.size, room, bold=style.bold)
        if most is None:
            return lines
        found = list(islice(lines, most + 1))
        if len(found) > most:
            found[most - 1 :] = [self._letters.cut(" ".join(found[most - 1 :]), style.size, room, bold=style.bold)]
        return found

    def section(self, title: str) -> None:
        self._columns = ()
        self.need(76)  # so that no heading stands alone
        self.gap(14)
        self.text(title, SECTION)
        self.gap(5)
        self._rule(self.y, BRAND)
        self.gap(4)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names and values, a line each, or as many as a long value takes."""
        for name, value in pairs:
            lines = list(self._letters.wrap(value, TEXT.size, self.room - 96))
            for number, line in enumerate(lines):
                self.need(13)
                self.y -= 12.5
                if number == 0:
                    self.put(name, EDGE, self.y, LABEL, room=90)
                self.put(line, EDGE + 96, self.y, TEXT)

    # ---- tables

    def table(self, columns: Sequence[Column]) -> None:
        self.need(44)
        self._columns = columns
        self._is_banded = False
        self._heading()

    def _heading(self) -> None:
        self.box(EDGE, self.y - 16, self.room, 16, BRAND)
        left = EDGE
        for column in self._columns:
            self.put(column.title, left + 5, self.y - 11, HEADING, room=column.width - 8)
            left += column.width
        self.y -= 16

    def row(self, cells: Sequence[Cell]) -> float:
        """A row as high as its highest cell; the height of its first baseline."""
        height = 5.0 + 9.6 * max(1, *(len(cell) for cell in cells))
        self.need(height)
        if self._is_banded:
            self.box(EDGE, self.y - height, self.room, height, BAND)
        self._is_banded = not self._is_banded
        left = EDGE
        for column, cell in zip(self._columns, cells, strict=True):
            baseline = self.y - 10
            for text, style in cell:
                self.put(text, left + 5, baseline, style, room=column.width - 8)
                baseline -= 9.6
            left += column.width
        first = self.y - 10
        self.y -= height
        return first

    def folded(self, text: str, style: Style, width: float, most: int = 3) -> Cell:
        """A cell of that width with a long text on up to `most` lines."""
        return [(line, style) for line in self._lines(text, style, width - 8, most)]


@cache
def _filling(colour: str) -> bytes:
    """The operators that fill, and draw lines, in a colour."""
    parts = b" ".join(b"%.3f" % (int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return b"%s rg %s RG" % (parts, parts)
