"""The PDF report of many instances: a table, drawn page by page as they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from localsign.core.work import Work
from localsign.mint.models import Journey
from localsign.mint.service import instances, timeline
from localsign.mint.service.timeline import StepStatus
from localsign.mint.v1 import shown
from localsign.mint.v1.moments import lasted, short
from localsign.mint.v1.paper import BODY, COLOURS, EDGE, GREY, SMALL, STRONG, Cell, Column, Paper, Style, status_style

_COLUMNS = (
    Column("Instance", 168),
    Column("Flow", 126),
    Column("Correlation id / users", 100),
    Column("Status", 120),
    Column("Steps", 86),
    Column("Started / last ran", 85),
    Column("Ended / after", 84.8),
)
_SQUARE, _PITCH, _MOST_SQUARES = 5.0, 6.4, 11
_BEFORE_STEPS = sum(one.width for one in _COLUMNS[:4]) + 5
_FAULT = Style(SMALL.size, False, COLOURS["Faulted"])


@dataclass(frozen=True)
class Row:
    """An instance as the table has it: its cells, and how its steps stand in the order in which they began."""

    cells: Sequence[Cell]
    steps: Sequence[StepStatus]


def rows(work: Work, found: Sequence[Journey]) -> list[Row]:
    """What the table says of some instances, read in one transaction."""
    users, steps = instances.users(work, found), timeline.statuses(work, found)
    return [_row(one, users, steps[one.id]) for one in found]


def _row(journey: Journey, users: Mapping[UUID, Sequence[str]], steps: Sequence[StepStatus]) -> Row:
    one = vars(journey)  # past SQLAlchemy's attributes, which would cost as much as drawing the row
    number, created_at = one["id"].hex, one["created_at"]
    status = shown.STATUS[one["state"]].value
    ended = one["finished_at"] or one["faulted_at"] or one["cancelled_at"]
    name: Cell = [(one["name"], STRONG), (number, SMALL)] if one["name"] else [(number, BODY)]
    said = f"{steps.count('finished')} of {len(steps)} finished" if steps else "none has run"
    cells = (
        name,
        [(one["workflow_name"], BODY), (f"Version {one['version']}", SMALL)],
        [(one["correlation_id"] or "", BODY), (", ".join(users[one["id"]]), SMALL)],
        [(status, status_style(status)), ((one["fault"] or {}).get("message", ""), _FAULT)],
        [("", BODY), (said, SMALL)],
        [(short(created_at), BODY), (short(one["last_executed_at"]), SMALL)],
        [(short(ended), BODY), (lasted(created_at, ended), SMALL)],
    )
    return Row(cells, steps)


class ManyReport:
    """The report in the making; what each of its methods gives follows what the one before gave. Slow."""

    def __init__(self, about: str, filters: Sequence[tuple[str, str]], count: int, at: datetime) -> None:
        self._paper = Paper("Instances report", f"{about} · made {short(at)} UTC", is_wide=True)
        self._paper.facts([*filters, ("Instances", f"{count:,}")])
        self._paper.gap(8)
        if count:
            self._legend()
            self._paper.table(_COLUMNS)
        else:
            self._paper.text("No instance matches.")

    def head(self) -> bytes:
        return self._paper.take()

    def add(self, some: Sequence[Row]) -> bytes:
        for one in some:
            baseline = self._paper.row(one.cells)
            self._strip(one.steps, EDGE + _BEFORE_STEPS, baseline)
        return self._paper.take()

    def end(self) -> bytes:
        return self._paper.finish()

    def _strip(self, steps: Sequence[StepStatus], left: float, baseline: float) -> None:
        """A square for each step; what there is no room for is counted."""
        held = steps if len(steps) <= _MOST_SQUARES else steps[: _MOST_SQUARES - 2]
        for status in held:
            self._paper.box(left, baseline, _SQUARE, _SQUARE, COLOURS[status.capitalize()])
            left += _PITCH
        if len(held) < len(steps):
            self._paper.put(f"+{len(steps) - len(held)}", left, baseline, SMALL)

    def _legend(self) -> None:
        paper, left = self._paper, EDGE
        paper.need(14)
        paper.gap(9)
        paper.put("Times are in UTC. Steps, in the order in which they began:", left, paper.y, SMALL)
        left += 190
        for status in ("Finished", "Active", "Running", "Faulted"):
            paper.box(left, paper.y, _SQUARE, _SQUARE, COLOURS[status])
            paper.put(status.lower(), left + 8, paper.y, Style(SMALL.size, False, GREY))
            left += 44
        paper.gap(5)
