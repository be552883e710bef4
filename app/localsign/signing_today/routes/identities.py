"""`/user/{id}/identities`, and how the signatures of an identity look."""

from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from localsign.core.http import InWork, api_base_url
from localsign.core.pages import safe_filename
from localsign.signing_today import auth
from localsign.signing_today.forms import MULTIPART, uploaded
from localsign.signing_today.routes.ids import Id, IdentityId
from localsign.signing_today.schemas.identities import AppearanceResponse, IdentityResponse
from localsign.signing_today.service import identities
from localsign.workspace import Workspace

router = APIRouter(route_class=auth.behind(auth.requires()), tags=["users"])

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": _BINARY}}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file", "filename", "resourceType"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "filename": {"type": "string"},
                        "resourceType": {"type": "string", "enum": ["PDF_Document", "Image"]},
                        "title": {"type": "string"},
                    },
                }
            }
        }
    }
}


@router.get("/user/{id}/identities", operation_id="userIdIdentitiesGET")
async def list_identities(request: Request, work: InWork, caller: auth.InCaller, user_id: Id) -> list[IdentityResponse]:
    """What a user can sign with."""
    user, found = identities.listed(work, caller, user_id)
    return [IdentityResponse.of(one, user, work.now, api_base_url(request)) for one in found]


@router.get(
    "/user/{id}/identity/{identityId}/appearance",
    operation_id="userIdIdentityIdentityIdAppearanceGET",
    response_class=FileResponse,
    responses=_DOWNLOAD,
)
async def get_appearance(work: InWork, caller: auth.InCaller, user_id: Id, identity_id: IdentityId) -> FileResponse:
    """How the signatures of an identity look."""
    found, path = identities.appearance(work, caller, user_id, identity_id)
    name = safe_filename(found["filename"], found["mimetype"])
    return FileResponse(path, media_type="application/octet-stream", filename=name)


@router.post(
    "/user/{id}/identity/{identityId}/appearance",
    operation_id="userIdIdentityIdentityIdAppearancePOST",
    openapi_extra=_UPLOAD,
)
async def set_appearance(
    request: Request, caller: auth.InCaller, user_id: Id, identity_id: IdentityId
) -> AppearanceResponse | None:
    """Let the signatures of an identity look like the uploaded file."""
    workspace: Workspace = request.scope["state"]["workspace"]
    await workspace.turn()
    with workspace.held() as work:
        identities.check_owner(work, caller, user_id, identity_id)
    async with uploaded(request) as upload:
        picture = await anyio.to_thread.run_sync(identities.inspect, upload.arrived, upload.fields)
        await workspace.turn()
        with workspace.held() as work:
            identity, user = identities.set_appearance(
                work, caller, user_id, identity_id, upload.arrived, picture, upload.fields
            )
        return AppearanceResponse.of(identity, user, api_base_url(request))


@router.delete(
    "/user/{id}/identity/{identityId}/appearance",
    operation_id="userIdIdentityIdentityIdAppearanceDELETE",
    status_code=204,
)
async def drop_appearance(work: InWork, caller: auth.InCaller, user_id: Id, identity_id: IdentityId) -> None:
    """Forget how the signatures of an identity look."""
    identities.drop_appearance(work, caller, user_id, identity_id)
