"""PDFs that steps make: text as pages, forms filled in, several files as one. Slow: never in a transaction."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from localsign.core.sealing import stamp
from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, rebuilt, rewritten
from localsign.core.sealing.inspect import merged as merged_pdfs
from localsign.mint.engine.results import StepError

PDF = "application/pdf"
LONGEST_TEXT = 2_000_000  # characters of one document
MOST_UNPACKED = 20_000_000  # bytes of one part of an office document
MOST_PAGES = 2000
_ENTROPY = b"localsign mint"  # the same files give the same bytes
_SIZES = {"h1": 18.0, "h2": 14.0, "h3": 12.0}
_EDGE, _WIDTH, _HEIGHT = 56.0, 595.28, 841.89  # points; A4
_HTML = re.compile(r"<(html|body|p|h[1-6]|div|br|ul|ol|table)\b", re.IGNORECASE)
_PARTS = {  # the texts inside office documents
    ".docx": r"word/document\.xml",
    ".odt": r"content\.xml",
    ".ott": r"content\.xml",
    ".pptx": r"ppt/slides/slide\d+\.xml",
    ".xlsx": r"xl/(sharedStrings|worksheets/sheet\d+)\.xml",
}
_BLOCKS = ("p", "h", "tr", "row", "si", "list-item", "title", "div", "li", "br")

Line = tuple[str, float]  # text, and its size in points


def written(text: str, title: str = "") -> bytes:
    """Text, or simple HTML, as a PDF on A4."""
    lines = list(_html_lines(text)) if _HTML.search(text) else [(line, 11.0) for line in text.splitlines()]
    if title:
        lines = [(title, _SIZES["h1"]), ("", 6.0), *lines]
    return _drawn(lines or [("", 11.0)])


def merged(parts: Sequence[tuple[Path, str, str]]) -> bytes:
    """The files, each a path, a name and a media type, as one PDF in their order."""
    pdfs = [as_pdf(path.read_bytes(), name, content_type) for path, name, content_type in parts]
    try:
        return merged_pdfs(pdfs[:-1], pdfs[-1], _ENTROPY)
    except EncryptedPdfError:
        raise StepError("One of the PDFs is encrypted and cannot be merged.") from None
    except NotAPdfError as error:
        raise StepError(f"One of the files cannot be merged: {error}.") from None


def as_pdf(content: bytes, name: str, content_type: str) -> bytes:
    """One file as a PDF: itself, or its text on pages."""
    suffix = Path(name).suffix.lower()
    if content[:1024].lstrip().startswith(b"%PDF") or content_type.startswith(PDF):
        return content
    if suffix in _PARTS or content[:2] == b"PK":
        return written(_office_text(content, suffix, name))
    text = content[:LONGEST_TEXT].decode("utf-8", "replace")
    if suffix == ".rtf" or text.startswith("{\\rtf"):
        text = re.sub(r"\\par[d]?\b ?", "\n", text)
        text = re.sub(r"\{\\\*?[^{}]*\}|\\[a-z]+-?\d* ?|[{}]", "", text)
    return written(text)


def filled(pdf: bytes, values: Mapping[str, str]) -> bytes:
    """A PDF form with its text fields filled in and made part of the pages."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError

    try:
        readable = rewritten(pdf, _ENTROPY)
        writer = IncrementalPdfFileWriter(io.BytesIO(readable), strict=False)
        count = sum(_fill(writer, name, value) for name, value in values.items())
        if values and not count:
            raise StepError(f"The template has no form field called {', '.join(values)}.")
        target: Any = io.BytesIO()
        save: Any = writer.write
        save(target)
        return rebuilt(target.getvalue(), _ENTROPY)
    except (NotAPdfError, EncryptedPdfError, PdfError) as error:
        raise StepError(f"The template cannot be filled in: {error}") from None


def _fill(writer: Any, wanted: str, value: str) -> int:
    """Set the fields called `wanted`, and draw what they hold; how many there are."""
    from pyhanko.pdf_utils import generic

    from localsign.core.sealing.pages import entry

    make: Any = generic
    found = 0
    for reference in _fields(writer):
        field = reference.get_object()
        if str(entry(field, "/T", "")) != wanted or entry(field, "/FT", "/Tx") != "/Tx":
            continue
        field[make.pdf_name("/V")] = make.TextStringObject(value)
        field[make.pdf_name("/AP")] = _appearance(writer, field, value)
        writer.mark_update(reference)
        found += 1
    return found


def _fields(writer: Any) -> Iterator[Any]:
    from localsign.core.sealing.pages import entry

    fields = entry(entry(writer.root, "/AcroForm", {}), "/Fields", ())
    for index in range(min(len(fields), 1000)):
        raw = fields.raw_get(index)
        if hasattr(raw, "get_object"):
            yield raw


def _appearance(writer: Any, field: Any, value: str) -> Any:
    from pyhanko.pdf_utils import generic

    from localsign.core.sealing.pages import dictionary, name, numbers

    make: Any = generic
    left, bottom, right, top = (float(one) for one in field["/Rect"])
    width, height = abs(right - left), abs(top - bottom)
    size = max(4.0, min(11.0, height * 0.7))
    words = value.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    font = dictionary(
        {
            "/Type": name("/Font"),
            "/Subtype": name("/Type1"),
            "/BaseFont": name("/Helvetica"),
            "/Encoding": name("/WinAnsiEncoding"),
        }
    )
    form = {
        "/Type": name("/XObject"),
        "/Subtype": name("/Form"),
        "/BBox": numbers(0, 0, width, height),
        "/Resources": dictionary({"/Font": dictionary({"/Helv": font})}),
    }
    head = f"/Tx BMC q BT /Helv {size:.2f} Tf 0 g 2 {(height - size) / 2 + size * 0.2:.2f} Td (".encode("ascii")
    drawing = make.StreamObject(dictionary(form), stream_data=head + words + b") Tj ET Q EMC")
    return dictionary({"/N": writer.add_object(drawing)})


def _office_text(content: bytes, suffix: str, name: str) -> str:
    pattern = _PARTS.get(suffix, "|".join(_PARTS.values()))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [one for one in archive.infolist() if re.fullmatch(pattern, one.filename)]
            if not parts or any(one.file_size > MOST_UNPACKED for one in parts):
                raise StepError(f"'{name}' is not a document whose text can be read.")
            return "\n".join(_xml_text(archive.read(one)) for one in sorted(parts, key=lambda one: one.filename))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        raise StepError(f"'{name}' is not a document whose text can be read.") from None


def _xml_text(xml: bytes) -> str:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        return ""
    words: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")) if root is not None else ():
        if event == "start":
            words.append(element.text or "")
            continue
        if isinstance(element.tag, str) and etree.QName(element).localname in _BLOCKS:
            words.append("\n")
        words.append(element.tail or "")
    return "".join(words)[:LONGEST_TEXT]


def _html_lines(html: str) -> Iterator[Line]:
    """Headings, paragraphs, list items and cells of HTML, as lines."""
    from lxml import etree
    from lxml.html import fromstring

    try:
        root = fromstring(html[:LONGEST_TEXT])
    except (etree.ParserError, ValueError):
        return
    words: list[str] = []
    size = 11.0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in ("script", "style", "head", "title"):
            words += [element.tail or ""] if event == "end" and tag != "head" else []
            continue
        if tag in ("p", "h1", "h2", "h3", "h4", "div", "li", "tr", "br", "table", "ul", "ol"):
            line = " ".join("".join(words).split())
            if line:
                yield line, size
            words = []
            size = _SIZES.get(tag, 11.0) if event == "start" else 11.0
            if event == "end" and tag in ("p", "h1", "h2", "h3", "h4", "table", "ul", "ol"):
                yield "", 5.0
            if event == "start" and tag == "li":
                words.append("• ")
        if event == "start":
            words.append(element.text or "")
        else:
            words.append((" " if tag in ("td", "th") else "") + (element.tail or ""))
    if line := " ".join("".join(words).split()):
        yield line, size


def _drawn(lines: Sequence[Line]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    page = io.BytesIO()
    with stamp.DRAWING:
        canvas = Canvas(page, pagesize=(_WIDTH, _HEIGHT), invariant=1)
        y, pages = _HEIGHT - _EDGE, 1
        for text, size in (one for line in lines for one in _wrapped(*line)):
            y -= size * 1.35
            if y < _EDGE:
                canvas.showPage()
                pages += 1
                if pages > MOST_PAGES:
                    raise StepError(f"The document would have more than {MOST_PAGES} pages.")
                y = _HEIGHT - _EDGE - size * 1.35
            stamp.write(canvas, text, _EDGE, y, size=size, room=_WIDTH - 2 * _EDGE)
        canvas.showPage()
        canvas.save()
    return page.getvalue()


def _wrapped(text: str, size: float) -> Iterator[Line]:
    """Lines that fit, cut between words where there are any."""
    most = int((_WIDTH - 2 * _EDGE) / (size * 0.5))
    rest = text.expandtabs(4).rstrip()
    while len(rest) > most:
        cut = rest.rfind(" ", most // 2, most + 1)
        cut = most if cut < 0 else cut
        yield rest[:cut], size
        rest = rest[cut:].lstrip()
    yield rest, size
