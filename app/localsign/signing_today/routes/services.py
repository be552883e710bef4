"""`/auth/…` and `/service/…`: passwords, SAML logins, syncs, the public configuration."""

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from localsign.core.errors import BadInputError, Flaw
from localsign.core.http import InWork, base_url
from localsign.signing_today import auth
from localsign.signing_today.forms import URLENCODED, InFields
from localsign.signing_today.permissions import Capability
from localsign.signing_today.schemas.people import (
    Address,
    PasswordResetRequest,
    ServiceConfiguration,
    SyncedUser,
    SyncedUsers,
    UserSyncReport,
)
from localsign.signing_today.service import federation, passwords

router = APIRouter(tags=["services"])
mine = APIRouter(route_class=auth.behind(auth.requires()), tags=["services"])
superusers = APIRouter(route_class=auth.behind(auth.requires(Capability.RESET_PASSWORDS)), tags=["services"])
admins = APIRouter(route_class=auth.behind(auth.requires(admin=True)), tags=["services"])

Username = Annotated[str, Query(min_length=1)]
Domain = Annotated[str, Query(min_length=1)]
_MOST_SYNCED = 2000
_LONGEST_BODY = 4096


async def _new_password(request: Request) -> str:
    """The body as text. The documented samples put it into quotes, the vendor's client does not."""
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError:
        raise BadInputError.of("body", "must be UTF-8 text") from None
    if len(text) > _LONGEST_BODY:
        raise BadInputError.of("body", f"must be at most {_LONGEST_BODY} characters")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


# Stands before InWork in a route's parameters, so that the body is read before the transaction begins.
InPassword = Annotated[str, Depends(_new_password)]
_TEXT: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}}}
_SAML: dict[str, Any] = {
    "requestBody": {
        "content": {
            URLENCODED: {
                "schema": {
                    "type": "object",
                    "required": ["domain", "IDToken1", "IDToken2"],
                    "properties": {name: {"type": "string"} for name in ("domain", "IDToken1", "IDToken2")},
                }
            }
        }
    }
}


# ---- passwords


@router.get("/auth/passwordLost", operation_id="authPasswordLostGET", status_code=204)
async def lose_password(request: Request, work: InWork, username: Username, domain: Domain) -> None:
    """Mail a link to choose a new password, if there is such an account."""
    passwords.lost(work, domain, username, base_url(request))


@superusers.get("/auth/passwordReset", operation_id="authPasswordResetGET", status_code=204)
async def demand_password(
    request: Request, work: InWork, caller: auth.InCaller, username: Username, domain: Domain
) -> None:
    """Make somebody choose a new password."""
    passwords.demand(work, caller, domain, username, base_url(request))


@mine.post("/auth/passwordReset", operation_id="authPasswordResetPOST", status_code=204)
async def change_own_password(work: InWork, caller: auth.InCaller, wanted: PasswordResetRequest) -> None:
    """Change one's own password."""
    passwords.change_own(work, caller, wanted.current_password, wanted.new_password)


@mine.get("/auth/passwordToken", operation_id="authPasswordTokenGET")
async def get_password_token(work: InWork, caller: auth.InCaller) -> list[UUID]:
    """A token with which the caller can choose a new password, once."""
    return [passwords.issue(work, caller.user_id)]


@router.post("/auth/changePassword", operation_id="authChangePasswordPOST", status_code=204, openapi_extra=_TEXT)
async def change_password(new: InPassword, work: InWork, token: Annotated[str, Query(alias="passwordToken")]) -> None:
    """Consume a password token."""
    passwords.change_by_token(work, token, new)


@admins.post("/service/changePassword", operation_id="serviceChangePasswordPOST", status_code=204, openapi_extra=_TEXT)
async def change_service_password(
    new: InPassword, work: InWork, caller: auth.InCaller, username: Username, domain: Domain
) -> None:
    """Change the password of a service account."""
    passwords.change_of_service(work, caller, domain, username, new)


# ---- accounts from elsewhere


@router.post("/auth/saml", operation_id="authSamlPOST", status_code=303, response_class=Response, openapi_extra=_SAML)
async def log_in_by_saml(form: InFields, request: Request, work: InWork) -> Response:
    """Register or update a person who has logged in at the organization, and lead on with a fresh token."""
    names = ("domain", "IDToken1", "IDToken2")
    if flaws := [Flaw(name, "is required") for name in names if not form.values.get(name)]:
        raise BadInputError.of_flaws(flaws)
    token = federation.log_in(work, *(form.values[name] for name in names))
    location = f"{base_url(request)}/api/welcome?{urlencode({'token': token})}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


@mine.post("/service/users/sync", operation_id="serviceUsersSyncPOST")
async def sync_users(
    work: InWork, caller: auth.InCaller, wanted: Annotated[list[SyncedUser], Body(max_length=_MOST_SYNCED)]
) -> UserSyncReport:
    """Make the synced accounts of the organization what the list says."""
    deleted, inserted, updated = federation.sync(work, caller, wanted)
    return UserSyncReport(users=SyncedUsers(deleted=deleted, inserted=inserted, updated=updated))


@router.get("/service/configuration", operation_id="configurationGet")
async def get_configuration(request: Request) -> ServiceConfiguration:
    """Where the application is."""
    parts = urlsplit(base_url(request))
    host = parts.netloc + parts.path
    return ServiceConfiguration({"application": Address(protocol=parts.scheme, base_host=host)})
