"""HTTP in, HTTP out; no decisions."""

from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import FileResponse

from localsign.core.errors import BadInputError
from localsign.core.flaws import unknown_members
from localsign.core.http import Download, InWork, base_url, gated
from localsign.core.wire import Instant
from localsign.core.work import Work
from localsign.sign import paging
from localsign.sign.lifecycle import SessionState
from localsign.sign.models import ArchivedDocument, Document, DocumentCollection, SigningSession
from localsign.sign.schemas import (
    CollectionRequest,
    CollectionResponse,
    DocumentInfo,
    DocumentMetadata,
    PostDocumentResponse,
    SessionPage,
    SessionRequest,
    SessionResponse,
    Wire,
)
from localsign.sign.service import collections, documents, sessions
from localsign.signicat import permissions
from localsign.signicat.auth import requires
from localsign.workspace import Workspace

router = APIRouter(route_class=gated(requires(permissions.SIGN)))

DocumentId = Annotated[UUID, Path(alias="documentId")]
CollectionId = Annotated[UUID, Path(alias="documentCollectionId")]
SessionId = Annotated[UUID, Path(alias="sessionId")]
VisibleState = Annotated[
    list[Literal["BLOCKED", "READY", "SIGNED", "REJECTED"]] | None,
    Query(description="BLOCKED, READY, SIGNED or REJECTED; repeat for more than one."),
]

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD: dict[str, Any] = {"requestBody": {"required": True, "content": dict.fromkeys(documents.MEDIA_TYPES, _BINARY)}}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys((*documents.MEDIA_TYPES, "application/xml"), _BINARY)}
}


# ---- signing sessions (first: the most used)


@router.get(
    "/signing-sessions/{sessionId}",
    operation_id="get_signing_session",
    response_model_exclude_none=True,
    tags=["signing sessions"],
)
async def get_signing_session(request: Request, work: InWork, session_id: SessionId) -> SessionResponse:
    """Read a session; one whose link has expired gets a new one."""
    return SessionResponse.of(work, sessions.read(work, session_id), base_url(request))


@router.post(
    "/signing-sessions",
    status_code=201,
    operation_id="create_signing_session",
    response_model_exclude_none=True,
    tags=["signing sessions"],
)
async def create_signing_session(
    request: Request,
    work: InWork,
    wanted: Annotated[list[SessionRequest], Body(min_length=1, max_length=100)],
) -> list[SessionResponse]:
    """Create 1 to 100 sessions, all or none; the answer keeps the order of the request."""
    base = base_url(request)
    return [SessionResponse.of(work, session, base) for session in sessions.create(work, wanted)]


@router.get(
    "/signing-sessions",
    operation_id="list_signing_sessions",
    response_model_exclude_none=True,
    tags=["signing sessions"],
)
async def list_signing_sessions(
    request: Request,
    work: InWork,
    window: paging.Asked,
    state: VisibleState = None,
    created_from: Annotated[Instant | None, Query(alias="createdDateFrom")] = None,
    created_to: Annotated[Instant | None, Query(alias="createdDateTo")] = None,
    due_from: Annotated[Instant | None, Query(alias="dueDateFrom")] = None,
    due_to: Annotated[Instant | None, Query(alias="dueDateTo")] = None,
    title_like: Annotated[str | None, Query(alias="sessionTitleLike")] = None,
) -> SessionPage:
    """The sessions that match every filter, newest first unless sorted otherwise; bounds are included."""
    page = sessions.listed(
        work,
        window,
        created=(created_from, created_to),
        due=(due_from, due_to),
        states=[SessionState(one) for one in state or ()],
        title_like=title_like,
    )
    base = base_url(request)
    return SessionPage(
        limit=window.limit,
        offset=window.offset,
        count=len(page.items),
        total=page.total,
        data=[SessionResponse.of(work, session, base) for session in page.items],
    )


@router.delete(
    "/signing-sessions/{sessionId}",
    status_code=204,
    operation_id="delete_signing_session",
    tags=["signing sessions"],
)
async def delete_signing_session(work: InWork, session_id: SessionId) -> None:
    """Withdraw a session; the documents that no other session holds go with it."""
    sessions.delete(work, session_id)


@router.post(
    "/signing-sessions/{sessionId}/package",
    status_code=202,
    operation_id="package_signing_session",
    tags=["signing sessions"],
)
async def package_signing_session(work: InWork, session_id: SessionId) -> Response:
    """Package a signed session on command."""
    collections.package(work, work.get(SigningSession, session_id))
    return Response(status_code=202)


# ---- documents


@router.post("/documents", operation_id="upload_document", openapi_extra=_UPLOAD, tags=["documents"])
async def upload_document(request: Request) -> PostDocumentResponse:
    """Store the body as a document; its media type is that of the request."""
    workspace: Workspace = request.scope["state"]["workspace"]
    media_type = documents.media_type_of(request.headers.get("content-type"), workspace.switched)
    limit = workspace.house.settings.max_document_bytes
    request.scope["state"]["body_limit"] = limit
    arrived = await workspace.blobs.receive(request.stream(), limit)
    try:
        await anyio.to_thread.run_sync(documents.check_content, arrived, media_type)
        await workspace.turn()
        with workspace.held() as work:
            return PostDocumentResponse.of(work, documents.store(work, arrived, media_type))
    except BaseException:
        arrived.discard()
        raise


@router.get(
    "/documents/{documentId}",
    operation_id="get_document",
    response_class=FileResponse,
    responses=_DOWNLOAD,
    tags=["documents"],
)
async def get_document(work: InWork, document_id: DocumentId) -> FileResponse:
    """The bytes of an uploaded document, or of a result of signing."""
    return _file(work, documents.read(work, document_id))


@router.delete("/documents/{documentId}", status_code=204, operation_id="delete_document", tags=["documents"])
async def delete_document(work: InWork, document_id: DocumentId) -> None:
    """Delete a document and its metadata."""
    documents.delete(work, document_id)


@router.get(
    "/documents/{documentId}/metadata",
    operation_id="get_document_info",
    response_model_exclude_none=True,
    tags=["documents"],
)
async def get_document_info(work: InWork, document_id: DocumentId) -> DocumentInfo:
    """Everything stored about a document but its bytes."""
    return DocumentInfo.of(work, documents.read(work, document_id))


@router.patch(
    "/documents/{documentId}/metadata",
    operation_id="update_document_metadata",
    response_model_exclude_none=True,
    tags=["documents"],
)
async def update_document_metadata(work: InWork, document_id: DocumentId, wanted: DocumentMetadata) -> DocumentInfo:
    """Change the members that are sent; null clears one."""
    _refuse_unknown(work, wanted)
    return DocumentInfo.of(work, documents.describe(work, document_id, wanted))


# ---- document collections


@router.post(
    "/document-collections",
    status_code=201,
    operation_id="create_document_collection",
    response_model_exclude_none=True,
    tags=["document collections"],
)
async def create_document_collection(work: InWork, wanted: CollectionRequest) -> CollectionResponse:
    """Group documents that will be signed together."""
    _refuse_unknown(work, wanted)
    return CollectionResponse.of(work, *collections.create(work, wanted))


@router.get(
    "/document-collections/{documentCollectionId}",
    operation_id="get_document_collection",
    response_model_exclude_none=True,
    tags=["document collections"],
)
async def get_document_collection(work: InWork, collection_id: CollectionId) -> CollectionResponse:
    """Read a collection, with its package once there is one."""
    collection = collections.read(work, collection_id)
    return CollectionResponse.of(work, collection, collections.collected_in(work, collection))


@router.delete(
    "/document-collections/{documentCollectionId}",
    status_code=204,
    operation_id="delete_document_collection",
    tags=["document collections"],
)
async def delete_document_collection(work: InWork, collection_id: CollectionId) -> None:
    """Delete a collection; its documents and sessions stay."""
    collections.delete(work, collection_id)


@router.post(
    "/document-collections/{documentCollectionId}/package",
    status_code=202,
    operation_id="package_document_collection",
    tags=["document collections"],
)
async def package_document_collection(work: InWork, collection_id: CollectionId) -> Response:
    """Package a collection on command, when all its sessions are signed."""
    collections.package(work, work.get(DocumentCollection, collection_id))
    return Response(status_code=202)


# ---- archive


@router.get(
    "/archive-documents/{archiveDocumentId}",
    operation_id="get_archive_document",
    response_class=FileResponse,
    responses=_DOWNLOAD,
    tags=["archive"],
)
async def get_archive_document(
    work: InWork, archive_id: Annotated[UUID, Path(alias="archiveDocumentId")]
) -> FileResponse:
    """The bytes of an archived result."""
    return _file(work, work.get(ArchivedDocument, archive_id))


def _file(work: Work, stored: Document | ArchivedDocument) -> FileResponse:
    return Download(work.blobs.open(stored.digest), stored.mime_type, stored.filename)


def _refuse_unknown(work: Work, wanted: Wire) -> None:
    if sessions.refuses_unknown(work) and (flaws := unknown_members(wanted)):
        raise BadInputError.of_flaws(flaws)
