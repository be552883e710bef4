"""Wire shapes of what the control plane adds for Sign v2: what a signer does, and what followed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from localsign.sign.schemas import SessionResponse


class ActingSigner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    nin: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    eid: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="The eID used; by default the first that the session offers."
    )


class SessionCommand(BaseModel):
    """What the signer does."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["open", "sign", "reject", "cancel", "error"]
    reason: Annotated[str, Field(max_length=2048)] | None = None
    signer: ActingSigner | None = None


class SessionActed(BaseModel):
    """The session after the act, and what followed from it in order."""

    session: SessionResponse
    followed: list[dict[str, Any]]


class PackageCommand(BaseModel):
    """End the lag of a package: it is made now, or it fails."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["complete", "fail"]


class PackageActed(BaseModel):
    package_id: UUID
    state: str
    result_document_id: UUID | None
    followed: list[dict[str, Any]]
