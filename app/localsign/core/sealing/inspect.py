"""Facts about PDFs, pictures of pages and clean copies by PDFium, which is not thread-safe: one lock."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Literal

_PDFIUM = RLock()
_REMOVE_SECURITY = 3  # FPDF_REMOVE_SECURITY
_WIDEST = 4000  # pixels; a page at this width already takes some 90 MB while it is drawn


class NotAPdfError(Exception):
    """The bytes are no PDF, or one too damaged to be read."""


class EncryptedPdfError(Exception):
    """The PDF needs a password to be opened."""


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What an upload is checked for."""

    pages: int


def inspect_pdf(path: Path) -> PdfFacts:
    """Facts about the PDF at `path`. Raises NotAPdfError, EncryptedPdfError, OSError."""
    import pypdfium2.raw

    with _document(_existing(path)) as document:
        if pypdfium2.raw.FPDF_GetSecurityHandlerRevision(document) >= 0:
            raise EncryptedPdfError("the PDF is encrypted, if only with an empty password")
        return PdfFacts(pages=len(document))


def render_page(path: Path, page: int, width: int, kind: Literal["PNG", "JPEG"] = "PNG") -> bytes:
    """A picture of a page (0-based), `width` pixels wide (at most 4000), with signature stamps drawn.

    Pages more than four times as long as wide come out narrower.

    Raises NotAPdfError, EncryptedPdfError, OSError, and IndexError for a page that is not there.
    """
    with _document(_existing(path)) as document:
        document.init_forms()
        if not 0 <= page < len(document):
            raise IndexError(f"page {page} of {len(document)}")
        sheet = document[page]
        across, down = sheet.get_size()
        # No more pixels than four wide sheets: a page may be a thousand times as long as it is wide.
        scale = min(width, _WIDEST) / max(across, 1.0, down / 4)
        image = sheet.render(scale=scale, may_draw_forms=True).to_pil().copy()
    picture = io.BytesIO()
    (image.convert("RGB") if kind == "JPEG" else image).save(picture, kind)
    return picture.getvalue()


def rewritten(pdf: bytes, entropy: bytes) -> bytes:
    """The same document written anew by PDFium: mended cross-references, no encryption.

    Raises NotAPdfError, EncryptedPdfError.
    """
    with _document(pdf) as document:
        return _saved(document, entropy)


def rebuilt(pdf: bytes, entropy: bytes) -> bytes:
    """Only the pages of the document, in a new one; for a structure beyond mending.

    Raises NotAPdfError, EncryptedPdfError.
    """
    import pypdfium2

    with _document(pdf) as source:
        _flatten(source)
        target = pypdfium2.PdfDocument.new()
        try:
            for page in range(len(source)):
                with suppress(pypdfium2.PdfiumError):  # counted but not there
                    target.import_pages(source, [page])
            if len(target) < 1:
                raise NotAPdfError("the PDF has no readable pages")
            return _without_dates(_saved(target, entropy))
        finally:
            target.close()


def merged(parts: Sequence[bytes], last: bytes, entropy: bytes) -> bytes:
    """The pages of all parts in order, then those of `last`, whose other content (title, ...) is kept too.

    Form fields are drawn into their pages, since fields of different documents do not mix.
    Raises NotAPdfError, EncryptedPdfError.
    """
    with _document(last) as target:
        position = 0
        for part in parts:
            with _document(part) as source:
                _flatten(source)
                target.import_pages(source, index=position)
                position += len(source)
        return _saved(target, entropy)


@contextmanager
def _document(source: Path | bytes) -> Iterator[Any]:
    import pypdfium2

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as error:
            # PDFium's word alone is not enough: it may be about a document that was opened before.
            asks = "password" in str(error).lower() or "security" in str(error).lower()
            if asks and b"/Encrypt" in (source if isinstance(source, bytes) else source.read_bytes()):
                raise EncryptedPdfError("the PDF needs a password") from error
            raise NotAPdfError("the file is not a readable PDF") from error
        try:
            if len(document) < 1:
                raise NotAPdfError("the PDF has no pages")
            yield document
        except pypdfium2.PdfiumError as error:
            raise NotAPdfError(f"the PDF cannot be read: {error}") from error
        finally:
            document.close()


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def _flatten(document: Any) -> None:
    import pypdfium2

    if document.init_forms():
        for index in range(len(document)):
            with suppress(pypdfium2.PdfiumError):  # counted but not there
                document[index].flatten()


def _saved(document: Any, entropy: bytes) -> bytes:
    copy = io.BytesIO()
    document.save(copy, flags=_REMOVE_SECURITY)
    return _with_steady_id(copy.getvalue(), entropy)


def _with_steady_id(pdf: bytes, entropy: bytes) -> bytes:
    """PDFium ends a file with a random identifier; put one as long that follows from `entropy`."""
    ids = list(re.finditer(rb"/ID\s*\[\s*<([0-9A-Fa-f]*)>\s*<([0-9A-Fa-f]*)>\s*\]", pdf))
    if not ids:
        return pdf
    steady = hashlib.sha512(entropy).hexdigest().upper().encode()
    result = bytearray(pdf)
    for start, end in (ids[-1].span(1), ids[-1].span(2)):
        result[start:end] = (steady * ((end - start) // len(steady) + 1))[: end - start]
    return bytes(result)


def _without_dates(pdf: bytes) -> bytes:
    """A new PDFium document notes when it was made; the same number of blanks says nothing."""
    return re.sub(rb"/CreationDate\([^)]*\)", lambda found: b" " * len(found[0]), pdf)
