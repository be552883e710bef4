"""The PDF report of one instance: all that it holds, with a timeline of its steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localsign.core.work import Work
from localsign.mint.models import Alert, Journey, JourneyWait, MintFile, Note, files_of, run_of
from localsign.mint.service import instances, journeys
from localsign.mint.service.timeline import StepRun
from localsign.mint.v1 import rows, shown
from localsign.mint.v1.moments import lasted, short, spelled
from localsign.mint.v1.paper import BODY, COLOURS, EDGE, MONO, SMALL, STRONG, TEXT, Column, Paper, status_style

UNTITLED = "a flow without a title"
_STEP, _STATUS, _TIME, _CHART = Column("Step", 168), Column("Status", 82), Column("Started / took", 84), 189.0


@dataclass(frozen=True)
class Facts:
    """All that the report says, read in one transaction."""

    journey: Journey
    users: Sequence[str]
    runs: Sequence[StepRun]
    titles: dict[str, str]
    waits: Sequence[JourneyWait]
    variables: dict[str, Any]
    outputs: Sequence[tuple[str, Any]]  # a step, and what it gave
    notes: Sequence[Note]
    alerts: Sequence[Alert]
    files: Sequence[MintFile]
    at: datetime

    def title_of(self, step_id: str | None) -> str:
        return self.titles.get(step_id or "", step_id or "")


def facts(work: Work, journey: Journey) -> Facts:
    return Facts(
        journey,
        instances.users(work, [journey])[journey.id],
        rows.runs(work, journey),
        rows.titles(work, journey),
        journeys.waits(work, [journey])[journey.id],
        run_of(work, journey).variables,
        [(one.step_id, one.data) for one in journeys.outputs(work, journey) if one.data is not None],
        work.look_up(Note, "journey_id", [journey.id]),
        journeys.alerts(work, [journey])[journey.id],
        files_of(work, journey_id=journey.id),
        work.now,
    )


def pieces(found: Facts) -> Iterator[bytes]:
    """The report, piece by piece. Slow."""
    journey = found.journey
    subtitle = f"Instance of {journey.workflow_name or UNTITLED} · made {short(found.at)} UTC"
    paper = Paper(f"Instance report: {journey.name or journey.id.hex}", subtitle, is_wide=False)
    yield paper.take()
    for draw in (_head, _timeline, _given, _data, _alerts, _notes, _files):
        draw(paper, found)
        yield paper.take()
    yield paper.finish()


def _head(paper: Paper, found: Facts) -> None:
    journey = found.journey
    paper.facts(
        [
            (name, value)
            for name, value in (
                ("Instance", journey.id.hex),
                ("Name", journey.name or ""),
                ("Status", shown.STATUS[journey.state].value),
                ("Waits at", ", ".join(found.title_of(one.step_id) for one in found.waits)),
                ("Flow", f"{journey.workflow_name or UNTITLED} (version {journey.version})"),
                ("Flow id", journey.workflow_id.hex),
                ("Correlation id", journey.correlation_id or ""),
                ("Started", short(journey.created_at)),
                ("Last executed", short(journey.last_executed_at)),
                ("Finished", short(journey.finished_at)),
                ("Faulted", short(journey.faulted_at)),
                ("Cancelled", short(journey.cancelled_at)),
                ("Users", ", ".join(found.users)),
            )
            if value
        ]
    )
    if journey.fault:
        paper.section("Fault")
        paper.paragraph(f"{found.title_of(journey.fault['stepId'])}: {journey.fault['message']}", TEXT)


def _timeline(paper: Paper, found: Facts) -> None:
    """A row for each step, with a bar for when it ran between the start and the last thing that happened."""
    paper.section("Timeline")
    if not found.runs:
        paper.text("No step has run.")
        return
    first = min(one.started_at for one in found.runs)
    last = max(one.records[-1].at for one in found.runs)
    if any(one.ended_at is None for one in found.runs):
        last = max(last, found.at)
    length = last - first
    seconds = length.total_seconds() or 1.0
    chart = EDGE + _STEP.width + _STATUS.width + _TIME.width + 6
    room = _CHART - 12
    paper.table((_STEP, _STATUS, _TIME, Column(f"{spelled(length)} in all", _CHART)))
    for run in found.runs:
        status = run.status.capitalize()
        outcomes = ", ".join(run.outcomes)
        baseline = paper.row(
            (
                [*paper.folded(found.title_of(run.step_id), STRONG, _STEP.width), (run.type, SMALL)],
                [(status, status_style(status)), (outcomes if outcomes != "Done" else "", SMALL)],
                [(short(run.started_at), BODY), (lasted(run.started_at, run.ended_at), SMALL)],
                [("", BODY), *paper.folded(run.message or "", SMALL, _CHART, 2)],
            )
        )
        start = (run.started_at - first).total_seconds() / seconds * room
        end = ((run.ended_at or last) - first).total_seconds() / seconds * room
        paper.box(chart, baseline + 2.2, room, 0.4, "#cfd6df")
        paper.box(chart + min(start, room - 1.6), baseline - 0.5, max(end - start, 1.6), 6, COLOURS[status])


def _given(paper: Paper, found: Facts) -> None:
    for title, data in (("Input", found.journey.input), ("Variables", found.variables)):
        if data:
            paper.section(title)
            for name, value in data.items():
                _show(paper, name, value)


def _data(paper: Paper, found: Facts) -> None:
    if found.outputs:
        paper.section("Step data")
        for step_id, data in found.outputs:
            _show(paper, found.title_of(step_id), data)


def _show(paper: Paper, name: str, data: Any) -> None:
    """A value under its name: the members of an object on lines of their own."""
    paper.need(28)  # so that a name is not left alone at the foot
    paper.paragraph(name, STRONG, most=2)
    if isinstance(data, dict) and data:
        for member, value in data.items():
            paper.paragraph(f"{member}: {_said(value)}", MONO, left=10)
    else:
        paper.paragraph(_said(data), MONO, left=10)
    paper.gap(4)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else rows.as_json(value)


def _alerts(paper: Paper, found: Facts) -> None:
    if found.alerts:
        paper.section("Alerts")
        for alert in found.alerts:
            paper.paragraph(
                f"{short(alert.at)}  {alert.severity}  {found.title_of(alert.step_id)}: {alert.message}", TEXT
            )


def _notes(paper: Paper, found: Facts) -> None:
    if found.notes:
        paper.section("Notes")
        for note in found.notes:
            place = f" on {found.title_of(note.step_id)}" if note.step_id else ""
            paper.need(28)
            paper.paragraph(f"{short(note.updated_at or note.created_at)} by {note.created_by}{place}", SMALL)
            paper.paragraph(note.content, TEXT, left=10)
            paper.gap(3)


def _files(paper: Paper, found: Facts) -> None:
    if found.files:
        paper.section("Files")
        columns = Column("File", 220), Column("Step", 130), Column("Type", 110), Column("Bytes", 63)
        paper.table(columns)
        for file in found.files:
            paper.row(
                (
                    paper.folded(file.filename, BODY, columns[0].width),
                    paper.folded(found.title_of(file.step_id), BODY, columns[1].width, 2),
                    [(file.content_type, BODY)],
                    [(f"{file.size:,}", BODY)],
                )
            )
