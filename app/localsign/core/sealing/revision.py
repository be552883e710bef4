"""An update being appended to a PDF: the one way in which documents are changed, so that signatures stay good."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, cast

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1

from localsign.core.sealing import inspect, pages
from localsign.core.sealing.pages import generic

Identify = Callable[[str], bytes]  # 32 bytes that look random, for a purpose; the same for the same purpose


class Revision:
    """An update that is being appended to a document."""

    def __init__(self, pdf: bytes, identify: Identify) -> None:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        if reader.encrypted:
            reader.decrypt("")
        self.is_first = next(enumerate_sig_fields(reader, filled_status=True), None) is None
        # Validators refuse hybrid files, and signatures inside encryption are seldom understood.
        self.is_unusual = bool(reader.encrypted or reader.xrefs.hybrid_xrefs_present)
        root: Any = reader.root
        self.page_count = int(root["/Pages"]["/Count"])
        self.writer = cast(Any, IncrementalPdfFileWriter.from_reader(reader))
        # Both would bring in chance: the file identifier is random, the metadata take the time of day.
        first = self.writer._document_id[0] if "/ID" in reader.trailer else _identifier(identify("id"))
        self.writer._document_id = generic.ArrayObject([first, _identifier(identify("revision"))])
        self.writer._update_meta = lambda: None  # on this object only
        self.writer.ensure_output_version((1, 7))
        if self.writer.output_version < (2, 0):
            self.writer.register_extension(ESIC_EXTENSION_1)

    def page(self, wanted: int) -> int:
        """The index of a page, counted from the end where negative; the last where there is no such page."""
        index = wanted + self.page_count if wanted < 0 else wanted
        return index if 0 <= index < self.page_count else self.page_count - 1


def extended(pdf: bytes, identify: Identify, write: Callable[[Revision], bytes]) -> bytes:
    """What `write` makes of an update of `pdf`; a damaged, encrypted or hybrid one is written anew before.

    Signed documents are only ever appended to. Raises inspect.NotAPdfError, inspect.EncryptedPdfError.
    """
    try:
        revision = Revision(pdf, identify)
        if revision.is_first and revision.is_unusual:
            raise _UnusualError
        return write(revision)
    except Exception:  # whatever a broken structure makes a parser raise
        if _has_signatures(pdf):
            raise
    return _mended(pdf, identify, write)


def _mended(pdf: bytes, identify: Identify, write: Callable[[Revision], bytes]) -> bytes:
    """For a document pyHanko cannot extend: PDFium mends what viewers would mend."""
    written = inspect.rewritten(pdf, identify("rewritten"))
    try:
        return write(Revision(written, identify))
    except Exception:  # the parts are sound now, but not how they hang together
        bare = inspect.rebuilt(pdf, identify("rebuilt"))
    return write(Revision(bare, identify))


def _has_signatures(pdf: bytes) -> bool:
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        return next(enumerate_sig_fields(reader, filled_status=True), None) is not None
    except Exception:  # not even readable: what signatures it has are lost anyway
        return False


class _UnusualError(Exception):
    """The document should be written anew before it is extended."""


def free_field_name(writer: Any, wanted: str) -> str:
    """A name for a new form field: `wanted`, with a number if it is taken, and without dots."""
    base = plain_text(wanted).replace(".", "_") or "Signature"
    form = pages.entry(writer.root, "/AcroForm", {})
    taken = {str(pages.entry(field.get_object(), "/T", "")) for field in pages.entry(form, "/Fields", ())}
    free, number = base, 1
    while free in taken:
        number += 1
        free = f"{base}_{number}"
    return free


def plain_text(text: str) -> str:
    """Text every encoding of the PDF accepts: without control characters and lone surrogates."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _identifier(entropy: bytes) -> Any:
    return generic.ByteStringObject(entropy[:16])
