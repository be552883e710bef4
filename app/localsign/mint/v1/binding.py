"""How v1 reads what a request asks for: names of query parameters in any case, as ASP.NET binds them.

The reference itself spells one parameter `orderby` in some operations and `orderBy` in others.
"""

import re
from collections.abc import Callable, Coroutine, Iterator
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Path, Query, Request, Response
from fastapi.dependencies.models import Dependant
from pydantic import BeforeValidator, WithJsonSchema
from starlette.routing import compile_path

from localsign.core.http import Gate, gated
from localsign.mint import ids

# Not a type at the end: beside that stands the same path with another word behind.
_NAMES = re.compile(r"{(activityId|stepType)}(?=/)|{(filename|userId|accountIdTo\w+)}$")
_LARGEST = 2_147_483_647


def bound(gate: Gate) -> type[Any]:
    """A route class behind `gate` that knows query parameters in any case."""

    class BoundRoute(gated(gate)):  # type: ignore[misc]
        def __setattr__(self, name: str, value: Any) -> None:
            """Names in a path may have slashes, which `%2F` becomes before a route sees it."""
            if name == "path_regex":
                value = compile_path(_NAMES.sub(lambda found: f"{{{found[1] or found[2]}:path}}", self.path))[0]
            super().__setattr__(name, value)

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()
            known = {name.casefold(): name for name in _named(self.dependant)}

            async def handle_bound(request: Request) -> Response:
                request.scope["query_string"] = spelled(request.scope["query_string"], known)
                answer: Response = await handle(request)
                return answer

            return handle_bound

    return BoundRoute


def _named(dependant: Dependant) -> Iterator[str]:
    """The query parameters of a route and of what it depends on."""
    yield from (one.alias for one in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _named(inner)


def spelled(query: bytes, known: dict[str, str]) -> bytes:
    """A query with the names of its parameters as `known` has them; what is spelled so already stays as it is."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    if all(known.get(name.casefold(), name) == name for name, _ in pairs):
        return query
    fitting = [(known.get(name.casefold(), name), value) for name, value in pairs]
    return urlencode(fitting, encoding="latin-1").encode("ascii")


def one_of(values: type[StrEnum]) -> BeforeValidator:
    """A member by its value in any case (inferred: ASP.NET reads enums so)."""
    members = {one.value.casefold(): one for one in values}

    def read(value: Any) -> Any:
        found = members.get(value.casefold()) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"must be one of {', '.join(values)}")
        return found

    return BeforeValidator(read)


def _flag(value: Any) -> Any:
    found = {"true": True, "false": False}.get(value.casefold()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be true or false")
    return found


def _whole(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > 11 or not value.removeprefix("-").isdigit() or not value.isascii():
        raise ValueError("must be a whole number")
    return int(value)


Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, BeforeValidator(_whole)]
INT32: dict[str, Any] = {"format": "int32"}


def _uuid(value: Any) -> Any:
    if isinstance(value, UUID):
        return value
    found = ids.parse(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a UUID")
    return found


Uuid = Annotated[UUID, BeforeValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]

Offset = Annotated[
    Whole, Query(ge=0, le=_LARGEST, json_schema_extra=INT32, description="Rows to skip; 0 by default (inferred).")
]
Limit = Annotated[
    Whole | None,
    Query(ge=1, le=_LARGEST, json_schema_extra=INT32, description="Most rows; by default all (inferred)."),
]
Search = Annotated[str | None, Query(alias="searchTerm", description="Text to look for, without regard to case.")]
DefinitionId = Annotated[str, Path(alias="definitionId", description="ID of the flow.")]
InstanceId = Annotated[str, Path(alias="instanceId", description="ID of the instance.")]
