"""How Signing Today spells errors (documented in OAS): an array for 400, nothing for 404, one object for the rest.

The `code`s are a set of the vendor's that is not published; but for `BadArgument` they are inferred. Failures of
`/oauth/token` are RFC 6749's (inferred: everything else of that call is Spring Security's).
"""

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from localsign.core.errors import ApiError, BadInputError, Flaw, NotFoundError
from localsign.signing_today.service.login import OAuthError

_CODES = {400: "BadArgument", 401: "Unauthorized", 403: "Forbidden", 409: "IllegalStatus", 501: "NotImplemented"}


def render(error: ApiError, _trace_id: str) -> Response:
    """`error` in the members that OAS gives its status; `target` names the wrong member, parameter or status."""
    if isinstance(error, NotFoundError):
        return Response(status_code=404)
    if isinstance(error, OAuthError):
        body: Any = {"error": error.code, "error_description": error.detail}
    elif isinstance(error, BadInputError):
        flaws = error.flaws or (Flaw("body", error.detail),)
        body = [{"code": _code(error), "message": f"{one.name}: {one.reason}", "target": one.name} for one in flaws]
    else:
        body = {"code": _code(error), "message": error.detail}
        target = error.facts.get("target", error.facts.get("state"))
        if target is not None and (error.status < 500 or error.status == 501):
            body["target"] = target
    return JSONResponse(body, error.status, headers=error.headers)


def _code(error: ApiError) -> str:
    """The code that somebody chose for this error, or that of its status."""
    usual = type(error).code, error.title.lower().replace(" ", "_")
    if error.code not in usual:
        return error.code
    return _CODES.get(error.status) or "".join(word.capitalize() for word in error.title.split())
