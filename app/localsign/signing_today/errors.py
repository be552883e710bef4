"""How Signing Today spells errors (documented in OAS): an array for 400, nothing for 404, one object for the rest.

The `code`s are a set of the vendor's that is not published; but for `BadArgument` they are inferred. Failures of
`/oauth/token` are RFC 6749's (inferred: everything else of that call is Spring Security's).
"""

from fastapi import Response
from fastapi.responses import JSONResponse

from localsign.core.errors import ApiError, BadInputError, Flaw, NotFoundError
from localsign.signing_today.service.login import OAuthError

_CODES = {
    401: "Unauthorized",
    403: "Forbidden",
    405: "MethodNotAllowed",
    409: "IllegalStatus",
    413: "PayloadTooLarge",
    501: "NotImplemented",
}


def render(error: ApiError, _trace_id: str) -> Response:
    """`error` in the members that OAS gives its status; `target` names the wrong member, parameter or status."""
    if isinstance(error, NotFoundError):
        return Response(status_code=404)
    if isinstance(error, OAuthError):
        body: object = {"error": error.code, "error_description": error.detail}
    elif isinstance(error, BadInputError):
        flaws = error.flaws or (Flaw("body", error.detail),)
        body = [{"code": "BadArgument", "message": f"{one.name}: {one.reason}", "target": one.name} for one in flaws]
    elif error.status not in _CODES:
        body = {"code": "InternalServerError", "message": error.detail}
    else:
        target = error.facts.get("target", error.facts.get("state"))
        body = {"code": _CODES[error.status], "message": error.detail, "target": target}
    return JSONResponse(body, error.status, headers=error.headers)
