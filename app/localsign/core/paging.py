"""Cutting a page out of a query. A dialect makes the Window from its parameters and the envelope from the Page."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlmodel.sql.expression import SelectOfScalar

from localsign.core import glancing
from localsign.core.database import Stored
from localsign.core.errors import Flaw
from localsign.core.work import Work

Item = TypeVar("Item", bound=Stored)


@dataclass(frozen=True)
class Order:
    """One sorting field, by the name the vendor gives it."""

    name: str
    is_descending: bool = False


@dataclass(frozen=True)
class Window:
    """What to cut: skip `offset` rows, take up to `limit`, in this `order`."""

    offset: int
    limit: int
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Page(Generic[Item]):
    """What was cut, and the `total` number of rows that match."""

    items: Sequence[Item]
    total: int
    window: Window


def parse_sort(asked: Sequence[str], allowed: Mapping[str, Any], flaws: list[Flaw]) -> tuple[Order, ...]:
    """`+field` or `-field`, repeated or joined by commas, as orders; adds to `flaws` what is not allowed.

    A leading space counts as `+`, which is what a literal plus in a query string decodes to.
    """
    orders = []
    for term in (term for one in asked for term in one.split(",")):
        sign, name = (term[:1], term[1:]) if term[:1] in "+- " else ("+", term)
        if name not in allowed:
            flaws.append(Flaw("sort", f"'{name}' is not one of {', '.join(allowed)}"))
        orders.append(Order(name, is_descending=sign == "-"))
    return tuple(orders)


def cut(
    work: Work,
    model: type[Item],
    query: SelectOfScalar[Item],
    window: Window,
    columns: Mapping[str, Any],
    *,
    tie: Any,
    filters: Hashable,
) -> Page[Item]:
    """The page of `query` that `window` asks for, only to be looked at; rows alike in every order go by `tie`.

    `columns` maps the names in the window's order to columns; each needs an index. `filters` is what distinguishes
    this query from other queries of the same table: with it the total is counted once until the table changes.
    """
    is_newest_first = bool(window.order) and window.order[0].is_descending
    orders: dict[str, Order] = {}
    for order in window.order:  # a field that is repeated counts once
        orders.setdefault(order.name, order)
    terms: list[ColumnElement[Any]] = [
        columns[order.name].desc() if order.is_descending else columns[order.name].asc() for order in orders.values()
    ]
    terms.append(tie.desc() if is_newest_first else tie.asc())
    work.flush()
    cutting = query.order_by(*terms).offset(window.offset).limit(window.limit)
    rows = glancing.selected(work.connection, model, cutting)
    table = str(model.__tablename__)

    def count() -> int:
        counting = select(func.count()).select_from(model)
        if query.whereclause is not None:
            counting = counting.where(query.whereclause)
        return int(work.connection.scalar(counting) or 0)

    return Page(rows, work.totals.of((table, filters), frozenset({table}), count), window)
