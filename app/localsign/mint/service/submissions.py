"""Forms that journeys were given answers to, by the ids that Mint v1 has for them.

Mint makes forms apart from flows; here a form is a step. Inferred: the id of a form is the property `formId` of its
step, or follows from flow and step where that is no UUID; the id of a submission is that of the instance.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from localsign.core.errors import NotFoundError
from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.engine import catalog
from localsign.mint.models import Graph, Journey, MintFile, StepOutput, files_of


@dataclass(frozen=True)
class Submission:
    """A form that was answered."""

    form_id: UUID
    step_id: str
    answers: dict[str, Any]


def of(work: Work, journey: Journey) -> list[Submission]:
    """The forms that somebody answered in a journey, in the order of the steps."""
    outputs = {one.step_id: one.data for one in work.look_up(StepOutput, "journey_id", [journey.id])}
    return [
        Submission(_form_id(journey, step), step["id"], outputs[step["id"]])
        for step in work.glance(Graph, journey.graph_id).steps
        if _is_form(step) and isinstance(outputs.get(step["id"]), dict)
    ]


def files(work: Work, form_id: UUID, submission_id: UUID) -> list[tuple[str, MintFile]]:
    """The files among the answers, each with the name of its field; NotFoundError where nobody answered the form."""
    journey = work.glance(Journey, submission_id)
    found = [one for one in of(work, journey) if one.form_id == form_id]
    if not found:
        raise NotFoundError(f"There is no submission {submission_id} of a form {form_id}.")
    kept = {one.id.hex: one for one in files_of(work, journey_id=journey.id)}
    answers = [(name, answer) for one in found for name, answer in one.answers.items()]
    return [(name, kept[str(answer.get("id"))]) for name, answer in answers if _is_file(answer, kept)]


def file(work: Work, form_id: UUID, submission_id: UUID, field: str, filename: str) -> MintFile:
    """The file called so in that field. Names may have slashes, so that only both together tell what is meant."""
    wanted = f"{field}/{filename}"
    for name, one in files(work, form_id, submission_id):
        if f"{name}/{one.filename}" == wanted:
            return one
    raise NotFoundError(f"The submission has no file '{filename}' in the field '{field}'.")


def _is_form(step: dict[str, Any]) -> bool:
    found = catalog.find(step["type"])
    return found is not None and found.type == "Form"


def _form_id(journey: Journey, step: dict[str, Any]) -> UUID:
    given = (step.get("properties") or {}).get("formId")
    found = ids.parse(given) if isinstance(given, str) else None
    return found or uuid5(journey.workflow_id, f"form {step['id']}")


def _is_file(answer: Any, kept: dict[str, MintFile]) -> bool:
    return isinstance(answer, dict) and str(answer.get("id")) in kept
