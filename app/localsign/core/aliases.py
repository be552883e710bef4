"""Other methods and paths of operations whose own are inferred: data in their evidence, not in the code."""

from copy import copy

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from localsign.core.evidence import evidence_of


def aliases(api: str, mount: str, *routers: APIRouter) -> APIRouter:
    """A router with the aliases of the operations of `routers`, which do the same and are not in the document.

    An alias is `METHOD`, on the path of the operation, or `METHOD path`.
    """
    rows = evidence_of(api)
    found = APIRouter()
    for route in (one for router in routers for one in router.routes if isinstance(one, APIRoute)):
        row = rows.get(str(route.operation_id))
        for alias in row.aliases if row else ():
            method, _, path = alias.partition(" ")
            found.routes.append(_alias(route, method, (path or rows[str(route.operation_id)].path).removeprefix(mount)))
    return found


def _alias(route: APIRoute, method: str, path: str) -> APIRoute:
    other = copy(route)
    other.path, other.methods, other.include_in_schema = path, {method}, False
    other.path_regex, other.path_format, other.param_convertors = compile_path(path)
    return other
