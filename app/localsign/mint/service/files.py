"""The files of workflows and journeys, as clients see them."""

from uuid import UUID

from localsign.core.blobs import Arrived
from localsign.core.errors import NotFoundError
from localsign.core.work import Work
from localsign.mint.engine import files
from localsign.mint.models import Journey, MintFile, Workflow


def of_workflow(work: Work, workflow_id: UUID, file_id: UUID) -> MintFile:
    work.glance(Workflow, workflow_id)
    file = work.glance(MintFile, file_id)
    if file.workflow_id != workflow_id:
        raise NotFoundError(f"The workflow has no file with the id {file_id.hex}.")
    return file


def of_journey(work: Work, journey_id: UUID, file_id: UUID) -> MintFile:
    work.glance(Journey, journey_id)
    file = work.glance(MintFile, file_id)
    if file.journey_id != journey_id:
        raise NotFoundError(f"The journey has no file with the id {file_id.hex}.")
    return file


def add_to_workflow(
    work: Work, workflow_id: UUID, arrived: Arrived, filename: str, content_type: str, category: str = "Generic"
) -> MintFile:
    """A file that every journey of the workflow may use, such as a template."""
    work.glance(Workflow, workflow_id)
    file = files.keep(work, arrived, filename, content_type, workflow_id=workflow_id)
    file.category = category
    return file


def delete_of_workflow(work: Work, workflow_id: UUID, file_id: UUID) -> None:
    """Steps that use the file fault from now on."""
    of_workflow(work, workflow_id, file_id)
    file = work.get(MintFile, file_id)
    work.db.delete(file)
    work.drop_unused(file.digest)
