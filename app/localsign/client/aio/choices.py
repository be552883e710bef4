"""What a workspace chooses: switches where documentation is silent, and how long slow things take."""

from collections.abc import Mapping
from typing import cast

from localsign.client.aio.control import AsyncControl
from localsign.client.shapes.worlds import Lag, Switch

_Switches = list[Switch]
_Lags = list[Lag]


class AsyncSwitches:
    """Named choices where the vendor's documentation is silent."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def get(self, name: str) -> Switch:
        return cast(Switch, await self._control.get(f"switches/{name}"))

    async def set(self, name: str, value: str) -> Switch:
        """Choose; an unknown name or value is refused with the nearest one."""
        return cast(Switch, await self._control.put(f"switches/{name}", {"value": value}))

    async def update(self, chosen: Mapping[str, str | None]) -> _Switches:
        """Choose several, all or none; None takes a choice back."""
        return cast(_Switches, await self._control.put("switches", {"switches": dict(chosen)}))

    async def clear(self, name: str) -> Switch:
        """Take a choice back."""
        return cast(Switch, (await self._control.delete(f"switches/{name}")).json())

    async def list(self) -> _Switches:
        return cast(_Switches, await self._control.get("switches"))


class AsyncLags:
    """How long asynchronous steps take: `immediate`, `after:PT5S`, `reads:3`, or `manual`."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def get(self, name: str) -> Lag:
        return cast(Lag, await self._control.get(f"lags/{name}"))

    async def set(self, name: str, progression: str) -> Lag:
        return cast(Lag, await self._control.put(f"lags/{name}", {"progression": progression}))

    async def list(self) -> _Lags:
        return cast(_Lags, await self._control.get("lags"))
