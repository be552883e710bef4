"""The platform's error object (documented: error codes page), which the gateway and Sign answer with."""

from fastapi import Response

from localsign.core.errors import ApiError, ForbiddenError, UnauthenticatedError
from localsign.core.http import problem

ERROR_CODES = "https://developer.signicat.com/docs/error-codes/"


def render(error: ApiError, trace_id: str) -> Response:
    """`error` in the platform's members; the gateway's own refusals point at the generic page."""
    if isinstance(error, UnauthenticatedError | ForbiddenError):
        return problem(error, trace_id, type=ERROR_CODES)
    return problem(error, trace_id)
