"""How the authentication host spells errors: RFC 6749 at its endpoints, an empty 404 elsewhere."""

from fastapi import Response
from fastapi.responses import JSONResponse

from localsign.core.errors import ApiError, NotFoundError
from localsign.signicat import problems
from localsign.signicat.oauth import OAuthError

NO_STORE = {"Cache-Control": "no-store, no-cache, max-age=0", "Pragma": "no-cache"}


def render(error: ApiError, trace_id: str) -> Response:
    """Recorded: status 400 also for invalid_client, members in this order, an empty 404 for unknown paths."""
    if isinstance(error, NotFoundError):
        return Response(status_code=404)
    if isinstance(error, OAuthError):
        body = {
            "error": error.code,
            "error_uri": f"https://api.signicat.com/auth/open/config/errors/{error.code}",
            "error_description": error.detail,
        }
        headers = {**NO_STORE, "X-Sandbox-Reason": _header(error.reason)}
        if error.answered == 401:
            headers["WWW-Authenticate"] = "Basic"
        return JSONResponse(body, error.answered, headers=headers, media_type="application/json; charset=UTF-8")
    return problems.render(error, trace_id)


def _header(reason: str) -> str:
    """What may stand in a header: the reason can quote anything that was sent."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in reason[:300])
