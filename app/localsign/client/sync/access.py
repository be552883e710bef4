# Made from app/localsign/client/aio/access.py by `make face`: change that instead.
"""Who may call the Signicat APIs: clients, and the keys that sign their tokens."""

from typing import Unpack, cast

from localsign.client.shapes.asking import ApiClientMembers
from localsign.client.shapes.worlds import ApiClientShown, Key
from localsign.client.spelling import given
from localsign.client.sync.control import Control

_Clients = list[ApiClientShown]
_Keys = list[Key]


class ApiClients:
    """The API clients of a workspace."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def create(self, **members: Unpack[ApiClientMembers]) -> ApiClientShown:
        """A new client; what you do not give is made up. `permissions=[]` makes one that may do nothing."""
        return cast(ApiClientShown, self._control.post("clients", given(**members)))

    def delete(self, client_id: str) -> None:
        self._control.delete(f"clients/{client_id}")

    def list(self) -> _Clients:
        return cast(_Clients, self._control.get("clients"))


class Keys:
    """The keys that sign access tokens."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def rotate(self, *, keep_old: bool = True) -> _Keys:
        """Sign with a new key from now on; without `keep_old`, tokens of the old ones end."""
        return cast(_Keys, self._control.post("keys/rotate", {"keep_old": keep_old}))

    def retire(self, kid: str) -> None:
        """Take a key out of the JWKS: its tokens end."""
        self._control.delete(f"keys/{kid}")

    def list(self) -> _Keys:
        return cast(_Keys, self._control.get("keys"))
