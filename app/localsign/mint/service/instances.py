"""Instances as Mint v1 lists them, and the users they are associated with."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from localsign.core.errors import NotFoundError
from localsign.core.paging import Order, Page, Window, cut
from localsign.core.work import Work
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, JourneyUser, Workflow

# Documented names; inferred from Elsa 2: each sorts the newest first.
SORTABLE: Mapping[str, Any] = {
    "Started": Journey.created_at,
    "LastExecuted": Journey.last_executed_at,
    "Finished": Journey.finished_at,
}


@dataclass(frozen=True)
class Filters:
    """What instances have to match, all of it."""

    workflow_id: UUID | None = None
    state: JourneyState | None = None
    correlation_id: str | None = None
    search: str | None = None
    user_id: str | None = None

    def query(self) -> SelectOfScalar[Journey]:
        query = select(Journey)
        if self.workflow_id is not None:
            query = query.where(Journey.workflow_id == self.workflow_id)
        if self.state is not None:
            query = query.where(col(Journey.state) == self.state)
        if self.correlation_id is not None:
            query = query.where(Journey.correlation_id == self.correlation_id)
        if self.search:
            query = query.where(func.instr(Journey.folded, self.search.casefold()) > 0)
        if self.user_id is not None:
            theirs = select(JourneyUser.journey_id).where(JourneyUser.user_id == self.user_id)
            query = query.where(col(Journey.id).in_(theirs))
        return query


def check_flow(work: Work, workflow_id: UUID) -> UUID:
    """The id of a workflow that is there; NotFoundError for another."""
    return work.glance(Workflow, workflow_id).id


def newest_first(name: str) -> tuple[Order, ...]:
    return (Order(name, is_descending=True),)


def listed(work: Work, window: Window, wanted: Filters) -> Page[Journey]:
    query = wanted.query()
    return cut(work, Journey, query, window, SORTABLE, tie=Journey.seq, filters=("instances", wanted))


def numbers(work: Work, wanted: Filters, order: str, offset: int, limit: int | None) -> "array[int]":
    """The row numbers of what a report is about, newest first: eight bytes for each, however many there are."""
    work.flush()
    query: Any = wanted.query().with_only_columns(col(Journey.seq), maintain_column_froms=True)
    query = query.order_by(SORTABLE[order].desc(), col(Journey.seq).desc()).offset(offset)
    if limit is not None:
        query = query.limit(limit)
    return array("q", (number for (number,) in work.connection.execute(query)))


def numbered(work: Work, some: Sequence[int]) -> list[Journey]:
    """The instances with these row numbers, in this order; one that is gone by now is left out."""
    found = {one.seq: one for one in work.look_up(Journey, "seq", some)}
    return [found[number] for number in some if number in found]


# ---- users


def users(work: Work, found: Sequence[Journey]) -> dict[UUID, list[str]]:
    """Whom each instance is associated with, in the order in which that happened."""
    held: dict[UUID, list[str]] = {one.id: [] for one in found}
    for one in work.look_up(JourneyUser, "journey_id", [one.id for one in found]):
        held[one.journey_id].append(one.user_id)
    return held


def associate(work: Work, journey_id: UUID, user_id: str) -> None:
    """Inferred: to associate twice is to associate once."""
    journey = work.glance(Journey, journey_id)
    if user_id not in users(work, [journey])[journey.id]:
        work.db.add(JourneyUser(journey_id=journey.id, user_id=user_id))
        _recount(work)


def disassociate(work: Work, journey_id: UUID, user_id: str) -> None:
    """NotFoundError where they are not associated (inferred)."""
    journey = work.glance(Journey, journey_id)
    found = work.db.exec(
        select(JourneyUser).where(JourneyUser.journey_id == journey.id, JourneyUser.user_id == user_id)
    ).first()
    if found is None:
        raise NotFoundError(f"The instance is not associated with the user '{user_id}'.")
    work.db.delete(found)
    _recount(work)


def _recount(work: Work) -> None:
    """Totals of instances may depend on their users."""
    work.touched.add(str(Journey.__tablename__))
