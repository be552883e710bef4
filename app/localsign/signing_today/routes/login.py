"""`/oauth/token`, `/auth/user`, `/auth/logout`."""

from typing import Any

from fastapi import APIRouter, Response

from localsign.core.http import InWork
from localsign.signing_today import auth
from localsign.signing_today.forms import MULTIPART, URLENCODED, InFields
from localsign.signing_today.models.people import User
from localsign.signing_today.schemas.people import TokenResponse, UserResponse
from localsign.signing_today.service import login

router = APIRouter(tags=["services"])
mine = APIRouter(route_class=auth.behind(auth.requires()), tags=["services"])

_PROPERTIES = {name: {"type": "string"} for name in ("username", "password", "grant_type", "refresh_token")}
_FORM: dict[str, Any] = {
    "requestBody": {
        "content": {kind: {"schema": {"type": "object", "properties": _PROPERTIES}} for kind in (MULTIPART, URLENCODED)}
    }
}


@router.post("/oauth/token", operation_id="oauthTokenPOST", openapi_extra=_FORM)
async def log_in(form: InFields, work: InWork, response: Response) -> TokenResponse:
    """Issue a bearer token for a user name of the form `username@domain` and a password."""
    issued = login.token(work, form.values, form.authorization)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return TokenResponse.of(issued)


@mine.get("/auth/logout", operation_id="logoutUser", status_code=204)
async def log_out(work: InWork, caller: auth.InCaller) -> None:
    """End the session of the caller."""
    login.log_out(work, caller)


@mine.get("/auth/user", operation_id="authUser")
async def current_user(work: InWork, caller: auth.InCaller) -> UserResponse:
    """The account that the bearer token is of."""
    [user] = UserResponse.of_all(work, [work.glance(User, caller.user_id)])
    return user
