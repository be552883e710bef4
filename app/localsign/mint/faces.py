"""What both faces of Mint show alike, in the names that their schemas share."""

from typing import Any
from uuid import UUID

from localsign.core.work import Work
from localsign.mint.engine.catalog import StepType
from localsign.mint.models import Journey, MintFile, Note, Workflow, WorkflowVersion
from localsign.mint.service import journeys, workflows


def version_facts(version: WorkflowVersion) -> dict[str, Any]:
    return {
        "description": version.description,
        "version": version.number,
        "is_latest": version.is_latest,
        "is_published": version.is_published,
        "created_at": version.created_at,
    }


def public_url(work: Work, workflow_id: UUID, base_url: str) -> str | None:
    """Where everybody can start the workflow; None while no version is published."""
    if workflows.published_version(work, workflow_id) is None:
        return None
    return f"{base_url}/mint/{work.glance(Workflow, workflow_id).slug}"


def file_facts(file: MintFile) -> dict[str, Any]:
    return {"filename": file.filename, "content_type": file.content_type, "size": file.size}


def journey_facts(journey: Journey) -> dict[str, Any]:
    return {
        "id": journey.id.hex,
        "version": journey.version,
        "name": journey.name,
        "created_at": journey.created_at,
        "last_executed_at": journey.last_executed_at,
        "finished_at": journey.finished_at,
        "faulted_at": journey.faulted_at,
        "cancelled_at": journey.cancelled_at,
    }


def step_data(work: Work, journey: Journey) -> dict[str, Any]:
    """What each step gave, by its id."""
    return {one.step_id: one.data for one in journeys.outputs(work, journey)}


def note_facts(note: Note) -> dict[str, Any]:
    return {
        "id": note.id.hex,
        "created_at": note.created_at,
        "created_by": note.created_by,
        "updated_at": note.updated_at,
    }


def type_facts(found: StepType) -> dict[str, Any]:
    """What a step type is; one that is only simulated says so."""
    description = f"{found.description} {found.simulated}" if found.simulated else found.description
    return {
        "type": found.type,
        "display_name": found.display_name,
        "description": description,
        "category": found.category,
        "outcomes": list(found.outcomes),
    }
