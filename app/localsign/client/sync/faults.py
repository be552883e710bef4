# Made from app/localsign/client/aio/faults.py by `make face`: change that instead.
"""Faults and rate limits: what requests meet instead of, or beside, their answers."""

from typing import Unpack, cast
from uuid import UUID

from localsign.client.shapes.asking import Duration, FaultMembers
from localsign.client.shapes.traffic import Fault, FaultKind, Limit
from localsign.client.spelling import duration, given
from localsign.client.sync.control import Control

_Faults = list[Fault]
_Limits = list[Limit]


class Faults:
    """Scripted failures, of this workspace only."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, operation: str, kind: FaultKind = "error", **members: Unpack[FaultMembers]) -> Fault:
        """Let requests of `operation` fail: `sign.create_signing_session`, `sign.*` or `*`."""
        wanted = {"operation": operation, "kind": kind, **given(**members)}
        return cast(Fault, self._control.post("faults", wanted))

    def get(self, fault_id: UUID | str) -> Fault:
        """The fault, with how many requests it has seen, and hit."""
        return cast(Fault, self._control.get(f"faults/{fault_id}"))

    def remove(self, fault_id: UUID | str) -> None:
        self._control.delete(f"faults/{fault_id}")

    def clear(self) -> None:
        """Remove all."""
        self._control.delete("faults")

    def list(self) -> _Faults:
        return cast(_Faults, self._control.get("faults"))


class RateLimits:
    """How many requests an operation takes, on the clock of the workspace; there are none until you set one."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def set(self, operation: str, requests: int, per: Duration = "PT1M") -> Limit:
        wanted = {"requests": requests, "per": duration(per)}
        return cast(Limit, self._control.put(f"rate-limits/{operation}", wanted))

    def remove(self, operation: str) -> None:
        self._control.delete(f"rate-limits/{operation}")

    def list(self) -> _Limits:
        return cast(_Limits, self._control.get("rate-limits"))
