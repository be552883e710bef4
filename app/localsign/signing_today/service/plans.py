"""The plan of a document: who fills in what, who signs what, in which order. Reading it, checking it, copying it.

Inferred throughout: what is checked, and when. A plan has to be of one piece when it is changed by PUT and when a
DST is published. A new DST may have any, because the documented sample of a creation does not fit together.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from localsign.core.errors import Flaw
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource
from localsign.signing_today.schemas.parts import SIGNATURE_FORM, DocumentRequest, Plan

MOST_TURNS = 500  # signatures and texts of one DST: each is asked for in the transaction that publishes
TICKET = "st_ticketUrl"  # set by the service only
TEXT_MEMBERS = ("text", "value", "content")


def write(dst: Dst, document: DstDocument, plan: Plan, *, keeps: bool = False) -> None:
    """Put a plan into a document; parts without an id get one. `keeps`: what the plan does not have stays."""
    numbered = _Numbers(dst)
    if plan.signer_groups is not None or not keeps:
        document.groups = _groups(numbered, plan)
    if plan.signature_requests is not None or not keeps:
        document.requests = _requests(numbered, plan)
    if plan.forms is not None or not keeps:
        document.forms = _forms(numbered, plan, document.number)


def _groups(numbered: "_Numbers", plan: Plan) -> list[dict[str, Any]]:
    groups = [one.model_dump(mode="json", by_alias=True) for one in plan.signer_groups or ()]
    for group in groups:
        group["_instance_id"] = numbered.next()
        group["signers"] = group["signers"] or []
    numbered.give([one for group in groups for one in group["signers"]])
    return groups


def _requests(numbered: "_Numbers", plan: Plan) -> list[dict[str, Any]]:
    requests = [one.model_dump(mode="json", by_alias=True) for one in plan.signature_requests or ()]
    numbered.give(requests)
    for request in requests:
        extra = request["extraData"] or {}
        request["extraData"] = {name: value for name, value in extra.items() if name != TICKET}
        request["signProfile"] = request["signProfile"] or "PAdES"
        request["withTimestamp"] = bool(request["withTimestamp"])
        request["declinable"] = bool(request["declinable"])
        request["restrictions"] = request["restrictions"] or []
    return requests


def _forms(numbered: "_Numbers", plan: Plan, number: int) -> list[dict[str, Any]]:
    forms = [one.model_dump(mode="json", by_alias=True) for one in plan.forms or ()]
    numbered.give(forms)
    for form in forms:
        form["documentId"] = number
        form["extraData"] = form["extraData"] or {}
        is_signature = form["type"] == SIGNATURE_FORM
        form["toFill"] = False if is_signature else bool(form["toFill"])  # documented: false for a signature
        form["filled"] = False  # inferred: only filling fills
        form["invisible"] = bool(form["invisible"])
    return forms


class _Numbers:
    """Hands out the `_instance_id`s of a DST's parts, and ids to parts that have none."""

    def __init__(self, dst: Dst) -> None:
        self._dst = dst

    def next(self) -> int:
        self._dst.parts += 1
        return self._dst.parts

    def give(self, parts: list[dict[str, Any]]) -> None:
        taken = {one["id"] for one in parts}
        free = 1
        for one in parts:
            one["_instance_id"] = self.next()
            if one["id"] is None:
                while free in taken:
                    free += 1
                one["id"] = free
                taken.add(free)


def numbers(wanted: Sequence[DocumentRequest | Any]) -> list[int]:
    """The ids of documents in order: their own, and free ones for those that have none."""
    given = [getattr(one, "id", None) for one in wanted]
    free = iter(number for number in range(1, len(given) + 1 + len(given)) if number not in given)
    return [next(free) if number is None else number for number in given]


# ---- what is wrong with it


def flaws(documents: Sequence[DstDocument], resources: Mapping[UUID, Resource]) -> Iterator[Flaw]:
    """Every reference that leads nowhere, and every id that stands for two parts."""
    yield from _repeated("documents", [one.number for one in documents])
    for index, document in enumerate(documents):
        here = f"documents[{index}]"
        resource = None
        if document.plain_id is not None:
            resource = resources.get(document.plain_id)
            if resource is None:
                yield Flaw(f"{here}.plainDocumentUuid", "is not the id of a resource of this DST")
        yield from _plan_flaws(here, document, resource)


def _plan_flaws(here: str, document: DstDocument, resource: Resource | None) -> Iterator[Flaw]:
    signers = [one["id"] for group in document.groups for one in group["signers"]]
    requests = [one["id"] for one in document.requests]
    yield from _repeated(f"{here}.signerGroups.signers", signers)
    yield from _repeated(f"{here}.signatureRequests", requests)
    yield from _repeated(f"{here}.forms", [one["id"] for one in document.forms])
    for position, request in enumerate(document.requests):
        yield from _signer_flaw(f"{here}.signatureRequests[{position}].signerId", request["signerId"], signers)
    for position, form in enumerate(document.forms):
        place = f"{here}.forms[{position}]"
        if form["toFill"] or form["signerId"] is not None:
            yield from _signer_flaw(f"{place}.signerId", form["signerId"], signers)
        wanted = request_of(form)
        if form["type"] == SIGNATURE_FORM and wanted is not None and wanted not in requests:
            yield Flaw(f"{place}.extraData.signatureRequestId", "is not the id of a signature request of this document")
        if resource is not None and resource.pages and (form["page"] or 1) > resource.pages:
            yield Flaw(f"{place}.page", f"is not one of the {resource.pages} pages of the document")
    if len({one["signProfile"] for one in document.requests}) > 1:
        # A PDF inside a CAdES envelope can no longer be signed as PAdES.
        yield Flaw(f"{here}.signatureRequests", "must all have the same signProfile")


def _signer_flaw(name: str, signer_id: int | None, signers: Collection[int]) -> Iterator[Flaw]:
    if signer_id is None:
        yield Flaw(name, "is required")
    elif signer_id not in signers:
        yield Flaw(name, "is not the id of a signer of this document")


def _repeated(name: str, ids: Sequence[int]) -> Iterator[Flaw]:
    for number in dict.fromkeys(one for one in ids if ids.count(one) > 1):
        yield Flaw(f"{name}.id", f"{number} is given to more than one")


def gaps(documents: Sequence[DstDocument]) -> Iterator[Flaw]:
    """What a DST lacks that is to be filled and signed."""
    if not documents:
        yield Flaw("documents", "there is none to sign")
    elif not any(one.requests for one in documents):
        yield Flaw("documents", "none of them has a signature request")
    count = sum(len(one.requests) + sum(form["toFill"] for form in one.forms) for one in documents)
    if count > MOST_TURNS:
        yield Flaw("documents", f"may have {MOST_TURNS} signatures and texts together, and have {count}")
    for index, document in enumerate(documents):
        here = f"documents[{index}]"
        if document.plain_id is None and document.source_url is None:
            yield Flaw(f"{here}.plainDocumentUuid", "is required: the document has no file")
        used = {one["signerId"] for one in document.requests} | {
            one["signerId"] for one in document.forms if one["toFill"]
        }
        for number, group in enumerate(document.groups):
            for position, signer in enumerate(group["signers"]):
                if signer["id"] in used and not is_person(signer):
                    yield Flaw(
                        f"{here}.signerGroups[{number}].signers[{position}]",
                        "is nobody yet: it has no userUUID, e-mail address, phone number or name",
                    )


def is_person(signer: dict[str, Any]) -> bool:
    """Whether a signer is somebody, and not the placeholder of a template."""
    return any(signer[name] for name in ("userUUID", "email", "phone", "name", "surname"))


# ---- reading it


def request_of(form: dict[str, Any]) -> int | None:
    """The signature request that a form is the place of."""
    wanted = form["extraData"].get("signatureRequestId")
    if isinstance(wanted, str) and wanted.isdecimal() and len(wanted) < 11:
        return int(wanted)
    return wanted if isinstance(wanted, int) and not isinstance(wanted, bool) else None


def place_of(document: DstDocument, request_id: int) -> dict[str, Any] | None:
    """The form that says where a signature stands on the page; None if there is none."""
    for form in document.forms:
        if form["type"] == SIGNATURE_FORM and request_of(form) == request_id:
            return form
    return None


def text_in(extra: Mapping[str, Any]) -> str | None:
    """The text of a text form. Under which name it comes is not documented: the usual ones, else the only text."""
    for name in TEXT_MEMBERS:
        if isinstance(extra.get(name), str):
            return str(extra[name])
    texts = [value for name, value in extra.items() if isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def group_of(document: DstDocument, signer_id: int) -> int:
    """The position of a signer's group."""
    for index, group in enumerate(document.groups):
        if any(one["id"] == signer_id for one in group["signers"]):
            return index
    return 0


def name_of(signer: Mapping[str, Any]) -> str:
    """What a signer is called: name and surname, else the e-mail address, else what it stands for in a template."""
    full = " ".join(one for one in (signer.get("name"), signer.get("surname")) if one)
    return full or signer.get("email") or signer.get("phone") or signer.get("templateLabel") or "Signer"


def who_is(signer: Mapping[str, Any]) -> str:
    """The same text for the same person in all documents."""
    if signer.get("userUUID"):
        return f"user {signer['userUUID']}"
    for name in ("email", "phone"):
        if signer.get(name):
            return f"{name} {str(signer[name]).strip().lower()}"
    return f"name {name_of(signer)}"
