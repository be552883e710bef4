"""`/_sandbox/health`: an application of its own, so that asking for it waits for nothing else."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from localsign.control.errors import render
from localsign.core.api import Api

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["live", "ready", "starting"]


@router.get("/live", operation_id="live")
async def live() -> Health:
    """Whether the process answers."""
    return Health(status="live")


@router.get("/ready", operation_id="ready")
async def ready(request: Request, response: Response) -> Health:
    """Whether it is of use: 503 until the default workspace is open."""
    if not request.scope["state"]["app"].is_ready:
        response.status_code = 503
        return Health(status="starting")
    return Health(status="ready")


API = Api(
    name="sandbox",
    mount="/_sandbox/health",
    title="localsign: health",
    version="1",
    routers=(router,),
    render_error=render,
)
