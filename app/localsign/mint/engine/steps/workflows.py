"""Other journeys, and the end of this one."""

from uuid import UUID

from sqlmodel import select

from localsign.core.errors import ConflictError, IllegalTransitionError
from localsign.mint.engine import journeys
from localsign.mint.engine.catalog import StepType, mapping, text
from localsign.mint.engine.results import Done, End, Result, StepError
from localsign.mint.engine.turn import Turn
from localsign.mint.lifecycle import VersionState
from localsign.mint.models import Journey, StepOutput, WorkflowVersion

CATEGORY = "Workflows"


def _start_journey(turn: Turn) -> Result:
    workflow_id = _id(turn, "workflowId")
    version = turn.work.db.exec(
        select(WorkflowVersion).where(
            WorkflowVersion.workflow_id == workflow_id, WorkflowVersion.state == VersionState.PUBLISHED
        )
    ).first()
    if version is None:
        raise StepError(f"There is no published workflow with the id {turn.text('workflowId')}.")
    journey = journeys.make(turn.work, version, turn.mapping("input"), turn.journey.home)
    journeys.launch_soon(turn.work, journey)
    return Done(output={"journeyId": journey.id.hex})


def _resume_journey(turn: Turn) -> Result:
    journey = _journey(turn)
    try:
        wait = journeys.waiting_at(turn.work, journey, str(turn.needed("stepId")))
    except (ConflictError, IllegalTransitionError) as error:
        raise StepError(error.detail) from None
    journeys.wake_soon(turn.work, wait, turn.mapping("input"))
    return Done()


def _get_data(turn: Turn) -> Result:
    journey = _journey(turn) if turn.given("journeyId") else turn.journey
    rows = turn.work.db.exec(select(StepOutput).where(StepOutput.journey_id == journey.id)).all()
    data = {row.step_id: row.data for row in rows if row.step_id != turn.step.id}
    facts = {"id": journey.id.hex, "name": journey.name, "status": journey.state.value.lower()}
    return Done(output={**facts, "stepData": data})


def _finish(_turn: Turn) -> Result:
    return End()


def _journey(turn: Turn) -> Journey:
    journey = turn.work.find(Journey, _id(turn, "journeyId"))
    if journey is None:
        raise StepError(f"There is no journey with the id {turn.text('journeyId')}.")
    return journey


def _id(turn: Turn, name: str) -> UUID:
    turn.needed(name)
    try:
        return UUID(turn.text(name))
    except ValueError:
        raise StepError(f"The input '{name}' is not an id: '{turn.text(name)[:80]}'.") from None


TYPES = (
    StepType(
        "StartJourney",
        "Start journey",
        CATEGORY,
        "Starts another workflow; this journey does not wait for it.",
        _start_journey,
        inputs={
            "workflowId": text("The workflow.", required=True),
            "input": mapping("The input of the new journey."),
        },
        outputs={"journeyId": text("The new journey; the vendor's page shows no output.")},
        aliases=("RunWorkflow",),
    ),
    StepType(
        "ResumeJourney",
        "Resume journey",
        CATEGORY,
        "Resumes a step of another journey that waits.",
        _resume_journey,
        inputs={
            "journeyId": text("The journey.", required=True),
            "stepId": text("The step it waits at.", required=True),
            "input": mapping("What the step gets."),
        },
    ),
    StepType(
        "GetJourneyData",
        "Get journey data",
        CATEGORY,
        "Gives the data of the steps of a journey.",
        _get_data,
        inputs={"journeyId": text("The journey; by default this one.")},
        outputs={
            "id": text("The journey."),
            "name": text("Its name."),
            "status": text("Its state."),
            "stepData": mapping("The data of its steps."),
        },
    ),
    StepType("Finish", "Finish", CATEGORY, "Ends the journey as finished: whatever waits is dropped.", _finish),
)
