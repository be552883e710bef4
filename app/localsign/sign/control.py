"""Act for the signer: `/_sandbox/v1/sign/…`, through the same verbs as the signer's page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request

from localsign.core.http import base_url, perform
from localsign.core.work import Work
from localsign.sign import actions
from localsign.sign.commands import PackageActed, PackageCommand, SessionActed, SessionCommand
from localsign.sign.models import Package, SigningSession
from localsign.sign.schemas import SessionResponse

router = APIRouter(tags=["sign"])


@router.post("/sign/sessions/{sessionId}/act", operation_id="act_on_signing_session", response_model_exclude_none=True)
async def act_on_signing_session(
    request: Request, session_id: Annotated[UUID, Path(alias="sessionId")], command: SessionCommand
) -> SessionActed:
    """Do what the signer would do. 409 with the outcome that happened when it is too late."""
    _, followed = await perform(request, lambda work: actions.act(work, session_id, command))

    def shown(work: Work) -> SessionResponse:
        return SessionResponse.of(work, work.get(SigningSession, session_id), base_url(request))

    session, _ = await perform(request, shown)
    return SessionActed(session=session, followed=followed)


@router.post("/sign/packages/{packageId}/act", operation_id="act_on_package")
async def act_on_package(
    request: Request, package_id: Annotated[UUID, Path(alias="packageId")], command: PackageCommand
) -> PackageActed:
    """End the lag of a package: it is made now, or it fails."""
    verb = actions.complete_package if command.action == "complete" else actions.fail_package
    _, followed = await perform(request, lambda work: verb(work, package_id))
    package, _ = await perform(request, lambda work: work.get(Package, package_id))
    return PackageActed(
        package_id=package.id,
        state=package.state.value,
        result_document_id=package.result_id,
        followed=followed,
    )
