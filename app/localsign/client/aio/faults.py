"""Faults and rate limits: what requests meet instead of, or beside, their answers."""

from typing import Unpack, cast
from uuid import UUID

from localsign.client.aio.control import AsyncControl
from localsign.client.shapes.asking import Duration, FaultMembers
from localsign.client.shapes.traffic import Fault, FaultKind, Limit
from localsign.client.spelling import duration, given

_Faults = list[Fault]
_Limits = list[Limit]


class AsyncFaults:
    """Scripted failures, of this workspace only."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def add(self, operation: str, kind: FaultKind = "error", **members: Unpack[FaultMembers]) -> Fault:
        """Let requests of `operation` fail: `sign.create_signing_session`, `sign.*` or `*`."""
        wanted = {"operation": operation, "kind": kind, **given(**members)}
        return cast(Fault, await self._control.post("faults", wanted))

    async def get(self, fault_id: UUID | str) -> Fault:
        """The fault, with how many requests it has seen, and hit."""
        return cast(Fault, await self._control.get(f"faults/{fault_id}"))

    async def remove(self, fault_id: UUID | str) -> None:
        await self._control.delete(f"faults/{fault_id}")

    async def clear(self) -> None:
        """Remove all."""
        await self._control.delete("faults")

    async def list(self) -> _Faults:
        return cast(_Faults, await self._control.get("faults"))


class AsyncRateLimits:
    """How many requests an operation takes, on the clock of the workspace; there are none until you set one."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def set(self, operation: str, requests: int, per: Duration = "PT1M") -> Limit:
        wanted = {"requests": requests, "per": duration(per)}
        return cast(Limit, await self._control.put(f"rate-limits/{operation}", wanted))

    async def remove(self, operation: str) -> None:
        await self._control.delete(f"rate-limits/{operation}")

    async def list(self) -> _Limits:
        return cast(_Limits, await self._control.get("rate-limits"))
