"""PDFs from templates."""

from pathlib import Path
from typing import Any

from localsign.mint.engine import papers
from localsign.mint.engine.catalog import StepType, anything, mapping, text
from localsign.mint.engine.files import PDF, found, keep_for
from localsign.mint.engine.results import Done, Later, Result, StepError
from localsign.mint.engine.turn import Turn, as_text


def _create_pdf(turn: Turn) -> Result:
    """From a text or HTML in the step, or from a file: a PDF form is filled in, any other file gives its text."""
    values = {name: as_text(value) for name, value in turn.mapping("fields").items()}
    content, title = turn.text("content") or turn.text("html"), turn.text("title")
    if turn.given("template") is None:
        if not content:
            raise StepError("One of the inputs 'content' and 'template' is required.")
        return Later(lambda: papers.written(content, title), _made)
    file = found(turn, turn.given("template"))
    path, kind = turn.work.blobs.path(file.digest), file.content_type
    return Later(lambda: _hydrated(path, file.filename, kind, values), _made)


def _hydrated(path: Path, name: str, content_type: str, values: dict[str, str]) -> bytes:
    content = path.read_bytes()
    if content[:1024].lstrip().startswith(b"%PDF"):
        return papers.filled(content, values)
    if name.lower().endswith((".txt", ".html", ".htm", ".md", ".liquid")) or content_type.startswith("text/"):
        from localsign.mint.engine.expressions import ExpressionError, render

        try:
            return papers.written(as_text(render(content.decode("utf-8", "replace"), values)))
        except ExpressionError as error:
            raise StepError(f"The template '{name}' cannot be filled in: {error}") from None
    return papers.as_pdf(content, name, content_type)


def _made(turn: Turn, content: Any) -> Result:
    name = turn.text("filename") or f"{turn.step.title}.pdf"
    return Done(output={"file": keep_for(turn, content, name, PDF)})


TYPES = (
    StepType(
        "CreatePdfFromTemplate",
        "PDF hydration",
        "Documents",
        "Makes a PDF of a template and data: a PDF form is filled in, text and simple HTML are laid out our way; "
        "of any other file only the text is taken.",
        _create_pdf,
        inputs={
            "content": text("The template itself: text or simple HTML, with expressions."),
            "title": text("A heading above it."),
            "template": anything("A file of the workflow instead: a PDF form, or text with expressions."),
            "fields": mapping("Values for the fields of the form, or the names in the template."),
            "filename": text("The name of the PDF."),
        },
        outputs={"file": mapping("The PDF, a file of the journey.")},
        aliases=("PdfHydration", "CreatePdf", "HydratePdf"),
    ),
)
