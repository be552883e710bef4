"""HTTP in, HTTP out; no decisions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from localsign.core.http import InWork, base_url, gated
from localsign.secure_share import paging, upload
from localsign.secure_share.schemas import (
    CreateRecipient,
    CreateShare,
    FileDto,
    Instant,
    RecipientResponse,
    SharePage,
    ShareResponse,
    UpdateRecipient,
    UpdateShare,
    recipient_shown,
    share_shown,
    shares_shown,
)
from localsign.secure_share.service import files, recipients, shares, standing
from localsign.signicat import permissions
from localsign.signicat.auth import requires
from localsign.workspace import Workspace

router = APIRouter(route_class=gated(requires(permissions.SECURE_SHARE)))

ShareId = Annotated[UUID, Path(alias="shareId")]
RecipientId = Annotated[UUID, Path(alias="recipientId")]
FileId = Annotated[UUID, Path(alias="fileId")]
Bound = Annotated[Instant | None, BeforeValidator(lambda value: None if value == "" else value)]

_FILES: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}}
_UPLOAD: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILES}}}}


# ---- shares


@router.get("/shares/{shareId}", operation_id="get_share", tags=["shares"])
async def get_share(request: Request, work: InWork, share_id: ShareId) -> ShareResponse:
    """Read a share with its recipients and files."""
    return share_shown(work, standing.read(work, share_id), base_url(request))


@router.post("/shares", status_code=201, operation_id="create_share", tags=["shares"])
async def create_share(request: Request, response: Response, work: InWork, wanted: CreateShare) -> ShareResponse:
    """Create a share to upload files into, with recipients or without."""
    base = base_url(request)
    share = shares.create(work, wanted, base)
    response.headers["Location"] = f"{base}/secure-share/shares/{share.id}"
    return share_shown(work, share, base)


@router.get("/shares", operation_id="list_shares", tags=["shares"])
async def list_shares(
    request: Request,
    work: InWork,
    window: paging.Asked,
    created_from: Annotated[Bound, Query(alias="from", description="First time of creation, included.")] = None,
    created_to: Annotated[Bound, Query(alias="to", description="Last time of creation, included.")] = None,
    search: Annotated[str | None, Query(description="Keywords that the title must hold, in any case.")] = None,
) -> SharePage:
    """The shares that match every filter, newest first unless sorted otherwise."""
    page = shares.listed(work, window, created=(created_from, created_to), search=search or "")
    return SharePage(
        limit=window.limit,
        offset=window.offset,
        count=len(page.items),
        total=page.total,
        data=shares_shown(work, page.items, base_url(request)),
    )


@router.put("/shares/{shareId}", operation_id="update_share", include_in_schema=False)
@router.patch("/shares/{shareId}", operation_id="update_share", tags=["shares"])
async def update_share(request: Request, work: InWork, share_id: ShareId, wanted: UpdateShare) -> ShareResponse:
    """Change the members that are sent."""
    return share_shown(work, shares.change(work, share_id, wanted), base_url(request))


@router.delete("/shares/{shareId}", status_code=204, operation_id="delete_share", tags=["shares"])
async def delete_share(work: InWork, share_id: ShareId) -> None:
    """Remove a share with everything in it."""
    shares.delete(work, share_id)


# ---- recipients


@router.post("/shares/{shareId}/recipients", status_code=201, operation_id="create_recipient", tags=["recipients"])
async def create_recipient(
    request: Request, response: Response, work: InWork, share_id: ShareId, wanted: CreateRecipient
) -> RecipientResponse:
    """Add a recipient to a share, who is notified if wanted."""
    base = base_url(request)
    recipient = recipients.create(work, share_id, wanted, base)
    response.headers["Location"] = f"{base}/secure-share/shares/{share_id}/recipients/{recipient.id}"
    return recipient_shown(work, recipient, base)


@router.get("/shares/{shareId}/recipients/{recipientId}", operation_id="get_recipient", tags=["recipients"])
async def get_recipient(
    request: Request, work: InWork, share_id: ShareId, recipient_id: RecipientId
) -> RecipientResponse:
    """Read a recipient, with what they have downloaded."""
    return recipient_shown(work, recipients.read(work, share_id, recipient_id), base_url(request))


@router.put("/shares/{shareId}/recipients/{recipientId}", operation_id="update_recipient", include_in_schema=False)
@router.patch("/shares/{shareId}/recipients/{recipientId}", operation_id="update_recipient", tags=["recipients"])
async def update_recipient(
    request: Request, work: InWork, share_id: ShareId, recipient_id: RecipientId, wanted: UpdateRecipient
) -> RecipientResponse:
    """Change the members that are sent."""
    base = base_url(request)
    return recipient_shown(work, recipients.change(work, share_id, recipient_id, wanted, base), base)


@router.delete(
    "/shares/{shareId}/recipients/{recipientId}",
    status_code=204,
    operation_id="delete_recipient",
    tags=["recipients"],
)
async def delete_recipient(work: InWork, share_id: ShareId, recipient_id: RecipientId) -> None:
    """Remove a recipient; their link leads nowhere any more."""
    recipients.delete(work, share_id, recipient_id)


@router.post(
    "/shares/{shareId}/recipients/{recipientId}/remind",
    status_code=204,
    operation_id="remind_recipient",
    tags=["recipients"],
)
async def remind_recipient(request: Request, work: InWork, share_id: ShareId, recipient_id: RecipientId) -> None:
    """Send a recipient the reminder."""
    recipients.remind(work, share_id, recipient_id, base_url(request))


# ---- files


@router.post(
    "/shares/{shareId}/files",
    status_code=201,
    operation_id="upload_files",
    openapi_extra=_UPLOAD,
    tags=["files"],
)
async def upload_files(request: Request, share_id: ShareId) -> list[FileDto]:
    """Store every part that has a file name, all or none; the answer keeps the order of the request."""
    boundary = upload.boundary_of(request.headers.get("content-type"))
    workspace: Workspace = request.scope["state"]["workspace"]
    settings = workspace.house.settings
    request.scope["state"]["body_limit"] = settings.secure_share_max_upload_bytes
    await workspace.turn()
    with workspace.held() as work:
        files.check_room(work, share_id)
    limits = upload.Limits(bytes=settings.max_document_bytes, files=settings.secure_share_max_files)
    parts = await upload.receive(request.stream(), boundary, workspace.blobs, limits)
    try:
        if workspace.is_due():  # files take their time to come; the share may have expired meanwhile
            await request.scope["state"]["catch_up"](workspace)
        await workspace.turn()
        with workspace.held() as work:
            return [FileDto.of(one) for one in files.add(work, share_id, parts, base_url(request))]
    except BaseException:
        for part in parts:
            part.arrived.discard()
        raise


@router.delete("/shares/{shareId}/files/{fileId}", status_code=204, operation_id="delete_file", tags=["files"])
async def delete_file(work: InWork, share_id: ShareId, file_id: FileId) -> None:
    """Remove a file from the storage."""
    files.delete(work, share_id, file_id)
