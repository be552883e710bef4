"""How Secure Share asks for a page: `offset`, `limit`, `sort`. The direction's syntax is not documented."""

import re
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field

from localsign.core.errors import BadInputError, Flaw
from localsign.core.paging import Order, Window
from localsign.secure_share.service.shares import SORTABLE

LIMIT = 50  # of the example; the default is not documented
MOST = 1000  # inferred: as Sign v2, on the same platform
INT32 = 2_147_483_647
_NEWEST_FIRST = (Order("created", is_descending=True),)  # inferred
_TERM = re.compile(r" *(?P<sign>[+-]?) *(?P<name>\w+)(?:(?: +|:)(?P<direction>asc|desc))? *", re.IGNORECASE)


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


def parse_sort(asked: list[str], flaws: list[Flaw]) -> tuple[Order, ...]:
    """`created`, `+created`, `-created`, `created desc` or `created:desc`, in any case, repeated or joined by commas.

    Spaces around a term do not count: a literal plus in a query string decodes to one.
    """
    orders = []
    for term in (term for one in asked for term in one.split(",")):
        found = _TERM.fullmatch(term)
        name = found["name"].lower() if found else term
        if found is None or name not in SORTABLE:
            flaws.append(Flaw("sort", f"'{term}' is not one of {', '.join(SORTABLE)}, with or without a direction"))
        elif found["sign"] and found["direction"]:
            flaws.append(Flaw("sort", f"'{term}' gives the direction twice"))
        else:
            orders.append(Order(name, found["sign"] == "-" or (found["direction"] or "").lower() == "desc"))
    return tuple(orders)


# An empty parameter is null, as the vendor's stack reads it (inferred).
Offset = Annotated[Annotated[int, Field(ge=0, le=INT32)] | None, BeforeValidator(_none_if_empty)]
Limit = Annotated[Annotated[int, Field(ge=1, le=MOST)] | None, BeforeValidator(_none_if_empty)]


async def _asked(
    offset: Annotated[Offset, Query(description="Shares to skip.")] = None,
    limit: Annotated[Limit, Query(description="Most shares to return.")] = None,
    sort: Annotated[
        list[str] | None,
        Query(description="title, created or expires; descending with `-created`, `created desc` or `created:desc`."),
    ] = None,
) -> Window:
    flaws: list[Flaw] = []
    order = parse_sort([one for one in sort or () if one], flaws)
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return Window(offset or 0, LIMIT if limit is None else limit, order or _NEWEST_FIRST)


Asked = Annotated[Window, Depends(_asked)]
