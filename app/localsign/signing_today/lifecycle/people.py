"""The life of an account."""

from enum import StrEnum, auto

from localsign.core.machine import Machine, Row


class AccountState(StrEnum):
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class AccountEvent(StrEnum):
    ENABLE = auto()
    DISABLE = auto()
    CHANGE_ROLE = auto()


_S, _E = AccountState, AccountEvent

# fmt: off
ACCOUNT = Machine("account", AccountState, AccountEvent, [
    # documented: DELETE /user/{id} disables and enables; that doing so twice is no error is inferred from its 4xx,
    # which have no 409. A change of role lists 409; that it means a disabled account is inferred.
    Row(_E.DISABLE,     {_S.ENABLED, _S.DISABLED}, _S.DISABLED),
    Row(_E.ENABLE,      {_S.ENABLED, _S.DISABLED}, _S.ENABLED),
    Row(_E.CHANGE_ROLE, {_S.ENABLED},              _S.ENABLED),
], initial=_S.ENABLED)
# fmt: on
