"""`/robot/authentication` and `/robot/configuration`."""

from typing import Annotated

from fastapi import APIRouter, Query

from localsign.core.http import InWork
from localsign.signing_today import auth
from localsign.signing_today.schemas.robot_accounts import RobotAuthenticationToken, RobotConfigurationBody
from localsign.signing_today.service import robot_accounts

router = APIRouter(route_class=auth.behind(auth.requires()), tags=["robots"])

Username = Annotated[str | None, Query(description="By default the caller's own account.")]
Domain = Annotated[str | None, Query(description="By default the caller's domain.")]


@router.get("/robot/authentication", operation_id="robotAuthenticationGET")
async def get_token(
    work: InWork, caller: auth.InCaller, username: Username = None, domain: Domain = None
) -> RobotAuthenticationToken:
    """The lifetime token of a robot, made at the first call."""
    return RobotAuthenticationToken(access_token=robot_accounts.token(work, caller, username, domain))


@router.delete("/robot/authentication", operation_id="robotAuthenticationDELETE", status_code=204)
async def clear_token(work: InWork, caller: auth.InCaller, username: Username = None, domain: Domain = None) -> None:
    """End the lifetime token of a robot."""
    robot_accounts.clear_token(work, caller, username, domain)


@router.get("/robot/configuration", operation_id="robotConfigurationGET")
async def get_configuration(
    work: InWork, caller: auth.InCaller, username: Username = None, domain: Domain = None
) -> RobotConfigurationBody:
    """How a robot calls others."""
    return robot_accounts.configuration(work, caller, username, domain)


@router.put("/robot/configuration", operation_id="robotConfigurationPUT", status_code=204)
async def configure(
    work: InWork,
    caller: auth.InCaller,
    wanted: RobotConfigurationBody,
    username: Username = None,
    domain: Domain = None,
) -> None:
    """Replace how a robot calls others."""
    robot_accounts.configure(work, caller, username, domain, wanted)
