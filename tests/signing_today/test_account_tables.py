"""The life of an account, transcribed, and every cell of it."""

from itertools import product
from types import SimpleNamespace

import pytest

from localsign.core.errors import IllegalTransitionError
from localsign.signing_today.lifecycle.people import ACCOUNT, AccountEvent, AccountState
from localsign.signing_today.permissions import CAPABILITIES_OF, Capability, Role

_S, _E = AccountState, AccountEvent
LEADS_TO = {
    (_S.ENABLED, _E.DISABLE): _S.DISABLED,
    (_S.DISABLED, _E.DISABLE): _S.DISABLED,
    (_S.ENABLED, _E.ENABLE): _S.ENABLED,
    (_S.DISABLED, _E.ENABLE): _S.ENABLED,
    (_S.ENABLED, _E.CHANGE_ROLE): _S.ENABLED,
}


@pytest.mark.parametrize(("state", "event"), list(product(_S, _E)))
def test_a_cell_moves_or_refuses(state: AccountState, event: AccountEvent) -> None:
    account = SimpleNamespace(state=state)
    target = LEADS_TO.get((state, event))
    if target is None:
        with pytest.raises(IllegalTransitionError):
            ACCOUNT.fire(account, event)
        assert account.state is state
    else:
        ACCOUNT.fire(account, event)
        assert account.state is target


def test_capabilities_are_those_of_the_reference() -> None:
    assert set(Capability) == {
        "user.pwd.clear",
        "user.create.all",
        "user.access.all",
        "user.delete.all",
        "dst.list.all",
        "dst.delete.all",
        "dst.create.modify_all",
        "devices.list.all",
        "devices.delete.all",
        "organizations.access.write.user",
    }
    assert {role: len(CAPABILITIES_OF[role]) for role in Role} == {"admin": 9, "instructor": 0, "signer": 0}
