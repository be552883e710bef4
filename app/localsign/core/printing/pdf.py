"""A PDF as a stream: a page leaves as soon as it is full, and nothing of it is kept.

What only the end knows (how many pages there are, which letters were used) stands at the end, where the pages refer to
it by object numbers that were set aside at the beginning.
"""

import zlib
from array import array
from collections.abc import Sequence

from localsign.core.printing.letters import Letters, Used

CATALOG, ROOT, INFO, RESOURCES, PLAIN, BOLD, WIDE, TOTAL = range(1, 9)
_FIRST_FREE = 9
_PAGES_OF_A_NODE = 64  # readers look for a page in a tree


class PdfStream:
    """A PDF in the making, with pages of one size, in points. Slow: not for an event loop, nor for two threads."""

    def __init__(self, title: str, width: float, height: float) -> None:
        self.letters = Letters()
        self.pages = 0
        self._title = title
        self._size = f"[0 0 {width:g} {height:g}]"
        self._out: list[bytes] = []
        self._written = 0
        self._offsets = array("Q", [0] * _FIRST_FREE)
        self._nodes: list[int] = []
        self._of_node: list[int] = []
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def page(self, operators: Sequence[bytes]) -> None:
        """Write a page; `operators` draw it, with F1, F2 and F3 as `letters` uses them, and T for their total."""
        if not self._of_node:
            self._nodes.append(self._new())
        content, page = self._new(), self._new()
        self._stream(content, b"\n".join(operators))
        self._object(
            page,
            f"<< /Type /Page /Parent {self._nodes[-1]} 0 R /MediaBox {self._size} "
            f"/Resources {RESOURCES} 0 R /Contents {content} 0 R >>",
        )
        self.pages += 1
        self._of_node.append(page)
        if len(self._of_node) == _PAGES_OF_A_NODE:
            self._close_node()

    def end(self) -> None:
        """Write what only the end knows."""
        if self._of_node:
            self._close_node()
        kids = " ".join(f"{one} 0 R" for one in self._nodes)
        self._object(ROOT, f"<< /Type /Pages /Count {self.pages} /Kids [{kids}] >>")
        self._object(CATALOG, f"<< /Type /Catalog /Pages {ROOT} 0 R /ViewerPreferences << /DisplayDocTitle true >> >>")
        title = b"\xfe\xff" + self._title.encode("utf-16-be", "replace")
        self._object(INFO, f"<< /Title <{title.hex()}> /Producer (localsign) >>")
        used = self.letters.used()
        wide = f" /F3 {WIDE} 0 R" if used else ""
        fonts = f"/Font << /F1 {PLAIN} 0 R /F2 {BOLD} 0 R{wide} >>"
        self._object(RESOURCES, f"<< {fonts} /XObject << /T {TOTAL} 0 R >> >>")
        for number, name in ((PLAIN, "Helvetica"), (BOLD, "Helvetica-Bold")):
            self._object(number, f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
        if used:
            self._font(used)
        form = f"/Type /XObject /Subtype /Form /BBox [0 -3 60 10] /Resources << /Font << /F1 {PLAIN} 0 R >> >>"
        self._stream(TOTAL, f"BT /F1 7 Tf ({self.pages:,}) Tj ET".encode(), form)
        self._finish()

    def take(self) -> bytes:
        """What was written since the last time."""
        out = b"".join(self._out)
        self._out.clear()
        return out

    # ---- how

    def _close_node(self) -> None:
        kids = " ".join(f"{one} 0 R" for one in self._of_node)
        count = len(self._of_node)
        self._object(self._nodes[-1], f"<< /Type /Pages /Parent {ROOT} 0 R /Count {count} /Kids [{kids}] >>")
        self._of_node.clear()

    def _font(self, used: Used) -> None:
        """The letters of DejaVu that were used."""
        descendant, descriptor, file, meaning, places = (self._new() for _ in range(5))
        self._object(
            WIDE,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{used.name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meaning} 0 R >>",
        )
        self._object(
            descendant,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{used.name} /CIDToGIDMap {places} 0 R "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {descriptor} 0 R /DW 600 /W [1 [{' '.join(map(str, used.widths))}]] >>",
        )
        self._object(
            descriptor,
            f"<< /Type /FontDescriptor /FontName /{used.name} /Flags 4 /FontBBox [{used.box}] /ItalicAngle 0 "
            f"/Ascent {used.ascent} /Descent {used.descent} /CapHeight {used.ascent} /StemV 80 "
            f"/FontFile2 {file} 0 R >>",
        )
        self._stream(file, used.file, f"/Length1 {len(used.file)}")
        self._stream(meaning, used.meaning)
        self._stream(places, used.places)

    def _finish(self) -> None:
        start = self._written
        rows = b"".join(
            b"%010d 00000 n\r\n" % offset if offset else b"0000000000 65535 f\r\n" for offset in self._offsets[1:]
        )
        count = len(self._offsets)
        self._put(b"xref\n0 %d\n0000000000 65535 f\r\n" % count + rows)
        trailer = f"trailer\n<< /Size {count} /Root {CATALOG} 0 R /Info {INFO} 0 R >>\nstartxref\n{start}\n%%EOF\n"
        self._put(trailer.encode())

    def _new(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _stream(self, number: int, content: bytes, more: str = "") -> None:
        packed = zlib.compress(content, 6)
        self._object(number, f"<< {more} /Filter /FlateDecode /Length {len(packed)} >>\nstream", packed)

    def _object(self, number: int, text: str, content: bytes | None = None) -> None:
        self._offsets[number] = self._written
        body = text.encode("ascii") if content is None else b"%s\n%s\nendstream" % (text.encode("ascii"), content)
        self._put(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _put(self, some: bytes) -> None:
        self._out.append(some)
        self._written += len(some)
