"""How Signing Today asks for a page. Default and largest `$top` are inferred: none is documented."""

from typing import Annotated

from fastapi import Depends, Query

from localsign.signing_today.service.lists import Wanted

_MOST = 1000
_LARGEST_INT32, _LARGEST_INT64 = 2**31 - 1, 2**63 - 1

Top = Annotated[int, Query(alias="$top", ge=0, le=_LARGEST_INT32, description="Most items to return, after $skip.")]
Skip = Annotated[int, Query(alias="$skip", ge=0, le=_LARGEST_INT64, description="Items to leave out.")]
Count = Annotated[bool, Query(alias="$count", description="Whether to count all items.")]
Text = Annotated[str | None, Query(alias="$filter", description='RSQL, such as name == "Milk" or surname == "Bread".')]
Order = Annotated[str | None, Query(alias="$orderBy", description="A field, then `,desc` for the other direction.")]


async def _page(top: Top = 100, skip: Skip = 0, count: Count = False) -> Wanted:
    return Wanted(min(top, _MOST), skip, count)


async def _search(
    top: Top = 100, skip: Skip = 0, count: Count = False, text: Text = None, order: Order = None
) -> Wanted:
    return Wanted(min(top, _MOST), skip, count, text, order)


# Of lists that can only be paged, and of lists that can be filtered and sorted as well.
InPage = Annotated[Wanted, Depends(_page)]
InSearch = Annotated[Wanted, Depends(_search)]
