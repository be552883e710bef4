"""`/_sandbox/v1/lags`: how long something asynchronous takes in a workspace."""

from fastapi import APIRouter

from localsign.control.schemas import LagRequest, LagResponse
from localsign.core.errors import NotFoundError
from localsign.core.http import InWork

router = APIRouter(prefix="/v1")


@router.get("/lags", operation_id="list_lags", tags=["lags"])
async def list_lags(work: InWork) -> list[LagResponse]:
    """Everything asynchronous, and how long it takes in this workspace."""
    return [LagResponse(name=name, progression=work.lag_setting(name)) for name in sorted(work.house.lags)]


@router.get("/lags/{name}", operation_id="get_lag", tags=["lags"])
async def get_lag(work: InWork, name: str) -> LagResponse:
    """How long something asynchronous takes in this workspace."""
    return LagResponse(name=name, progression=work.lag_setting(_lag(work.house.lags, name)))


@router.put("/lags/{name}", operation_id="set_lag", tags=["lags"])
async def set_lag(work: InWork, name: str, wanted: LagRequest) -> LagResponse:
    """Choose how long it takes from now on: at once, after a time, at the n-th read, or by command."""
    work.choose(f"lag.{_lag(work.house.lags, name)}", wanted.progression)
    return LagResponse(name=name, progression=wanted.progression)


def _lag(known: list[str], name: str) -> str:
    if name not in known:
        raise NotFoundError(f"There is no lag called '{name}'. There are: {', '.join(known)}.")
    return name
