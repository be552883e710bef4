"""Ongoing monitoring, simulated: a monitor is made and never reports."""

from localsign.mint.engine.catalog import StepType, text
from localsign.mint.engine.results import Done, Result
from localsign.mint.engine.turn import Turn


def _create_monitor(turn: Turn) -> Result:
    turn.needed("nationalId")
    return Done(output={"monitorId": turn.work.new_id().hex, "status": "ACTIVE"})


TYPES = (
    StepType(
        "CreatePersonMonitor",
        "Create person monitor",
        "Ongoing monitoring",
        "Watches a person for changes.",
        _create_monitor,
        inputs={"nationalId": text("The person.", required=True)},
        outputs={"monitorId": text("The monitor."), "status": text("ACTIVE.")},
        simulated="Nothing is watched.",
    ),
)
