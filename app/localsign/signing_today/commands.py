"""Wire shapes of what the control plane adds for DSTs: what people do, and what followed."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from localsign.core.wire import Camel
from localsign.signing_today.schemas.dsts import DstResponse

Number = Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


class DstCommand(Camel):
    """What the person does whose turn it is: the first one that fits, in the order of the plan.

    `download` and `fail` end the fetching of documents, where the lag `fetching` is `manual`.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["fill", "sign", "decline", "download", "fail"]
    document_id: Number | None = None
    signature_request_id: Number | None = None
    form_id: Number | None = None
    text: Annotated[str, Field(max_length=10_000)] = Field("Filled in", description="What is filled in.")
    reason: Annotated[str, Field(max_length=2000)] | None = None


class DstActed(BaseModel):
    """The DST after the act, and what followed from it in order."""

    dst: DstResponse
    followed: list[dict[str, Any]]
