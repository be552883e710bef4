"""The gate in front of Signing Today: who calls, and may they.

A router takes `route_class=gated(requires(...))`; its routes then may ask for `caller: InCaller`.
"""

from typing import Annotated, cast

from fastapi import Depends, Request

from localsign.core.errors import ForbiddenError
from localsign.core.http import Gate
from localsign.signing_today import tokens
from localsign.signing_today.permissions import Caller, Capability, Role
from localsign.workspace import Workspace


def requires(*capabilities: Capability, creation: bool = False, admin: bool = False) -> Gate:
    """A gate for accounts that have all `capabilities`; without any, for every account that is logged in.

    `creation` asks for the right to create DSTs, `admin` for that role.
    """

    async def gate(request: Request) -> None:
        workspace: Workspace = request.scope["state"]["workspace"]
        await workspace.turn()
        with workspace.held() as work:
            caller = tokens.caller_of(work, request.headers.get("authorization"))
        caller.must_have(*capabilities)
        if creation and not caller.may_create:
            raise _refused(caller, "it may not create DSTs")
        if admin and caller.role is not Role.ADMIN:
            raise _refused(caller, "only an admin may do this")
        request.scope["state"]["caller"] = caller

    return gate


def _refused(caller: Caller, why: str) -> ForbiddenError:
    name = f"{caller.username}@{caller.domain}"
    return ForbiddenError(f"The account '{name}' has the role {caller.role}: {why}.", facts={"target": "role"})


async def _caller(request: Request) -> Caller:
    return cast(Caller, request.scope["state"]["caller"])


# The caller that the gate found; only for routes of a router behind `requires`.
InCaller = Annotated[Caller, Depends(_caller)]
