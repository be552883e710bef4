"""The gate in front of Signing Today: who calls, and may they.

A router takes `route_class=gated(requires(...))`; its routes then may ask for `caller: InCaller`.
"""

from typing import Annotated, cast

from fastapi import Depends, Request

from localsign.core.errors import ForbiddenError
from localsign.core.http import Gate
from localsign.signing_today import tokens
from localsign.signing_today.permissions import Caller, Capability
from localsign.workspace import Workspace


def requires(*capabilities: Capability, creation: bool = False) -> Gate:
    """A gate for accounts that have all `capabilities`, and with `creation` the right to create DSTs.

    Without either, for every account that is logged in.
    """

    async def gate(request: Request) -> None:
        workspace: Workspace = request.scope["state"]["workspace"]
        await workspace.turn()
        with workspace.held() as work:
            caller = tokens.caller_of(work, request.headers.get("authorization"))
        caller.must_have(*capabilities)
        if creation and not caller.may_create:
            raise ForbiddenError(
                f"The account '{caller.username}@{caller.domain}' is a {caller.role}: it may not create DSTs.",
                facts={"target": "role"},
            )
        request.scope["state"]["caller"] = caller

    return gate


async def _caller(request: Request) -> Caller:
    return cast(Caller, request.scope["state"]["caller"])


# The caller that the gate found; only for routes of a router behind `requires`.
InCaller = Annotated[Caller, Depends(_caller)]
