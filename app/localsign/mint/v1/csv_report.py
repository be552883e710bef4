"""Rows as CSV by RFC 4180, in UTF-8, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
MARK = "\ufeff".encode()  # by which spreadsheets know UTF-8
# A spreadsheet takes a cell that begins so for a formula and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def safe(cell: str) -> str:
    """`cell` with an apostrophe in front where it would begin a formula, and without NUL, which readers choke on."""
    cell = cell.replace("\0", "\ufffd")
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
