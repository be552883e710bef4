"""`/robot/DSTs` and `/robot/{id}/instantiate`: HTTP in, HTTP out; no decisions."""

import anyio.to_thread
from fastapi import APIRouter, Request

from localsign.core.http import base_url
from localsign.signing_today import auth
from localsign.signing_today.routes.ids import Id
from localsign.signing_today.schemas.dsts import DstResponse
from localsign.signing_today.schemas.robots import CreateDigitalSignatureTransaction, InstantiateDSTTemplate
from localsign.signing_today.service import creation
from localsign.workspace import Workspace

_may_create = auth.requires(creation=True)


async def _gate(request: Request) -> None:
    """Files come inside the JSON, in Base64: a third larger than they are."""
    await _may_create(request)
    workspace: Workspace = request.scope["state"]["workspace"]
    settings = workspace.house.settings
    request.scope["state"]["body_limit"] = max(settings.max_document_bytes * 4 // 3, 0) + settings.max_body_bytes


router = APIRouter(route_class=auth.behind(_gate), tags=["robots"])


@router.post("/robot/DSTs", operation_id="robotDSTsPOST")
async def create_dst_in_one_call(
    request: Request, caller: auth.InCaller, wanted: CreateDigitalSignatureTransaction
) -> DstResponse:
    """Make a DST with its files, in draft or published."""
    workspace: Workspace = request.scope["state"]["workspace"]
    embedded = await anyio.to_thread.run_sync(creation.receive, workspace.blobs, wanted)
    try:
        await workspace.turn()
        with workspace.held() as work:
            dst = creation.create(work, caller, wanted, embedded, base_url(request))
            work.flush()
            return DstResponse.of(work, dst, caller, base_url(request))
    except BaseException:
        embedded.discard()
        raise


@router.post("/robot/{id}/instantiate", operation_id="robotIdInstantiatePOST")
async def instantiate_in_one_call(
    request: Request,
    caller: auth.InCaller,
    dst_id: Id,
    wanted: InstantiateDSTTemplate,
) -> DstResponse:
    """Make a DST of a published template, with people in the place of roles."""
    workspace: Workspace = request.scope["state"]["workspace"]
    embedded = await anyio.to_thread.run_sync(
        creation.receive, workspace.blobs, wanted.template_patches, "templatePatches."
    )
    try:
        await workspace.turn()
        with workspace.held() as work:
            dst = creation.instantiate(work, caller, dst_id, wanted, embedded, base_url(request))
            work.flush()
            return DstResponse.of(work, dst, caller, base_url(request))
    except BaseException:
        embedded.discard()
        raise
