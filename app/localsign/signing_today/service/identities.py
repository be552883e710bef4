"""Identities: what people sign with. No call makes one, so an account gets one when it is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from localsign.core.blobs import Arrived
from localsign.core.clock import show
from localsign.core.errors import BadInputError, ConflictError, Flaw, NotFoundError
from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, inspect_pdf
from localsign.core.work import Work
from localsign.signing_today.models.people import Identity, User
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service.visibility import own, own_or_accessible

_LIFE = timedelta(days=3 * 365)
_ISSUER = "localsign Test CA"
_IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}
_MOST_PIXELS = 25_000_000
_RESOURCE_TYPES = {"Image": "ImageResource", "PDF_Document": "PDFResource"}  # the first inferred from the second


@dataclass(frozen=True)
class Picture:
    """What was found in an uploaded appearance: its resource type, media type and pages."""

    kind: str
    media_type: str
    pages: int


def row(
    identity_id: UUID, user_id: UUID, holder: str, expires_at: datetime, *, is_token: bool = False
) -> dict[str, Any]:
    """The row of a new identity: a remote one, or with `is_token` one on a smart card."""
    return {
        "id": identity_id,
        "user_id": user_id,
        "label": f"Token {holder}" if is_token else holder,
        "expires_at": expires_at,
        "shown": _shown(holder, is_token),
        "appearance": None,
        "digest": None,
    }


def expiry(work: Work) -> datetime:
    """When an identity that is made now ends."""
    return (work.now + _LIFE).replace(hour=23, minute=59, second=59, microsecond=0)


def _shown(holder: str, is_token: bool) -> dict[str, Any]:
    """The members that a client only looks at, by the names of the wire."""
    shown: dict[str, Any] = {
        "actions": {},
        "provider": "Approval Signing Today",
        "providerType": "token" if is_token else "remote",
        "subjectCommonName": holder,
        "issuerCommonName": _ISSUER,
        "tags": ["qualified"] if is_token else [],
    }
    if is_token:
        shown["providerData"] = {
            "smartcardID": 4711,
            "middlewareID": "bit4xpki",
            "ATR": "3bff1800008131fe55006b02090403010101434e5310318065",
            "reader": "localsign virtual reader 0",
            "tokenInfo": {
                "ulMinPinLen": 4,
                "ulMaxPinLen": 8,
                "manufacturerID": "localsign",
                "serialNumber": "7430010000004711",
                "label": "CNS",
                "model": "Test card",
                "flags": 1037,
                "ulFreePublicMemory": 40_000,
                "ulTotalPublicMemory": 80_000,
                "ulFreePrivateMemory": 40_000,
                "ulTotalPrivateMemory": 80_000,
            },
        }
    return shown


# ---- reading


def listed(work: Work, caller: Caller, user_id: UUID) -> tuple[User, list[Identity]]:
    """The identities of the caller, or with `user.access.all` of another user."""
    user = own_or_accessible(work, caller, user_id)
    return user, work.look_up(Identity, "user_id", [user.id])


def _of(work: Work, user: User, identity_id: UUID) -> Identity:
    identity = work.get(Identity, identity_id)
    if identity.user_id != user.id:
        raise NotFoundError(f"The user has no identity with the id {identity_id}.")
    return identity


# ---- how its signatures look


def appearance(work: Work, caller: Caller, user_id: UUID, identity_id: UUID) -> tuple[dict[str, Any], Path]:
    """What is known of the appearance, and its bytes; NotFoundError where there is none."""
    identity = _of(work, own_or_accessible(work, caller, user_id), identity_id)
    if identity.appearance is None or identity.digest is None:
        raise NotFoundError("The identity has no appearance.")
    return identity.appearance, work.blobs.path(identity.digest)


def inspect(arrived: Arrived, fields: dict[str, str]) -> Picture:
    """What an upload holds; BadInputError for all that is wrong with it. Slow: not for a transaction."""
    flaws: list[Flaw] = []
    kind = fields.get("resourceType")
    if not fields.get("filename"):
        flaws.append(Flaw("filename", "is required"))
    for name in ("filename", "title"):
        if len(fields.get(name, "")) > 255:
            flaws.append(Flaw(name, "must be at most 255 characters"))
    if kind not in _RESOURCE_TYPES:
        flaws.append(Flaw("resourceType", f"must be one of {', '.join(_RESOURCE_TYPES)}"))
    elif kind == "Image":
        return _image(arrived.path, flaws)
    else:
        return _pdf(arrived.path, flaws)
    raise BadInputError.of_flaws(flaws)


def _image(path: Path, flaws: list[Flaw]) -> Picture:
    import warnings

    from PIL import Image

    media_type = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a picture that is too large: the next lines see to that
            with Image.open(path, formats=list(_IMAGES)) as image:
                media_type = _IMAGES[image.format or ""]
                if image.width * image.height > _MOST_PIXELS:
                    flaws.append(Flaw("file", f"must have at most {_MOST_PIXELS} pixels"))
                else:
                    image.load()
    except (OSError, ValueError, SyntaxError, KeyError, Image.DecompressionBombError):
        flaws.append(Flaw("file", f"is not a whole {', '.join(_IMAGES)}"))
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return Picture(_RESOURCE_TYPES["Image"], media_type, 1)


def _pdf(path: Path, flaws: list[Flaw]) -> Picture:
    pages = 0
    try:
        pages = inspect_pdf(path).pages
    except (NotAPdfError, EncryptedPdfError):
        flaws.append(Flaw("file", "is not a PDF that can be read"))
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return Picture(_RESOURCE_TYPES["PDF_Document"], "application/pdf", pages)


def check_owner(work: Work, caller: Caller, user_id: UUID, identity_id: UUID) -> None:
    """Refuse before a file is read what would be refused after it."""
    _of(work, own(work, caller, user_id), identity_id)


def set_appearance(
    work: Work,
    caller: Caller,
    user_id: UUID,
    identity_id: UUID,
    arrived: Arrived,
    found: Picture,
    fields: dict[str, str],
) -> tuple[Identity, User]:
    """Keep how the signatures of an identity look, in the place of what was there.

    ConflictError for an identity that has expired (inferred: 409 is listed, its cause is not).
    """
    user = own(work, caller, user_id)
    identity = _of(work, user, identity_id)
    if identity.expires_at <= work.now:
        raise ConflictError("The identity has expired.", facts={"target": "identity-id"})
    blob = work.keep(arrived)
    identity.appearance = {
        "id": str(work.new_id()),
        "type": found.kind,
        "title": fields.get("title"),
        "filename": fields["filename"],
        "size": blob.size,
        "createdAt": show(work.now),
        "mimetype": found.media_type,
        "pages": found.pages,
    }
    identity.digest = blob.digest
    return identity, user


def drop_appearance(work: Work, caller: Caller, user_id: UUID, identity_id: UUID) -> None:
    """Forget how the signatures of an identity look. The bytes go with the world: another row may share them."""
    identity = _of(work, own(work, caller, user_id), identity_id)
    if identity.appearance is None:
        raise NotFoundError("The identity has no appearance.")
    identity.appearance = identity.digest = None
