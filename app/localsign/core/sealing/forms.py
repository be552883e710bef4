"""Text that somebody filled in, as form fields of a PDF: each with a value and with an appearance of its own."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

from localsign.core.sealing import pages, stamp
from localsign.core.sealing.pages import dictionary, generic, name
from localsign.core.sealing.revision import Revision, extended, free_field_name, plain_text

_LARGEST, _SMALLEST = 11.0, 4.0  # points
_PRINTED, _HIDDEN, _READ_ONLY = 4, 2, 1
_MULTILINE = 1 << 12


@dataclass(frozen=True, slots=True)
class FilledField:
    """A text and where it stands. `page` is 0-based; one that is not there means the last.

    A taken `field_name` gets a number added. One that is not visible has its value in the document all the same.
    """

    field_name: str
    text: str
    page: int
    area: stamp.Area
    is_visible: bool = True


def fill_in(pdf: bytes, fields: Sequence[FilledField], entropy: bytes) -> bytes:
    """The PDF with one more read-only text field for each of `fields`, added in one revision.

    `entropy` is all the randomness there is. Raises inspect.NotAPdfError, inspect.EncryptedPdfError.
    """

    def identify(purpose: str) -> bytes:
        return hashlib.sha256(entropy + purpose.encode()).digest()

    return extended(pdf, identify, lambda revision: _write(revision, fields))


def _write(revision: Revision, fields: Sequence[FilledField]) -> bytes:
    writer = revision.writer
    for field in fields:
        reference, _ = writer.find_page_for_modification(revision.page(field.page))
        sheet = pages.sheet_of(reference.get_object())
        shown = field.area.on(sheet.width, sheet.height)
        free = free_field_name(writer, field.field_name)
        widget = writer.add_object(_widget(writer, reference, sheet, shown, free, field))
        _add(writer, _form(writer), "/Fields", widget)
        _add(writer, reference.get_object(), "/Annots", widget)
        writer.mark_update(reference)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _widget(writer: Any, page: Any, sheet: pages.Sheet, shown: stamp.Box, field_name: str, field: FilledField) -> Any:
    box = sheet.rectangle(shown)
    text = field.text.replace("\r\n", "\n").replace("\r", "\n")
    drawing = _drawn(text, shown.width, shown.height)
    look = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(drawing)))
    look.get_object()[name("/Matrix")] = generic.ArrayObject([generic.NumberObject(v) for v in (*sheet.turn(), 0, 0)])
    flags = _PRINTED if field.is_visible else _PRINTED | _HIDDEN
    return dictionary(
        {
            "/Type": name("/Annot"),
            "/Subtype": name("/Widget"),
            "/FT": name("/Tx"),
            "/T": generic.pdf_string(field_name),
            "/V": generic.pdf_string("\n".join(plain_text(line) for line in text.split("\n"))),
            "/Ff": generic.NumberObject(_READ_ONLY | (_MULTILINE if "\n" in text else 0)),
            "/F": generic.NumberObject(flags),
            "/DA": generic.pdf_string("/Helv 0 Tf 0 g"),
            "/Rect": pages.numbers(box.left, box.bottom, box.right, box.top),
            "/P": page,
            "/MK": dictionary({"/R": generic.NumberObject(sheet.rotation)}),
            "/AP": dictionary({"/N": look}),
        }
    )


def _form(writer: Any) -> Any:
    """The document's form, made where it has none, with the font that `/DA` names."""
    form = pages.entry(writer.root, "/AcroForm", None)
    if form is None:
        form = dictionary({"/Fields": generic.ArrayObject([])})
        writer.root[name("/AcroForm")] = writer.add_object(form)
        writer.update_root()
    resources = _inner(form, "/DR")
    fonts = _inner(resources, "/Font")
    if "/Helv" not in fonts:
        helvetica = {"/Type": name("/Font"), "/Subtype": name("/Type1"), "/BaseFont": name("/Helvetica")}
        fonts[name("/Helv")] = writer.add_object(dictionary(helvetica))
        for changed in (fonts, resources, form):
            _update(writer, changed)
    return form


def _inner(within: Any, key: str) -> Any:
    found = pages.entry(within, key, None)
    if found is None:
        found = within[name(key)] = dictionary({})
    return found


def _add(writer: Any, within: Any, key: str, reference: Any) -> None:
    """Append to an array, which may be an object of its own or missing."""
    entries = pages.entry(within, key, None)
    if entries is None:
        entries = within[name(key)] = generic.ArrayObject([])
    entries.append(reference)
    _update(writer, entries)
    _update(writer, within)


def _update(writer: Any, changed: Any) -> None:
    if getattr(changed, "container_ref", None) is not None:
        writer.update_container(changed)


def _drawn(text: str, width: float, height: float) -> bytes:
    """The text as a page of this size, in letters as large as fit."""
    from reportlab.pdfgen.canvas import Canvas

    page = io.BytesIO()
    with stamp.DRAWING:
        canvas = Canvas(page, pagesize=(width, height), invariant=1)
        size = min(_LARGEST, max(_SMALLEST, height * 0.75))
        lines = stamp.wrapped(text, size, width - 2)
        while len(lines) * size * 1.2 > height and size > _SMALLEST:
            size *= 0.95
            lines = stamp.wrapped(text, size, width - 2)
        # One line stands in the middle, several begin at the top.
        baseline = (height - 0.7 * size) / 2 if len(lines) == 1 else height - size
        for line in lines:
            stamp.write(canvas, line, 1, baseline, size=size, room=width - 2)
            baseline -= 1.2 * size
        canvas.showPage()
        canvas.save()
    return page.getvalue()
