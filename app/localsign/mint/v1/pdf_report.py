"""PDF reports: a table of many instances, or all there is to say of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from localsign.core.sealing import stamp
from localsign.core.work import Work
from localsign.mint.models import Alert, Journey, MintFile, Note, files_of
from localsign.mint.service import instances, journeys
from localsign.mint.service.timeline import StepRun
from localsign.mint.v1 import rows, shown
from localsign.mint.v1.paper import COLOURS, EDGE, Column, Paper

MEDIA_TYPE = "application/pdf"
MOST_DATA_LINES = 60  # of what one step gave
_MANY = (
    Column("Instance", 146),
    Column("Name", 96),
    Column("Status", 58),
    Column("Flow", 122),
    Column("Version", 42),
    Column("Correlation id", 82),
    Column("Started", 76),
    Column("Last executed", 76),
    Column("Ended", 71),
)
_TIMELINE = (Column("Step", 118), Column("Type", 96), Column("Status", 54), Column("Outcomes", 70))
_TIMES = (Column("Started", 70), Column("", 115))


def short(at: datetime | None) -> str:
    return "" if at is None else stamp.moment(at).removesuffix(" UTC")


@dataclass(frozen=True)
class Line:
    """A row of the table of many, and the fault under it."""

    cells: tuple[str, ...]
    fault: str


def lines(found: Sequence[Journey]) -> list[Line]:
    return [
        Line(
            (
                one.id.hex,
                one.name or "",
                shown.STATUS[one.state].value,
                one.workflow_name,
                str(one.version),
                one.correlation_id or "",
                short(one.created_at),
                short(one.last_executed_at),
                short(one.finished_at or one.faulted_at or one.cancelled_at),
            ),
            (one.fault or {}).get("message", ""),
        )
        for one in found
    ]


class ManyReport:
    """The table of many instances, drawn piece by piece as they are read. Slow."""

    def __init__(self, about: str, filters: Sequence[tuple[str, str]], count: int, at: datetime) -> None:
        with stamp.DRAWING:
            self._paper = Paper("Instances report", f"{about} · made {stamp.moment(at)}", is_wide=True)
            for name, value in filters:
                self._paper.fact(name, value)
            self._paper.fact("Instances", f"{count:,}")
            self._paper.gap(8)
            self._paper.table(_MANY)

    def add(self, some: Sequence[Line]) -> None:
        with stamp.DRAWING:
            for one in some:
                self._paper.row(one.cells)

    def finish(self) -> IO[bytes]:
        with stamp.DRAWING:
            return self._paper.finish()

    def discard(self) -> None:
        self._paper.file.close()


# ---- one instance


@dataclass(frozen=True)
class Facts:
    """All that the report of one instance says, read in one transaction."""

    journey: Journey
    users: Sequence[str]
    runs: Sequence[StepRun]
    titles: dict[str, str]
    outputs: Sequence[tuple[str, str]]  # a step, and what it gave as JSON
    notes: Sequence[Note]
    alerts: Sequence[Alert]
    files: Sequence[MintFile]
    at: datetime = field()


def facts(work: Work, journey: Journey) -> Facts:
    return Facts(
        journey,
        instances.users(work, [journey])[journey.id],
        rows.runs(work, journey),
        rows.titles(work, journey),
        [(one.step_id, rows.as_json(one.data)) for one in journeys.outputs(work, journey) if one.data is not None],
        work.look_up(Note, "journey_id", [journey.id]),
        journeys.alerts(work, [journey])[journey.id],
        files_of(work, journey_id=journey.id),
        work.now,
    )


def one(found: Facts) -> IO[bytes]:
    """The report of one instance. Slow."""
    with stamp.DRAWING:
        journey = found.journey
        title = f"{journey.name or journey.id.hex}"
        subtitle = f"Instance of {journey.workflow_name or 'a flow without a title'} · made {stamp.moment(found.at)}"
        paper = Paper(f"Instance report: {title}", subtitle, is_wide=False)
        try:
            _head(paper, found)
            _timeline(paper, found)
            _data(paper, found)
            _rest(paper, found)
            return paper.finish()
        except BaseException:
            paper.file.close()
            raise


def _head(paper: Paper, found: Facts) -> None:
    journey = found.journey
    for name, value in (
        ("Instance", journey.id.hex),
        ("Name", journey.name or ""),
        ("Status", shown.STATUS[journey.state].value),
        ("Flow", f"{journey.workflow_name} (version {journey.version})"),
        ("Flow id", journey.workflow_id.hex),
        ("Correlation id", journey.correlation_id or ""),
        ("Started", short(journey.created_at)),
        ("Last executed", short(journey.last_executed_at)),
        ("Finished", short(journey.finished_at)),
        ("Faulted", short(journey.faulted_at)),
        ("Cancelled", short(journey.cancelled_at)),
        ("Users", ", ".join(found.users)),
    ):
        if value:
            paper.fact(name, value)
    if journey.fault:
        paper.section("Fault")
        paper.paragraph(f"{found.titles.get(journey.fault['stepId'], '')}: {journey.fault['message']}", size=8.5)


def _timeline(paper: Paper, found: Facts) -> None:
    """A row for each step, with a bar for when it ran between the start and the last thing that happened."""
    paper.section("Timeline")
    if not found.runs:
        paper.text("No step has run.", size=8.5)
        return
    first = min(one.started_at for one in found.runs)
    last = max(one.records[-1].at for one in found.runs)
    ongoing = any(one.ended_at is None for one in found.runs)
    last = max(last, found.at) if ongoing else last
    length = (last - first).total_seconds() or 1.0
    columns = (*_TIMELINE, *_TIMES)
    chart = EDGE + sum(one.width for one in columns[:-1]) + 4
    room = columns[-1].width - 8
    paper.table((*columns[:-1], Column(f"{length:,.1f} seconds in all", columns[-1].width)))
    for run in found.runs:
        status = run.status.capitalize()
        name = found.titles.get(run.step_id, run.step_id)
        paper.row((name, run.type, status, ", ".join(run.outcomes), short(run.started_at)[5:], ""))
        start = (run.started_at - first).total_seconds() / length
        end = ((run.ended_at or last) - first).total_seconds() / length
        paper.bar(chart + start * room, (end - start) * room, COLOURS.get(status, "#5f6b7a"))


def _data(paper: Paper, found: Facts) -> None:
    if not found.outputs:
        return
    paper.section("Step data")
    for step_id, data in found.outputs:
        paper.text(found.titles.get(step_id, step_id), size=8.5, bold=True)
        paper.paragraph(data, left=10, most=MOST_DATA_LINES)
        paper.gap(4)


def _rest(paper: Paper, found: Facts) -> None:
    if found.alerts:
        paper.section("Alerts")
        for alert in found.alerts:
            name = found.titles.get(alert.step_id, alert.step_id)
            paper.paragraph(f"{short(alert.at)}  {alert.severity}  {name}: {alert.message}")
    if found.notes:
        paper.section("Notes")
        for note in found.notes:
            place = f" on {found.titles.get(note.step_id, note.step_id)}" if note.step_id else ""
            paper.text(f"{short(note.created_at)} by {note.created_by}{place}", size=7.5, left=0)
            paper.paragraph(note.content, left=10, size=8.5)
    if found.files:
        paper.section("Files")
        paper.table((Column("File", 220), Column("Step", 130), Column("Type", 110), Column("Bytes", 63)))
        for file in found.files:
            step = found.titles.get(file.step_id or "", file.step_id or "")
            paper.row((file.filename, step, file.content_type, f"{file.size:,}"))
