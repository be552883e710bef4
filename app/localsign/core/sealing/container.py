"""PAdES container: a signing order as one PDF, originals and XAdES evidence attached, sealed once."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from localsign.core.sealing import inspect, stamp
from localsign.core.sealing.authority import Authority
from localsign.core.sealing.pdf import Attachment, Seal, seal_pdf

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_PDF = "application/pdf"
_LONGEST_NAME = 120
_EDGE, _FOOT = 56.0, 110.0  # points


@dataclass(frozen=True, slots=True)
class Part:
    """An original document. PDFs become pages; every part is attached."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A XAdES document (xml.seal_xml) about one signer and one part."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Signing:
    """A line of the evidence page: who signed in which session, with what, when."""

    signer_name: str
    session_id: str
    eid: str
    at: datetime
    national_id: str | None = None


def seal_container(
    authority: Authority,
    *,
    title: str,
    parts: Sequence[Part],
    signings: Sequence[Signing],
    evidence: Sequence[EvidenceFile],
    seal: Seal,
) -> bytes:
    """One PDF: the pages of all PDF parts in order, then an evidence page; PAdES B-LT by the test seal.

    Parts and evidence are attached under safe names, made unique by a number. The stamp stands on
    `seal.page` of the whole (-1: the evidence page). `seal.signer_name` is what the stamp shows.
    Raises inspect.NotAPdfError and inspect.EncryptedPdfError when a PDF part cannot be read.
    """
    files = _attachments(parts, evidence)
    listed = [(file.name, hashlib.sha256(file.content).hexdigest()) for file in files]
    entropy = hashlib.sha256(b"container" + seal.entropy + seal.session_id.encode("utf-8", "replace")).digest()
    whole = inspect.merged(
        [part.content for part in parts if part.media_type.partition(";")[0].strip().lower() == _PDF],
        _evidence_page(title, listed, signings),
        entropy,
    )
    return seal_pdf(authority, whole, seal, identity=authority.seal, attachments=files)


def _attachments(parts: Sequence[Part], evidence: Sequence[EvidenceFile]) -> list[Attachment]:
    taken: set[str] = set()
    files = [(part.name, part.media_type, part.content) for part in parts]
    files += [(file.name, "application/xml", file.content) for file in evidence]
    return [
        Attachment(_safe_name(name, taken), _media_type(media_type), content) for name, media_type, content in files
    ]


def _safe_name(wanted: str, taken: set[str]) -> str:
    """A file name any system can save: no folders, no control characters, none twice (case apart)."""
    bare = re.split(r"[/\\]", wanted)[-1]
    bare = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in bare).strip(" .")
    path = PurePosixPath(bare or "document")
    suffix = path.suffix[:20]
    stem = path.name[: len(path.name) - len(path.suffix)][: _LONGEST_NAME - len(suffix)]
    name, number = f"{stem}{suffix}", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}{suffix}"
    taken.add(name.casefold())
    return name


def _media_type(given: str) -> str:
    bare = given.partition(";")[0].strip().lower()
    return bare if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", bare) else "application/octet-stream"


def _evidence_page(title: str, files: Sequence[tuple[str, str]], signings: Sequence[Signing]) -> bytes:
    """The closing page or pages, listing what was signed by whom."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    page = io.BytesIO()
    with stamp.DRAWING:
        canvas = Canvas(page, pagesize=A4, invariant=1)
        canvas.setTitle("Evidence")
        sheet = _Lines(canvas, A4)
        sheet.line("Evidence of signing", 18, after=6)
        sheet.line(title, 12, after=4)
        sheet.line("Test document made by localsign. No legal value.", 9, after=16)
        sheet.line("Signatures", 12, after=6)
        for signing in signings:
            number = f", {signing.national_id}" if signing.national_id else ""
            sheet.line(f"{signing.signer_name}{number}", 10)
            sheet.line(f"{signing.eid}, {stamp.moment(signing.at)}, session {signing.session_id}", 8, after=7)
        sheet.line("", 6)
        sheet.line("Files attached to this PDF, with SHA-256", 12, after=6)
        for name, digest in files:
            sheet.line(name, 10)
            sheet.line(digest, 8, after=7)
        canvas.showPage()
        canvas.save()
    return page.getvalue()


class _Lines:
    """Lines down a page, and on to the next one; room for the stamp stays at the bottom."""

    def __init__(self, canvas: Canvas, size: tuple[float, float]) -> None:
        self._canvas = canvas
        self._width, self._height = size
        self._y = self._height - _EDGE

    def line(self, text: str, size: float, after: float = 2) -> None:
        """Write one line of `size` points and leave `after` points below it."""
        self._y -= size * 1.2
        if self._y < _FOOT:
            self._canvas.showPage()
            self._y = self._height - _EDGE - size * 1.2
        stamp.write(self._canvas, text, _EDGE, self._y, size=size, room=self._width - 2 * _EDGE)
        self._y -= after
