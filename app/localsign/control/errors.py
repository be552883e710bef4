"""How the control plane spells errors: problem+json, like the vendors it is used beside."""

from fastapi import Response

from localsign.core.errors import ApiError
from localsign.core.http import problem


def render(error: ApiError, trace_id: str) -> Response:
    return problem(error, trace_id)
