"""DSTs in one step, files included, as robots make them. The answer comes before files of other servers are fetched."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from localsign.core.blobs import Arrived, Blobs
from localsign.core.errors import BadInputError, ConflictError
from localsign.core.work import Work
from localsign.signing_today.dst_switches import CREATION_STATUS
from localsign.signing_today.lifecycle.dsts import DstState
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, documents_of
from localsign.signing_today.permissions import Caller
from localsign.signing_today.schemas.robots import (
    CreateDigitalSignatureTransaction,
    CreateDocument,
    InstantiateDSTTemplate,
    RoleMapping,
)
from localsign.signing_today.service import copies, downloads, dsts, flow, plans, resources


@dataclass(frozen=True)
class Embedded:
    """The files that a request carries, by the position of their document, with their numbers of pages."""

    files: Mapping[int, tuple[Arrived, int]]

    def discard(self) -> None:
        for arrived, _ in self.files.values():
            arrived.discard()


def receive(blobs: Blobs, wanted: CreateDigitalSignatureTransaction | None, here: str = "") -> Embedded:
    """Take the files out of a request; BadInputError for those that are none. Slow."""
    files: dict[int, tuple[Arrived, int]] = {}
    try:
        for index, document in enumerate((wanted and wanted.documents) or ()):
            place = f"{here}documents[{index}].resource.source"
            source = document.resource and document.resource.source
            if source and source.type == "URL" and not source.source_url:
                raise BadInputError.of(f"{place}.sourceURL", "is required")
            if not source or source.type == "URL":
                continue
            member = f"{place}.embeddedData"
            arrived = blobs.take(_decoded(source.embedded_data, member))
            files[index] = arrived, 0
            files[index] = arrived, resources.count_pages(arrived.path, member)
    except BaseException:
        Embedded(files).discard()
        raise
    return Embedded(files)


def _decoded(text: str | None, member: str) -> bytes:
    """inferred: `binary` in JSON is Base64; of a data URL, what is behind the comma."""
    if not text:
        raise BadInputError.of(member, "is required")
    bare = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode("".join(bare.split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise BadInputError.of(member, "is not Base64") from None


def create(work: Work, caller: Caller, wanted: CreateDigitalSignatureTransaction, embedded: Embedded, base: str) -> Dst:
    """A new DST, in draft or published as the request says."""
    dsts.must_create(caller)
    is_to_publish = _is_to_publish(work, wanted)
    dst = dsts.start(work, caller, base, _first_state(wanted, is_to_publish))
    _put_members(dst, wanted)
    for index, one in enumerate(wanted.documents or ()):
        document = DstDocument(dst_id=dst.id, number=index + 1)
        plans.write(dst, document, one)
        _put_file(work, dst, document, one, embedded.files.get(index))
        work.db.add(document)
    work.followed.began(dst.machine, dst)
    _check_plans(work, dst)
    return _go_on(work, caller, dst, is_to_publish, base)


def _is_to_publish(work: Work, wanted: CreateDigitalSignatureTransaction, here: str = "") -> bool:
    """BadInputError for the status of the documented sample, which its own enum forbids, unless the world takes it."""
    if wanted.status == "toSign" and work.switched(CREATION_STATUS) == CREATION_STATUS.default:
        raise BadInputError.of(f"{here}status", "must be one of draft, published")
    return wanted.status in ("published", "toSign")


def _first_state(wanted: CreateDigitalSignatureTransaction, is_to_publish: bool) -> DstState:
    sources = [one.resource.source for one in wanted.documents or () if one.resource and one.resource.source]
    if not any(source.type == "URL" for source in sources):
        return DstState.DRAFT
    return DstState.DOWNLOADING_IN_PUBLISHED if is_to_publish else DstState.DOWNLOADING_IN_DRAFT


def _put_members(dst: Dst, wanted: CreateDigitalSignatureTransaction) -> None:
    sent = wanted.model_dump(exclude={"documents", "status", "expires_at"}, exclude_none=True)
    for name in ("title", "tags", "template", "public_template", "cc_groups", "urgent"):
        if name in sent:
            setattr(dst, name, sent[name])
    if "cc_users" in sent:
        dst.cc_users = [str(one) for one in sent["cc_users"]]
    if wanted.expires_at is not None:
        dst.wished_expiry = wanted.expires_at


def _put_file(
    work: Work, dst: Dst, document: DstDocument, wanted: CreateDocument, file: tuple[Arrived, int] | None
) -> None:
    resource = wanted.resource
    if resource is None or resource.source is None:
        return
    if file is not None:
        named = resources.Named(resource.filename or "document.pdf", resource.title)
        document.plain_id = resources.keep(work, dst, named, *file).id
        document.source_url = None
    else:
        document.plain_id, document.source_url = None, resource.source.source_url
        document.filename, document.title = resource.filename, resource.title


def _check_plans(work: Work, dst: Dst) -> None:
    work.db.flush()
    files = {one.id: one for one in work.look_up(Resource, "dst_id", [dst.id])}
    if found := list(plans.flaws(documents_of(work, dst), files)):
        raise BadInputError.of_flaws(found)


def _go_on(work: Work, caller: Caller, dst: Dst, is_to_publish: bool, base: str) -> Dst:
    """Publish a DST that has its files; otherwise have them fetched."""
    if is_to_publish:
        flow.check(work, dst)
    if dst.state is not DstState.DRAFT:
        downloads.start(work, dst)
    elif is_to_publish:
        flow.publish(work, caller, dst.id, base)
    return dst


# ---- of a template


def instantiate(
    work: Work, caller: Caller, dst_id: UUID, wanted: InstantiateDSTTemplate, embedded: Embedded, base: str
) -> Dst:
    """A new DST of a published template, with parts of it changed and people in the place of roles.

    What cannot be published is a conflict, as the call lists no 400 (documented).
    """
    patch = wanted.template_patches or CreateDigitalSignatureTransaction()
    is_to_publish = _is_to_publish(work, patch, "templatePatches.")
    dst = copies.instantiate(work, caller, dst_id, base, _first_state(patch, is_to_publish))
    _put_members(dst, patch)
    work.db.flush()
    _patch_documents(work, dst, patch.documents or (), embedded)
    for mapping in wanted.roles_mapping or ():
        mapped = [_map_role(document, mapping) for document in documents_of(work, dst)]
        if not any(mapped):
            detail = f"No signer of the template has the role '{mapping.role_name}'."
            raise ConflictError(detail, facts={"target": "roleName"})
    _check_plans(work, dst)
    try:
        return _go_on(work, caller, dst, is_to_publish, base)
    except BadInputError as error:
        raise ConflictError(error.detail, facts={"target": error.flaws[0].name}) from None


def _patch_documents(work: Work, dst: Dst, patches: Sequence[CreateDocument], embedded: Embedded) -> None:
    """Change the documents of a template by position (inferred); what a patch does not have stays."""
    documents = documents_of(work, dst)
    for index, one in enumerate(patches):
        if index < len(documents):
            document = documents[index]
        else:
            document = DstDocument(dst_id=dst.id, number=max([0, *(one.number for one in documents)]) + 1)
            documents.append(document)
        plans.write(dst, document, one, keeps=True)
        _put_file(work, dst, document, one, embedded.files.get(index))
        work.db.add(document)
    work.db.flush()


def _map_role(document: DstDocument, mapping: RoleMapping) -> bool:
    """Put a person in the place of all signers with a role; whether there is one.

    inferred: the role is the label that ties a signer to a template, else the signer's role in any case.
    """
    signers = document.signers().values()
    found = [one["id"] for one in signers if mapping.role_name and one["templateLabel"] == mapping.role_name]
    if not found and mapping.role_name:
        wanted = mapping.role_name.lower()
        found = [one["id"] for one in signers if (one["role"] or "").lower() == wanted]
    person: dict[str, Any] = mapping.signer.model_dump(mode="json", by_alias=True) if mapping.signer else {}
    document.groups = [
        {**group, "signers": [{**one, **person} if one["id"] in found else one for one in group["signers"]]}
        for group in document.groups
    ]
    return bool(found)
