"""`/DSTs` and `/DST/{id}`: HTTP in, HTTP out; no decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from localsign.core.http import InWork, base_url, perform
from localsign.signing_today import actions, auth
from localsign.signing_today.models.dsts import Dst
from localsign.signing_today.paging import InPage, InSearch
from localsign.signing_today.permissions import Caller
from localsign.signing_today.routes.ids import DocumentId, Id, NoteId, RequestId
from localsign.signing_today.schemas.dsts import (
    AuditRecord,
    DSTNote,
    DstPage,
    DstRequest,
    DstResponse,
    NoteRequest,
    NoteText,
    NotificationEvent,
    NotificationsResponse,
    SigningAddress,
)
from localsign.signing_today.schemas.parts import FillableForm
from localsign.signing_today.service import addresses, copies, dsts, flow, notes, notifications, records
from localsign.signing_today.service.access import seen

router = APIRouter(route_class=auth.behind(auth.requires()), tags=["DSTs"])


def _shown(request: Request, work: InWork, dst: Dst, caller: Caller) -> DstResponse:
    return DstResponse.of(work, dst, caller, base_url(request))


@router.get("/DSTs", operation_id="dSTsGET")
async def list_dsts(
    request: Request,
    work: InWork,
    caller: auth.InCaller,
    wanted: InSearch,
    template: Annotated[bool, Query(description="Whether to list templates instead of DSTs.")] = False,
    user_id: Annotated[UUID | None, Query(alias="userId", description="Whose DSTs; by default the caller's.")] = None,
) -> DstPage:
    """The DSTs that a user has to do with."""
    page = dsts.listed(work, caller, wanted, template=template, user_id=user_id)
    return DstPage(
        count=page.count,
        values=DstResponse.of_all(work, page.values, caller, base_url(request)),
    )


@router.post("/DSTs", operation_id="dSTsPOST", status_code=201)
async def create_dst(request: Request, work: InWork, caller: auth.InCaller, wanted: DstRequest) -> DstResponse:
    """Make a DST, or a template, in draft."""
    return _shown(request, work, dsts.create(work, caller, wanted, base_url(request)), caller)


@router.get("/DST/{id}", operation_id="dSTIdGET")
async def get_dst(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Read a DST."""
    return _shown(request, work, dsts.read(work, caller, dst_id), caller)


@router.put("/DST/{id}", operation_id="dSTIdPUT")
async def put_dst(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id, wanted: DstRequest) -> DstResponse:
    """Change a draft."""
    return _shown(request, work, dsts.put(work, caller, dst_id, wanted), caller)


@router.delete("/DST/{id}", operation_id="dSTIdDELETE", status_code=204)
async def delete_dst(work: InWork, caller: auth.InCaller, dst_id: Id) -> None:
    """Mark a DST as deleted."""
    dsts.delete(work, caller, dst_id)


@router.post("/DST/{id}/publish", operation_id="dSTIdPublishPOST")
async def publish_dst(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Publish a draft; it goes on by itself to be filled or signed."""
    return _shown(request, work, flow.publish(work, caller, dst_id, base_url(request)), caller)


@router.patch("/DST/{id}/fill", operation_id="dSTIdFillPATCH")
async def fill_form(request: Request, caller: auth.InCaller, dst_id: Id, wanted: FillableForm) -> DstResponse:
    """Fill in one form of a DST, as the signer whom it is for."""
    await perform(
        request, lambda work: actions.fill_as(work, caller, dst_id, wanted.document_id, wanted.id, wanted.extra_data)
    )
    shown, _ = await perform(request, lambda work: _shown(request, work, seen(work, caller, dst_id), caller))
    return shown


@router.post("/DST/{id}/notify", operation_id="dSTIdNotifyPOST", status_code=204)
async def notify_signers(work: InWork, caller: auth.InCaller, dst_id: Id) -> None:
    """Remind everybody whose turn it is."""
    flow.notify(work, caller, dst_id)


@router.post("/DST/{id}/modify", operation_id="dSTIdModifyPOST")
async def modify_template(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Take a published template back to draft."""
    return _shown(request, work, copies.modify(work, caller, dst_id), caller)


@router.post("/DST/{id}/instantiate", operation_id="dSTIdInstantiatePOST")
async def instantiate_template(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Make a DST of a published template."""
    return _shown(request, work, copies.instantiate(work, caller, dst_id, base_url(request)), caller)


@router.post("/DST/{id}/templatize", operation_id="dSTIdTemplatizePOST")
async def templatize(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Make a template of a published template."""
    return _shown(request, work, copies.templatize(work, caller, dst_id, base_url(request)), caller)


@router.post("/DST/{id}/replace", operation_id="dSTIdReplacePOST")
async def replace_dst(request: Request, work: InWork, caller: auth.InCaller, dst_id: Id) -> DstResponse:
    """Make a DST in the place of a rejected one."""
    return _shown(request, work, copies.replace(work, caller, dst_id, base_url(request)), caller)


@router.get("/DST/{id}/audit", operation_id="dSTIdAuditGET")
async def get_audit(work: InWork, caller: auth.InCaller, dst_id: Id) -> list[AuditRecord]:
    """What happened in a DST, oldest first."""
    return [AuditRecord.of(one) for one in records.audit_of(work, seen(work, caller, dst_id))]


@router.get("/DST/{id}/sign/{docId}/{signId}", operation_id="dSTIdSignDocIdSignIdGET")
async def get_signing_address(
    request: Request,
    work: InWork,
    caller: auth.InCaller,
    dst_id: Id,
    document_id: DocumentId,
    request_id: RequestId,
) -> SigningAddress:
    """Where the caller signs."""
    turn = addresses.of(work, caller, dst_id, document_id, request_id)
    return SigningAddress(url=f"{base_url(request)}/api/ticket/{turn.ticket}")


# ---- notes


@router.get("/DST/{id}/note", operation_id="dSTIdNoteGET")
async def list_notes(work: InWork, caller: auth.InCaller, dst_id: Id) -> list[DSTNote]:
    """The notes of a DST, oldest first."""
    return [DSTNote.of(one) for one in notes.listed(work, caller, dst_id)]


@router.post("/DST/{id}/note", operation_id="dSTIdNotePOST")
async def append_note(work: InWork, caller: auth.InCaller, dst_id: Id, wanted: NoteText | None = None) -> DSTNote:
    """Add a note to a DST."""
    return DSTNote.of(notes.append(work, caller, dst_id, wanted.text if wanted else None))


@router.put("/DST/{id}/note/{noteId}", operation_id="dSTIdNoteNoteIdPUT")
async def edit_note(work: InWork, caller: auth.InCaller, dst_id: Id, note_id: NoteId, wanted: NoteRequest) -> DSTNote:
    """Change the text of a note."""
    return DSTNote.of(notes.edit(work, caller, dst_id, note_id, wanted.text))


@router.delete("/DST/{id}/note/{noteId}", operation_id="dSTIdNoteNoteIdDELETE", status_code=204)
async def delete_note(work: InWork, caller: auth.InCaller, dst_id: Id, note_id: NoteId) -> None:
    """Remove a note."""
    notes.delete(work, caller, dst_id, note_id)


# ---- notifications


@router.get("/notifications/dsts", operation_id="notificationsDstsGET", tags=["notifications"])
async def list_notifications(work: InWork, caller: auth.InCaller, wanted: InPage) -> NotificationsResponse:
    """What the caller is told about DSTs, newest first."""
    page = notifications.listed(work, caller, wanted)
    return NotificationsResponse(count=page.count, values=[NotificationEvent.of(one) for one in page.values])


@router.delete(
    "/notifications/dst/{id}", operation_id="notificationsDstIdDELETE", status_code=204, tags=["notifications"]
)
async def consume_notifications(work: InWork, caller: auth.InCaller, dst_id: Id) -> None:
    """The caller has seen what is told about a DST."""
    notifications.consume(work, caller, dst_id)
