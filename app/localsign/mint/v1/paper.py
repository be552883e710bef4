"""Pages of a PDF report, drawn from the top down. A page that is full is packed, so that many need little memory."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

from localsign.core.sealing import stamp

EDGE, FOOT = 36.0, 30.0
INK, GREY, LINE, BAND, BRAND = "#1b2330", "#5f6b7a", "#cfd6df", "#f3f5f8", "#20456b"
COLOURS = {
    "Finished": "#2e7d4f",
    "Faulted": "#b3261e",
    "Suspended": "#b26a00",
    "Active": "#b26a00",
    "Running": "#1f6fb2",
    "Idle": "#5f6b7a",
    "Cancelled": "#5f6b7a",
}
_LAST_COMMON = 0x24FF
_PLAIN, _BOLD = "Helvetica", "Helvetica-Bold"


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and its width in points."""

    title: str
    width: float


class Paper:
    """A PDF in the making. Not for two threads at once; reportlab's fonts are global, so draw under `stamp.DRAWING`."""

    def __init__(self, title: str, subtitle: str, *, is_wide: bool) -> None:
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.pdfgen.canvas import Canvas

        self.width, self.height = landscape(A4) if is_wide else A4
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  it leaves as the answer
        self._canvas: Any = Canvas(self.file, pagesize=(self.width, self.height), invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("localsign")
        self.title = title
        self.pages = 0
        self.y = 0.0
        self._columns: Sequence[Column] = ()
        self._band = False
        self._colour = ""
        self._begin()
        self.text(title, size=18, bold=True, colour=BRAND)
        self.text(subtitle, size=9, colour=GREY)
        self.gap(6)

    @property
    def room(self) -> float:
        return self.width - 2 * EDGE

    def finish(self) -> IO[bytes]:
        self._end()
        self._canvas.save()
        return self.file

    # ---- pages

    def _begin(self) -> None:
        self.pages += 1
        self._colour = ""
        self.y = self.height - EDGE

    def _end(self) -> None:
        canvas = self._canvas
        canvas.setStrokeColor(LINE)
        canvas.line(EDGE, FOOT + 4, self.width - EDGE, FOOT + 4)
        self.put(self.title, EDGE, FOOT - 8, size=7.5, room=self.room - 60, colour=GREY)
        canvas.setFont(_PLAIN, 7.5)
        canvas.drawRightString(self.width - EDGE, FOOT - 8, f"Page {self.pages}")
        canvas.showPage()
        self._pack()

    def _pack(self) -> None:
        """Compress the page that was just closed; reportlab would keep all of them as text until the end."""
        from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream

        page = self._canvas._doc.Pages.pages[-1]
        packed = zlib.compress(page.stream.encode("latin-1"), 6) + b"\n"
        page.Contents = PDFStream(PDFDictionary({"Filter": PDFName("FlateDecode")}), packed)
        page.stream = None

    def need(self, room: float) -> None:
        """Go to the next page unless `room` points are left on this one; a table goes on under its heading."""
        if self.y - room < FOOT + 8:
            self._end()
            self._begin()
            if self._columns:
                self._heading()

    def gap(self, room: float) -> None:
        self.y -= room

    def _fill(self, colour: str) -> None:
        """Set what is filled with; only if it is another, as reportlab takes its time to read a colour."""
        if self._colour != colour:
            self._canvas.setFillColorRGB(*_parts(colour))
            self._colour = colour

    # ---- text

    def put(
        self,
        text: str,
        left: float,
        baseline: float,
        *,
        size: float,
        room: float,
        bold: bool = False,
        colour: str = INK,
    ) -> None:
        """One line, cut to fit."""
        if not text:
            return
        from reportlab.pdfbase.pdfmetrics import stringWidth

        self._fill(colour)
        if not _is_plain(text):
            stamp.write(self._canvas, text, left, baseline, size=size, room=room)
            return
        font = _BOLD if bold else _PLAIN
        if len(text) * size > room and stringWidth(text, font, size) > room:  # no letter is wider than it is high
            most = max(1, int(len(text) * (room / stringWidth(text, font, size))))
            while most > 1 and stringWidth(text[:most] + "…", font, size) > room:
                most -= 1
            text = text[:most] + "…"
        self._canvas.setFont(font, size)
        self._canvas.drawString(left, baseline, text)

    def text(self, text: str, *, size: float = 9, bold: bool = False, colour: str = INK, left: float = 0) -> None:
        """A line across the page."""
        self.need(size * 1.5)
        self.y -= size * 1.3
        self.put(text, EDGE + left, self.y, size=size, room=self.room - left, bold=bold, colour=colour)

    def paragraph(self, text: str, *, size: float = 8, left: float = 0, most: int = 40) -> None:
        """Text on as many lines as it takes, up to `most`."""
        room = self.room - left
        found = [part for line in wrapped(text, int(room / (size * 0.48))) for part in fitting(line, size, room)]
        for line in found[:most]:
            self.text(line, size=size, left=left)
        if len(found) > most:
            self.text(f"… and {len(found) - most} more lines", size=size, colour=GREY, left=left)

    def section(self, title: str) -> None:
        self._columns = ()
        self.need(76)  # so that no heading stands alone
        self.gap(12)
        self.text(title, size=11.5, bold=True, colour=BRAND)
        self.gap(5)
        self._canvas.setStrokeColor(BRAND)
        self._canvas.line(EDGE, self.y, self.width - EDGE, self.y)
        self.gap(3)

    def fact(self, name: str, value: str) -> None:
        self.need(13)
        self.y -= 12.5
        self.put(name, EDGE, self.y, size=8.5, room=110, colour=GREY)
        self.put(value, EDGE + 116, self.y, size=8.5, room=self.room - 116)

    # ---- tables

    def table(self, columns: Sequence[Column]) -> None:
        self.need(40)
        self._columns = columns
        self._band = False
        self._heading()

    def _heading(self) -> None:
        self._fill(BRAND)
        self._canvas.rect(EDGE, self.y - 15, self.room, 15, stroke=0, fill=1)
        left = EDGE
        for column in self._columns:
            self.put(
                column.title, left + 4, self.y - 10.5, size=7.5, room=column.width - 8, bold=True, colour="#ffffff"
            )
            left += column.width
        self.y -= 15

    def row(self, cells: Sequence[str]) -> None:
        self.need(13)
        if self._band:
            self._fill(BAND)
            self._canvas.rect(EDGE, self.y - 13, self.room, 13, stroke=0, fill=1)
        self._band = not self._band
        left = EDGE
        for column, cell in zip(self._columns, cells, strict=True):
            colour = COLOURS.get(cell, INK)
            self.put(cell, left + 4, self.y - 9.3, size=7.2, room=column.width - 8, bold=cell in COLOURS, colour=colour)
            left += column.width
        self.y -= 13

    def bar(self, left: float, width: float, colour: str) -> None:
        """A bar in the row that was drawn last, from `left` points of the page."""
        self._fill(colour)
        self._canvas.roundRect(left, self.y + 3.5, max(width, 1.5), 6, 1, stroke=0, fill=1)


@cache
def _parts(colour: str) -> tuple[float, ...]:
    """A colour as red, green and blue from 0 to 1."""
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))


def _is_plain(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return text.isprintable()


def fitting(line: str, size: float, room: float) -> list[str]:
    """`line` in as many parts as it takes for each to fit into `room` points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    if _is_plain(line):
        width = stringWidth(line, _PLAIN, size)
    else:  # letters that no font has are drawn as their code points
        width = sum(size * (5.0 if ord(letter) > _LAST_COMMON else 0.8) for letter in line)
    if width <= room or len(line) < 2:
        return [line]
    parts = wrapped(line, max(1, min(len(line) - 1, int(len(line) * room / width))))
    return [part for one in parts for part in fitting(one, size, room)]


def wrapped(text: str, most: int) -> list[str]:
    """Lines of up to `most` characters, cut between words where there are any."""
    found = []
    for line in text.splitlines() or [""]:
        rest = line.expandtabs(4)
        while len(rest) > most:
            cut = rest.rfind(" ", most // 2, most + 1)
            cut = most if cut < 0 else cut
            found.append(rest[:cut])
            rest = rest[cut:].lstrip()
        found.append(rest)
    return found
