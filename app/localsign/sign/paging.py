"""How Sign v2 asks for a page: `offset`, `limit`, `sort`."""

from typing import Annotated

from fastapi import Depends, Query

from localsign.core.errors import BadInputError, Flaw
from localsign.core.paging import Order, Window, parse_sort
from localsign.sign.service.sessions import SORTABLE

_NEWEST_FIRST = (Order("createdAt", is_descending=True),)  # documented default


async def _asked(
    offset: Annotated[int, Query(ge=0, le=100_000, description="Rows to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most rows to return.")] = 100,
    sort: Annotated[list[str] | None, Query(description="`+field` or `-field`; repeated, or joined by commas.")] = None,
) -> Window:
    flaws: list[Flaw] = []
    order = parse_sort(sort, SORTABLE, flaws) if sort else _NEWEST_FIRST
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return Window(offset, limit, order)


Asked = Annotated[Window, Depends(_asked)]
