"""Operations of the vendor that are known and not built: they answer 501."""

from fastapi import APIRouter, Request

from localsign.core.errors import NotBuiltError

router = APIRouter()

PEOPLE = {
    "devicesGET": ("GET", "/devices"),
    "deviceAuthorizationGET": ("GET", "/device/authorization"),
    "deviceAuthorizationPOST": ("POST", "/device/authorization"),
    "deviceAuthorizationDELETE": ("DELETE", "/device/authorization"),
    "notificationsPushTokenPOST": ("POST", "/notifications/push-token"),
    "notificationsPushTokenDELETE": ("DELETE", "/notifications/push-token"),
    "userIdIdentityIdentityIdAppearanceGET": ("GET", "/user/{id}/identity/{identityId}/appearance"),
    "userIdIdentityIdentityIdAppearancePOST": ("POST", "/user/{id}/identity/{identityId}/appearance"),
    "userIdIdentityIdentityIdAppearanceDELETE": ("DELETE", "/user/{id}/identity/{identityId}/appearance"),
    "robotAuthenticationGET": ("GET", "/robot/authentication"),
    "robotAuthenticationDELETE": ("DELETE", "/robot/authentication"),
    "robotConfigurationGET": ("GET", "/robot/configuration"),
    "robotConfigurationPUT": ("PUT", "/robot/configuration"),
    "authPasswordLostGET": ("GET", "/auth/passwordLost"),
    "authPasswordResetGET": ("GET", "/auth/passwordReset"),
    "authPasswordResetPOST": ("POST", "/auth/passwordReset"),
    "authChangePasswordPOST": ("POST", "/auth/changePassword"),
    "serviceChangePasswordPOST": ("POST", "/service/changePassword"),
    "authSamlPOST": ("POST", "/auth/saml"),
    "serviceUsersSyncPOST": ("POST", "/service/users/sync"),
    "authPasswordTokenGET": ("GET", "/auth/passwordToken"),
    "configurationGet": ("GET", "/service/configuration"),
    "usersGET": ("GET", "/users"),
    "usersPOST": ("POST", "/users"),
    "usersGroupsGET": ("GET", "/users/groups"),
    "usersGroupsPOST": ("POST", "/users/groups"),
    "userIdGET": ("GET", "/user/{id}"),
    "userIdPUT": ("PUT", "/user/{id}"),
    "userIdDELETE": ("DELETE", "/user/{id}"),
    "userIdRolePUT": ("PUT", "/user/{id}/role"),
    "userIdIdentitiesGET": ("GET", "/user/{id}/identities"),
}
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


for _operation, (_method, _path) in (PEOPLE | DSTS).items():
    router.add_api_route(
        _path, not_built, methods=[_method], operation_id=_operation, status_code=501, include_in_schema=False
    )
