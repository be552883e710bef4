"""The files that filling and signing give: planned in a transaction, made outside of one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core.blobs import Arrived, Blobs
from localsign.core.work import Work
from localsign.signing_today.dst_switches import FORM_ORIGIN
from localsign.signing_today.lifecycle.dsts import TurnState
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, Role, Turn
from localsign.signing_today.models.people import Identity
from localsign.signing_today.service import plans

if TYPE_CHECKING:
    from localsign.core.sealing.authority import Authority

PDF = "application/pdf"
CMS = "application/pkcs7-mime"  # inferred: the vendor names no media type for CAdES
_DEFAULT_HEIGHT, _DEFAULT_WIDTH = 5.0, 30.0  # percent, of a form that has no size


@dataclass(frozen=True)
class Place:
    """Where something stands: the page (0-based), and percentages of it from the upper left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float
    is_visible: bool


@dataclass(frozen=True)
class FillPlan:
    """All that making a filled document needs: name, text and place of each text."""

    base: str
    texts: tuple[tuple[str, str, Place], ...]
    entropy: bytes
    blobs: Blobs


@dataclass(frozen=True)
class SignPlan:
    """All that one signature needs. `base` is the digest of what is signed; without a place the stamp has a slot."""

    base: str
    is_cades: bool
    signer_name: str
    dst_id: UUID
    reason: str | None
    at: datetime
    is_timestamped: bool
    place: Place | None
    slot: int
    appearance: str | None
    entropy: bytes
    blobs: Blobs
    authority: "Callable[[], Authority]"


def plan_fill(work: Work, plain: Resource, forms: list[dict[str, Any]]) -> FillPlan:
    """What to make of the filled `forms` of a document."""
    texts = [
        (f"form {form['id']}", plans.text_in(form["extraData"]) or "", _place(work, form))
        for form in forms
        if form["toFill"]
    ]
    return FillPlan(plain.digest, tuple(texts), work.ids.entropy(), work.blobs)


def make_filled(planned: FillPlan) -> Arrived:
    """The document with its texts. Slow."""
    from localsign.core.sealing.forms import FilledField, fill_in
    from localsign.core.sealing.stamp import Area

    fields = [
        FilledField(
            name, text, place.page, Area(place.left, place.top, place.width, place.height), is_visible=place.is_visible
        )
        for name, text, place in planned.texts
    ]
    return planned.blobs.take(fill_in(planned.blobs.read(planned.base), fields, planned.entropy))


def base_of(work: Work, document: DstDocument) -> Resource | None:
    """What is signed next: what earlier signers left, else the filled document, else the plain one."""
    wanted = document.working_id or document.filled_id or document.plain_id
    return work.find(Resource, wanted) if wanted else None


def plan_signature(work: Work, dst: Dst, document: DstDocument, turn: Turn) -> SignPlan:
    """What to make when `turn` is performed now."""
    request = next(one for one in document.requests if one["id"] == turn.request_id)
    form = plans.place_of(document, request["id"])
    base = base_of(work, document)
    assert base is not None  # publishing made sure of it, and nothing takes a file from a published DST
    signed = select(Turn.seq).where(
        Turn.dst_id == dst.id, Turn.document == document.number, col(Turn.state) == TurnState.PERFORMED
    )
    return SignPlan(
        base=base.digest,
        is_cades=request["signProfile"] == "CAdES",
        signer_name=plans.name_of(document.signers()[turn.signer_id]),
        dst_id=dst.id,
        reason=request["reason"],
        at=work.now,
        is_timestamped=request["withTimestamp"],
        place=_place(work, form) if form else None,
        slot=len(work.db.exec(signed).all()),
        appearance=_appearance(work, turn.user_id),
        entropy=work.ids.entropy(),
        blobs=work.blobs,
        authority=lambda: work.house.authority,
    )


def make_signature(planned: SignPlan) -> Arrived:
    """The document with one signature more. Slow."""
    content = planned.blobs.read(planned.base)
    authority = planned.authority()
    if planned.is_cades:
        from localsign.core.sealing.cms import cades_envelope

        signer = authority.signer(planned.signer_name)
        return planned.blobs.take(
            cades_envelope(
                authority, signer, content, planned.at, planned.entropy, is_timestamped=planned.is_timestamped
            )
        )
    from localsign.core.sealing.pdf import Seal, seal_pdf
    from localsign.core.sealing.stamp import Area

    place = planned.place
    seal = Seal(
        signer_name=planned.signer_name,
        session_id=str(planned.dst_id),
        at=planned.at,
        entropy=planned.entropy,
        field_name=f"Signature{planned.slot + 1}",
        reason=planned.reason,
        page=place.page if place else 0,
        slot=planned.slot,
        area=Area(place.left, place.top, place.width, place.height) if place else None,
        image=_image(planned),
        is_visible=place.is_visible if place else True,
        is_timestamped=planned.is_timestamped,
    )
    return planned.blobs.take(seal_pdf(authority, content, seal))


def _image(planned: SignPlan) -> bytes | None:
    """The signer's appearance as a picture; a PDF as a picture of its first page."""
    from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, render_page

    if planned.appearance is None:
        return None
    path = planned.blobs.path(planned.appearance)
    try:
        content = path.read_bytes()
        return render_page(path, 0, 600) if content.lstrip()[:5] == b"%PDF-" else content
    except (OSError, NotAPdfError, EncryptedPdfError):
        return None


def _appearance(work: Work, user_id: UUID | None) -> str | None:
    """The digest of the picture that a user signs with: that of the first identity that has one (inferred)."""
    if user_id is None:
        return None
    for identity in work.look_up(Identity, "user_id", [user_id]):
        if identity.digest is not None:
            return identity.digest
    return None


def _place(work: Work, form: dict[str, Any]) -> Place:
    left, top = form["positionX"] or 0.0, form["positionY"] or 0.0
    width, height = form["width"] or _DEFAULT_WIDTH, form["height"] or _DEFAULT_HEIGHT
    if work.switched(FORM_ORIGIN) == "bottom-left":
        top = 100.0 - top - height
    return Place((form["page"] or 1) - 1, left, top, width, height, not form["invisible"])


def store(work: Work, dst: Dst, plain: Resource, role: Role, arrived: Arrived, *, mimetype: str = PDF) -> Resource:
    """Keep what was made as a file of the DST, named after the file it was made of."""
    stem = PurePosixPath(plain.filename).stem
    filename = (
        f"{plain.filename}.p7m" if mimetype == CMS else f"{stem}-{Role.FILLED if role is Role.FILLED else 'signed'}.pdf"
    )
    made = Resource(
        id=work.new_id(),
        dst_id=dst.id,
        role=role.value,
        digest=work.keep(arrived).digest,
        size=arrived.blob.size,
        pages=plain.pages if mimetype == PDF else None,
        title=plain.title,
        filename=filename[-255:],
        mimetype=mimetype,
        created_at=work.now,
    )
    work.db.add(made)
    return made
