"""Alerts that one step puts on another."""

from localsign.mint.engine.catalog import StepType, text
from localsign.mint.engine.results import Done, Result, StepError
from localsign.mint.engine.turn import Turn
from localsign.mint.models import Alert

SEVERITIES = ("Info", "Warning", "Critical")  # documented


def _trigger(turn: Turn) -> Result:
    wanted = turn.text("severity", SEVERITIES[0]).casefold()
    severity = next((one for one in SEVERITIES if one.casefold() == wanted), None)
    if severity is None:
        raise StepError(f"The input 'severity' must be one of {', '.join(SEVERITIES)}.")
    turn.needed("message")
    target = turn.text("stepId") or turn.text("step")
    found = turn.memory.routes.called(target) if target else [turn.step.id]
    if not found:
        raise StepError(f"There is no step '{target}' in this workflow.")
    message = turn.text("message")
    values = {"journey_id": turn.journey.id, "step_id": found[0], "severity": severity, "message": message}
    turn.work.insert(Alert, {**values, "at": turn.work.now})
    return Done(output={"stepId": found[0], "severity": severity.lower(), "message": message})


TYPES = (
    StepType(
        "TriggerAlert",
        "Trigger alert",
        "Alerts",
        "Puts an alert on another step of the workflow.",
        _trigger,
        inputs={
            "stepId": text("The id or the title of the step; by default this one."),
            "severity": text("How bad it is.", values=SEVERITIES),
            "message": text("What it says.", required=True),
        },
        outputs={"stepId": text("The step."), "severity": text("How bad."), "message": text("What it says.")},
    ),
)
