# Made from app/localsign/client/aio/choices.py by `make face`: change that instead.
"""What a workspace chooses: switches where documentation is silent, and how long slow things take."""

from collections.abc import Mapping
from typing import cast

from localsign.client.shapes.worlds import Lag, Switch
from localsign.client.sync.control import Control

_Switches = list[Switch]
_Lags = list[Lag]


class Switches:
    """Named choices where the vendor's documentation is silent."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def get(self, name: str) -> Switch:
        return cast(Switch, self._control.get(f"switches/{name}"))

    def set(self, name: str, value: str) -> Switch:
        """Choose; an unknown name or value is refused with the nearest one."""
        return cast(Switch, self._control.put(f"switches/{name}", {"value": value}))

    def update(self, chosen: Mapping[str, str | None]) -> _Switches:
        """Choose several, all or none; None takes a choice back."""
        return cast(_Switches, self._control.put("switches", {"switches": dict(chosen)}))

    def clear(self, name: str) -> Switch:
        """Take a choice back."""
        return cast(Switch, (self._control.delete(f"switches/{name}")).json())

    def list(self) -> _Switches:
        return cast(_Switches, self._control.get("switches"))


class Lags:
    """How long asynchronous steps take: `immediate`, `after:PT5S`, `reads:3`, or `manual`."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def get(self, name: str) -> Lag:
        return cast(Lag, self._control.get(f"lags/{name}"))

    def set(self, name: str, progression: str) -> Lag:
        return cast(Lag, self._control.put(f"lags/{name}", {"progression": progression}))

    def list(self) -> _Lags:
        return cast(_Lags, self._control.get("lags"))
