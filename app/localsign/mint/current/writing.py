"""From the newer API's wire shapes to what the services take."""

from typing import Any

from localsign.mint.current import schemas
from localsign.mint.service.workflows import Content
from localsign.mint.wire import Wire


def content_of(wanted: schemas.WorkflowRequest) -> Content:
    def plain(one: Wire) -> dict[str, Any]:
        return one.model_dump(mode="json", by_alias=True)

    return Content(
        name=wanted.name,
        description=wanted.description,
        steps=[plain(one) for one in wanted.steps],
        connections=[plain(one) for one in wanted.connections or ()],
        variables=wanted.variables,
        tags=wanted.tags,
        parameters=None if wanted.input_parameters is None else [one.name for one in wanted.input_parameters],
    )
