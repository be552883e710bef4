"""What a command about a journey says, from the control plane or a seed."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from localsign.mint.actions import Action
from localsign.mint.wire import Free


class JourneyCommand(BaseModel):
    """What somebody does at a step that waits."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    stepId: Annotated[str, Field(max_length=50)] | None = Field(None, description="By default the first that waits.")  # noqa: N815
    data: Free | None = Field(
        None,
        description="What the step gets; by default what a willing person gives. "
        "A file of a form is an object with base64 or text, and may have filename and contentType.",
    )
