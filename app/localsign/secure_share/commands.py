"""Wire shapes of what the control plane adds for Secure Share: what a recipient does, and what followed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from localsign.secure_share.schemas import RecipientResponse

Short = Annotated[str, Field(max_length=200)]


class RecipientDetails(BaseModel):
    """How the recipient does it. What is not given is right; what is given must be, as on the page."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    file: UUID | None = Field(None, description="What to download; by default everything they may see.")
    method: Short | None = Field(None, description="The identityProvider used; by default the first.")
    code: Short | None = Field(None, description="The one-time code typed; by default the one that was sent.")
    nin: Short | None = Field(None, description="What the eID says; by default what is asked for.")
    idp_id: Short | None = Field(None, description="What the eID says; by default what is asked for.")


class RecipientCommand(RecipientDetails):
    """What the recipient does."""

    action: Literal["open", "authenticate", "download", "fail"]


class RecipientActed(BaseModel):
    """The recipient after the act, and what followed from it in order."""

    recipient: RecipientResponse
    state: str
    followed: list[dict[str, Any]]
