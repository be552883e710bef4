"""Operations of the vendor that are known and not built: they answer 501."""

from fastapi import APIRouter, Request

from localsign.core.errors import NotBuiltError

router = APIRouter()

DSTS = {
    "dSTIdNoteGET": ("GET", "/DST/{id}/note"),
    "dSTIdNotePOST": ("POST", "/DST/{id}/note"),
    "dSTIdNoteNoteIdPUT": ("PUT", "/DST/{id}/note/{noteId}"),
    "dSTIdNoteNoteIdDELETE": ("DELETE", "/DST/{id}/note/{noteId}"),
    "dSTsGET": ("GET", "/DSTs"),
    "dSTsPOST": ("POST", "/DSTs"),
    "dSTIdInstantiatePOST": ("POST", "/DST/{id}/instantiate"),
    "dSTIdModifyPOST": ("POST", "/DST/{id}/modify"),
    "dSTIdTemplatizePOST": ("POST", "/DST/{id}/templatize"),
    "dSTIdAuditGET": ("GET", "/DST/{id}/audit"),
    "dSTIdReplacePOST": ("POST", "/DST/{id}/replace"),
    "dSTIdSignDocIdSignIdGET": ("GET", "/DST/{id}/sign/{docId}/{signId}"),
    "dSTIdGET": ("GET", "/DST/{id}"),
    "dSTIdPUT": ("PUT", "/DST/{id}"),
    "dSTIdDELETE": ("DELETE", "/DST/{id}"),
    "dSTIdFillPATCH": ("PATCH", "/DST/{id}/fill"),
    "dSTIdPublishPOST": ("POST", "/DST/{id}/publish"),
    "dSTIdNotifyPOST": ("POST", "/DST/{id}/notify"),
    "notificationsDstsGET": ("GET", "/notifications/dsts"),
    "notificationsDstIdDELETE": ("DELETE", "/notifications/dst/{id}"),
    "resourceIdGET": ("GET", "/resource/{id}"),
    "resourceIdPUT": ("PUT", "/resource/{id}"),
    "dSTResourceIdDELETE": ("DELETE", "/DST/resource/{id}"),
    "dSTIdResourcesGET": ("GET", "/DST/{id}/resources"),
    "dSTIdResourcesPATCH": ("PATCH", "/DST/{id}/resources"),
    "robotDSTsPOST": ("POST", "/robot/DSTs"),
    "robotIdInstantiatePOST": ("POST", "/robot/{id}/instantiate"),
    "pdfResourceIdThumbsGET": ("GET", "/pdfResource/{id}/thumbs"),
}


async def not_built(request: Request) -> None:
    """Say so."""
    raise NotBuiltError(f"{request.url.path} exists at the vendor; localsign does not emulate it.")


for _operation, (_method, _path) in DSTS.items():
    router.add_api_route(
        _path, not_built, methods=[_method], operation_id=_operation, status_code=501, include_in_schema=False
    )
