"""PAdES: one B-LT signature, visible and timestamped by default, added to a PDF in one revision that signs all of it.

The validation material (certificates, revocation list) is known before signing and goes into the
signed revision itself: a revision added afterwards would leave the signature covering less than the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import crl
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore

from localsign.core.sealing import pages, stamp
from localsign.core.sealing.authority import Authority, Identity
from localsign.core.sealing.cms import asn1, cades_signature
from localsign.core.sealing.pages import dictionary, generic, name
from localsign.core.sealing.revision import Revision, extended, free_field_name, plain_text

MOST_WATERMARKED = 50  # pages
_RESERVED = 12_288  # hex digits for the CMS; about 6,000 are used


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signs, in which session, when and where on the paper.

    `entropy` is all the randomness there is: the same seal gives the same bytes. `page` is 0-based
    and counts from the end when negative; one that is not there means the last. Seals of one
    document have different `slot` numbers (0, 1, ...) so that their stamps stand side by side. A
    taken `field_name` gets a number added; dots in it become underscores.

    With an `area` the stamp stands there and not in a slot, and `image` (PNG or JPEG) is drawn in it.
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
    area: stamp.Area | None = None
    image: bytes | None = None
    is_visible: bool = True
    is_timestamped: bool = True


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

    return extended(
        pdf,
        lambda purpose: _derived(seal, purpose),
        lambda revision: _sign(authority, signer, revision, seal, attachments),
    )


def _sign(
    authority: Authority, signer: Identity, revision: Revision, seal: Seal, attachments: Sequence[Attachment]
) -> bytes:
    writer = revision.writer
    if revision.is_first:
        pages.watermark(writer, min(revision.page_count, MOST_WATERMARKED))
    for attachment in sorted(attachments, key=lambda a: a.name.encode("utf-16-be")):
        _embed(writer, attachment, seal.at)
    _add_validation_material(writer, authority, signer)

    index = revision.page(seal.page)
    sheet = pages.sheet_of(writer.find_page_for_modification(index)[0].get_object())
    shown = _shown(sheet, seal)
    field_name = free_field_name(writer, seal.field_name)
    spec = SigFieldSpec(field_name, on_page=index, box=_rectangle(sheet, shown))
    steps: Any = PdfCMSEmbedder(new_field_spec=spec).write_cms(field_name, writer)
    field = next(steps).get_object()
    if shown is not None:
        _draw(writer, field, sheet, seal, shown)
    steps.send(SigObjSetup(sig_placeholder=_signature_object(seal)))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256", output=io.BytesIO()))
    digest, entropy = prepared.document_digest, _derived(seal, "timestamp")
    cms = cades_signature(authority, signer, digest, seal.at, entropy, is_timestamped=seal.is_timestamped)
    steps.send(cms)
    return bytes(output.getvalue())


def _signature_object(seal: Seal) -> Any:
    return SignatureObject(
        timestamp=seal.at.astimezone(UTC).replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        name=plain_text(seal.signer_name) or None,
        reason=plain_text(seal.reason or "") or None,
        location=None,
        contact_info=f"Session {plain_text(seal.session_id)}. {stamp.NOTICE}",
        bytes_reserved=_RESERVED,
    )


def _shown(sheet: pages.Sheet, seal: Seal) -> stamp.Box | None:
    """Where the stamp stands on the page as displayed; None for a signature that is not seen."""
    if not seal.is_visible:
        return None
    if seal.area is not None:
        return seal.area.on(sheet.width, sheet.height)
    return stamp.place(sheet.width, sheet.height, seal.slot)


def _draw(writer: Any, field: Any, sheet: pages.Sheet, seal: Seal, shown: stamp.Box) -> None:
    # A stamp whose place was asked for is drawn to measure; the others are scaled as a whole.
    size = (stamp.WIDTH, stamp.HEIGHT) if seal.area is None else (shown.width, shown.height)
    drawing = stamp.draw(seal.signer_name, seal.session_id, seal.at, seal.reason, size=size, image=seal.image)
    reference = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(drawing)))
    form = reference.get_object()
    form[name("/Matrix")] = generic.ArrayObject([generic.NumberObject(v) for v in (*sheet.turn(), 0, 0)])
    field[name("/AP")] = dictionary({"/N": reference})
    field[name("/MK")] = dictionary({"/R": generic.NumberObject(sheet.rotation)})
    who, session = plain_text(seal.signer_name), plain_text(seal.session_id)
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


def _derived(seal: Seal, purpose: str) -> bytes:
    parts = (seal.entropy, seal.session_id.encode("utf-8", "surrogatepass"), purpose.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
