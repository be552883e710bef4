"""The files of a DST."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from localsign.core.blobs import Arrived
from localsign.core.errors import BadInputError, Flaw, WorldChangedError
from localsign.core.work import Work
from localsign.signing_today.lifecycle.dsts import DstEvent
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, documents_of, resources_of
from localsign.signing_today.permissions import Caller
from localsign.signing_today.schemas.parts import LFResource
from localsign.signing_today.service import access
from localsign.signing_today.service.dsts import touch

PDF_DOCUMENT = "PDF_Document"
_LONGEST = 255
_FIRST_YEAR = 1980  # that a zip can tell of


@dataclass(frozen=True)
class Named:
    """What an upload says of itself."""

    filename: str
    title: str | None


def named(fields: dict[str, str]) -> Named:
    """The fields of an upload; BadInputError for those that are missing or wrong."""
    flaws = [Flaw(name, "is required") for name in ("filename", "resourceType") if not fields.get(name)]
    kind = fields.get("resourceType")
    if kind and kind != PDF_DOCUMENT:
        flaws.append(Flaw("resourceType", f"must be {PDF_DOCUMENT}"))
    flaws += [
        Flaw(name, f"must be at most {_LONGEST} characters")
        for name in ("filename", "title")
        if len(fields.get(name, "")) > _LONGEST
    ]
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return Named(fields["filename"], fields.get("title") or None)


def count_pages(path: Path, member: str) -> int:
    """How many pages a PDF has; BadInputError for what is none. Slow."""
    from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, inspect_pdf

    try:
        return inspect_pdf(path).pages
    except NotAPdfError as error:
        raise BadInputError.of(member, f"is not a PDF that can be read: {error}") from None
    except EncryptedPdfError as error:
        raise BadInputError.of(member, f"cannot be signed: {error}") from None


def add(work: Work, caller: Caller, dst_id: UUID, wanted: Named, arrived: Arrived, pages: int) -> Dst:
    """Add a PDF to a draft, and a document of it (inferred: this call is documented as the way to add documents)."""
    dst = access.owned(work, caller, dst_id)
    work.fire(dst.machine, dst, DstEvent.ADD_RESOURCE)
    resource = keep(work, dst, wanted, arrived, pages)
    number = max((one.number for one in documents_of(work, dst)), default=0) + 1
    work.db.add(DstDocument(dst_id=dst.id, number=number, plain_id=resource.id))
    touch(work, dst)
    return dst


def keep(work: Work, dst: Dst, wanted: Named, arrived: Arrived, pages: int) -> Resource:
    """A file that arrived as a resource of a DST."""
    resource = Resource(
        id=work.new_id(),
        dst_id=dst.id,
        digest=work.keep(arrived).digest,
        size=arrived.blob.size,
        pages=pages,
        title=wanted.title,
        filename=wanted.filename,
        created_at=work.now,
    )
    work.db.add(resource)
    return resource


def describe(work: Work, caller: Caller, resource_id: UUID, wanted: LFResource) -> None:
    """Change what describes a file; members that are not sent are cleared, but for the file name."""
    resource, dst = access.resource(work, caller, resource_id, changes=True)
    work.fire(dst.machine, dst, DstEvent.UPDATE_RESOURCE)
    resource.title = wanted.title
    resource.filename = wanted.filename or resource.filename
    resource.extra = wanted.extra_data or {}
    touch(work, dst)


def remove(work: Work, caller: Caller, resource_id: UUID) -> Dst:
    """Take a file, and the document of it (inferred), from a draft."""
    resource, dst = access.resource(work, caller, resource_id, changes=True)
    work.fire(dst.machine, dst, DstEvent.DELETE_RESOURCE)
    for document in documents_of(work, dst):
        if document.plain_id == resource.id:
            work.db.delete(document)
    work.db.delete(resource)
    work.drop_unused(resource.digest)
    touch(work, dst)
    return dst


@dataclass(frozen=True)
class Stored:
    """A file as it is handed out."""

    path: Path
    filename: str
    mimetype: str
    created_at: datetime
    role: str
    pages: int | None


def file_of(work: Work, caller: Caller, resource_id: UUID) -> Stored:
    """The file behind an id."""
    resource, _ = access.resource(work, caller, resource_id)
    return stored(work, resource)


def files_of(work: Work, caller: Caller, dst_id: UUID) -> tuple[Dst, list[Stored]]:
    """All files of a DST."""
    dst = access.seen(work, caller, dst_id)
    return dst, [stored(work, one) for one in resources_of(work, dst)]


def stored(work: Work, resource: Resource) -> Stored:
    return Stored(
        path=work.blobs.path(resource.digest),
        filename=resource.filename,
        mimetype=resource.mimetype,
        created_at=resource.created_at,
        role=resource.role,
        pages=resource.pages,
    )


def pack(files: Sequence[Stored], target: Path) -> None:
    """Write a zip of `files`, each under a name of its own; names lead nowhere when they are unpacked. Slow."""
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            at = file.created_at
            stamp = (max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second)
            entry = zipfile.ZipInfo(_free(file.filename, taken), stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            try:
                archive.writestr(entry, file.path.read_bytes())
            except FileNotFoundError:
                raise WorldChangedError from None


def _free(wanted: str, taken: set[str]) -> str:
    path = PurePosixPath(wanted)
    free, number = wanted, 1
    while free.lower() in taken:
        number += 1
        free = f"{path.stem} ({number}){path.suffix}"
    taken.add(free.lower())
    return free
