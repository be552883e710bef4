"""PDFs of every make, written by hand: how files differ on the disk, not what they look like."""

from __future__ import annotations

import io
import zlib
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

CONTENT = b"BT /F1 24 Tf 40 60 Td (Sample) Tj ET"
FONT = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def page(entries: bytes = b"/MediaBox [0 0 595 842]", *, pages: bytes = b"", root: bytes = b"") -> dict[int, bytes]:
    """The objects of a one-page document; more entries for the page, the page tree and the catalog."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R " + root + b" >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 " + pages + b" >>",
        3: b"<< /Type /Page /Parent 2 0 R " + entries + b" >>",
        4: stream(CONTENT),
    }


def plain(**entries: bytes) -> dict[int, bytes]:
    """One A4 page with content and its own resources."""
    return page(b"/MediaBox [0 0 595 842] /Contents 4 0 R /Resources " + FONT, **entries)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def written(objects: dict[int, bytes], version: bytes = b"1.4", trailer: bytes = b"") -> bytes:
    """A file with a classic cross-reference table."""
    out, offsets = _body(objects, version)
    start = len(out)
    out += _table(offsets) + b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (max(objects) + 1, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def hybrid() -> bytes:
    """A table for old readers, and a stream with one more object for new ones."""
    objects = plain()
    objects[5] = b"<< /Producer (new readers only) >>"
    out, offsets = _body(objects, b"1.5")
    hidden = offsets.pop(5)
    stream_at = len(out)
    row = zlib.compress(b"\x01" + hidden.to_bytes(4, "big") + b"\x00")
    entries = b"/Type /XRef /Size 7 /W [1 4 1] /Index [5 1] /Filter /FlateDecode"
    out += b"6 0 obj\n" + stream(row, entries) + b"\nendobj\n"
    start = len(out)
    out += _table(offsets) + b"trailer\n<< /Size 7 /Root 1 0 R /XRefStm %d >>\n" % stream_at
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def linearised() -> bytes:
    """The first page's objects and table at the head of the file, the others' table at its end."""
    objects, first, second = plain(), (1, 3, 4), (2,)
    dictionary = b"<< /Linearized 1 /L %010d /H [0 0] /O 3 /E %010d /N 1 /T %010d >>"
    lengths = (0, 0, 0, 0)  # of the file, of its first part, and where the main and the first table start
    for _ in range(2):  # the numbers have a fixed width, so the second round fits
        out = b"%PDF-1.5\n"
        offsets = {5: len(out)}
        out += b"5 0 obj\n" + dictionary % lengths[:3] + b"\nendobj\n"
        head = len(out)
        table_size = len(_table(dict.fromkeys((*first, 5), 0), free=False))
        trailer = b"trailer\n<< /Size 6 /Root 1 0 R /Prev %010d >>\nstartxref\n0\n%%%%EOF\n" % lengths[2]
        after = head + table_size + len(trailer)
        body = b""
        for number in first:
            offsets[number] = after + len(body)
            body += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
        out += _table(offsets, free=False) + trailer + body
        end_of_first = len(out)
        rest: dict[int, int] = {}
        for number in second:
            rest[number] = len(out)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
        main = len(out)
        out += _table(rest) + b"trailer\n<< /Size 6 >>\nstartxref\n%d\n%%%%EOF\n" % head
        lengths = (len(out), end_of_first, main, head)
    return out


def with_xref_stream() -> bytes:
    """The cross-references in a stream, objects in object streams where they may be."""
    return _saved(_copy())


def encrypted(password: str) -> bytes:
    """AES, for opening with `password` ("" opens for everybody)."""
    writer = _copy()
    writer.encrypt("owner", password)
    return _saved(writer)


def _copy() -> Any:
    return copy_into_new_writer(PdfFileReader(io.BytesIO(written(plain()))))


def _saved(writer: Any) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _body(objects: dict[int, bytes], version: bytes) -> tuple[bytes, dict[int, int]]:
    out, offsets = b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n", {}
    for number, content in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return out, offsets


def _table(offsets: dict[int, int], *, free: bool = True) -> bytes:
    out = b"xref\n" + (b"0 1\n0000000000 65535 f \n" if free else b"")
    return out + b"".join(b"%d 1\n%010d 00000 n \n" % (number, at) for number, at in sorted(offsets.items()))
