"""Who may call the Signicat APIs: clients, and the keys that sign their tokens."""

from typing import Unpack, cast

from localsign.client.aio.control import AsyncControl
from localsign.client.shapes.asking import ApiClientMembers
from localsign.client.shapes.worlds import ApiClientShown, Key
from localsign.client.spelling import given

_Clients = list[ApiClientShown]
_Keys = list[Key]


class AsyncApiClients:
    """The API clients of a workspace."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def create(self, **members: Unpack[ApiClientMembers]) -> ApiClientShown:
        """A new client; what you do not give is made up. `permissions=[]` makes one that may do nothing."""
        return cast(ApiClientShown, await self._control.post("clients", given(**members)))

    async def delete(self, client_id: str) -> None:
        await self._control.delete(f"clients/{client_id}")

    async def list(self) -> _Clients:
        return cast(_Clients, await self._control.get("clients"))


class AsyncKeys:
    """The keys that sign access tokens."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def rotate(self, *, keep_old: bool = True) -> _Keys:
        """Sign with a new key from now on; without `keep_old`, tokens of the old ones end."""
        return cast(_Keys, await self._control.post("keys/rotate", {"keep_old": keep_old}))

    async def retire(self, kid: str) -> None:
        """Take a key out of the JWKS: its tokens end."""
        await self._control.delete(f"keys/{kid}")

    async def list(self) -> _Keys:
        return cast(_Keys, await self._control.get("keys"))
