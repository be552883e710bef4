"""PAdES: one visible, timestamped B-LT signature added to a PDF in one revision that signs the whole file.

The validation material (certificates, revocation list) is known before signing and goes into the
signed revision itself: a revision added afterwards would leave the signature covering less than the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from asn1crypto import crl
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore

from localsign.core.sealing import inspect, pages, stamp
from localsign.core.sealing.authority import Authority, Identity
from localsign.core.sealing.cms import asn1, cades_signature
from localsign.core.sealing.pages import dictionary, generic, name

MOST_WATERMARKED = 50  # pages
_RESERVED = 12_288  # hex digits for the CMS; about 6,000 are used


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signs, in which session, when and where on the paper.

    `entropy` is all the randomness there is: the same seal gives the same bytes. `page` is 0-based
    and counts from the end when negative; one that is not there means the last. Seals of one
    document have different `slot` numbers (0, 1, ...) so that their stamps stand side by side. A
    taken `field_name` gets a number added; dots in it become underscores.
    """

    signer_name: str
    session_id: str
    at: datetime
    entropy: bytes
    field_name: str
    national_id: str | None = None
    reason: str | None = None
    page: int = 0
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed in the PDF before it is signed; names must differ."""

    name: str
    media_type: str
    content: bytes


def seal_pdf(
    authority: Authority,
    pdf: bytes,
    seal: Seal,
    *,
    identity: Identity | None = None,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF with one more PAdES B-LT signature, by the signer's own certificate unless `identity` is given.

    A document without signatures gets a watermark on its first 50 pages; damaged, encrypted or
    hybrid ones are written anew first. Signed documents are only ever appended to.
    Raises inspect.NotAPdfError, inspect.EncryptedPdfError, ValueError for a time without zone.
    """
    if seal.at.tzinfo is None:
        raise ValueError("the time of a seal needs a zone")
    signer = identity or authority.signer(seal.signer_name, seal.national_id)

    try:
        revision = _Revision(pdf, seal)
        if revision.is_first and revision.is_unusual:
            raise _UnusualError
        return _sign(authority, signer, revision, seal, attachments)
    except Exception:  # whatever a broken structure makes a parser raise
        if _has_signatures(pdf):
            raise
    return _sign_mended(authority, signer, pdf, seal, attachments)


def _sign_mended(
    authority: Authority, signer: Identity, pdf: bytes, seal: Seal, attachments: Sequence[Attachment]
) -> bytes:
    """As seal_pdf, for a document pyHanko cannot extend: PDFium mends what viewers would mend."""
    written = inspect.rewritten(pdf, _derived(seal, "rewritten"))
    try:
        return _sign(authority, signer, _Revision(written, seal), seal, attachments)
    except Exception:  # the parts are sound now, but not how they hang together
        bare = inspect.rebuilt(pdf, _derived(seal, "rebuilt"))
    return _sign(authority, signer, _Revision(bare, seal), seal, attachments)


def _has_signatures(pdf: bytes) -> bool:
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        return next(enumerate_sig_fields(reader, filled_status=True), None) is not None
    except Exception:  # not even readable: what signatures it has are lost anyway
        return False


class _UnusualError(Exception):
    """The document should be written anew before it is signed."""


class _Revision:
    """An update being appended to a document."""

    def __init__(self, pdf: bytes, seal: Seal) -> None:
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
        first = self.writer._document_id[0] if "/ID" in reader.trailer else _identifier(seal, "id")
        self.writer._document_id = generic.ArrayObject([first, _identifier(seal, "revision")])
        self.writer._update_meta = lambda: None  # on this object only
        self.writer.ensure_output_version((1, 7))
        if self.writer.output_version < (2, 0):
            self.writer.register_extension(ESIC_EXTENSION_1)

    def page(self, wanted: int) -> int:
        index = wanted + self.page_count if wanted < 0 else wanted
        return index if 0 <= index < self.page_count else self.page_count - 1


def _sign(
    authority: Authority, signer: Identity, revision: _Revision, seal: Seal, attachments: Sequence[Attachment]
) -> bytes:
    writer = revision.writer
    if revision.is_first:
        pages.watermark(writer, min(revision.page_count, MOST_WATERMARKED))
    for attachment in sorted(attachments, key=lambda a: a.name.encode("utf-16-be")):
        _embed(writer, attachment, seal.at)
    _add_validation_material(writer, authority, signer)

    index = revision.page(seal.page)
    sheet = pages.sheet_of(writer.find_page_for_modification(index)[0].get_object())
    shown = stamp.place(sheet.width, sheet.height, seal.slot)
    field_name = _free_field_name(writer, seal.field_name)
    spec = SigFieldSpec(field_name, on_page=index, box=_rectangle(sheet, shown))
    steps: Any = PdfCMSEmbedder(new_field_spec=spec).write_cms(field_name, writer)
    field = next(steps).get_object()
    if shown is not None:
        _draw(writer, field, sheet, seal)
    steps.send(SigObjSetup(sig_placeholder=_signature_object(seal)))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256", output=io.BytesIO()))
    cms = cades_signature(authority, signer, prepared.document_digest, seal.at, _derived(seal, "timestamp"))
    steps.send(cms)
    return bytes(output.getvalue())


def _signature_object(seal: Seal) -> Any:
    return SignatureObject(
        timestamp=seal.at.astimezone(UTC).replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        name=_text(seal.signer_name) or None,
        reason=_text(seal.reason or "") or None,
        location=None,
        contact_info=f"Session {_text(seal.session_id)}. {stamp.NOTICE}",
        bytes_reserved=_RESERVED,
    )


def _draw(writer: Any, field: Any, sheet: pages.Sheet, seal: Seal) -> None:
    drawing = stamp.draw(seal.signer_name, seal.session_id, seal.at, seal.reason)
    reference = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(drawing)))
    form = reference.get_object()
    form[name("/Matrix")] = generic.ArrayObject([generic.NumberObject(v) for v in (*sheet.turn(), 0, 0)])
    field[name("/AP")] = dictionary({"/N": reference})
    field[name("/MK")] = dictionary({"/R": generic.NumberObject(sheet.rotation)})
    who, session = _text(seal.signer_name), _text(seal.session_id)
    words = f"{stamp.NOTICE}: {who}, session {session}, {stamp.moment(seal.at)}"
    field[name("/Contents")] = generic.pdf_string(words)
    writer.update_container(field)


def _rectangle(sheet: pages.Sheet, shown: stamp.Box | None) -> Any:
    if shown is None:
        return None
    box = sheet.rectangle(shown)
    return box.left, box.bottom, box.right, box.top


def _add_validation_material(writer: Any, authority: Authority, signer: Identity) -> None:
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,  # no entry per signature: it is named by a hash of what is not signed yet
        certs=[asn1(identity) for identity in (authority.root, authority.tsa, signer)],
        crls=[crl.CertificateList.load(authority.crl.public_bytes(Encoding.DER))],
    )


def _embed(writer: Any, attachment: Attachment, at: datetime) -> None:
    moment = at.astimezone(UTC).replace(microsecond=0)
    data = embed.EmbeddedFileObject.from_file_data(
        writer,
        attachment.content,
        mime_type=attachment.media_type,
        params=embed.EmbeddedFileParams(creation_date=moment, modification_date=moment),
    )
    embed.embed_file(
        writer,
        embed.FileSpec(file_spec_string=attachment.name, file_name=attachment.name, embedded_data=data),
    )


def _free_field_name(writer: Any, wanted: str) -> str:
    base = _text(wanted).replace(".", "_") or "Signature"
    form = pages.entry(writer.root, "/AcroForm", {})
    taken = {str(pages.entry(field.get_object(), "/T", "")) for field in pages.entry(form, "/Fields", ())}
    free, number = base, 1
    while free in taken:
        number += 1
        free = f"{base}_{number}"
    return free


def _text(text: str) -> str:
    """Text every encoding of the PDF accepts: without control characters and lone surrogates."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _identifier(seal: Seal, purpose: str) -> Any:
    return generic.ByteStringObject(_derived(seal, purpose)[:16])


def _derived(seal: Seal, purpose: str) -> bytes:
    parts = (seal.entropy, seal.session_id.encode("utf-8", "surrogatepass"), purpose.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
