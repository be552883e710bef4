"""The gate in front of Signing Today: who calls, and may they.

A router takes `route_class=behind(requires(...))`; its routes then may ask for `caller: InCaller`, and answer in the
spelling that their world chose.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, cast

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from localsign.core.errors import ForbiddenError
from localsign.core.http import Gate, gated
from localsign.signing_today import spelling, tokens
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
            request.scope["state"]["spelling"] = spelling.chosen(work)
        caller.must_have(*capabilities)
        if creation and not caller.may_create:
            raise _refused(caller, "it may not create DSTs")
        if admin and caller.role is not Role.ADMIN:
            raise _refused(caller, "only an admin may do this")
        request.scope["state"]["caller"] = caller

    return gate


def behind(gate: Gate) -> type[APIRoute]:
    """A route class whose routes pass a gate that `requires` made."""
    bare = gated(gate)

    class SpelledRoute(bare):  # type: ignore[misc,valid-type]
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_and_spell(request: Request) -> Response:
                response: Response = await handle(request)
                wanted: spelling.Spelling = request.scope["state"]["spelling"]
                return wanted.respell(response)

            return handle_and_spell

    return SpelledRoute


def _refused(caller: Caller, why: str) -> ForbiddenError:
    name = f"{caller.username}@{caller.domain}"
    return ForbiddenError(f"The account '{name}' has the role {caller.role}: {why}.", facts={"target": "role"})


async def _caller(request: Request) -> Caller:
    return cast(Caller, request.scope["state"]["caller"])


# The caller that the gate found; only for routes of a router behind `requires`.
InCaller = Annotated[Caller, Depends(_caller)]
