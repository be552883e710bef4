"""How Secure Share spells errors: ProblemDetails (documented), with `errors` by member for what is invalid (inferred).

The gateway in front refuses callers in the platform's own shape, so two shapes coexist.
"""

from fastapi import Response

from localsign.core.errors import ApiError, ForbiddenError, UnauthenticatedError
from localsign.core.http import ProblemResponse
from localsign.signicat import problems

_RFC = "https://tools.ietf.org/html/rfc9110#section-15"
# What the vendor's stack writes by itself (inferred): a section of the RFC, and the status in words.
_KINDS = {
    400: (f"{_RFC}.5.1", "Bad Request"),
    404: (f"{_RFC}.5.5", "Not Found"),
    405: (f"{_RFC}.5.6", "Method Not Allowed"),
    409: (f"{_RFC}.5.10", "Conflict"),
    410: (f"{_RFC}.5.11", "Gone"),
    413: (f"{_RFC}.5.14", "Content Too Large"),
    500: (f"{_RFC}.6.1", "An error occurred while processing your request."),
    501: (f"{_RFC}.6.2", "Not Implemented"),
}


def render(error: ApiError, trace_id: str) -> Response:
    """Members that would be null are left out, and the media type is application/json, as documented."""
    if isinstance(error, UnauthenticatedError | ForbiddenError):
        return problems.render(error, trace_id)
    kind, title = _KINDS.get(error.status, ("about:blank", error.title))
    body: dict[str, object] = {"type": kind, "title": title, "status": error.status}
    if error.flaws:
        body["title"] = "One or more validation errors occurred."
    body |= {"detail": error.detail, "traceId": trace_id}
    if error.flaws:
        errors: dict[str, list[str]] = {}
        for flaw in error.flaws:
            errors.setdefault(flaw.name, []).append(flaw.reason)
        body["errors"] = errors
    answer = ProblemResponse(body, error.status, headers=error.headers)
    answer.headers["Content-Type"] = "application/json"
    return answer
