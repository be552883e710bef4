"""How the newer Mint API asks for a page: `offset`, `limit` and one `sort`."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Query

from localsign.core.errors import BadInputError
from localsign.core.paging import Order, Window
from localsign.mint.current.schemas import WHOLE, Whole

Offset = Annotated[Whole, Query(ge=0, le=2_147_483_647, json_schema_extra=WHOLE, description="Rows to skip.")]
Limit = Annotated[Whole, Query(ge=1, le=100, json_schema_extra=WHOLE, description="Most rows to return.")]
Sort = Annotated[
    str | None,
    Query(max_length=50, description="`field`, `-field`, `field:desc` or `field desc` (inferred syntax)."),
]
Search = Annotated[str | None, Query(max_length=100, description="Text to look for, without regard to case.")]

_SORT = re.compile(r"([+\- ]?)(\w+)(?:[: ]+(asc|desc|ascending|descending))?", re.ASCII | re.IGNORECASE)
_NEWEST_FIRST = (Order("createdAt", is_descending=True),)  # inferred


async def _asked(offset: Offset = 0, limit: Limit = 10) -> Window:
    return Window(offset, limit)


Asked = Annotated[Window, Depends(_asked)]


def sorted_by(window: Window, sort: str | None, sortable: Mapping[str, Any]) -> Window:
    """`window` in the order that `sort` asks for; newest first where it asks for none."""
    if not sort:
        return Window(window.offset, window.limit, _NEWEST_FIRST)
    found = _SORT.fullmatch(sort)
    names = {name.casefold(): name for name in sortable}
    if found is None or found[2].casefold() not in names:
        raise BadInputError.of("sort", f"must be one of {', '.join(sortable)}, with - in front or :desc behind it")
    is_descending = found[1] == "-" or (found[3] or "").lower().startswith("desc")
    return Window(window.offset, window.limit, (Order(names[found[2].casefold()], is_descending=is_descending),))


def newest_version_first(window: Window) -> Window:
    return Window(window.offset, window.limit, (Order("version", is_descending=True),))
