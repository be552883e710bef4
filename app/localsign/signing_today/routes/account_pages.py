"""Pages for people: choosing a password behind a mailed link, and where a SAML login ends. The addresses are ours."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from localsign.core import pages
from localsign.core.errors import BadInputError
from localsign.core.http import InWork
from localsign.signing_today import tokens
from localsign.signing_today.models.people import User
from localsign.signing_today.service import passwords

router = APIRouter(route_class=pages.PageRoute, include_in_schema=False)

Token = Annotated[str, Query(alias="passwordToken", max_length=100)]


async def _form(request: Request) -> dict[str, str]:
    return await pages.read_form(request)


# Stands before InWork in a route's parameters, so that the form is read before the transaction begins.
InForm = Annotated[dict[str, str], Depends(_form)]


@router.get("/password", operation_id="password_page")
async def password_page(work: InWork, token: Token) -> Response:
    """The form behind the link in a mail."""
    user = passwords.holder(work, token)
    return pages.page("signing_today/password.html", user=user, token=token, flaws={})


@router.post("/password", operation_id="choose_password_on_page")
async def choose_password(form: InForm, work: InWork, token: Token) -> Response:
    """Consume the token of the link, as POST /auth/changePassword does."""
    user = passwords.holder(work, token)
    try:
        passwords.change_by_token(work, token, form.get("password", ""))
    except BadInputError as error:
        flaws = {"password": f"The password {error.flaws[0].reason}."}
        return pages.page("signing_today/password.html", 400, user=user, token=token, flaws=flaws)
    return pages.page("signing_today/changed.html", user=user)


@router.get("/welcome", operation_id="welcome_page")
async def welcome_page(work: InWork, token: Annotated[str, Query(max_length=200)]) -> Response:
    """Where a SAML login leads: the front end of the vendor would go on from here with the token."""
    caller = tokens.caller_of(work, f"Bearer {token}")
    return pages.page("signing_today/welcome.html", user=work.glance(User, caller.user_id), token=token)
