"""`/_sandbox/health`: an application of its own, so that asking for it waits for nothing else."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from localsign.addresses import guess
from localsign.control.errors import render
from localsign.core.api import Api

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["live", "ready", "starting", "no_public_url"]
    detail: str | None = Field(None, description="Why it is not ready, and what to do.")


@router.get("/live", operation_id="live", response_model_exclude_none=True)
async def live() -> Health:
    """Whether the process answers."""
    return Health(status="live")


@router.get("/ready", operation_id="ready", response_model_exclude_none=True)
async def ready(request: Request, response: Response) -> Health:
    """Whether it is of use to who asks: 503 until the default workspace is open, and where links would be guessed."""
    state = request.scope["state"]
    if not state["app"].is_ready:
        response.status_code = 503
        return Health(status="starting")
    reason = guess(state["sandbox"].settings, request.scope["scheme"], request.headers.get("host", ""))
    if reason is not None:
        response.status_code = 503
        return Health(status="no_public_url", detail=reason)
    return Health(status="ready")


API = Api(
    name="sandbox",
    mount="/_sandbox/health",
    title="localsign: health",
    version="1",
    routers=(router,),
    render_error=render,
)
