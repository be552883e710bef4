"""Act for the people of a DST: `/_sandbox/v1/signing-today/…`, through the same verbs as the tray."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse

from localsign.core.http import base_url, perform
from localsign.core.work import Work
from localsign.signing_today import actions, spelling
from localsign.signing_today.commands import DstActed, DstCommand
from localsign.signing_today.models.dsts import Dst
from localsign.signing_today.schemas.dsts import DstResponse

router = APIRouter(tags=["signing-today"])


@router.post("/signing-today/dsts/{dstId}/act", operation_id="act_on_dst", response_model=DstActed)
async def act_on_dst(
    request: Request, dst_id: Annotated[UUID, Path(alias="dstId")], command: DstCommand
) -> JSONResponse:
    """Fill, sign or decline for the person whose turn it is; end the fetching of documents."""
    _, followed = await perform(
        request,
        lambda work: actions.act(
            work,
            dst_id,
            command.action,
            actions.Details(
                document_id=command.document_id,
                request_id=command.signature_request_id,
                form_id=command.form_id,
                text=command.text,
                reason=command.reason,
            ),
        ),
    )

    def shown(work: Work) -> tuple[DstResponse, spelling.Spelling]:
        return DstResponse.of(work, work.get(Dst, dst_id), None, base_url(request)), spelling.chosen(work)

    (dst, spelled), _ = await perform(request, shown)
    acted = DstActed(dst=dst, followed=followed).model_dump(mode="json", by_alias=True)
    return JSONResponse({**acted, "dst": spelled.of(acted["dst"])})  # the DST as the API shows it
