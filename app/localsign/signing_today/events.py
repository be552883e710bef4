"""Webhooks: what a robot is told when a DST or a signature changes.

The data are OAS's schemas; the envelope, and that every change is told, are V1's. Inferred: POST of JSON, a signature
that was made is `performed`, and whose webhook it is (a switch).
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core import deliveries
from localsign.core.events import Event
from localsign.core.tables import Announcement
from localsign.core.work import Work
from localsign.signing_today import spelling
from localsign.signing_today.dst_switches import REJECTED_WEBHOOK, WEBHOOK_OWNER
from localsign.signing_today.lifecycle.dsts import DST_CHANGED, SIGNATURE_CHANGED, DstState
from localsign.signing_today.models.dsts import API, Dst, DstDocument, Resource, Turn, documents_of
from localsign.signing_today.models.people import User
from localsign.signing_today.service import calls, plans

EVENTS = (
    Event(DST_CHANGED, "documented", "OAS: DSTStatusChangedNotification; V1", "A DST has another status."),
    Event(
        SIGNATURE_CHANGED,
        "documented",
        "OAS: SignatureStatusChangedNotification; V1",
        "A signature, or a text to fill in, has another status.",
    ),
)

_DECLINED = "declined"  # V1's word for why


def publish(work: Work, announcement: Announcement) -> None:
    """Queue the webhooks of an announcement."""
    if announcement.name not in (DST_CHANGED, SIGNATURE_CHANGED):
        return
    dst = work.find(Dst, UUID(announcement.data["dst"]))
    if dst is None:
        return
    targets = [one for one in (calls.of(work, robot) for robot in _owners(work, dst)) if one.webhook]
    if not targets:
        return
    make = _of_dst if announcement.name == DST_CHANGED else _of_signature
    data = make(work, dst, announcement.data)
    if data is None:
        return
    body = json.dumps(
        {"message": announcement.name, "data": spelling.chosen(work).of(data)}, ensure_ascii=False
    ).encode()
    for calling in targets:
        deliveries.queue(
            work,
            api=API,
            event=announcement.name,
            reference=dst.id,
            url=str(calling.webhook),
            body=body,
            headers=calling.headers,
            auth=calling.auth,
            digest=calling.is_digest,
            source=calling.robot_id,
        )


def _owners(work: Work, dst: Dst) -> Iterator[UUID]:
    if work.switched(WEBHOOK_OWNER) == "domain":
        query = select(User.id).where(User.domain == dst.domain, col(User.is_robot).is_(True)).order_by(col(User.seq))
        yield from work.db.exec(query)
    elif dst.robot_id is not None:
        yield dst.robot_id


def _of_dst(work: Work, dst: Dst, told: dict[str, Any]) -> dict[str, Any] | None:
    status, reason = told["status"], dst.error_message
    if status == DstState.REJECTED.value:
        status, reason = work.switched(REJECTED_WEBHOOK), _DECLINED
        if status == "none":
            return None
    if status == DstState.SIGNED.value:
        status = "performed"
    data = {"status": status, "dst": str(dst.id)}
    return data if reason is None else {**data, "reason": reason}


def _of_signature(work: Work, dst: Dst, told: dict[str, Any]) -> dict[str, Any] | None:
    turn = work.find(Turn, UUID(told["turn"]))
    if turn is None:
        return None
    documents = documents_of(work, dst)
    order, document = next((index, one) for index, one in enumerate(documents) if one.number == turn.document)
    form = next((one for one in document.forms if one["id"] == turn.form_id), None)
    user = work.find(User, turn.user_id) if turn.user_id else None
    signer = document.signers()[turn.signer_id]
    data: dict[str, Any] = {
        "status": told["status"],
        "group": turn.group,
        "action": "fill" if turn.is_fill else "sign",
        "dst": {"id": str(dst.id), "title": dst.title},
        "signer": user.username if user else signer["email"] or plans.name_of(signer),
        "document": {"display_name": _name(work, document), "id": document.number, "order": order},
        "automatic": bool(user and user.automatic),
    }
    if turn.is_fill:
        data["fillableForm"] = form
    else:
        data["signature"] = turn.request_id
    if form is not None and form["page"] is not None:
        data["page"] = form["page"]
    return data


def _name(work: Work, document: DstDocument) -> str:
    resource = work.find(Resource, document.plain_id) if document.plain_id else None
    return (resource.title or resource.filename) if resource else f"Document {document.number}"
