"""Cutting a page out of a query. A dialect makes the Window from its parameters and the envelope from the Page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, UnaryExpression, func, select

from localsign.core.errors import Flaw
from localsign.core.work import Work

Item = TypeVar("Item")


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
    query: Select[tuple[Item]],
    window: Window,
    columns: Mapping[str, Any],
    tie: ColumnElement[Any],
) -> Page[Item]:
    """The page of `query` that `window` asks for; rows alike in every order asked for go by `tie`."""
    is_newest_first = bool(window.order) and window.order[0].is_descending
    terms: list[UnaryExpression[Any] | ColumnElement[Any]] = [
        columns[order.name].desc() if order.is_descending else columns[order.name].asc()
        for order in window.order
    ]
    terms.append(tie.desc() if is_newest_first else tie.asc())
    rows = work.db.scalars(query.order_by(*terms).offset(window.offset).limit(window.limit)).all()
    return Page(rows, _total(work, query), window)


def _total(work: Work, query: Select[Any]) -> int:
    counting = select(func.count()).select_from(*query.get_final_froms())
    if query.whereclause is not None:
        counting = counting.where(query.whereclause)
    compiled = counting.compile()
    key = (str(compiled), *sorted(compiled.params.items(), key=str))
    tables = frozenset(str(table.key) for table in query.get_final_froms() if hasattr(table, "key"))
    return work.totals.of(_hashable(key), tables, lambda: int(work.db.scalar(counting) or 0))


def _hashable(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return (
        tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in key[1:]) + key[:1]
    )
