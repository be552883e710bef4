"""How Mint spells errors: the platform's problem object, with the codes of its error page where they are known."""

from fastapi import Response

from localsign.core.errors import ApiError
from localsign.core.http import problem
from localsign.signicat.problems import ERROR_CODES

# Documented: invalid_request_parameter, invalid_token, internal_server_error. Inferred: the others.
CODES = {"bad_request": "invalid_request_parameter", "missing_permission": "forbidden"}


def render(error: ApiError, trace_id: str) -> Response:
    """`type` points at the page of error codes, as the documented examples do."""
    error.code = CODES.get(error.code, error.code)
    return problem(error, trace_id, type=ERROR_CODES)
