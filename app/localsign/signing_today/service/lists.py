"""Cutting a page out of a query by `$top`, `$skip`, `$count`, `$orderBy` and `$filter`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select
from sqlmodel.sql.expression import SelectOfScalar

from localsign.core import glancing
from localsign.core.database import Stored
from localsign.core.work import Work
from localsign.signing_today import rsql
from localsign.signing_today.rsql_fields import Field

Item = TypeVar("Item", bound=Stored)


@dataclass(frozen=True)
class Wanted:
    """What a list was asked for. `top` applies after `skip`; `filter` and `order_by` are as they were sent."""

    top: int = 100
    skip: int = 0
    count: bool = False
    filter: str | None = None
    order_by: str | None = None


@dataclass(frozen=True)
class Listed(Generic[Item]):
    """A page, only to be looked at, and how many rows there are in all."""

    count: int
    values: Sequence[Item]


def cut(
    work: Work,
    model: type[Item],
    query: SelectOfScalar[Item],
    wanted: Wanted,
    fields: Mapping[str, Field] | None = None,
    *,
    order: Sequence[Any],
) -> Listed[Item]:
    """The page of `query` that is `wanted`; BadInputError for a bad filter or order.

    `fields` are what may be filtered and sorted by. `order` decides among rows that are alike in the wanted order;
    it has to end with a column that tells all rows apart.
    """
    condition = rsql.condition(wanted.filter, fields or {})
    if condition is not None:
        query = query.where(condition)
    terms = rsql.order(wanted.order_by, fields or {})
    work.flush()
    page = query.order_by(*terms, *order).offset(wanted.skip).limit(wanted.top)
    count = work.connection.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    return Listed(int(count or 0), glancing.selected(work.connection, model, page))
