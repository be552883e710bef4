"""A group chosen as signers stands for all its members, each of whom must sign (documented).

How a group is chosen is not documented. Inferred: a signer without account, e-mail address and phone number, whose
name is that of a group of the domain.
"""

from typing import Any

from sqlmodel import select

from localsign.core.work import Work
from localsign.signing_today.dst_switches import GROUP_SIGNERS
from localsign.signing_today.models.dsts import Dst, DstDocument
from localsign.signing_today.models.people import Group, User
from localsign.signing_today.schemas.parts import SIGNATURE_FORM
from localsign.signing_today.service import access, plans, records


def expand(work: Work, dst: Dst, document: DstDocument) -> None:
    """Put the members in the place of each group in a plan.

    Each gets a signature request like the group's; those of one place on the page stand side by side in it. A text is
    asked of the first member.
    """
    if work.switched(GROUP_SIGNERS) == "none":
        return
    groups: list[dict[str, Any]] = []
    requests, forms = list(document.requests), list(document.forms)
    for group in document.groups:
        signers: list[dict[str, Any]] = []
        for signer in group["signers"]:
            members = _members(work, dst, signer)
            if not members:
                signers.append(signer)
                continue
            made = _signers(dst, document, signers, groups, signer, members)
            signers += made
            requests, forms = _shared(dst, requests, forms, signer, made)
        groups.append({**group, "signers": signers})
    document.groups, document.requests, document.forms = groups, requests, forms


def _members(work: Work, dst: Dst, signer: dict[str, Any]) -> list[User]:
    if any(signer[name] for name in ("userUUID", "email", "phone", "surname")) or not signer["name"]:
        return []
    known = work.db.exec(select(Group).where(Group.domain == dst.domain, Group.name == signer["name"])).first()
    if known is None:
        return []
    members = [work.find(User, one) for one in access.members_of(work, dst.domain, [known.name])]
    return [one for one in members if one is not None and one.is_enabled]


def _signers(
    dst: Dst,
    document: DstDocument,
    before: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    signer: dict[str, Any],
    members: list[User],
) -> list[dict[str, Any]]:
    """Signers for the members: the first takes the group's id, the others free ones."""
    taken = [*document.signers(), *(one["id"] for one in before)]
    taken += [one["id"] for group in groups for one in group["signers"]]
    free = max(taken) + 1
    made = []
    for index, member in enumerate(members):
        dst.parts += 1
        number = signer["id"] if index == 0 else free + index - 1
        shown = {**records.as_signer(member), "role": signer["role"], "templateLabel": signer["templateLabel"]}
        made.append({**shown, "_instance_id": dst.parts, "id": number})
    return made


def _shared(
    dst: Dst,
    requests: list[dict[str, Any]],
    forms: list[dict[str, Any]],
    signer: dict[str, Any],
    made: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The requests and forms of a plan, with one for each of `made` where there was one for the group."""
    new_requests: list[dict[str, Any]] = []
    new_forms = [form for form in forms if form["type"] != SIGNATURE_FORM]
    next_request = max((one["id"] for one in requests), default=0) + 1
    next_form = max((one["id"] for one in forms), default=0) + 1
    signature_forms = [form for form in forms if form["type"] == SIGNATURE_FORM]
    for request in requests:
        places = [form for form in signature_forms if plans.request_of(form) == request["id"]]
        if request["signerId"] != signer["id"]:
            new_requests.append(request)
            new_forms += places
            continue
        for index, member in enumerate(made):
            number = request["id"] if index == 0 else next_request
            next_request += index > 0
            dst.parts += 1
            new_requests.append({**request, "_instance_id": dst.parts, "id": number, "signerId": member["id"]})
            for place in places:
                dst.parts += 1
                form_id = place["id"] if index == 0 else next_form
                next_form += index > 0
                new_forms.append(_slice(place, index, len(made), dst.parts, form_id, number, member["id"]))
    pointing = {plans.request_of(form) for form in new_forms}
    new_forms += [form for form in signature_forms if plans.request_of(form) not in pointing]
    return new_requests, sorted(new_forms, key=lambda form: int(form["id"]))


def _slice(
    place: dict[str, Any], index: int, count: int, instance: int, form_id: int, request_id: int, signer_id: int
) -> dict[str, Any]:
    """The part of a place on the page that is for one of `count` people."""
    share = (place["width"] or 0) / count
    return {
        **place,
        "_instance_id": instance,
        "id": form_id,
        "signerId": signer_id,
        "positionX": (place["positionX"] or 0) + index * share,
        "width": share or place["width"],
        "extraData": {**place["extraData"], "signatureRequestId": request_id},
    }
